"""
Compare an answer with the files that it names, and with itself.

What is compared: each quote with its characters in the file of that digest, each sentence in the sources' wording with
its quote, and the answer's text with its sentences. What the program or a model says in its own words, and what only
the search knows, is reported as unchecked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.locale import each
from rag.grounding.clause import ELLIPSIS, marked_cuts
from rag.receipts.types import Finding, Report
from rag.types import AnswerSentence
from rag.types.arrangement import as_text

if TYPE_CHECKING:
    from index.types import Document
    from rag.receipts.claims import Claim, ClaimedCitation, ClaimedSentence
    from rag.receipts.types import Level, Sources, State

_TALK = frozenset({"talk", "other"})
_LONGEST_SHOWN = 60
_TOGETHER = " · "  # separates the sides of a comparison, see `rag.composing.compose`
_YEAR = re.compile(r" \(\d{1,4}\)\Z")  # follows a time that the sentence names without its year


def check(claim: Claim, sources: Sources) -> Report:
    """
    Check an answer.

    Parameters
    ----------
    claim
        From `rag.receipts.claims.read`.
    sources
        The files, or an open index.

    Raises
    ------
    RagError
        A path is not one that a document can have.

    """
    checking = _Checking(claim, sources)
    checking.page()
    for number in range(len(claim.answer.citations)):
        checking.citation(number)
    checking.sentences()
    checking.text()
    checking.rest()
    return Report(len(claim.answer.citations), checking.standing, tuple(checking.findings), checking.files)


class _Checking:
    def __init__(self, claim: Claim, sources: Sources) -> None:
        self._claim = claim
        self._answer = claim.answer
        self._sources = sources
        self._unchanged: dict[str, Document] = {}
        self.findings: list[Finding] = []
        self.files: dict[str, State] = {}
        self.standing = 0

    def page(self) -> None:
        """Report a receipt whose page differs from the one that its data gives."""
        if self._claim.altered:
            self._add("broken", "page", f"line {self._claim.altered} is not what the answer kept in it gives")

    def citation(self, number: int) -> None:
        """Compare a quote with the file."""
        cited = self._answer.citations[number]
        where = f"citations[{number}]"
        if not 0 <= cited.start < cited.end or cited.end - cited.start != len(cited.quote):
            self._add(
                "broken",
                where,
                f"the range {cited.start}:{cited.end} is not that of a quote of {len(cited.quote)} characters",
            )
            return
        found = self._sources.find(cited.path, cited.document_sha256)
        self.files[cited.path] = found.state
        if found.document is None:
            self._add("unknown", where, f"{cited.path}: {found.reason}")
            return
        text = found.document.text
        stands = text[cited.start : cited.end] == cited.quote
        if found.state == "changed":
            self._changed(where, cited, found.document, stands=stands)
        elif stands:
            self.standing += 1
            self._unchanged[cited.path] = found.document
            self._known(where, cited, found.document)
            self._surroundings(number, text)
        else:
            place = _nearest(text, cited)
            instead = "is nowhere in the file" if place is None else f"stands at {place}:{place + len(cited.quote)}"
            self._add(
                "broken",
                where,
                f"{cited.path}: the quote does not stand at {cited.start}:{cited.end}; it {instead}: "
                f"{_cut(cited.quote)}",
            )

    def _changed(self, where: str, cited: ClaimedCitation, document: Document, *, stands: bool) -> None:
        place = cited.start if stands else _nearest(document.text, cited)
        if place is None:
            self._add(
                "broken", where, f"{cited.path}: the file has changed since; the quote is gone: {_cut(cited.quote)}"
            )
            return
        now = f"{place}:{place + len(cited.quote)}"
        how = f"still stands at {now}" if stands else f"moved to {now}"
        self._add("unknown", where, f"{cited.path}: the file has changed since; the quote {how}")

    def _known(self, where: str, cited: ClaimedCitation, document: Document) -> None:
        """Compare what a citation says about its document."""
        page = document.page(cited.start)
        said = (
            ("title", cited.title, document.metadata.title),
            ("page", cited.page, page),
            ("page_label", cited.page_label or "", document.label(page)),
            ("machine_read", cited.machine_read, document.is_machine_read(cited.start, cited.end)),
        )
        for name, told, there in said:
            if told != there:
                self._add("broken", f"{where}.{name}", f"{cited.path}: says {_cut(told)}, the file says {_cut(there)}")

    def _surroundings(self, number: int, text: str) -> None:
        if not self._claim.receipt:
            return
        cited = self._answer.citations[number]
        before, behind = self._claim.surroundings[number]
        start = cited.start - len(before)
        around = text[max(0, start) : cited.end + len(behind)]
        if start < 0 or around != before + cited.quote + behind:
            where = f"surroundings[{number}]"
            self._add("broken", where, f"{cited.path}: what stands around the quote is not what stands there")

    def sentences(self) -> None:
        """Compare the sentences in the sources' wording with their quotes."""
        for number, sentence in enumerate(self._answer.sentences):
            where = f"sentences[{number}]"
            if any(cited >= len(self._answer.citations) for cited in sentence.citations):
                self._add("broken", where, "names a citation that the answer does not have")
            elif sentence.wording == "source":
                self._quoted(where, sentence)
            elif sentence.citations or (sentence.wording == "app" and self._answer.kind not in _TALK):
                self._add(
                    "broken", where, f"words of the {_said_by(sentence)} that are shown as an answer of the sources"
                )
            elif sentence.wording == "model" and sentence.status == "kept":
                self._add("broken", where, "words of the language model that count as carried by a source")
            elif sentence.status != "withdrawn":
                what = f"in the words of the {_said_by(sentence)}: {_cut(sentence.text)}"
                self._add("unchecked", where, what)
            ranges = sentence.emphasis
            ordered = [0, *(offset for one in ranges for offset in one), len(sentence.text)]
            if sentence.group and not self._is_label(sentence):
                self._add("broken", f"{where}.group", f"a label of nobody's words: {_cut(sentence.group)}")
            if any(len(one) != 2 for one in ranges) or ordered != sorted(ordered):
                self._add("broken", f"{where}.emphasis", "ranges that are out of order or leave the sentence")

    def _quoted(self, where: str, sentence: ClaimedSentence) -> None:
        if sentence.status == "withdrawn":
            return
        if self._answer.kind == "talk":
            self._add("broken", where, "a talk has no sentences of a source")
        if not sentence.citations:
            self._add("broken", where, f"in the sources' wording, but without a citation: {_cut(sentence.text)}")
        for number in sentence.citations:
            cited = self._answer.citations[number]
            if sentence.text not in self._forms(cited, sentence):
                what = f"is not the quote of citations[{number}]: {_cut(sentence.text)}"
                self._add("broken", where, what)

    def _is_label(self, sentence: ClaimedSentence) -> bool:
        """Tell whether a sentence's label is its article's title or date, a time it names, or a side asked for."""
        label, asked = sentence.group, f"{self._answer.question}\n{self._answer.standalone_question}"
        of_group = {number for one in self._answer.sentences if one.group == label for number in one.citations}
        cited = [one for number, one in enumerate(self._answer.citations) if number in of_group]
        known = [self._unchanged[one.path] for one in cited if one.path in self._unchanged]
        if label in {one.title for one in cited} or label in {one.metadata.date for one in known}:
            return True
        if self._answer.kind == "comparison":
            return all(side in asked for side in label.split(_TOGETHER))
        return self._answer.kind == "timeline" and any(_YEAR.sub("", label) in one.quote for one in cited)

    def _forms(self, cited: ClaimedCitation, sentence: ClaimedSentence) -> set[str]:
        """Return the ways to show a quote: with an ellipsis where the evidence has more of the sentence."""
        document = self._unchanged.get(cited.path)
        for whole in self._answer.evidence if sentence.role == "answer" and document is not None else ():
            inside = whole.path == cited.path and whole.start <= cited.start and cited.end <= whole.end
            if inside and document is not None and document.text[whole.start : whole.end] == whole.text:
                return {marked_cuts(whole.text, cited.start - whole.start, cited.end - whole.start)}
        quote = cited.quote
        behind = f"{quote} {ELLIPSIS}"
        return {quote, behind, f"{ELLIPSIS} {quote}", f"{ELLIPSIS} {behind}"}

    def text(self) -> None:
        """Compare the answer's text with its sentences, or with the abstention text if there is no answer."""
        shown = [
            AnswerSentence(one.text, 1.0, "kept", role=one.role)
            for one in self._answer.sentences
            if one.status != "withdrawn" and one.wording != "model"
        ]
        if not self._answer.abstained:
            # Earlier versions repeated the context of a comparison's sentences.
            if self._answer.answer not in {as_text(shown), " ".join(one.text for one in shown)}:
                self._add("broken", "answer", f"is not its sentences: {_cut(self._answer.answer)}")
            return
        if shown:
            self._add("broken", "sentences", "the answer says that the sources hold none, and has sentences")
        if self._answer.answer != each("prompts.abstention").get(self._answer.language):
            self._add("broken", "answer", f"is not what is said where there is no answer: {_cut(self._answer.answer)}")

    def rest(self) -> None:
        """Compare the evidence if its file is known, and report what is not checked."""
        unknown: set[str] = set()
        for number, one in enumerate(self._answer.evidence):
            document = self._unchanged.get(one.path)
            if document is None:
                unknown.add(one.path)
            elif not 0 <= one.start < one.end or document.text[one.start : one.end] != one.text:
                self._add("broken", f"evidence[{number}]", f"{one.path}: does not stand at {one.start}:{one.end}")
        if unknown:
            self._add("unchecked", "evidence", f"of {len(unknown)} files that the answer does not cite")
        if any(one.also_in for one in self._answer.citations):
            self._add("unchecked", "citations", "other files that are said to have the same words")
        if self._answer.unanswered:
            self._add("unchecked", "unanswered", "that the sources are silent on a part of the question")

    def _add(self, level: Level, where: str, what: str) -> None:
        self.findings.append(Finding(level, where, what))


def _said_by(sentence: ClaimedSentence) -> str:
    return "language model" if sentence.wording == "model" else "program"


def _nearest(text: str, cited: ClaimedCitation) -> int | None:
    """Return where a quote stands in a text, nearest to its old place; None if it is not there."""
    behind = text.find(cited.quote, cited.start)
    before = text.rfind(cited.quote, 0, cited.start + len(cited.quote))
    found = [place for place in (before, behind) if place >= 0]
    return min(found, key=lambda place: abs(place - cited.start)) if found else None


def _cut(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
