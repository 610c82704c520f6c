"""Bound what the pages of a PDF hold together, so that looking at each thing on them ends."""

from __future__ import annotations

from typing import Any

from index.reading.extraction.types import ExtractionError

MAX_CHARACTERS = 6_000_000  # of all pages, blanks and hidden ones too
MAX_NESTED = 1_000_000  # things drawn through forms, on all pages


class Budget:
    """What is left of a file's characters and of the things that its forms draw."""

    def __init__(self) -> None:
        self._characters = MAX_CHARACTERS
        self._things = MAX_NESTED

    def take_things(self, page: Any) -> None:
        """
        Count what a page draws through forms; one that uses another ten times, ten deep, draws billions of things.

        Raises
        ------
        ExtractionError
            The forms of the file draw more than `MAX_NESTED`.

        """
        from pypdfium2 import raw  # noqa: PLC0415 - an extra

        waiting = [
            thing
            for number in range(raw.FPDFPage_CountObjects(page))
            if raw.FPDFPageObj_GetType(thing := raw.FPDFPage_GetObject(page, number)) == raw.FPDF_PAGEOBJ_FORM
        ]
        while waiting:
            form = waiting.pop()
            count = max(0, raw.FPDFFormObj_CountObjects(form))
            self._things -= count
            if self._things < 0:
                raise ExtractionError(
                    f"a PDF whose forms draw more than {MAX_NESTED / 1e6:g} million things.",
                    hint="Print it to a new PDF.",
                    kind="too_large",
                )
            for number in range(count):
                thing = raw.FPDFFormObj_GetObject(form, number)
                if thing and raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_FORM:
                    waiting.append(thing)

    def take_characters(self, textpage: Any) -> None:
        """
        Count the characters of a page.

        Raises
        ------
        ExtractionError
            The pages so far have more than `MAX_CHARACTERS`.

        """
        self._characters -= textpage.count_chars()
        if self._characters < 0:
            raise ExtractionError(
                f"more than {MAX_CHARACTERS / 1e6:g} million characters.", hint="Split the file.", kind="too_large"
            )
