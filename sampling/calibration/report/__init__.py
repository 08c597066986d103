"""The report on calibration: from the journal to a page on one session, what became of thresholds since, and its files."""
