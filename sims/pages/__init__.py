"""What the notebooks of the simulator show: plain words, aligned numbers, and pictures."""
