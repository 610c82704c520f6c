"""An engine that answers from canned texts, event by event, as fast or as slowly as a test wants."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

from index.errors import BusyError, CorpusError, IndexDamagedError, ModelError, QuestionError
from index.storage.protocols import Described
from index.types import Document, Metadata
from rag.calibrating.types import Standing
from rag.exploring.about import About, NamedArticle
from rag.exploring.examples import Example
from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    Evidence,
    EvidenceReady,
    EvidenceSentence,
    Finished,
    Query,
    Role,
    SentenceChecked,
    Timings,
    UnreadPart,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FRONT = '---\ntitle: "Cambricon"\nsource: IT-Markt\n---\n\n'
CAMBRICON = (
    FRONT + "# Cambricon will Milliarden aufnehmen\n\n"
    "Der chinesische Chiphersteller Cambricon 🐉 will über eine Privatplatzierung "
    "bis zu 4 Milliarden Yuan aufnehmen. Das Geld soll in die Entwicklung von KI-Chips fließen.\r\n\r\n"
    "Die Aktie stieg „kräftig“. Der Vorstand sprach von einem Meilenstein 𝔐 für das Unternehmen.\n\n"
    "## Hintergrund\n\n"
    + "Die Nachfrage nach heimischen Beschleunigern wächst, seit Ausfuhren beschränkt sind. " * 30
    + "\n\nAm Ende bleibt offen, wann die Fertigung beginnt.\n"
)
HOSTILE = (
    "Titel <script>window.hacked = 1</script>\n\n"
    'Satz mit <img src=x onerror="window.hacked = 1"> und [Verweis](javascript:window.hacked=1) und $x^2$. '
    "`${window.hacked = 1}` {{constructor}} \u202edrehtum\u202c & \"Zeichen\" 'einfach'.\n"
)


def make_document(path: str, text: str, *, title: str, source: str = "", date: str = "") -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(path, text, Metadata(title, source, date, "de"), digest)


DOCUMENTS = {
    document.path: document
    for document in (
        make_document(
            "cambricon.md",
            CAMBRICON,
            title="Cambricon will Milliarden aufnehmen",
            source="IT-Markt",
            date="2025-07-22",
        ),
        make_document("hostile.md", HOSTILE, title='<b onclick="x()">Titel</b> \u202etfel'),
        make_document(
            "allianz.md",
            "Huawei und Co. schmieden KI-Block\n\n"
            "Zwei Allianzen koordinieren die Strategie. Rund 60 Firmen sind dabei.\n\n"
            "- Die erste Allianz baut Chips.\n- Die zweite Allianz\n  schreibt Software.\n",
            title="Huawei und Co. schmieden KI-Block",
            source="DataCenter-Insider",
        ),
    )
}


def find(path: str, quote: str) -> tuple[int, int]:
    start = DOCUMENTS[path].text.index(quote)
    return start, start + len(quote)


def cite(path: str, quote: str) -> Citation:
    document = DOCUMENTS[path]
    return Citation(path, *find(path, quote), quote, document.metadata.title, document.sha256)


def stated(
    citation: Citation,
    *,
    bold: str = "",
    status: Verdict = "kept",
    before: str = "",
    after: str = "",
    role: Role = "answer",
) -> tuple[AnswerSentence, Citation]:
    """Return a sentence that quotes its source, and the citation."""
    text = f"{before}{citation.quote}{after}"
    at = text.index(bold)
    emphasis = ((at, at + len(bold)),) if bold else ()
    return AnswerSentence(text, 0.9, status, (0,), "source", emphasis, role), citation


def evidence_sentence(path: str, quote: str, score: float = 0.8) -> EvidenceSentence:
    return EvidenceSentence(path, *find(path, quote), quote, DOCUMENTS[path].metadata.title, score)


MONEY = (
    "Der chinesische Chiphersteller Cambricon 🐉 will über eine Privatplatzierung bis zu 4 Milliarden Yuan aufnehmen."
)
USE = "Das Geld soll in die Entwicklung von KI-Chips fließen."
STONE = "Der Vorstand sprach von einem Meilenstein 𝔐 für das Unternehmen."
FIRMS = "Rund 60 Firmen sind dabei."
OPEN = "Am Ende bleibt offen, wann die Fertigung beginnt."
LEAD = "Der chinesische Chiphersteller Cambricon 🐉"
HEADING = "Huawei und Co. schmieden KI-Block"
CLAUSE = "will über eine Privatplatzierung bis zu 4 Milliarden Yuan aufnehmen"
ITEMS = ("Die erste Allianz baut Chips.", "Die zweite Allianz\n  schreibt Software.")
IN_ENGLISH = "The money is to go into the development of AI chips."
UNREAD = UnreadPart("cambricon.md", "pages 3-5: without text, only a picture")
ATTACK = DOCUMENTS["hostile.md"].text.split("\n\n")[1].strip()


ERRORS = {
    "modelllos": ModelError("The weights of x are missing.", hint="Run `rag models`."),
    "besetzt": BusyError(waiting=7),
    "indexlos": IndexDamagedError("The index in .rag is damaged.", hint="Run `rag index --rebuild`."),
}


def _pointing_back(question: str) -> list[tuple[AnswerSentence, Citation | None]]:
    """Return a sentence after the context it refers to; on request, one below a heading, too, and a translation."""
    plan: list[tuple[AnswerSentence, Citation | None]] = [
        stated(cite("cambricon.md", LEAD), after=" …", role="context"),
        stated(cite("cambricon.md", USE), bold="KI-Chips"),
    ]
    if "Werte" in question:
        plan += [
            stated(cite("allianz.md", HEADING), role="context"),
            stated(cite("allianz.md", FIRMS), bold="60 Firmen"),
        ]
    if "English" in question:
        plan.append((AnswerSentence(IN_ENGLISH, 0.0, "marked", (), "model"), None))
    return plan


def _plan(question: str) -> list[tuple[AnswerSentence, Citation | None]]:
    """Return the sentences for a question in order, each with its citation if it has one."""
    refused: tuple[AnswerSentence, None] = (AnswerSentence(OPEN, 0.1, "withdrawn"), None)
    if "abwesend" in question:
        return [refused]
    if "hostile" in question:
        return [stated(cite("hostile.md", ATTACK))]
    if "Bezug" in question:
        return _pointing_back(question)
    if "ungelesen" in question:
        return [stated(replace(cite("cambricon.md", USE), also=("kopie.md", ".uploads/b.md")), bold="KI-Chips")]
    if "Liste" in question:
        return [stated(cite("allianz.md", item)) for item in ITEMS]
    if "Auszug" in question:
        return [stated(cite("cambricon.md", CLAUSE), bold="4 Milliarden Yuan", before="… ", after=" …")]
    if "English" in question:
        translation = AnswerSentence(IN_ENGLISH, 0.0, "marked", (), "model")
        return [stated(cite("cambricon.md", USE), bold="KI-Chips"), (translation, None)]
    return [
        stated(cite("cambricon.md", MONEY), bold="bis zu 4 Milliarden Yuan"),
        refused,
        stated(cite("cambricon.md", USE)),
        stated(cite("cambricon.md", STONE), status="marked"),
        stated(cite("allianz.md", FIRMS), bold="60 Firmen"),
    ]


class FakeRag:
    """The methods of `rag.RAG` that the app uses. The question's words choose what happens."""

    def __init__(self, *, pause: float = 0.0) -> None:
        self.settings = SimpleNamespace(answering=SimpleNamespace(max_question_chars=4000))
        self.pause = pause
        self.histories: list[list[tuple[str, str]]] = []
        self.asked: list[tuple[str, list[tuple[str, str]], object]] = []
        self.questions: list[str] = []
        self.clients: list[object] = []
        self.fresh: list[bool] = []
        self.closed = threading.Event()
        # A test that looks at an intermediate state clears these events, and sets them to go on.
        self.may_write = threading.Event()
        self.may_check = threading.Event()
        self.may_go_on = threading.Event()
        self.may_write.set()
        self.may_check.set()
        self.may_go_on.set()
        self.finished = threading.Event()

    fingerprints: dict[str, str] = {}  # noqa: RUF012 - a fake

    def suggestions(self) -> list[object]:
        return []

    def warm_up(self) -> None:
        pass

    def calibration(self) -> Standing:
        return Standing("none", 0.5)

    def about(self) -> About:
        named = tuple(NamedArticle(one.path, one.metadata.title, one.metadata.date) for one in DOCUMENTS.values())
        return About(len(named) + 2, named, ("KI-Chips", "Cambricon <b>"), "2025-05-08", "2025-08-01", 2, ("IT-Markt",))

    def examples(self, language: str) -> tuple[Example, ...]:
        title = DOCUMENTS["cambricon.md"].metadata.title
        asked = {"de": f"Fasse den Artikel „{title}“ zusammen.", "en": f"Summarise the article “{title}”."}[language]
        other = {"de": "Vergleiche Huawei und Cambricon.", "en": "Compare Huawei and Cambricon."}[language]
        return Example("summary", asked, "cambricon.md"), Example("comparison", other)

    def documents(self) -> list[Document]:
        return list(DOCUMENTS.values())

    def listed(self, collection: str = "articles") -> list[Described]:
        return [Described(one.path, one.metadata) for one in self.documents()]

    def mentions(self, words: Sequence[str]) -> dict[str, frozenset[str]]:
        texts = {one.path: one.text.casefold() for one in self.documents()}
        return {path: found for path, text in texts.items() if (found := frozenset(w for w in words if w in text))}

    def document(self, path: str) -> Document:
        try:
            return {one.path: one for one in self.documents()}[path]
        except KeyError as error:
            raise CorpusError("There is no such article.") from error

    def stream(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        filter: object = None,  # noqa: A002
        kind: object = None,
        fresh: bool = False,
        client: object = None,
    ) -> Iterator[Event]:
        self.fresh.append(fresh)
        self.asked.append((question, list(history), client))
        self.questions.append(question)
        self.histories.append(list(history))
        if len(question) > 2000:
            raise QuestionError("The question has more than 2000 characters.", hint="Shorten it.")
        self.clients.append(client)
        for word, error in ERRORS.items():
            if word in question:
                raise error
        if "kaputt" in question:
            raise ZeroDivisionError("secret detail")
        return self._events(question, history)

    def _events(self, question: str, history: Sequence[tuple[str, str]]) -> Iterator[Event]:
        try:
            yield from self._answer(question, history)
            self.finished.set()
        except GeneratorExit:
            self.closed.set()
            raise

    def _answer(self, question: str, history: Sequence[tuple[str, str]]) -> Iterator[Event]:
        hostile, absent = "hostile" in question, "abwesend" in question
        paths = [("hostile.md", ATTACK)] if hostile else [("cambricon.md", MONEY), ("cambricon.md", USE)]
        evidence = tuple(evidence_sentence(*item) for item in (*paths, ("allianz.md", FIRMS)))
        standalone = f"{question} (Cambricon)" if history else question
        query = Query(question, standalone, "en" if "English" in question else "de", tuple(history))
        yield EvidenceReady(Evidence(evidence, query))
        self.may_write.wait(30)
        time.sleep(self.pause)
        plan = _plan(question)
        for place in dict.fromkeys((plan[0][0].text, OPEN)):
            time.sleep(self.pause)
            yield Delta(place)
        self.may_check.wait(30)
        sentences: list[AnswerSentence] = []
        citations: list[Citation] = []
        for number, (sentence, cited) in enumerate(plan):
            time.sleep(self.pause)
            if number:
                self.may_go_on.wait(30)
            yield SentenceChecked(sentence, sentence.status, (cited,) if cited else ())
            if sentence.status == "withdrawn":
                continue
            sentences.append(replace(sentence, citations=(len(citations),) if cited else ()))
            citations += [cited] if cited else []
        theirs = [sentence for sentence in sentences if sentence.wording == "source"]
        text = " ".join(sentence.text for sentence in theirs)
        yield Finished(
            Answer(
                question,
                standalone,
                text or "Dazu steht nichts in den Quellen.",
                abstained=absent,
                generated="wörtlich" not in question,
                language="en" if "English" in question else "de",
                sentences=tuple(sentences),
                citations=tuple(citations),
                evidence=evidence,
                timings=Timings(180.0, 2100.0, 12345.0),
                models={"embedding": "e5", "llm": "Qwen2.5-1.5B-Instruct int4"},
                unread=(UNREAD,) if "ungelesen" in question else (),
            )
        )
