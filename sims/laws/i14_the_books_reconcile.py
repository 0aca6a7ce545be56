"""I14: a day's exports agree with the archive to 0.00, or what was planted is found."""

SEEN = "python -m sims search --reconcile plays the days of a history through `recon`"
