"""Nights in which the clocks are set, with the service live."""
