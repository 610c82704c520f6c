"""Where the characters are on the pages of a PDF, read with PDFium alone, to check rectangles against."""

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
    """A character of a page as PDFium reads it, and its place on the page as it is displayed."""

    text: str
    box: Rectangle

    def within(self, rectangles: Sequence[Rectangle]) -> bool:
        """Tell whether the centre of the character is in one of the rectangles."""
        x, y = (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2
        return any(one.left <= x <= one.right and one.top <= y <= one.bottom for one in rectangles)


def seen(data: bytes, number: int) -> list[Seen]:
    """Return the characters of a page in the order of the file, read with PDFium alone."""
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
    """Split characters into words, at everything that is neither a letter nor a digit."""
    found: list[list[Seen]] = [[]]
    for one in characters:
        if one.text.isalnum():
            found[-1].append(one)
        elif found[-1]:
            found.append([])
    return [word for word in found if word]


def letters_of(text: str) -> list[str]:
    """Return the letters of a text, without accents and with ligatures split."""
    return [letter for one in text for letter in letters_in(one)]
