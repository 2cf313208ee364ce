"""Disk that loses its power: what may be left of the files of a program at any moment."""
