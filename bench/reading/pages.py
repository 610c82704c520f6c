"""
Compare the text extracted from twenty PDFs with what they say: the share of words that are wrong.

    python -m bench.reading.pages [--show] [NAME ...]

The pages are those of `tests/pages/known`, set with a browser, LaTeX and LibreOffice: one to three columns, running
heads, footnotes, tables, captions, notes in the margin. Errors are words left out, added or changed, divided by the
number of known words (word error rate). ``--show`` prints each place where the two differ.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from index.reading.extraction.pdf import extract

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).parents[2] / "tests" / "pages" / "known"
# Signs that only mark structure in the extracted text: headings, items, cells, and the brackets around notes.
_STRUCTURE = str.maketrans({"|": " ", "#": " ", "[": " ", "]": " "})


@dataclass(frozen=True, slots=True)
class Errors:
    """The number of wrong words, and of all words."""

    wrong: int
    words: int

    @property
    def rate(self) -> float:
        """The share of wrong words."""
        return self.wrong / max(1, self.words)


def words(text: str) -> list[str]:
    """Return the words of a text, without the signs that stand for structure."""
    return [word for word in text.translate(_STRUCTURE).split() if word != "-"]


def compared(known: str, read: str) -> Errors:
    """Count the least number of words to leave out, add or change to turn one text into the other."""
    wanted, found = words(known), words(read)
    row = list(range(len(found) + 1))
    for place, word in enumerate(wanted, start=1):
        before, row[0] = row[0], place
        for other, against in enumerate(found, start=1):
            before, row[other] = (
                row[other],
                min(row[other] + 1, row[other - 1] + 1, before + (word != against)),
            )
    return Errors(row[-1], len(wanted))


def measured(name: str) -> tuple[Errors, str, str]:
    """Return the errors in the text extracted from a document, what it says, and what was extracted."""
    known = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    read = extract((FOLDER / f"{name}.pdf").read_bytes()).text
    return compared(known, read), known, read


def _differences(known: str, read: str) -> None:
    wanted, found = words(known), words(read)
    for kind, one, end, other, last in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if kind != "equal":
            print(f"    {' '.join(wanted[one:end])[:300] or '–'}  ->  {' '.join(found[other:last])[:300] or '–'}")


def main(names: Sequence[str], *, show: bool) -> None:
    wrong = total = 0
    for name in names or sorted(path.stem for path in FOLDER.glob("*.pdf")):
        errors, known, read = measured(name)
        wrong, total = wrong + errors.wrong, total + errors.words
        print(f"{name:14} {errors.words:5} words {errors.wrong:4} wrong {100 * errors.rate:6.2f} %")
        if show:
            _differences(known, read)
    print(f"{'all':14} {total:5} words {wrong:4} wrong {100 * wrong / max(1, total):6.2f} %")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--show", action="store_true", help="print each place where the two differ")
    given = parser.parse_args()
    main(given.names, show=given.show)
