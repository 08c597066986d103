"""The only room that knows a foreign format: each reader turns its files into the canonical tables."""
