"""From the counts of load cells to a person on the seat, pure as all of the core.

``scale`` takes the raw readings of all cells at an instant and says what follows from them: edges,
faults, leaning. It is made of ``calibration`` (counts to kilograms), ``window`` (median and
spread), ``faults``, ``occupancy`` (hysteresis and minimum load), ``zero`` (auto-zero), ``balance``
(leaning and shifts of weight) and ``procedure`` (tare and known weights).

Nothing else in the core imports it: a chair with a mat does without.
"""
