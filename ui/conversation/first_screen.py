"""What the page requests when it opens: a description of the articles, example questions, and the bound that holds."""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
import logging
from typing import Any

import gradio as gr

from index.errors import RagError
from ui.conversation.engine import Engine
from ui.conversation.records import FirstScreenRequest, read
from ui.render.bound import bound_text
from ui.render.first_screen import first_screen_html
from ui.render.texts import DE, EN, Texts, texts_for
from ui.server.owners import Owners

_LOG = logging.getLogger(__name__)


class FirstScreen:
    """
    Describes the articles.

    Parameters
    ----------
    engine
        Has the articles; without the methods `rag.RAG.about` and `rag.RAG.examples` there is no description, and
        without `rag.RAG.calibration` no foot.
    owners
        Identify who asks.

    """

    def __init__(self, engine: Engine, owners: Owners) -> None:
        self.engine = engine
        self.owners = owners

    def first_screen(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Return ``html`` and the plain text ``foot``, in the language of the page; empty if nothing can be said."""
        try:
            self.owners.check(request)
            language = read(FirstScreenRequest, data).language
        except RagError as error:
            _LOG.info("nothing is said of the articles: %s", error)
            return {"html": "", "foot": ""}
        texts = {"de": DE, "en": EN}.get(language or "") or texts_for(request.headers.get("accept-language", ""))
        return {"html": self._articles(texts), "foot": self._foot(texts)}

    def _articles(self, texts: Texts) -> str:
        about, examples = (getattr(self.engine, name, None) for name in ("about", "examples"))
        if about is None or examples is None:
            return ""
        try:
            return first_screen_html(about(), examples(texts.language), texts)
        except RagError as error:
            _LOG.info("nothing is said of the articles: %s", error)
            return ""

    def _foot(self, texts: Texts) -> str:
        calibration = getattr(self.engine, "calibration", None)
        if calibration is None:
            return ""
        try:
            return bound_text(calibration(), texts)
        except RagError as error:
            _LOG.info("it cannot be told which bound holds: %s", error)
            return ""
