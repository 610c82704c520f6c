"""
An answer as a growing text: whatever has been written stays unchanged, so that it can be sent at once.

Each sentence is followed by the numbers of its citations, and the files are listed at the end, for clients that do not
know annotations. Only checked sentences are written, no provisional words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.types.arrangement import ITEMISED
from ui.render.texts import DE, EN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.kinds.types import Kind
    from rag.types import Answer, AnswerSentence, Citation
    from ui.render.texts import Texts


@dataclass(frozen=True, slots=True)
class Mark:
    """
    A citation in the text.

    Parameters
    ----------
    start, end
        Range of the sentence in the written text, in code points.
    number
        As written in brackets.
    citation
        Source of the words.

    """

    start: int
    end: int
    number: int
    citation: Citation


class Writer:
    """
    Writes an answer, sentence by sentence.

    Parameters
    ----------
    kind
        Kind of the answer: a list has its items below each other.
    language
        ``de`` or ``en``, for the few words around the sources' own.

    Attributes
    ----------
    text
        What has been written.
    marks
        The citations in it, in order.

    """

    def __init__(self, kind: Kind | None, language: str) -> None:
        self.text = ""
        self.marks: list[Mark] = []
        self._kind = kind
        self._texts: Texts = EN if language == "en" else DE
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._listed: dict[int, Citation] = {}
        self._group = ""
        self._said: set[tuple[str, str]] = set()
        self._waiting: list[tuple[AnswerSentence, Sequence[Citation]]] = []

    def add(self, sentence: AnswerSentence, citations: Sequence[Citation]) -> str:
        """Write a sentence and return the new text; a context sentence is written only with the next sentence."""
        if sentence.status == "withdrawn":
            return ""
        before = len(self.text)
        for citation in citations:
            self._number(citation)
        if sentence.wording == "app":
            self._write(f" {_line(sentence.text)}" if self.text else _line(sentence.text))
        elif sentence.wording == "model":
            self._flush()
            self._paragraph(f"{self._texts.translation}: {_line(sentence.text)}")
        else:
            self._waiting.append((sentence, citations))
            if sentence.role == "answer":
                self._flush()
        return self.text[before:]

    def end(self, answer: Answer) -> str:
        """Write the end and return it: a refusal, what is not answered, the list of files."""
        before = len(self.text)
        self._flush()
        if not self.text:
            self._write(_line(answer.text))
        for part in answer.unanswered:
            part = _line(part)  # noqa: PLW2901 - the same, on one line
            self._paragraph(f"{self._texts.silent_on}: {part}" if part.endswith("?") else part)
        if self._listed:
            rows = [f"- [{number}] {self._place(citation)}" for number, citation in sorted(self._listed.items())]
            self._paragraph("\n".join((f"{self._texts.sources}:", *rows)))
        return self.text[before:]

    def _flush(self) -> None:
        """Write a sentence with its context, unless a list has the same item already."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        last = waiting[-1][0]
        key = last.group, _line(last.text).casefold()
        itemised = self._kind in ITEMISED
        if itemised and key in self._said:
            return
        self._said.add(key)
        dated = self._kind == "timeline"
        if last.group and last.group != self._group and not dated:
            self._paragraph(f"{_line(last.group)}:")
        fresh = last.group == self._group or dated
        self._group = last.group
        if itemised:
            self._write("\n" if self.text else "")
            self._write(f"- {_line(last.group)}: " if dated and last.group else "- ")
        elif self.text:
            self._write("\n\n" if fresh else "\n")
        for number, (sentence, citations) in enumerate(waiting):
            self._write(" " if number else "")
            self._sentence(sentence, citations)

    def _sentence(self, sentence: AnswerSentence, citations: Sequence[Citation]) -> None:
        start = len(self.text)
        self._write(_line(sentence.text))
        end = len(self.text)
        numbers = list(dict.fromkeys(self._number(citation) for citation in citations))
        if numbers:
            self._write(" " + "".join(f"[{number}]" for number in numbers))
        if sentence.status == "marked":
            self._write(f" ({self._texts.partly if numbers else self._texts.bare})")
        for citation in citations:
            number = self._number(citation)
            self._listed.setdefault(number, citation)
            self.marks.append(Mark(start, end, number, citation))

    def _number(self, citation: Citation) -> int:
        """Return the number of a citation: its position among those of the answer."""
        place = citation.path, citation.start, citation.end
        return self._numbers.setdefault(place, len(self._numbers) + 1)

    def _place(self, citation: Citation) -> str:
        page = f", {self._texts.page} {citation.page_label or citation.page}" if citation.page else ""
        where = f"{self._texts.characters} {citation.start}–{citation.end}"
        return f"{_line(citation.title)} ({_line(citation.path)}{page}, {where})"

    def _paragraph(self, text: str) -> None:
        self._write(f"\n\n{text}" if self.text else text)

    def _write(self, text: str) -> None:
        self.text += text


def _line(text: str) -> str:
    return " ".join(text.split())
