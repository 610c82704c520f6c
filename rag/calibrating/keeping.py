"""Where a calibration is stored: one small file beside the index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from index.atomic import replace_atomically
from rag.calibrating.types import CALIBRATIONS, Calibration, CalibrationError
from rag.limits import LONGEST_CALIBRATION

if TYPE_CHECKING:
    from pathlib import Path

    from rag.settings import Settings

_ROUNDING = 1e-9


def place_of(settings: Settings) -> Path:
    """Return the file: it lies beside the index, whose folder may be deleted and created anew."""
    index = settings.index.resolve()
    return index.with_name(f"{index.name}-calibration.json")


def write(calibration: Calibration, file: Path) -> None:
    """
    Write a calibration in place of any earlier one, completely or not at all.

    Raises
    ------
    CalibrationError
        The file cannot be written.

    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_atomically(file, (json.dumps(calibration.to_json(), ensure_ascii=False, indent=2) + "\n").encode())
    except OSError as error:
        raise CalibrationError(
            f"The calibration cannot be written to {file}: {error.strerror or error}.",
            hint="Make the folder of the index writable.",
        ) from error


def read(file: Path) -> Calibration | None:
    """
    Return the stored calibration, None if there is none.

    Raises
    ------
    CalibrationError
        The file is not a calibration, or cannot be read; the message names it.

    """
    try:
        with file.open("rb") as stream:
            data = stream.read(LONGEST_CALIBRATION + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CalibrationError(f"{file} cannot be read ({error.strerror or error})") from error
    if len(data) > LONGEST_CALIBRATION:
        raise CalibrationError(f"{file} is too long for a calibration")
    try:
        found = CALIBRATIONS.validate_json(data, strict=True)
    except (ValidationError, ValueError) as error:
        raise CalibrationError(f"{file} is damaged") from error
    if found.bound > found.risk + _ROUNDING or found.wrong > found.answered:
        raise CalibrationError(f"{file} is damaged: its figures contradict each other")
    return found


def forget(file: Path) -> bool:
    """
    Remove the calibration; returns whether there was one.

    Raises
    ------
    CalibrationError
        The file cannot be removed.

    """
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CalibrationError(f"{file} cannot be removed ({error.strerror or error}).") from error
    return True
