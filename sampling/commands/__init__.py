"""The commands, a module for those on extracts and one for those on draws. Each returns its JSON object and its text; cli.py prints."""
