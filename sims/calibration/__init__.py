"""How fast this machine is, measured on the real parts, and how well that predicts."""
