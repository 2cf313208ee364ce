"""Parts to print: the source is ``holder.scad``, ``make holder`` makes the STL files from it."""
