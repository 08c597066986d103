"""How fast, and in how much memory: `python -m bench` measures everything in one run and prints its tables."""
