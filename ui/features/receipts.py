"""Save an answer as one file that can be kept and checked, with the button below it."""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
import logging
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import gradio as gr

from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from rag.types import Answer
from ui.conversation.engine import Engine
from ui.conversation.extension import Function
from ui.conversation.handlers import texts_of
from ui.conversation.records import Record, Sent, read
from ui.render.failures import RequestError
from ui.server.owners import Owners

_LOG = logging.getLogger(__name__)


@runtime_checkable
class MakesReceipts(Protocol):
    """What the app needs of `rag.RAG` to save receipts."""

    def receipt(self, answer: Answer, *, language: str = "", **options: Any) -> str:
        """Return an answer as one HTML file; see `rag.RAG.receipt`."""


class ReceiptRequest(Sent):
    """The answer as the browser kept it; nothing in it is trusted."""

    record: Record


class Receipts:
    """
    The function behind the button.

    Parameters
    ----------
    engine
        Makes the receipts, after comparing each answer with the documents.
    owners
        Identify whose files are cited.

    """

    def __init__(self, engine: Engine, owners: Owners) -> None:
        self._engine = engine
        self._owners = owners

    def functions(self) -> Sequence[Function]:
        """Return the functions that the page's script calls."""
        return (self.receipt,)

    def receipt(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Return the file as ``html``, or the reason why there is none as ``error``."""
        texts = texts_of(request)
        try:
            answer = read(ReceiptRequest, data).record.restored()
            if answer is None or not isinstance(self._engine, MakesReceipts):
                raise RequestError("There is no answer to save.", hint="Ask again.")
            options: dict[str, Any] = {}
            if any(one.path.startswith(PREFIX) for one in answer.citations):
                owner = self._owners.of(request)
                if owner is None:
                    raise CorpusError("Own files belong to the browser that added them.")
                options["owner"] = owner
            return {"html": self._engine.receipt(answer, language=texts.language, **options), "error": ""}
        except RagError as error:
            _LOG.info("no receipt: %s", error)
            return {"html": "", "error": texts.receipt_failed}
