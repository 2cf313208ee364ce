"""The wiring of the chair: what goes to which pin of the header, and pictures of it.

``make wiring`` makes the pictures anew, ``make docs`` the tables. Pins come from the defaults of
``unsit.settings`` and from gpiozero's description of the board; only what a person is free to
choose (grounds, supplies, the pins of button and LED) is written here, in ``plan``.
"""
