"""Put the values of a form beside the words that ask for them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.types import FILLED, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pdf.characters.turned import Turn
    from index.reading.extraction.pdf.forms.fields import Filled
    from index.reading.extraction.pdf.types import Box

_USUAL = 11.0  # points; the largest size of a value without words beside it
_FAR = 320.0  # points between words and their field
_NEAR_BOX = 40.0  # points between a check box and its words
_ASKS = (":", "?", ".", "…", "/")


def with_filled(pieces: Sequence[Piece], filled: Sequence[Filled], turn: Turn) -> list[Piece]:
    """
    Return the words of a page, with each field's value behind the words that ask for it.

    Parameters
    ----------
    pieces
        The words in the order of the file.
    filled
        What the fields show.
    turn
        The direction of the words.

    """
    found = list(pieces)
    boxes = [turn.box(one.box) for one in filled]
    askers = [_beside(pieces, box) for box in boxes]
    asked = Counter(asker for asker in askers if asker is not None)
    for one, box, asker in sorted(zip(filled, boxes, askers, strict=True), key=lambda way: (-way[1][3], way[1][0])):
        if not one.text:
            continue
        beside = _beside(found, box)
        behind = _behind(found, box)
        if one.ticked and behind is not None and (beside is None or _gap(box, found[behind]) <= _NEAR_BOX):
            label = found[behind]
            found.insert(behind, _piece(one.text, (box[0], min(box[2], label.left)), label, label.order - 2, box))
            continue
        # If the words to the left ask for several fields, these are the cells of a row.
        alone = asker is not None and (asked[asker] == 1 or pieces[asker].text.endswith(":"))
        if beside is not None and (one.ticked or (alone and found[beside].run != FILLED)):
            _append(found, beside, one.text, box[2], box)
            continue
        above = None if beside is not None else _above(found, box)
        if above is not None:
            _append(found, above, one.text, max(box[2], found[above].right + 1), box)
            continue
        named = one.name and beside is None and not one.ticked
        text = f"{one.name}: {one.text}" if named else one.text
        pattern = found[beside] if beside is not None else None
        size = pattern.size if pattern else min(_USUAL, 0.75 * (box[3] - box[1]))
        base = pattern.base if pattern else box[1] + 0.5 * (box[3] - box[1]) - 0.35 * size
        right = min(max(box[2] - 1, box[0] + 3), box[0] + 2 + 0.5 * size * len(text))
        order = found[-1].order + len(found[-1].text) + 1 if found else 0
        found.insert(
            beside + 1 if beside is not None else len(found),
            Piece(text, box[0] + 2, right, base, size, order, run=FILLED, field=box),
        )
    return found


def _piece(text: str, sides: tuple[float, float], label: Piece, order: int, field: Box) -> Piece:
    left, right = sides
    return label._replace(
        text=text,
        left=left,
        right=max(right, left + 1),
        order=order,
        spaced=True,
        run=FILLED,
        bold=False,
        field=field,
    )


def _append(found: list[Piece], place: int, text: str, right: float, field: Box) -> None:
    """Put a value behind the words that ask for it, with a colon if they end without punctuation."""
    label = found[place]
    if not label.text.endswith(_ASKS) and label.text[-1:].isalnum():
        label = found[place] = label._replace(text=label.text + ":")
    left = label.right + 0.3 * label.size
    found.insert(place + 1, _piece(text, (left, right), label, label.order + len(label.text) + 1, field))


def _gap(box: Box, piece: Piece) -> float:
    return piece.left - box[2]


def _level(piece: Piece, box: Box) -> bool:
    middle = piece.base + 0.3 * piece.size
    return box[1] - 3 <= middle <= box[3] + 3


def _beside(found: Sequence[Piece], box: Box) -> int | None:
    """Return the last word to the left of a field, which may be the value of another field."""
    near = [
        place
        for place, piece in enumerate(found)
        if piece.right <= box[0] + 0.4 * piece.size and box[0] - piece.right <= _FAR and _level(piece, box)
    ]
    if not near:
        return None
    return max(near, key=lambda place: (found[place].right, place))


def _behind(found: Sequence[Piece], box: Box) -> int | None:
    near = [
        place
        for place, piece in enumerate(found)
        if piece.left >= box[2] - 0.4 * piece.size and _gap(box, piece) <= 3 * _NEAR_BOX and _level(piece, box)
    ]
    return min(near, key=lambda place: (found[place].left, place)) if near else None


def _above(found: Sequence[Piece], box: Box) -> int | None:
    """Return the last word of the line above a field."""
    over = [
        place
        for place, piece in enumerate(found)
        if -2 <= piece.base - box[3] <= 1.2 * piece.size and piece.left < box[2] and piece.right > box[0] - 4
    ]
    if not over:
        return None
    lowest = min(found[place].base for place in over)
    return max((place for place in over if found[place].base <= lowest + 1), key=lambda place: found[place].right)
