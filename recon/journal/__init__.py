"""What the ledger of the house would book of a day's findings: proposed, never posted."""
