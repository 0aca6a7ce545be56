"""The places that keep the events, read into one relation so that they can be compared."""
