"""
The parts of documents that were not read, and when an answer mentions them.

They are noted in each document's text (`index.markup.notes`), so that every open index knows them. No answer is refused
or shortened because of them: they are mentioned beside it.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from index.reading.documents import not_read, unread
from index.storage.lexical import terms
from rag.limits import LONGEST_UNREAD, MOST_UNREAD
from rag.types import UnreadPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from index.storage.left_out import Skipped
    from index.types import Document
    from rag.types import Citation, EvidenceSentence

SHOWN = 4  # parts of one document that are shown in a line
NEAREST = 3  # without an answer, this many nearest sentences show which documents might have held it
_LEAST = 4  # least characters of a word in a file name for it to count
# Parts that readers who open the file do not see either.
_HIDDEN = re.compile(r"\d+ hidden |hidden ")
# Blank pages, or pictures, which mostly contain no text: mentioned only if no answer was found.
_BLANK = re.compile(r"pages? [\d-]+: without text$|\d+ pictures?$")
_PAGES = re.compile(r"(?P<unit>page|slide)(?P<many>s?) (?P<which>\d+(?:-\d+)?): (?P<why>.*)", re.DOTALL)
_UNITS = {"page": "Seite", "slide": "Folie"}
_WHY = {
    "without text, only a picture": "nur ein Bild, kein Text",
    "without text": "kein Text",
    "with letters that are mapped to wrong characters": "die Buchstaben sind falschen Zeichen zugeordnet",
}
# The notes that file readers write (`Writer.note`), except those about pages, with their German equivalents.
_GERMAN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), german)
    for pattern, german in (
        (r"(\d+) damaged chapters?", r"beschädigte Kapitel (\1)"),
        (r"(\d+) hidden slides?", r"ausgeblendete Folien (\1)"),
        (r"1 picture", "ein Bild"),
        (r"(\d+) pictures", r"\1 Bilder"),
        (r"(\d+) hidden sheets?", r"ausgeblendete Blätter (\1)"),
        (r"hidden rows or columns of the sheet (.+)", r"ausgeblendete Zeilen oder Spalten des Blatts \1"),
        (r"the last (\d+) rows of the sheet (.+): too many", r"die letzten \1 Zeilen des Blatts \2"),
        (r"the last (\d+) rows: too many", r"die letzten \1 Zeilen"),
        (r"the rows of the sheet (.+) after the first (\d+): too many", r"die Zeilen des Blatts \1 nach den ersten \2"),
        (r"the rows after the first (\d+): too many", r"die Zeilen nach den ersten \1"),
        (
            r"the columns of the sheet (.+) after the first (\d+): too many",
            r"die Spalten des Blatts \1 nach den ersten \2",
        ),
        (r"the columns after the first (\d+): too many", r"die Spalten nach den ersten \1"),
        (r"the columns of a table after the first (\d+): too many", r"die Spalten einer Tabelle nach den ersten \1"),
        (r"the sheets after (.+): too much stands before them", r"die Blätter nach \1"),
        (
            r"formulas of the sheet (.+) whose values the file does not hold: open and save it once",
            r"Formeln des Blatts \1, deren Werte die Datei nicht enthält",
        ),
        (r"attachments after the first (\d+): too many", r"die Anhänge nach den ersten \1"),
        (r"an? e?mail within (\d+) others: too deep\b.*", r"eine Mail in \1 anderen"),
        (r"attachment (.+?): .*", r"der Anhang \1"),
        (r"and (\d+) more of this kind", r"\1 weitere Teile"),
        # Reasons why files are left out, without the advice on what to do.
        (r"a PDF without text, probably scanned\..*", "ein PDF ohne Text, vermutlich eingescannt"),
        (r"a PDF whose letters are mapped to wrong characters\b.*", "die Buchstaben sind falschen Zeichen zugeordnet"),
        (r"protected by a password\..*", "durch ein Passwort geschützt"),
        (r"protected against copying\..*", "gegen Kopieren geschützt"),
    )
)


def noted(document: Document) -> tuple[UnreadPart, ...]:
    """Return the parts of a document that could not be read, front matter included, as `rag index` reports them."""
    return tuple(UnreadPart(document.path, line) for line in not_read(document))


def beside(
    documents: Mapping[str, Document], citations: Sequence[Citation], evidence: Sequence[EvidenceSentence]
) -> tuple[UnreadPart, ...]:
    """
    Return the unread parts to mention beside an answer.

    Parameters
    ----------
    documents
        All documents by path.
    citations
        Citations of the answer; none if the sources do not answer.
    evidence
        All evidence that was found.

    Returns
    -------
    The unread parts of the documents cited and of the nearest one; for an abstention, those of the few nearest. Parts
    that are hidden in the file do not count, nor do blank pages if there is an answer. At most
    `rag.limits.MOST_UNREAD`.

    """
    nearest = sorted(evidence, key=lambda one: -one.score)[: 1 if citations else NEAREST]
    paths = dict.fromkeys((*(one.path for one in citations), *(one.path for one in nearest)))
    found = (
        UnreadPart(path, what[:LONGEST_UNREAD])
        for path in paths
        if path in documents
        for what in unread(documents[path])
        if not _HIDDEN.match(what) and not (citations and _BLANK.match(what))
    )
    return tuple(part for _, part in zip(range(MOST_UNREAD), found, strict=False))


def unread_at_all(files: Iterable[Skipped], question: str) -> tuple[UnreadPart, ...]:
    """
    Return files that were not read at all and whose names share a word with a question that was not answered.

    Parameters
    ----------
    files
        Files that could not be indexed.
    question
        The question as it was searched for.

    Returns
    -------
    At most `NEAREST` files, those with most words in common first.

    """
    asked = _informative_words(question)
    common = [(len(asked & _informative_words(PurePosixPath(file.path).stem)), file) for file in files]
    nearest = sorted((pair for pair in common if pair[0]), key=lambda pair: (-pair[0], pair[1].path))[:NEAREST]
    return tuple(UnreadPart(file.path, file.reason[:LONGEST_UNREAD]) for _, file in nearest)


def _informative_words(text: str) -> set[str]:
    return {term for term in terms(text.replace("_", " ")) if len(term) >= _LEAST and not term.isdecimal()}


def by_document(parts: Iterable[UnreadPart]) -> dict[str, list[str]]:
    """Group unread parts by the path of their document."""
    found: dict[str, list[str]] = {}
    for part in parts:
        found.setdefault(part.path, []).append(part.what)
    return found


def in_words(what: str, language: str) -> str:
    """
    Return an unread part in words for people.

    Parameters
    ----------
    what
        See `rag.types.UnreadPart`.
    language
        ``de`` or ``en``; notes without a German wording stay as they are.

    Examples
    --------
    >>> in_words("pages 3-5: without text, only a picture", "de")
    'Seite 3–5 (nur ein Bild, kein Text)'

    """
    pages = _PAGES.fullmatch(what)
    if pages is not None:
        which, why = pages["which"].replace("-", "–"), pages["why"]
        if language == "de":
            return f"{_UNITS[pages['unit']]} {which} ({_WHY.get(why, why)})"
        return f"{pages['unit']}{pages['many']} {which} ({why})"
    if language == "de":
        for pattern, german in _GERMAN:
            if found := pattern.fullmatch(what):
                return found.expand(german)
    return what


def listed(parts: Sequence[str], language: str) -> str:
    """Return the first few unread parts of one document in one line, and the number of the others."""
    shown = [in_words(what, language) for what in parts[:SHOWN]]
    if more := len(parts) - SHOWN if len(parts) > SHOWN else 0:
        shown.append(f"{more} weitere" if language == "de" else f"{more} more")
    return "; ".join(shown)


__all__ = ["beside", "by_document", "in_words", "listed", "noted", "unread_at_all"]
