"""Send a run's alerts to whoever receives them, each once."""
