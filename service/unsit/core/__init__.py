"""Sitting logic without input or output: (chair, input, instant) -> (chair, effects).

Nothing in this package reads a clock, waits, logs, or touches files and pins, so that a recorded
day runs as fast as the machine can. ``service/how-the-chair-decides.md`` explains it on one page.

``seat``, ``sitting``, ``reminders``, ``button`` and ``exercises`` are pure state machines.
``chair`` is the state of all of them, and ``transition`` applies one input to it. ``mat`` and
``weighing`` make inputs of what a sensor reports.
"""
