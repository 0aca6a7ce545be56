"""What might belong together, for a person to look at: it closes nothing."""
