"""The Jupyter Server side: addresses, seats, handlers, the narrowed Voilà, the extension."""
