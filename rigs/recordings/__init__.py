"""Generated recordings: a simulated person on models of mats and load cells.

The same name and seed always give the same bytes. Each recording knows the truth behind it: when
the person really sat, and which faults the sensor has.
"""
