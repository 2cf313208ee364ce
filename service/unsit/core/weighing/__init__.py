"""Load cells: from raw counts to a person on the seat, without I/O like all of the core.

``scale`` takes the readings of all cells at an instant and returns the inputs for the chair: edges,
faults, leaning. It uses ``calibration`` (counts to kilograms, tare and known weights), ``filters``
(median window and automatic zero), ``faults``, ``occupancy`` (hysteresis and minimum load) and
``balance`` (leaning and shifts of weight).

Nothing else in the core imports it, since a chair with a mat does not need it.
"""
