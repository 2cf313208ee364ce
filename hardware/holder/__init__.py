"""Printed parts: ``make holder`` makes the STL files from ``holder.scad``."""
