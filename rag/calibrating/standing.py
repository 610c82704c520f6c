"""Tell whether a stored calibration applies to what answers now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag import prompts
from rag.calibrating import keeping
from rag.calibrating.code import code_of_answers
from rag.calibrating.types import CalibrationError, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rag.calibrating.types import Calibration
    from rag.settings import Settings

# What must not have changed, and its name in messages.
_NAMES = {
    "index": "the index",
    "embedding": "the embedding model",
    "llm": "the language model",
    "prompt": "the prompt",
    "settings": "a setting",
    "code": "the program",
}
FINGERPRINTS = tuple(_NAMES)


def without_strictness(settings: Settings) -> str:
    """Return the fingerprint of the settings, regardless of the strictness."""
    return settings.model_copy(update={"strictness": 0.0}).fingerprint()


def standing(settings: Settings, measured: Callable[[], Mapping[str, str]]) -> Standing:
    """
    Tell whether a bound holds.

    Parameters
    ----------
    settings
        Settings that name the index.
    measured
        Returns the fingerprints of models and index; called only if a calibration is stored.

    """
    general = settings.answering.strictness
    try:
        kept = keeping.read(keeping.place_of(settings))
    except CalibrationError as error:
        return Standing("damaged", general, what=error.message)
    if kept is None:
        return Standing("none", general)
    if "strictness" in settings.answering.model_fields_set:
        return Standing("set", general, kept)
    changed = _changed(kept, {**measured(), **_of_program(settings)})
    if changed:
        return Standing("changed", general, kept, changed)
    return Standing("holds", kept.strictness, kept)


def _of_program(settings: Settings) -> dict[str, str]:
    return {"prompt": prompts.fingerprint(), "settings": without_strictness(settings), "code": code_of_answers()}


def _changed(kept: Calibration, now: Mapping[str, str]) -> str:
    found = [name for part, name in _NAMES.items() if kept.fingerprints.get(part) != now.get(part)]
    return found[0] if len(found) == 1 else " and ".join([", ".join(found[:-1]), found[-1]] if found else [])
