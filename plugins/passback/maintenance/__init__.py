"""What is kept only so long: quarantined records, reports, the rows of old runs, and older school years in staging."""
