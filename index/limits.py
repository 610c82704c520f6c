"""
How much of a text is looked at: what is longer is cut, or left as it is.

Each analysis takes time in proportion to its input. Where that cannot be had (a word is tried against all of its
beginnings, a YAML parser against all of its open brackets), one of these bounds the input instead. `docs/limits.md`
prints them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """
    An upper bound.

    Parameters
    ----------
    name
        The constant that holds the value.
    value, unit
        The bound.
    bounds
        What is bounded, and what becomes of the rest.

    """

    name: str
    value: int
    unit: str
    bounds: str


LONGEST_WORD = 64
LONGEST_TITLE = 300
LONGEST_NOTE = 500
LONGEST_HEADING = 200
LONGEST_FIRST_LINE = 120
LONGEST_FRONT_MATTER = 64_000
DEEPEST_FRONT_MATTER = 32
MOST_MARKS = 30

LIMITS: tuple[Limit, ...] = (
    Limit(
        "LONGEST_WORD",
        LONGEST_WORD,
        "characters",
        "A word that is stemmed and taken apart; a longer one is found by its whole self only.",
    ),
    Limit(
        "LONGEST_TITLE",
        LONGEST_TITLE,
        "characters",
        "Title and source of an article; cut at the end of a word. A title is read with each passage.",
    ),
    Limit("LONGEST_NOTE", LONGEST_NOTE, "characters", "A line that says what of a file was not read; cut."),
    Limit("LONGEST_HEADING", LONGEST_HEADING, "characters", "A heading as it is read with the passages below it; cut."),
    Limit(
        "LONGEST_FIRST_LINE",
        LONGEST_FIRST_LINE,
        "characters",
        "A heading or first line that stands in for a missing title; cut at the end of a word.",
    ),
    Limit(
        "LONGEST_FRONT_MATTER",
        LONGEST_FRONT_MATTER,
        "characters",
        "Front matter; a longer one counts as ordinary text, but for keys above its first blank line.",
    ),
    Limit(
        "DEEPEST_FRONT_MATTER",
        DEEPEST_FRONT_MATTER,
        "brackets",
        "Lists and mappings within each other in front matter; a deeper one is read line by line.",
    ),
    Limit(
        "MOST_MARKS",
        MOST_MARKS,
        "characters",
        "Combining marks in a row; a longer run is parted before it is compared.",
    ),
)
