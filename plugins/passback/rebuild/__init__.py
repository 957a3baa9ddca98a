"""Rebuilding the ledger from what PowerSchool holds under our markers, after the database was lost or restored."""
