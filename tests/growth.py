"""
How the time of a function grows with its input: hostile shapes of text, and the ratio of two sizes.

Nothing here is a number of seconds. A function is timed at a size where the clock's resolution does not matter, and at
four times that size; what is linear takes four times as long, what is quadratic sixteen times.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# What is repeated: single characters, then what begins or ends something a parser looks for.
_CHARACTERS = "aA1ä.,:;!?()[]{}\"'„“»«*_#`~|-–=+/\\<>&%$€°… \t\r\n\x0b\x85\u2028\u2029\u00ad\u200b\u0301\u202e\x1b²😀"
_PIECES = (
    *("a ", "Ab ", "a-", "a_", "a.", "a. ", "a.\n", "Ab. ", "Ab.\n\n", "a\n", "a\n\n", "a, ", "a; ", "a: ", "a? "),
    *("a'", "a’a ", "1.", "1,", "1 ", "1'", "1-", "1. ", "1. a\n", "100 ", "100.", "1.1.2024 ", "2024-01-01 ", "I. "),
    *("# a\n", "# a\n\n", "## a\na\n\n", "#", "| a", "| a |\n", " | ", "- a\n", "- a\n\n", "> ", "> a\n", "* ", "*a* "),
    *("**a", "***a***\n\n", "__", "_a_\n", "---\n", "===\n", "```\n", "~~~\na\n", "<!--", "<!-- a -->\n", "![", "![a](", "]("),
    *("„a", "a“", "»a ", "\"a ", "(a ", "a) ", "[1]", ".[1]", ". »", ".“ ", "?! ", "…“", "a\u0301", "\u0301\u0300", "\r\n", " \n"),
    *("z. B. ", "d. h. ", "Dr. A. ", "Nr. 5 ", "3. Juni ", "Platz 3. ", "U.S.", "e.V. "),
    *("März ", "3. März 2024 ", "5 % ", "5 km ", "5 °C ", "1 Mio. ", "eine Million ", "$1 ", "1. Quartal ", "Q1 ", "XIV. "),
    *("zweiundzwanzig", "hundert", "zehn ", "neunziger ", "zehnjährig ", "einhalb", "chipfertigung", "Chip-Fertigung "),
    *("er ", "sie es ", "es zu ", "dass ", "und was ", ", und was ", "? Und wann ", "welche Bank ", "das Werk ", "das ist "),
    *("ein ", "der das ", "dort ", "dies ", "ist es ", "es in ", "wenn es ", "steht es um ", "zu gehen ", "the firm ", "is it a "),
    *("Ja, ", "Foto: a\n", "(Foto: a", "(ID: 1) ", "Newsletter\n", "newsletter. ", "Teilen\n", "Teilen | ", "Facebook\n"),
    *("Stellenangebote\n\n", "Kommentare\n\n", "kostenlos ", "(m/w/d) ", "Impressum | ", "jetzt abonnieren\n", "© ", "ich "),
    *("a: b\n", "a: [\n", "- - ", "? ", "&a ", "*a ", "{a: ", "\"a\": ", "a:\n ", "!!a ", "|a|\n", "Januar 2024, ", "49 Euro, "),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A text of about any size: ``head``, then ``unit`` over and over, then ``tail``."""

    name: str
    unit: str
    head: str = ""
    tail: str = ""

    def text(self, size: int) -> str:
        """Return a text of about ``size`` characters."""
        return self.head + self.unit * max(1, size // len(self.unit)) + self.tail


class Distinct(Shape):
    """Words that are all different, so that no cache answers for them."""

    def text(self, size: int) -> str:
        made = [f"{self.head}{number}{self.unit}" for number in range(max(1, size // (len(self.head + self.unit) + 4)))]
        return "".join(made) + self.tail


def _shapes() -> Iterator[Shape]:
    for unit in (*_CHARACTERS, *_PIECES):
        yield Shape(f"{unit!r} over and over", unit)
    for unit in ("a", "1", "[", "(", "„", "\"", ".", "*", " ", "a ", "- a\n", "\n", "\u0301", "1.", "a-"):
        yield Shape(f"A, then {unit!r}, then a stop", unit, "A ", " b. C")
        yield Shape(f"{unit!r} in front matter", unit, "---\n", "\n---\n\nA b.\n")
        yield Shape(f"{unit!r} as a title", unit, "---\ntitle: ", "\n---\n\nA b.\n\nC d.\n")
        yield Shape(f"{unit!r} in a heading", unit, "# ", " #\n\nA b.\n")
        yield Shape(f"{unit!r} in a comment", unit, "<!--", "\n\nA b.\n")
        yield Shape(f"{unit!r} in quotation marks", unit, "„", "“ sagt er.")
        yield Shape(f"{unit!r} in brackets", unit, "(Foto: ", ")")
    yield Distinct("distinct words", " ", "Wort")
    yield Distinct("distinct sentences", " gilt. ", "Der Wert")
    yield Distinct("distinct headings", "\n\n", "# H")
    yield Distinct("distinct keys of front matter", ": a\n", "k", "---\n")
    yield Distinct("distinct items", "\n", "- Punkt ")
    yield Distinct("distinct numbers", " ", "1.")
    yield Distinct("distinct compounds", "-Werk ", "Stadt")
    yield Distinct("distinct letters", " ", "zehn")


SHAPES: tuple[Shape, ...] = tuple(_shapes())
MOST_GROWTH = 6.0
# A text is made longer until a run takes this long, or is so long; what takes less at the greatest length is quick.
_LEAST_SECONDS = 0.002
_SIZES = (1_000, 4_000, 16_000, 64_000)


def _seconds(function: Callable[[str], object], text: str, *, before: Callable[[], None]) -> float:
    before()
    began = time.thread_time()
    function(text)
    return time.thread_time() - began


def growth(
    function: Callable[[str], object], shape: Shape, *, before: Callable[[], None] = lambda: None, most: int = _SIZES[-1]
) -> float:
    """
    Return by what factor the time grows when a text becomes four times as long; 0 where it is too short to tell.

    Parameters
    ----------
    function
        What is timed, alone in its thread; what it raises counts as an end.
    shape
        Gives the texts.
    before
        Called before each run: empties caches.
    most
        The longer text's length, at most.

    """
    quick = _quiet(function)
    gc_was_on = gc.isenabled()
    gc.disable()
    try:
        short = _seconds(quick, shape.text(_SIZES[0]), before=before)
        for size in _SIZES:
            if size >= most:
                break
            long = _seconds(quick, shape.text(4 * size), before=before)
            if short >= _LEAST_SECONDS and long > MOST_GROWTH * short:
                # Noise only ever adds: of several runs the quickest tells.
                short = min(short, *(_seconds(quick, shape.text(size), before=before) for _ in range(3)))
                long = min(long, *(_seconds(quick, shape.text(4 * size), before=before) for _ in range(3)))
                if long > MOST_GROWTH * short:
                    return long / short
            if long > 1.0:
                return 0.0
            short = long
        return 0.0
    finally:
        if gc_was_on:
            gc.enable()


def _quiet(function: Callable[[str], object]) -> Callable[[str], object]:
    def run(text: str) -> object:
        try:
            return function(text)
        except Exception:
            return None

    return run


def superlinear(
    function: Callable[[str], object],
    *,
    shapes: Iterable[Shape] = SHAPES,
    before: Callable[[], None] = lambda: None,
    most: int = _SIZES[-1],
) -> list[str]:
    """Return the shapes on which a function's time grows faster than its input, and by how much; none is right."""
    found = ((shape, growth(function, shape, before=before, most=most)) for shape in shapes)
    return [f"{shape.name}: {factor:.1f} times" for shape, factor in found if factor > MOST_GROWTH]
