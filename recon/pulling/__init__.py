"""Fetch a day's exports from a provider's API, in the very form of its reports."""
