"""The errors of the hardware package, for those who may not import it."""

from unsit_firmware.errors import PinError, PinPermissionError, RecordingError, ScriptError

__all__ = ["PinError", "PinPermissionError", "RecordingError", "ScriptError"]
