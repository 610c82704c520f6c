"""Readers' feedback on answers: taken from the page, checked, and kept in a file on this machine."""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import gradio as gr
from pydantic import Field

from index.errors import RagError
from rag.evaluation.feedback import Feedback, FeedbackFile, Reason, as_case, check_case
from rag.settings import Settings
from ui.conversation.engine import Engine
from ui.conversation.extension import Function
from ui.conversation.handlers import texts_of
from ui.conversation.records import LONGEST, REMEMBERED, Record, Sent, read
from ui.features.library import Choice
from ui.render.failures import RequestError, explain
from ui.server.owners import owner_in

_Text = Annotated[str, Field(max_length=LONGEST)]
_Short = Annotated[str, Field(max_length=2000)]


class _Restricted(Choice):
    """What an answer was restricted to, with the collections if something other than the articles was asked."""

    collection: _Short = ""


class FeedbackRequest(Sent):
    """What the page sends: the answer as it was kept, and what the reader says about it."""

    id: str = Field(pattern=r"^feedback-[0-9a-f]{32}$")
    verdict: Literal["good", "bad"]
    record: Record
    history: tuple[tuple[_Text, _Text], ...] = Field((), max_length=REMEMBERED)
    reason: Reason = ""
    expected: _Short = ""
    note: _Short = ""
    sources: tuple[_Short, ...] = Field((), max_length=50)
    filter: _Restricted = _Restricted()
    own: bool = False


class ReaderFeedback:
    """
    The functions behind the buttons under an answer.

    Parameters
    ----------
    engine
        Its settings say where feedback is kept; without settings, or if they switch it off, there is no feedback.

    """

    def __init__(self, engine: Engine) -> None:
        settings = getattr(engine, "settings", None)
        self._engine = engine
        self._settings = settings if isinstance(settings, Settings) else None
        self._file = None if self._settings is None else FeedbackFile.of(self._settings)

    def functions(self) -> Sequence[Function]:
        """Return the functions that the page's script calls."""
        return (self.feedback_state, self.feedback)

    def feedback_state(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Tell whether feedback is accepted at all."""
        del data, request
        return {"on": self._file is not None}

    def feedback(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Keep what a reader says; return ``error``, empty on success."""
        texts = texts_of(request)
        try:
            sent = read(FeedbackRequest, data)
            self._keep(sent, _id(sent.id, request))
        except RagError as error:
            failure = explain(error, texts, shared=True)
            return {"error": f"{failure.state} {failure.remedy or failure.detail}".strip()}
        return {"error": ""}

    def _keep(self, sent: FeedbackRequest, identifier: str) -> None:
        answer = sent.record.restored()
        if self._file is None or self._settings is None:
            raise RequestError("Feedback is switched off.", hint="Set RAG_FEEDBACK=1.")
        if answer is None:
            raise RequestError("There is no answer to speak of.", hint="Ask again.")
        feedback = Feedback(
            identifier,
            sent.verdict,
            answer,
            tuple(pair for pair in sent.history if all(text.strip() for text in pair)),
            sent.reason,
            sent.expected,
            sent.sources,
            sent.note,
            {key: value for key, value in sent.filter.model_dump().items() if value},
            sent.own,
        )
        case = as_case(feedback, _Texts(self._engine))
        check_case(case, longest=self._settings.answering.max_question_chars)
        self._file.add(case)


class _Texts(Mapping[str, str]):
    """The texts of the articles by path, each read on demand."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, path: str) -> str:
        if path not in set(self):
            raise KeyError(path)
        return self._engine.document(path).text

    def __iter__(self) -> Iterator[str]:
        return (one.path for one in self._engine.listed())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _id(sent: str, request: gr.Request) -> str:
    """Return the id under which feedback is kept: only the same browser can replace it."""
    owner = owner_in(request.headers.get("cookie", ""))
    if owner is None:
        return sent
    return f"feedback-{hashlib.sha256(f'{owner.digest} {sent}'.encode()).hexdigest()[:32]}"
