"""The journal: the only room that writes what people decided."""
