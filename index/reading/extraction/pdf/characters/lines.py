"""Join words side by side into lines, with raised marks set off."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.characters.direction import read_leftward, runs_leftward
from index.reading.extraction.pdf.characters.letterforms import plain
from index.reading.extraction.pdf.types import Fragment
from index.reading.extraction.raised import raised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.reading.extraction.pdf.types import Piece

GAP = 0.8  # sizes; blanks are narrower, even in justified lines
_LEVEL = 0.12  # most sizes by which base lines may differ within a line
_RISE = 0.7  # most sizes by which a mark may be above or below the line
_SMALL = 0.86  # times the size of the line; marks are smaller
_ASIDE = 1.2  # most sizes between a mark and what it belongs to
_MARK = re.compile(r"\(?\[?(?:\d{1,3}|[*†‡]{1,3})\]?\)?")
_TINY = 0.42  # times the size of the line; smaller text is beside an initial
_LEAST_RISE = 0.14  # sizes; smaller text that is raised less is small print
_BLANK = 0.14  # sizes; a wider gap is a blank even if the file has none
_RAISED_SIGNS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# A raised figure that has its own character, behind a figure or a word.
_SIGN = re.compile(r"(?:(?<=[\d)\]%€$“”\"'»«.,;:!?])|(?<=[^\W\d_]{3}))[⁰¹²³⁴-⁹]{1,3}(?![\w⁰¹²³⁴-⁹])")
_INITIAL = re.compile(r"[„“\"»«]?[^\W\d_a-z]")
_MOST_INITIALS = 40  # on a page
_LARGER = 1.3  # times the other's size: text this large is a heading beside other text
_LARGE = 1.8  # times the size of the line: an initial
_LOOKED_BACK = 16  # letters before a mark that tell what it is
_OPENS = re.compile(r"\w")


def fragments(pieces: Iterable[Piece]) -> list[Fragment]:
    """
    Join words that are side by side.

    Parameters
    ----------
    pieces
        The words in the order of the file, which is that of each line except for marks and later additions.

    """
    groups: list[list[Piece]] = []
    size = base = 0.0  # of the group's largest word so far
    for piece in pieces:
        if groups and _beside(groups[-1][-1], piece, base, size):
            groups[-1].append(piece)
            if piece.size > size * 1.05:
                size, base = piece.size, piece.base
            continue
        groups.append([piece])
        size, base = piece.size, piece.base
    return _merged([fragment(group) for group in groups])


def fragment(pieces: Sequence[Piece]) -> Fragment:
    """Return words of one line as a fragment."""
    if len(pieces) == 1:
        only = pieces[0]
        return Fragment((only,), only.left, only.right, only.base, only.size)
    weights: dict[tuple[float, float], int] = {}
    for piece in pieces:
        key = piece.size, piece.base
        weights[key] = weights.get(key, 0) + len(piece.text)
    size, base = max(weights, key=lambda key: (weights[key] * key[0], key)) if len(weights) > 1 else next(iter(weights))
    ordered = tuple(sorted(pieces, key=lambda piece: piece.left))
    return Fragment(ordered, ordered[0].left, max(piece.right for piece in pieces), base, size)


def _beside(last: Piece, piece: Piece, base: float, size: float) -> bool:
    larger = max(size, piece.size)
    rise = abs(piece.base - base)
    if rise > _LEVEL * larger and not (
        rise <= _RISE * larger
        and _TINY * larger <= min(size, piece.size) <= _SMALL * larger
        and piece.left - last.right < 0.4 * larger
    ):
        return False
    return -0.5 * larger <= piece.left - last.right <= _gap(size, piece.size)


def _gap(one: float, other: float) -> float:
    """Return how wide a blank may be between letters of two sizes: small ones beside large ones begin a column."""
    return GAP * (min(one, other) if max(one, other) > _LARGER * min(one, other) else max(one, other))


def _merged(found: list[Fragment]) -> list[Fragment]:
    """Join fragments that are side by side, whatever their order in the file."""
    found = sorted(found, key=lambda one: (-one.base, one.left))
    joined: list[Fragment] = []
    row: list[Fragment] = []
    for one in found:
        if row and abs(row[0].base - one.base) > _LEVEL * max(row[0].size, one.size):
            joined += _in_row(row)
            row = []
        row.append(one)
    return _with_initials(_with_marks(joined + _in_row(row)))


def _in_row(row: list[Fragment]) -> list[Fragment]:
    if len(row) < 2:
        return row
    row = sorted(row, key=lambda one: one.left)
    joined = [row[0]]
    for one in row[1:]:
        last = joined[-1]
        if -0.5 * one.size <= one.left - last.right <= _gap(one.size, last.size):
            joined[-1] = fragment([*last.pieces, *one.pieces])
        else:
            joined.append(one)
    return joined


def _with_marks(found: list[Fragment]) -> list[Fragment]:
    """Join raised marks to the words that they belong to, if the file has them elsewhere."""
    small = [one for one in found if len(one.plain) <= 4]
    if not small:
        return found
    ordered = sorted(found, key=lambda one: one.base)
    bases = [one.base for one in ordered]
    taken: set[int] = set()
    marks: dict[int, list[Piece]] = {}
    hosts: dict[int, Fragment] = {}
    for mark in small:
        near = ordered[bisect_left(bases, mark.base - 3 * mark.size) : bisect_right(bases, mark.base)]
        for host in near:
            rise = mark.base - host.base
            if (
                mark.size <= _SMALL * host.size
                and _LEAST_RISE * host.size <= rise <= _RISE * host.size
                and host.left < mark.right
                and mark.left - host.right <= (_ASIDE if _MARK.fullmatch(mark.plain) else 0.25) * host.size
                and id(host) not in taken
            ):
                taken.add(id(mark))
                marks.setdefault(id(host), []).extend(mark.pieces)
                hosts[id(host)] = host
                break
    if not marks:
        return found
    kept = []
    for one in found:
        if id(one) in taken:
            continue
        more = marks.get(id(one))
        kept.append(fragment([*one.pieces, *more]) if more else one)
    return kept


def _with_initials(found: list[Fragment]) -> list[Fragment]:
    """Join an initial that spans several lines to the first of them."""
    if not found:
        return found
    usual = median(one.size for one in found)
    large = [
        one
        for one in found
        if one.size >= _LARGE * usual and len(one.pieces) == 1 and _INITIAL.fullmatch(one.pieces[0].text)
    ]
    for one in large[:_MOST_INITIALS]:
        beside = [
            other
            for other in found
            if one.size >= _LARGE * other.size
            and abs(other.top - one.top) <= 0.6 * other.size
            and -0.2 * one.size <= other.left - one.right <= 0.5 * one.size
        ]
        if len(beside) == 1 and one.base < beside[0].base - 0.5 * beside[0].size:
            host = beside[0]
            first = host.pieces[0]
            gap = "" if first.text[0].islower() else " "
            pieces = (first._replace(text=one.pieces[0].text + gap + first.text), *host.pieces[1:])
            found = [replace(other, pieces=pieces) if other is host else other for other in found if other is not one]
    return found


def text_of(pieces: Sequence[Piece], base: float, size: float) -> str:
    """
    Return words of one line as text.

    Parameters
    ----------
    pieces
        The words from left to right.
    base, size
        Those of the line, see `Fragment`.

    """
    if len(pieces) == 1 and pieces[0].text.isascii():
        return pieces[0].text
    text = ""
    mark = ""
    last: Piece | None = None
    for piece in pieces:
        up = piece.size <= _SMALL * size and piece.base - base >= _LEAST_RISE * size
        if last is None:
            gap = False
        elif piece.order == last.order + len(last.text) and not piece.spaced:
            gap = piece.left - last.right > 0.3 * size
        else:
            gap = piece.spaced or piece.left - last.right > _BLANK * size
        if up and (text or mark):
            mark += (" " if gap and mark else "") + piece.text
        else:
            if mark:
                text, gap = _marked(text, mark, piece, gap=gap or piece.left - _right(last) > 0.05 * size)
                mark = ""
            text += (" " if gap and text else "") + piece.text
            if up:  # at the beginning of the line: the number of a footnote
                text += " "
        last = piece
    if mark:
        text = _marked(text, mark, None, gap=False)[0]
    if not text.isascii():
        if runs_leftward(text):
            text = read_leftward(pieces)
        text = plain(_SIGN.sub(_sign, text))
    return " ".join(text.split())


def _right(piece: Piece | None) -> float:
    return piece.right if piece is not None else 0.0


def _sign(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - _LOOKED_BACK) : found.start()]
    return raised(before, found[0].translate(_RAISED_SIGNS))


def _marked(text: str, mark: str, following: Piece | None, *, gap: bool) -> tuple[str, bool]:
    """Return a text with a raised mark behind it, and whether a blank follows."""
    written = raised(text[-_LOOKED_BACK:].rstrip(), mark)
    if written.startswith(" ") and text.endswith(" "):
        text = text.rstrip()
    opens = following is not None and _OPENS.match(following.text) is not None
    return text + written, opens and (gap or written.endswith("]"))
