"""Structured case sampling for supervision: a monthly draw that anyone can verify."""

__version__ = "0.1.0"
