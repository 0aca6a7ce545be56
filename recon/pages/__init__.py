"""What the pages show: one file a part, each reading a run and drawing it."""
