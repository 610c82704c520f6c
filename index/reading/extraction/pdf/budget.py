"""Bound how much all pages of a PDF may hold, so that going through every object on them ends."""

from __future__ import annotations

from typing import Any

from index.reading.extraction.types import ExtractionError

MAX_CHARACTERS = 6_000_000  # on all pages, including blanks and hidden ones
MAX_NESTED = 1_000_000  # objects drawn through forms, on all pages


class Budget:
    """How many characters, and objects drawn by forms, a file may still have."""

    def __init__(self) -> None:
        self._characters = MAX_CHARACTERS
        self._things = MAX_NESTED

    def take_things(self, page: Any) -> None:
        """
        Count the objects that a page draws through forms; forms that use another ten times, ten deep, draw billions.

        Raises
        ------
        ExtractionError
            If the forms of the file draw more than `MAX_NESTED`.

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
            If the pages so far have more than `MAX_CHARACTERS`.

        """
        self._characters -= textpage.count_chars()
        if self._characters < 0:
            raise ExtractionError(
                f"more than {MAX_CHARACTERS / 1e6:g} million characters.", hint="Split the file.", kind="too_large"
            )
