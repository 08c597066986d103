"""Calibration: how consistently a group applies the thresholds. Live sessions on invented cases, and what they show."""
