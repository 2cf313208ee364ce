"""Time as the core sees it."""

from datetime import timedelta

Instant = timedelta
"""A point in time: how long after the clock's origin, exact to the microsecond.

Instants are compared and subtracted; only the runtime turns them into dates.
"""

ZERO = timedelta(0)
