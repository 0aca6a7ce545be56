"""Everything that an auditor needs to do a run again, and to see that nobody altered it."""

from recon.evidence.record import Record, write

__all__ = ["Record", "write"]
