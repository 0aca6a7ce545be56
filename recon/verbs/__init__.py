"""One file for each command: its options, and what it does when it is called."""
