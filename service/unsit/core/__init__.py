"""The sitting logic, pure: (state, input, instant) -> (state, effects).

Everything that decides about sitting lives in this package. Nothing in it reads a clock, waits,
logs or does input or output, so any day can be run through it as fast as the machine can.

The way through it: ``seat`` lets a level count once it has held, ``sitting`` cuts the settled
levels into bouts, gaps and breaks, ``reminders`` decides when to sound. ``chair`` is what is
known, ``agenda`` what time will bring, and ``turn`` takes one input from there to the effects.
"""
