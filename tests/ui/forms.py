"""An engine whose answers have every form: lists, comparisons, summaries, timelines, explanations, talk."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    EvidenceReady,
    Finished,
    Query,
    SentenceChecked,
    Timings,
)
from tests.ui import fakes
from tests.ui.fakes import FIRMS, ITEMS, MONEY, OPEN, STONE, USE, cite, stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.kinds import Kind
    from rag.types import Event

Pair = tuple[AnswerSentence, Citation | None]
# The word in a question that asks for each kind. Without any of them, the last kind is meant.
WORDS: dict[str, Kind] = {
    "Nenne": "list",
    "Vergleiche": "comparison",
    "Fasse": "summary",
    "Chronik": "timeline",
    "Erkläre": "explanation",
    "Danke": "talk",
    "Wetter": "other",
    "": "fact",
}
SIDES = ("Erste Allianz", "Zweite Allianz")
TITLES = tuple(fakes.DOCUMENTS[path].metadata.title for path in ("cambricon.md", "allianz.md"))
DATES = ("2025-07-22", "2025-08", "nach 2026")
SAID = ("Gern geschehen!", "Diese Sammlung handelt von Chips & Allianzen.")
CANNOT = ("Das Wetter kenne ich nicht; ich beantworte Fragen an die Artikel.",)
FOLLOWING = ("Wer gehört zur zweiten Allianz?", "Wann beginnt die <b>Fertigung</b>?")
EVIL = '"><img src=x onerror="window.hacked = 1"> \u202elebeL'


def grouped(group: str, quote: str, *, bold: str = "") -> Pair:
    path = "cambricon.md" if quote in (MONEY, USE, STONE, OPEN) else "allianz.md"
    sentence, citation = stated(cite(path, quote), bold=bold)
    return replace(sentence, group=group), citation


def own(text: str) -> Pair:
    return AnswerSentence(text, 1.0, "kept", (), "app"), None


PLANS: dict[Kind, list[Pair]] = {
    # The last item repeats the first one with different spaces and punctuation.
    "list": [
        grouped("", ITEMS[0], bold="erste Allianz"),
        grouped("", ITEMS[1], bold="zweite Allianz"),
        grouped("", FIRMS),
        (AnswerSentence("Die erste  Allianz baut Chips …", 0.9, "kept", (0,)), cite("allianz.md", FIRMS)),
    ],
    "comparison": [
        grouped(SIDES[0], ITEMS[0], bold="Chips"),
        grouped(SIDES[0], FIRMS, bold="60 Firmen"),
        grouped(SIDES[1], ITEMS[1], bold="Software"),
        grouped("", OPEN),
    ],
    "summary": [
        grouped(TITLES[0], MONEY, bold="bis zu 4 Milliarden Yuan"),
        grouped(TITLES[0], USE),
        grouped(TITLES[1], FIRMS),
    ],
    "timeline": [
        grouped(DATES[0], MONEY),
        grouped(DATES[0], STONE),
        grouped(DATES[1], FIRMS),
        grouped(DATES[2], OPEN),
    ],
    "explanation": [grouped("", MONEY), grouped("", USE), grouped("", FIRMS), grouped("", OPEN)],
    "talk": [own(text) for text in SAID],
    "other": [own(text) for text in CANNOT],
    "fact": [grouped("", FIRMS, bold="60 Firmen")],
}


def kind_of(question: str) -> Kind:
    return next(kind for word, kind in WORDS.items() if word in question)


def answer(kind: Kind, plan: Sequence[Pair] | None = None, *, question: str = "Frage?", **changes: Any) -> Answer:
    """Return an answer of a kind, with its citations numbered in order."""
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    for sentence, cited in PLANS[kind] if plan is None else plan:
        sentences.append(replace(sentence, citations=(len(citations),) if cited else ()))
        citations += [cited] if cited else []
    talk = kind in ("talk", "other")
    values: dict[str, Any] = {
        "question": question,
        "standalone_question": question,
        "text": " ".join(sentence.text for sentence in sentences if sentence.wording != "model"),
        "abstained": False,
        "generated": not talk,
        "language": "de",
        "sentences": tuple(sentences),
        "citations": tuple(citations),
        "evidence": () if talk else (fakes.evidence_sentence("allianz.md", FIRMS),),
        "timings": Timings(100.0, None, 200.0),
        "kind": kind,
        "searched": (3, 3) if kind == "list" else None,
        "following": FOLLOWING,
    }
    return Answer(**{**values, **changes})


class FormsRag(fakes.FakeRag):
    """
    Answers in the form that a word in the question, or the reader, asks for.

    If the question contains "vorläufig", a sentence of the first group comes last and is then withdrawn. If it contains
    "böse", all labels are hostile.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[Kind | None] = []
        # A test that looks at intermediate states sets `steps` and lets one event through at a time.
        self.steps: threading.Semaphore | None = None

    def stream(self, question: str, *, kind: Kind | None = None, **options: Any) -> Iterator[Event]:  # type: ignore[override]
        self.kinds.append(kind)
        self.histories.append(list(options.get("history", ())))
        self.questions.append(question)
        self.fresh.append(options.get("fresh", False))
        return self._forms(question, kind or kind_of(question))

    def _forms(self, question: str, kind: Kind) -> Iterator[Event]:
        plan = PLANS[kind]
        if "böse" in question:
            plan = [(replace(sentence, group=f"{sentence.group}{EVIL}"), cited) for sentence, cited in plan]
        whole = answer(kind, plan, question=question)
        query = Query(question, question, "de", kind=kind)
        yield EvidenceReady(Evidence(whole.evidence, query))
        early = [grouped(plan[0][0].group, STONE)] if "vorläufig" in question else []
        for sentence, cited in (*plan, *early):
            if self.steps is not None:
                self.steps.acquire(timeout=30)
            time.sleep(self.pause)
            yield SentenceChecked(sentence, "kept", (cited,) if cited else ())
        for sentence, _ in early:
            if self.steps is not None:
                self.steps.acquire(timeout=30)
            yield SentenceChecked(replace(sentence, status="withdrawn"), "withdrawn", ())
        if self.steps is not None:
            self.steps.acquire(timeout=30)
        yield Finished(whole)
