"""Wiring of the chair: the header pin of each wire, pictures, and tables.

``make wiring`` draws the pictures, ``make docs`` writes the tables. The pins come from the defaults
of ``unsit.settings`` and from gpiozero's description of the board. Only free choices (grounds,
supplies, the pins of button and LED) are defined here, in ``plan``.
"""
