"""Convert requests for a page, and the answers, to JSON and back, to pass them between two processes."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.reading.extraction.pages.types import Rectangle, Shown, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping


def asked(wanted: Wanted) -> dict[str, Any]:
    """Return a request in a form that JSON can hold; `wanted_of` reads it."""
    return asdict(wanted)


def wanted_of(asked: Mapping[str, Any]) -> Wanted:
    """Return the request that `asked` has converted."""
    return Wanted(asked["page"], asked["text"], tuple((start, end) for start, end in asked["ranges"]), asked["drawn"])


def answered(shown: Shown) -> dict[str, Any]:
    """Return an answer in a form that JSON can hold; `shown_of` reads it."""
    return {**asdict(shown), "image": base64.b64encode(shown.image).decode("ascii")}


def shown_of(answer: Mapping[str, Any]) -> Shown:
    """
    Return the answer that `answered` has converted.

    Raises
    ------
    ValueError, TypeError, KeyError
        If it is not in the form that `answered` makes.

    """
    marks = tuple(tuple(Rectangle(**{k: float(v) for k, v in one.items()}) for one in of) for of in answer["marks"])
    width, height = answer["pixels"]
    return Shown(
        int(answer["pages"]),
        str(answer["label"]),
        float(answer["width"]),
        float(answer["height"]),
        marks,
        base64.b64decode(answer["image"], validate=True),
        (int(width), int(height)),
    )
