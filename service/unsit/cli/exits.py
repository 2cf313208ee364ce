"""Exit codes, as sysexits(3) has them, and which error ends with which."""

from unsit.assembly.errors import PinError, RecordingError, ScriptError
from unsit.errors import CalibrationError, SettingsError, UnavailableError, UsageError

DONE = 0
USAGE = 64
BAD_DATA = 65
UNAVAILABLE = 69
BUG = 70
NO_PERMISSION = 77
BAD_SETTINGS = 78

_CODES: list[tuple[type[Exception], int]] = [
    (PermissionError, NO_PERMISSION),
    (UsageError, USAGE),
    (RecordingError, BAD_DATA),
    (CalibrationError, BAD_DATA),
    (SettingsError, BAD_SETTINGS),
    (ScriptError, BAD_SETTINGS),
    (PinError, UNAVAILABLE),
    (UnavailableError, UNAVAILABLE),
]


def code_for(error: BaseException) -> int:
    """The exit code for an error; BUG for one that nobody raised on purpose."""
    if isinstance(error.__cause__, PermissionError):
        return NO_PERMISSION
    return next((code for kind, code in _CODES if isinstance(error, kind)), BUG)
