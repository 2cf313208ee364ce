"""Printed parts and how they go together: sizes, solids, assemblies, loads and drawings.

``make holder`` makes the STL files from ``holder.scad`` and ``bought.scad``, which have their sizes
from ``sizes.scad``.
"""
