"""Calibrations on disk: one JSON file in the directory of state."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from unsit.core.weighing.calibration import Calibration, CellCalibration, nominal
from unsit.errors import SettingsError, UnavailableError

FILE = "load_cells.json"


class CalibrationStore:
    """The calibration of a chair's cells in a file.

    file: where it is. cells: the name of each cell; a file for other cells is not taken.
    """

    def __init__(self, file: Path, cells: tuple[str, ...]) -> None:
        self.file = file
        self.cells = cells

    def load(self) -> Calibration:
        """The calibration, or that of usual cells where none was ever made.

        Raises SettingsError for a file that is none, or that is of other cells.
        """
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return nominal(len(self.cells))
        except PermissionError:
            raise
        except (OSError, ValueError) as error:
            raise self._bad(error) from None
        return self._read(content)

    def save(self, calibration: Calibration) -> None:
        """Puts it in the place of the one before, or leaves that whole.

        Raises UnavailableError where it cannot be written.
        """
        content = asdict(calibration)
        content["cells"] = dict(zip(self.cells, content["cells"], strict=True))
        fresh = self.file.with_suffix(".new")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as out:
                json.dump(content, out, indent=2)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self.file)
        except OSError as error:
            raise UnavailableError(
                f"{self.file}: the calibration cannot be kept: {error.strerror}"
            ) from error

    def _read(self, content: Any) -> Calibration:
        try:
            cells = content.pop("cells")
            calibrated = tuple(CellCalibration(**cell) for cell in cells.values())
            calibration = Calibration(calibrated, **content)
        except (AttributeError, KeyError, TypeError) as error:
            raise self._bad(error) from None
        if tuple(cells) != self.cells:
            raise SettingsError(
                f"{self.file}: a calibration of {', '.join(cells)}, and the cells are "
                f"{', '.join(self.cells)}; run: unsit calibrate"
            )
        return calibration

    def _bad(self, error: Exception) -> SettingsError:
        return SettingsError(f"{self.file}: {error}; expected what unsit calibrate made")
