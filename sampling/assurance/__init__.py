"""Assurance: supervision policies as profiles, what falls due by them, and what was done."""
