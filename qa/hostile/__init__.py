"""Hostile messages at a real broker, with every command that reads them."""
