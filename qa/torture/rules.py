"""Rules of the chairs under torture: minutes have become seconds.

DWELL: of a stand-up.
"""

DWELL = 0.1
MOVE_AFTER = 2.0
MIN_BREAK = 4.0
REPEAT_EVERY = 1.0
MAX_REMINDERS = 2

SETTINGS = (
    "seat.sit_dwell=0",  # without one the mat counts no events: an hour here has some 1,500
    f"seat.stand_dwell={DWELL}",
    f"sitting.move_after={MOVE_AFTER}",
    f"sitting.min_break={MIN_BREAK}",
    f"reminders.repeat_every={REPEAT_EVERY}",
    f"reminders.max_reminders={MAX_REMINDERS}",
    "mqtt.keepalive=5",
)
