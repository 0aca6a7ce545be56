"""Real servers on this machine: provisioned from package sources, started, and ended."""
