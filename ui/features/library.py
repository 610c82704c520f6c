"""The panel of the articles: a list to search, and the choice of articles that answers may be based on."""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import gradio as gr
from gradio.components import Component
from pydantic import Field

from index.errors import RagError
from index.storage.left_out import Skipped
from index.storage.protocols import Described
from index.types import Document
from rag.retrieval.unread import listed, noted
from rag.types import Filter
from ui.conversation.engine import Engine
from ui.conversation.extension import Asked, Function, Panel
from ui.conversation.handlers import texts_of
from ui.conversation.records import LONGEST, Sent, read
from ui.features.corpus_map import CorpusMap, in_words
from ui.render.escaping import byline, escape, isolated
from ui.render.failures import GoneError, explain
from ui.render.texts import Texts

PAGE = 50
_MARK = "@library"  # the page's script replaces it with the choice, see `app.sending`
_DATE = r"^(\d{4}-\d{2}-\d{2})?$"


class Choice(Sent):
    """
    Which articles count; an empty text sets no condition.

    Parameters
    ----------
    source
        The publication.
    since, until
        First and last day, ``YYYY-MM-DD``; an article without a date is then left out.
    path
        Only this article.

    """

    source: str = Field(default="", max_length=LONGEST)
    since: str = Field(default="", pattern=_DATE)
    until: str = Field(default="", pattern=_DATE)
    path: str = Field(default="", max_length=LONGEST)

    def admits(self, document: Document | Described) -> bool:
        """Tell whether an article counts."""
        metadata = document.metadata
        if self.path and document.path != self.path:
            return False
        if self.source and metadata.source.casefold() != self.source.casefold():
            return False
        if (self.since or self.until) and not metadata.date:
            return False
        return metadata.date >= self.since and (not self.until or metadata.date <= self.until)

    @property
    def is_empty(self) -> bool:
        """True if all articles count."""
        return not (self.source or self.since or self.until or self.path)


class LibraryRequest(Choice):
    """Which part of the list to show: articles that contain all the words, from a position on."""

    words: str = Field(default="", max_length=500)
    first: int = Field(default=0, ge=0)


@dataclass(frozen=True, slots=True)
class _Entry:
    document: Described
    title: str


class ArticleList:
    """
    The articles of an engine, ready to be searched; rebuilt when they change.

    Parameters
    ----------
    engine
        Has the articles.

    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: tuple[int, list[_Entry]] = (0, [])
        self._lock = threading.Lock()

    def state(self) -> int:
        """Return a number that changes when the articles do."""
        return self._state(self._engine.listed())

    def entries(self) -> list[_Entry]:
        """Return all articles, latest first, those without a date last, and otherwise by title."""
        documents = self._engine.listed()
        state = self._state(documents)
        with self._lock:
            if self._made[0] != state:
                entries = [
                    _Entry(document, f"{document.metadata.title} {document.path}".casefold()) for document in documents
                ]
                entries.sort(key=lambda entry: entry.title)
                entries.sort(key=lambda entry: entry.document.metadata.date, reverse=True)
                self._made = state, entries
            return self._made[1]

    def find(self, wanted: LibraryRequest) -> list[Described]:
        """Return the matching articles: first those with the words in the title, then those with them in the text."""
        words = wanted.words.casefold().split()
        entries = [entry for entry in self.entries() if wanted.admits(entry.document)]
        if not words:
            return [entry.document for entry in entries]
        titled = [entry for entry in entries if all(word in entry.title for word in words)]
        known = {id(entry) for entry in titled}
        held = self._engine.mentions(words)
        nothing: frozenset[str] = frozenset()
        others = [
            entry
            for entry in entries
            if id(entry) not in known
            and all(word in entry.title or word in held.get(entry.document.path, nothing) for word in words)
        ]
        return [entry.document for entry in (*titled, *others)]

    def _state(self, documents: Sequence[Described]) -> int:
        # Changes of the texts are seen from the index's fingerprint, so that no text has to be read.
        of_texts = getattr(self._engine, "retrieval_fingerprints", {}).get("index", "")
        return hash((of_texts, *((one.path, one.metadata.title, one.metadata.date) for one in documents)))


def entry_html(document: Document, texts: Texts) -> str:
    """Render an article in the list: its title opens it, a button restricts questions to it."""
    metadata, path = document.metadata, escape(document.path)
    title = escape(metadata.title)
    return (
        f'<li><button type="button" class="q-lib-open" data-path="{path}" lang="{escape(metadata.language)}">'
        f"{isolated(metadata.title)}</button>"
        f'<p class="q-byline">{byline(metadata, texts)}</p>{_unread(document, texts)}'
        f'<button type="button" class="q-lib-button q-lib-only" data-only="{path}" data-name="{title}" '
        f'aria-label="{escape(texts.library_only)}: {title}">{escape(texts.library_only)}</button></li>'
    )


def _unread(document: Document, texts: Texts) -> str:
    """Render what was not read of an article."""
    parts = [part.what for part in noted(document)]
    if not parts:
        return ""
    line = texts.library_unread.format(parts=listed(parts, texts.language))
    return f'<p class="q-note q-unread">{isolated(line)}</p>'


def left_out_html(files: Sequence[Skipped], texts: Texts) -> str:
    """Render the files that could not be read: their names, and why."""
    reasons = [str(getattr(texts, f"refused_{file.kind}", "") if file.kind else "") or file.reason for file in files]
    return "".join(
        f'<li class="q-lib-out"><p>{isolated(file.path)}</p>'
        f'<p class="q-note q-unread">{isolated(texts.library_unread.format(parts=reason))}</p></li>'
        for file, reason in zip(files, reasons, strict=True)
    )


class Library(Panel):
    """
    The articles, and which of them are asked.

    Parameters
    ----------
    engine
        Has the articles.

    """

    name: ClassVar[str] = "library"
    title: ClassVar[str] = "library"
    wide: ClassVar[bool] = True

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.articles = ArticleList(engine)
        self.map = CorpusMap(engine)

    def build(self) -> Sequence[Component]:
        """Make the panel; its script fills it in."""
        gr.HTML('<div id="q-library"></div>', apply_default_css=False, js_on_load=None)
        return (gr.Textbox(_MARK, visible=False),)

    def narrow(self, asked: Asked, *values: Any, request: gr.Request) -> Asked:
        """Restrict the question to the chosen articles."""
        del request
        if not values or not values[0] or values[0] == _MARK:
            return asked
        choice = read(Choice, values[0])
        if choice.is_empty:
            return asked
        given = asked.options.get("filter") or Filter()
        restrict = given if isinstance(given, Filter) else Filter(**given)
        restrict = replace(restrict, source=choice.source, since=choice.since, until=choice.until)
        single = bool(choice.path)
        if single:
            if not any(choice.admits(item) for item in self.engine.listed()):
                raise GoneError("The chosen article is not there any more.", hint="Choose another, or ask all.")
            restrict = replace(restrict, paths=frozenset({choice.path}), collection="articles")
        return replace(asked, options={**asked.options, "filter": restrict}, single=single)

    def functions(self) -> Sequence[Function]:
        """Return the functions that the panel's script calls."""
        return (self.library_list, self.library_map)

    def library_map(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Return ``state``: ``ready``, ``making`` or ``none``; and if it is ready, ``html`` and ``label``."""
        del data
        texts = texts_of(request)
        state, made = self.map.get(self.articles.state())
        if made is None or not made[0].points:
            return {"state": "none" if made else state}
        overview, drawing = made
        label = texts.map_label.format(count=overview.passages, topics=len(overview.topics))
        if len(overview.points) < overview.passages:
            label += " " + texts.map_part.format(count=len(overview.points))
        return {"state": "ready", "html": drawing + in_words(overview, texts), "label": label}

    def _left_out(self) -> list[Skipped]:
        find = getattr(self.engine, "left_out", None)
        return list(find()) if find else []

    def library_list(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """
        Return a part of the list.

        Returns
        -------
        dict
            ``html`` of its entries; ``found`` and ``all``, the numbers of articles; ``next``, where the list goes on,
            or None; ``sources``, all publications; ``dated``, whether any article has a date; and ``unread``, what was
            not read of the entries: ``document`` and ``what``. The files that could not be read at all come at the
            end of the whole list.

        """
        texts = texts_of(request)
        try:
            wanted = read(LibraryRequest, data)
            found = self.articles.find(wanted)
        except RagError as error:
            failure = explain(error, texts, shared=True)
            problem = f"{failure.state} {failure.remedy or failure.detail}".strip()
            nothing = {"html": "", "found": 0, "all": 0, "next": None, "sources": [], "dated": False, "unread": []}
            return {**nothing, "error": problem}
        entries = self.articles.entries()
        last = wanted.first + PAGE
        shown = [self.engine.document(one.path) for one in found[wanted.first : last]]
        # Files that could not be read do not belong in a list filtered by words or dates.
        left_out = self._left_out() if len(found) == len(entries) <= last else []
        return {
            "html": "".join(entry_html(document, texts) for document in shown) + left_out_html(left_out, texts),
            "unread": [
                *({"document": part.path, "what": part.what} for document in shown for part in noted(document)),
                *({"document": file.path, "what": file.reason} for file in left_out),
            ],
            "found": len(found),
            "all": len(entries),
            "next": last if last < len(found) else None,
            "dated": any(entry.document.metadata.date for entry in entries),
            "sources": sorted({entry.document.metadata.source for entry in entries} - {""}, key=str.casefold),
        }
