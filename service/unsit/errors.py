"""What can go wrong in the service on purpose, all from one base."""


class UnsitError(Exception):
    """Base of every error that the service raises on purpose; the message is for the user."""


class UsageError(UnsitError, ValueError):
    """The command line asks for something that cannot be."""


class SettingsError(UnsitError, ValueError):
    """A setting is unknown, unreadable or out of range."""


class CalibrationError(UnsitError, ValueError):
    """Load cells cannot be calibrated from what they read."""


class LostThreadError(UnsitError, RuntimeError):
    """A thread that the service cannot do without has ended, or does not answer."""


class UnavailableError(UnsitError, OSError):
    """Something that is needed is not there."""
