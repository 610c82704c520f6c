"""
How the time of a function grows with its input: hostile shapes of text, and the ratio of the times of two sizes.

`superlinear` is for tests marked `growth`, which are run by hand on a quiet machine. It has no bound in seconds. A
function is timed on a text and on one four times as long, once the texts are long enough for the clock. A linear
function then takes four times as long, a quadratic one sixteen times. `MOST_GROWTH` lies between the two. If a text
seems to exceed it, both texts are timed several times more; the quickest run counts, because it was disturbed least.

`assert_ends` is for all other tests. It uses a few shapes, so long that a linear function takes less than a second and
a quadratic one minutes. Its bound lies between the two. It is in processor time, which does not count other work on the
machine.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MOST_GROWTH = 7.0
LONG = 64_000
MIDDLING = 16_000
SHORT = 4_000
"""Characters of the longest text tried: for what is quick, for what takes microseconds for each, and for sentences."""
VERY_LONG, RATHER_LONG = 256_000, 128_000
"""Characters of a text that is read once, likewise."""
MOST_SECONDS = 30
"""Of processor time, for a text that is read in less than one."""
_SHORTEST = 1_000
# A shorter run is too imprecise; the text is made longer.
_LEAST_SECONDS = 0.002
_RUNS = 4

# The units to repeat: single characters, then pieces that begin, end or are part of something that a parser looks for.
# fmt: off
_CHARACTERS = "aA1ä.,:;!?()[]{}\"'„“»«*_#`~|-–=+/\\<>&%$€° \t\r\n\x0b\x85\u2028\u2029\u00ad\u200b\u0301\u202e\x1b²"
_PIECES = (
    *("a ", "Ab ", "a-", "a_", "a.", "a. ", "a.\n", "Ab. ", "Ab.\n\n", "a\n", "Ab\x0b", "a\u2028", "a, ", "a; ", "a: "),
    *("a'", "a’a ", "1.", "1,", "1 ", "1'", "1-", "1. ", "1. a\n", "100 ", "100.", "1.1.2024 ", "2024-01-01 ", "I. "),
    *(
        "# a\n",
        "# a\n\n",
        "## a\na\n\n",
        "### ",
        "| a",
        "| a |\n",
        " | ",
        "- a\n",
        "- a\n\n",
        "> ",
        "> a\n",
        "* ",
        "*a* ",
    ),
    *(
        "**a",
        "***a***\n\n",
        "_a_\n",
        "---\n",
        "===\n",
        "```\n",
        "~~~\na\n",
        "<!--",
        "<!-- a -->\n",
        "![",
        "![a](",
        "](",
    ),
    *(
        "„a",
        "a“",
        "»a ",
        '"a ',
        "(a ",
        "a) ",
        "[1]",
        ".[1]",
        ". »",
        ".“ ",
        "?! ",
        "…“",
        "a\u0301",
        "\u0301\u0316",
        "\r\n",
    ),
    *(" \n", "z. B. ", "d. h. ", "Dr. A. ", "Nr. 5 ", "3. Juni ", "Platz 3. ", "U.S.", "e.V. "),
    *(
        "März ",
        "3. März 2024 ",
        "5 % ",
        "5 km ",
        "5 °C ",
        "1 Mio. ",
        "eine Million ",
        "$1 ",
        "1. Quartal ",
        "Q1 ",
        "XIV. ",
    ),
    *("zweiundzwanzig", "hundert", "zehn ", "neunziger ", "zehnjährig ", "einhalb", "chipfertigung", "Chip-Fertigung "),
    *(
        "er ",
        "sie es ",
        "es zu ",
        "dass ",
        "und was ",
        ", und was ",
        "? Und wann ",
        "welche Bank ",
        "das Werk ",
        "das ist ",
    ),
    *(
        "ein ",
        "der das ",
        "dort ",
        "dabei ",
        "dies ",
        "ist es ",
        "es in ",
        "wenn es ",
        "steht ",
        "kommt ",
        "zu gehen ",
        "zuzu",
    ),
    *(
        "the firm ",
        "is it a ",
        "it takes ",
        "Ja, ",
        "Foto: a\n",
        "(Foto: a",
        "(ID: 1) ",
        "Newsletter\n",
        "newsletter. ",
    ),
    *(
        "Teilen\n",
        "Teilen | ",
        "Facebook\n",
        "Stellenangebote\n\n",
        "Kommentare\n\n",
        "kostenlos ",
        "(m/w/d) ",
        "Impressum | ",
    ),
    *(
        "jetzt abonnieren\n",
        "© ",
        "ich ",
        "a: b\n",
        "a: [\n",
        "- - ",
        "? ",
        "&a ",
        "*a ",
        "{a: ",
        '"a": ',
        "a:\n ",
        "!!a ",
    ),
    *("Januar 2024, ", "49 Euro, ", "\x1b[2J", "<|im_end|>"),
)
# fmt: on
# The text around the repeated unit.
_AROUND = {
    "between sentences": ("A ", " b. C"),
    "in front matter": ("---\n", "\n---\n\nA b.\n"),
    "as a title": ("---\ntitle: ", "\n---\n\nA b.\n\nC d.\n"),
    "in a heading": ("# a", "b #\n\nA b.\n"),
    "in a comment": ("<!--", "\n\nA b.\n"),
    "in quotation marks": ("„", "“ sagt er."),
    "in brackets": ("(Foto: ", ")"),
}
_FIRST = ("(", "[", "a", "# ", "dabei ", '"a ')
_THEN = ("a\n", "Ab. ", "# a\n", "; a", "zu ")
_SURROUNDED = ("a", "1", "[", "(", ".", " ", "a ", " #", "- a\n", "\n", "\u0301\u0316")


@dataclass(frozen=True, slots=True)
class Shape:
    """
    A text of any size: ``head``, then ``unit`` repeated, then ``tail``.

    With ``numbered``, each repetition is followed by its number and ``numbered``. With ``first``, the first half of the
    text is ``first`` repeated, and the repetitions of ``unit`` begin on a new line.
    """

    name: str
    unit: str
    head: str = ""
    tail: str = ""
    numbered: str = ""
    first: str = ""

    def text(self, size: int) -> str:
        """Return a text of about ``size`` characters."""
        if self.first:
            half = size // 2
            return f"{self.head}{self.first * (half // len(self.first))}\n{self.unit * (half // len(self.unit))}{self.tail}"
        if not self.numbered:
            return self.head + self.unit * max(1, size // len(self.unit)) + self.tail
        count = max(1, size // (len(self.unit) + len(self.numbered) + 4))
        return self.head + "".join(f"{self.unit}{number}{self.numbered}" for number in range(count)) + self.tail


def _shapes() -> Iterator[Shape]:
    for unit in (*_CHARACTERS, *_PIECES):
        yield Shape(repr(unit), unit)
    for unit in _SURROUNDED:
        for name, (head, tail) in _AROUND.items():
            yield Shape(f"{unit!r} {name}", unit, head, tail)
    # The repetitions differ, so that a cache cannot hide their cost.
    yield Shape("distinct words", "Wort", numbered=" ")
    yield Shape("distinct sentences", "Der Wert", numbered=" gilt. ")
    yield Shape("distinct clauses", "der Wert", numbered=" gilt; ")
    yield Shape("distinct headings", "# H", numbered="\n\n")
    yield Shape("distinct keys of front matter", "k", head="---\n", numbered=": a\n", tail="---\n")
    yield Shape("distinct items", "- Punkt ", numbered="\n")
    yield Shape("distinct numbers", "1.", numbered=" ")
    yield Shape("distinct compounds", "Stadt", numbered="-Werk ")
    # One long piece before many short ones, in case a function reads the long one again for each short one.
    for first in _FIRST:
        for unit in _THEN:
            yield Shape(f"{first!r} for half a text, then {unit!r}", unit, first=first)


SHAPES: tuple[Shape, ...] = tuple(_shapes())


HOSTILE = tuple(Shape(repr(unit), unit) for unit in ("a ", "1.", "Ab. ", "„a"))
"""A few, of the kinds that most analyses look for: words, numbers, sentences and signs in pairs."""


def assert_ends(
    function: Callable[[str], object],
    *,
    shapes: Iterable[Shape] = HOSTILE,
    before: Callable[[], object] = lambda: None,
    size: int = VERY_LONG,
) -> None:
    """Call a function on long texts; fail the test if one of them takes `MOST_SECONDS` of processor time."""
    for shape in shapes:
        text = shape.text(size)
        before()
        with at_most(MOST_SECONDS, f"{len(text)} characters of {shape.name}"), contextlib.suppress(Exception):
            function(text)


@contextlib.contextmanager
def at_most(seconds: float, what: str) -> Iterator[None]:
    """Fail the test if the block takes more than ``seconds`` of processor time."""

    def fail(*_: object) -> None:
        pytest.fail(f"{what}: not done after {seconds} s of processor time")

    earlier = signal.signal(signal.SIGPROF, fail)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)


def growth(
    function: Callable[[str], object], shape: Shape, *, before: Callable[[], object], longest: int = LONG
) -> float:
    """
    Return the factor by which the time grows when a text becomes four times as long; 0 if it is at most `MOST_GROWTH`.

    Parameters
    ----------
    function
        The function to time, in processor time of this thread. An exception ends a run like a normal return.
    shape
        Makes the texts.
    before
        Called before each run, to empty caches.
    longest
        The largest number of characters of a text.

    """
    size = _SHORTEST
    short = _seconds(function, shape.text(size), before)
    while 4 * size <= longest:
        long = _seconds(function, shape.text(4 * size), before)
        if long > _LEAST_SECONDS and long > MOST_GROWTH * short:
            short = min(short, *(_seconds(function, shape.text(size), before) for _ in range(_RUNS)))
            long = min(long, *(_seconds(function, shape.text(4 * size), before) for _ in range(_RUNS)))
            if short * 4 > _LEAST_SECONDS and long > MOST_GROWTH * short:
                return long / short
        size, short = 4 * size, long
    return 0.0


def superlinear(
    function: Callable[[str], object],
    *,
    shapes: Iterable[Shape] = SHAPES,
    before: Callable[[], object] = lambda: None,
    longest: int = LONG,
    most: int = 5,
) -> list[str]:
    """Return the first shapes for which a function's time grows too fast, with the factor; empty is good."""
    found: list[str] = []
    was_on = gc.isenabled()
    gc.disable()
    try:
        for shape in shapes:
            factor = growth(function, shape, before=before, longest=longest)
            found += [f"{shape.name}: {factor:.1f} times"] if factor else []
            if len(found) == most:
                break
    finally:
        if was_on:
            gc.enable()
    return found


def _seconds(function: Callable[[str], object], text: str, before: Callable[[], object]) -> float:
    before()
    began = time.thread_time()
    with contextlib.suppress(Exception):
        function(text)
    return time.thread_time() - began
