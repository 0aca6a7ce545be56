"""Everything that an auditor needs to do a run again, and to see that nobody altered it."""

from recon.evidence.record import CHAIN, Record, results, write

__all__ = ["CHAIN", "Record", "results", "write"]
