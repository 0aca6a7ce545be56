"""Questions about weeks and months: what money is held, what leaves, and what it costs."""
