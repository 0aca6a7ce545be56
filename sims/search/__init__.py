"""Looks for a seed that breaks a law, and for the least that breaks it."""
