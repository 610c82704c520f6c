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
LARGEST_FILE = 50_000_000
LARGEST_ARCHIVE = 200_000_000
LARGEST_UNPACKED = 1_000_000_000
MOST_MEMBERS = 10_000
MOST_ENTRIES = 100_000
DEEPEST_ARCHIVE = 2
DEEPEST_MAIL = 2
MOST_ATTACHMENTS = 50
MOST_RECORDS = 100_000
MOST_AUTHORS = 20
LONGEST_ADDRESS = 500
MOST_SCANNED_PAGES = 300
MOST_OWN_SCANNED_PAGES = 30
LARGEST_PICTURE = 100_000_000
MOST_PIXELS = 2_500_000
LONGEST_SIDE = 2400
LONGEST_LABEL = 40
MOST_ALIGNED = 30_000_000
MOST_PICTURES = 48_000_000
MOST_COLLECTIONS = 64
LONGEST_COLLECTION_NAME = 40

LIMITS: tuple[Limit, ...] = (
    Limit(
        "LONGEST_WORD",
        LONGEST_WORD,
        "characters",
        "A word that is stemmed and split into its parts; a longer word is found only as a whole.",
    ),
    Limit(
        "LONGEST_TITLE",
        LONGEST_TITLE,
        "characters",
        "Title and source of an article; longer ones are cut at the end of a word. The title is read with each passage.",
    ),
    Limit(
        "LONGEST_NOTE",
        LONGEST_NOTE,
        "characters",
        "A line that says what part of a file was not read; a longer line is cut.",
    ),
    Limit(
        "LONGEST_HEADING",
        LONGEST_HEADING,
        "characters",
        "A heading, when it is read with the passages below it; a longer heading is cut.",
    ),
    Limit(
        "LONGEST_FIRST_LINE",
        LONGEST_FIRST_LINE,
        "characters",
        "A heading or first line that replaces a missing title; a longer one is cut at the end of a word.",
    ),
    Limit(
        "LONGEST_FRONT_MATTER",
        LONGEST_FRONT_MATTER,
        "characters",
        "Front matter; if it is longer, it counts as ordinary text, except for keys above its first blank line.",
    ),
    Limit(
        "DEEPEST_FRONT_MATTER",
        DEEPEST_FRONT_MATTER,
        "brackets",
        "Nested lists and mappings in front matter; if they are nested deeper, it is read line by line.",
    ),
    Limit(
        "MOST_MARKS",
        MOST_MARKS,
        "characters",
        "Combining marks in a row; a longer run is split before it is compared.",
    ),
    Limit(
        "LARGEST_FILE",
        LARGEST_FILE,
        "bytes",
        "A file or a member of an archive; a larger one is left out and reported.",
    ),
    Limit("LARGEST_ARCHIVE", LARGEST_ARCHIVE, "bytes", "A ZIP archive; a larger one is left out and reported."),
    Limit(
        "LARGEST_UNPACKED",
        LARGEST_UNPACKED,
        "bytes",
        "Unpacked size of an archive, with the archives in it; the members beyond that are left out and reported.",
    ),
    Limit(
        "MOST_MEMBERS",
        MOST_MEMBERS,
        "files",
        "Members of an archive that are read; the others are left out and reported.",
    ),
    Limit("MOST_ENTRIES", MOST_ENTRIES, "entries", "All entries of an archive; an archive with more is not opened."),
    Limit(
        "DEEPEST_ARCHIVE",
        DEEPEST_ARCHIVE,
        "archives",
        "Archives inside each other; a deeper one is left out and reported.",
    ),
    Limit(
        "DEEPEST_MAIL", DEEPEST_MAIL, "emails", "Emails attached to each other; a deeper one is left out and reported."
    ),
    Limit(
        "MOST_ATTACHMENTS", MOST_ATTACHMENTS, "files", "Attachments of an email; the others are left out and reported."
    ),
    Limit("MOST_RECORDS", MOST_RECORDS, "records", "Records of a JSON file; the others are left out and reported."),
    Limit("MOST_AUTHORS", MOST_AUTHORS, "names", "Authors of a text; the others are not kept."),
    Limit("LONGEST_ADDRESS", LONGEST_ADDRESS, "characters", "Web address of a text; a longer address is not kept."),
    Limit(
        "MOST_SCANNED_PAGES",
        MOST_SCANNED_PAGES,
        "pages",
        "Scanned pages of a file that text recognition reads; the others are left out and reported.",
    ),
    Limit("MOST_OWN_SCANNED_PAGES", MOST_OWN_SCANNED_PAGES, "pages", "The same for a user's own file."),
    Limit(
        "LARGEST_PICTURE",
        LARGEST_PICTURE,
        "pixels",
        "A picture that text recognition reads; a larger picture is left out and reported. A larger scanned page is scaled down.",
    ),
    Limit(
        "LONGEST_LABEL",
        LONGEST_LABEL,
        "characters",
        "The label that a PDF gives to one of its pages; a longer label is cut.",
    ),
    Limit("MOST_PIXELS", MOST_PIXELS, "pixels", "The picture of a page of a PDF; a larger page is scaled down."),
    Limit("LONGEST_SIDE", LONGEST_SIDE, "pixels", "Width or height of such a picture; a larger page is scaled down."),
    Limit(
        "MOST_ALIGNED",
        MOST_ALIGNED,
        "pairs of words",
        "Words of a page and words of its text that are compared to find a citation; a page with more pairs is shown without marks.",
    ),
    Limit(
        "MOST_PICTURES",
        MOST_PICTURES,
        "bytes",
        "Pictures of pages kept in memory; the least recently shown ones are removed first.",
    ),
    Limit(
        "MOST_COLLECTIONS", MOST_COLLECTIONS, "collections", "Named collections of an index; further ones are refused."
    ),
    Limit(
        "LONGEST_COLLECTION_NAME",
        LONGEST_COLLECTION_NAME,
        "characters",
        "The name of a collection; a longer name is refused.",
    ),
)
