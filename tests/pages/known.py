"""
Set the twenty documents of `tests/pages/known` again, and write the text that a person reads beside each one.

    python -m tests.pages.known [NAME ...]

Needs Chromium, LaTeX (with German) and LibreOffice. `bench/reading/pages.py` compares what is read with these texts.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

from tests.pages.documents import DOCUMENTS, Block, Columns, Grid, Heading, Items, Margin, Picture, Text
from tests.pages.programs import made

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_READ = 2  # pages
FOLDER = Path(__file__).parent / "known"
_NOTE = re.compile(r"\{\{(.*?)\}\}")


def reading(blocks: Sequence[Block], numbers: Iterator[int] | None = None, *, named: bool = True) -> Iterator[str]:
    """Yield the paragraphs of blocks as they are read: notes follow their paragraph, values their column name."""
    numbers = iter(range(1, 100)) if numbers is None else numbers
    for block in blocks:
        match block:
            case Heading() | Margin():
                yield block.text
            case Picture():
                yield block.caption
            case Items():
                yield from block.texts
            case Columns():
                yield from reading(block.blocks, numbers, named=named)
            case Text():
                notes = [(next(numbers), note) for note in _NOTE.findall(block.text)]
                marks = iter(notes)
                yield _NOTE.sub(lambda _, marks=marks: f" [{next(marks)[0]}]", block.text).replace("‖", "")
                yield from (f"[{number}] {note}" for number, note in notes)
            case Grid():
                if block.caption:
                    yield block.caption
                names = block.rows[0]
                yield " ".join(names)
                for first, *values in block.rows[1:]:
                    yield " ".join(
                        [
                            first,
                            *(
                                f"{name}: {value}" if named else value
                                for name, value in zip(names[1:], values, strict=True)
                                if value
                            ),
                        ]
                    )


def main(names: Sequence[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for document in DOCUMENTS:
        if names and document.name not in names:
            continue
        data = made(document)
        pages = len(pypdfium2.PdfDocument(data))
        # The head of the pages is read once. In longer documents it only repeats the title and is not read.
        head = [document.head] if document.head and pages <= MOST_READ else []
        text = "\n\n".join([*head, *reading(document.blocks)]) + "\n"
        (FOLDER / f"{document.name}.txt").write_text(text, encoding="utf-8")
        (FOLDER / f"{document.name}.pdf").write_bytes(data)
        print(document.name, (FOLDER / f"{document.name}.pdf").stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
