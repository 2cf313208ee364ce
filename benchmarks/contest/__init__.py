"""Comparison of several programs with the same seat and the same broker."""
