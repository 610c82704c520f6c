"""What stands where on the pages of a PDF, by PDFium alone, to compare rectangles with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.reading.extraction.pages.drawing import view_of
from index.reading.extraction.pages.glyphs import letters_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pages.types import Rectangle


@dataclass(frozen=True)
class Seen:
    """A character of a page as PDFium has it, and where it is seen."""

    text: str
    box: Rectangle

    def within(self, rectangles: Sequence[Rectangle]) -> bool:
        """Whether its middle lies in one of them."""
        x, y = (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2
        return any(one.left <= x <= one.right and one.top <= y <= one.bottom for one in rectangles)


def seen(data: bytes, number: int) -> list[Seen]:
    """The characters of a page in the order of the file, by PDFium alone."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument(data)
    page = pdf[number]
    textpage = page.get_textpage()
    view = view_of(page)
    found = [
        Seen(
            chr(pypdfium2.raw.FPDFText_GetUnicode(textpage, place)), view.seen(textpage.get_charbox(place, loose=True))
        )
        for place in range(textpage.count_chars())
    ]
    pdf.close()
    return found


def words_of(characters: Sequence[Seen]) -> list[list[Seen]]:
    """Words by the blanks between them, without signs."""
    found: list[list[Seen]] = [[]]
    for one in characters:
        if one.text.isalnum():
            found[-1].append(one)
        elif found[-1]:
            found.append([])
    return [word for word in found if word]


def letters_of(text: str) -> list[str]:
    """The letters of a text, without accents and as if none were joined."""
    return [letter for one in text for letter in letters_in(one)]
