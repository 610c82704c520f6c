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
    Limit(
        "LARGEST_FILE", LARGEST_FILE, "bytes", "A file, and a member of an archive; a larger one is left out, and said."
    ),
    Limit("LARGEST_ARCHIVE", LARGEST_ARCHIVE, "bytes", "A ZIP archive; a larger one is left out, and said."),
    Limit(
        "LARGEST_UNPACKED",
        LARGEST_UNPACKED,
        "bytes",
        "What an archive unpacks to, archives in it too; the members after that are left out, and said.",
    ),
    Limit("MOST_MEMBERS", MOST_MEMBERS, "files", "Members of an archive that are read; said likewise."),
    Limit("MOST_ENTRIES", MOST_ENTRIES, "entries", "Entries of an archive of any kind; one with more is not opened."),
    Limit(
        "DEEPEST_ARCHIVE",
        DEEPEST_ARCHIVE,
        "archives",
        "Archives within each other; a deeper one is left out, and said.",
    ),
    Limit("DEEPEST_MAIL", DEEPEST_MAIL, "mails", "Mails attached to each other; a deeper one is left out, and said."),
    Limit(
        "MOST_ATTACHMENTS", MOST_ATTACHMENTS, "files", "Attached to a mail; those after them are left out, and said."
    ),
    Limit("MOST_RECORDS", MOST_RECORDS, "records", "Records of a JSON file; the rest is left out, and said."),
    Limit("MOST_AUTHORS", MOST_AUTHORS, "names", "Authors of a text; the rest is not kept."),
    Limit("LONGEST_ADDRESS", LONGEST_ADDRESS, "characters", "Web address of a text; a longer one is not kept."),
    Limit(
        "MOST_SCANNED_PAGES",
        MOST_SCANNED_PAGES,
        "pages",
        "Scanned pages of a file that text recognition reads; the rest is left out, and said.",
    ),
    Limit("MOST_OWN_SCANNED_PAGES", MOST_OWN_SCANNED_PAGES, "pages", "The same of a user's own file."),
    Limit(
        "LARGEST_PICTURE",
        LARGEST_PICTURE,
        "pixels",
        "A picture that text recognition reads; a larger one is left out, and said. A scanned page is drawn smaller.",
    ),
    Limit("LONGEST_LABEL", LONGEST_LABEL, "characters", "What a PDF itself calls one of its pages; cut."),
    Limit("MOST_PIXELS", MOST_PIXELS, "pixels", "The picture of a PDF's page; a larger page is drawn smaller."),
    Limit("LONGEST_SIDE", LONGEST_SIDE, "pixels", "Width or height of such a picture; likewise."),
    Limit(
        "MOST_ALIGNED",
        MOST_ALIGNED,
        "pairs of words",
        "Of a page and of its text, compared to find what was cited; a page with more is shown without marks.",
    ),
    Limit(
        "MOST_PICTURES", MOST_PICTURES, "bytes", "Pictures of pages that are kept in memory; those seen longest ago go."
    ),
    Limit("MOST_COLLECTIONS", MOST_COLLECTIONS, "collections", "Named ones of an index; one more is refused."),
    Limit(
        "LONGEST_COLLECTION_NAME",
        LONGEST_COLLECTION_NAME,
        "characters",
        "What a collection is called; a longer name is refused.",
    ),
)
