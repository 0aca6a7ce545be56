"""I15: the same seed tells the same story to the byte, twice and whatever Python hashes."""

SEEN = "python -m sims search --twice compares the digests of two plays"
