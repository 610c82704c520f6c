"""
A PDF page beside the answer: its picture with the cited words marked, and its text below.

The picture is part of the response to a call by the page's own script, which carries the browser's key: it has no
address of its own that somebody else could try. Rectangles are given in per cent, so that they fit at any size.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from rag.types import Citation
from ui.conversation.records import PageRequest, read
from ui.conversation.session import document_of
from ui.render.articles import Span, relocate, text_html
from ui.render.escaping import escape, page_words
from ui.render.failures import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import gradio as gr

    from index.collections.owners import Owner
    from index.types import Document
    from rag.pages.types import PageImage, Rectangle
    from ui.conversation.engine import Engine
    from ui.render.texts import Texts
    from ui.server.owners import Owners


@runtime_checkable
class ShowsPages(Protocol):
    """What the app needs of `rag.RAG` to show pages."""

    def page_image(
        self, citation: Citation, *, page: int | None = None, others: Sequence[Citation] = (), **options: Any
    ) -> PageImage:
        """Return a page with its marks; see `rag.RAG.page_image`."""


def has_pages(engine: Engine, document: Document) -> bool:
    """Tell whether a document's pages can be shown."""
    return document.encoding == "pdf" and isinstance(engine, ShowsPages)


class PageView:
    """
    Shows pages to the page's script.

    Parameters
    ----------
    engine
        Draws the pages.
    owners
        Identify who asks.
    texts_of
        Returns the texts in the language of the browser that asks.
    shared
        Whether people other than this machine's own users can reach the app, see `ui.render.failures.explain`.

    """

    def __init__(
        self, engine: Engine, owners: Owners, texts_of: Callable[[gr.Request], Texts], *, shared: bool = False
    ) -> None:
        self._engine = engine
        self._owners = owners
        self._texts_of = texts_of
        self._shared = shared

    def sheet(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """
        Render a page of a PDF with what an answer cites from it.

        Returns
        -------
        dict
            ``html``; ``page`` and ``pages``, its number and how many there are; ``marks``, the keys of the marks on
            it. If it cannot be shown, ``html`` says why, and ``page`` is 0.

        """
        texts = self._texts_of(request)
        try:
            wanted = read(PageRequest, data)
            owner = self._owners.of(request)
            document = document_of(self._engine, wanted.path, owner)
            spans = [Span(item.key, item.start, item.end, item.quote) for item in wanted.spans]
            found, _ = relocate(document.text, spans)
            image, keys = self._image(document, found, wanted, owner)
        except RagError as error:
            return {"html": _failure_html(error, texts, shared=self._shared), "page": 0, "pages": 0, "marks": []}
        marks = dict(zip(keys, (image.rectangles, *image.others), strict=True))
        return {
            "html": page_html(document, image, {key: found[key] for key in keys if key in found}, marks, texts),
            "page": image.page,
            "pages": image.pages,
            "marks": [key for key in keys if marks[key]],
        }

    def _image(
        self, document: Document, found: Mapping[str, tuple[int, int]], wanted: PageRequest, owner: Owner | None
    ) -> tuple[PageImage, list[str]]:
        if not isinstance(self._engine, ShowsPages):
            raise CorpusError(f"{document.path}: has no pages that could be shown.", kind="no_page")
        keys = sorted(found, key=lambda key: key != wanted.first) or [""]
        cited = [_cited(document, *found.get(key, (0, 0)), page=wanted.page) for key in keys]
        # The articles are the same for everybody, so only own files need an owner.
        options = {"owner": owner} if document.path.startswith(PREFIX) else {}
        page = wanted.page if found.get(wanted.first) is None or wanted.turned else None
        return self._engine.page_image(cited[0], page=page, others=cited[1:], **options), keys


def _cited(document: Document, start: int, end: int, *, page: int | None) -> Citation:
    number = document.page(start) if start < end else page
    return Citation(
        document.path, start, end, document.text[start:end], document.metadata.title, document.sha256, number
    )


def _failure_html(error: RagError, texts: Texts, *, shared: bool) -> str:
    kind = getattr(error, "kind", "")
    said = {"page_gone": texts.sheet_gone, "page_changed": texts.sheet_changed}.get(kind, texts.sheet_failed)
    explain(error, texts, shared=shared)  # writes what must not be shown to the log
    return f'<p class="q-note" role="status">{escape(said)}</p>'


def page_html(
    document: Document,
    image: PageImage,
    ranges: Mapping[str, tuple[int, int]],
    marks: Mapping[str, Sequence[Rectangle]],
    texts: Texts,
) -> str:
    """
    Render a page: steps to its neighbours, its picture with the marks, and its text.

    Parameters
    ----------
    document
        The document.
    image
        The page.
    ranges
        What may be marked in its text: keys with half-open ranges of the document's text.
    marks
        The rectangles of each key.
    texts
        Language of the page.

    """
    number = page_words(image.page, image.label, texts)
    of = _begun(texts.sheet_of.format(page=number, count=image.pages))
    steps = "".join(
        f'<button type="button" class="q-leaf" data-leaf="{page}"{"" if 1 <= page <= image.pages else " disabled"} '
        f'aria-label="{escape(label)}">{sign}</button>'
        for page, label, sign in (
            (image.page - 1, texts.sheet_before, "‹"),
            (image.page + 1, texts.sheet_behind, "›"),
        )
    ).replace("</button><button", f'</button><span class="q-leaf-number">{escape(of)}</span><button', 1)
    alt = _begun(texts.sheet_alt.format(page=number, title=document.metadata.title))
    picture = base64.b64encode(image.image).decode("ascii")
    boxes = "".join(_box(key, one, image) for key, of_key in marks.items() for one in of_key)
    return (
        f'<nav class="q-leaves" aria-label="{escape(texts.sheet_steps)}">{steps}</nav>'
        f'<figure class="q-sheet"><img src="data:{escape(image.media_type)};base64,{picture}" '
        f'width="{image.width}" height="{image.height}" alt="{escape(alt)}">{boxes}</figure>'
        f"<h3>{escape(texts.sheet_text)}</h3>{_page_text(document, image, ranges, texts)}"
    )


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _page_text(document: Document, image: PageImage, ranges: Mapping[str, tuple[int, int]], texts: Texts) -> str:
    text = image.text.rstrip()
    start = document.text.find(text, document.pages[image.page - 1] if image.page <= len(document.pages) else 0)
    if not text or start < 0:
        return f'<p class="q-note">{escape(texts.sheet_empty)}</p>'
    language = escape(document.metadata.language)
    return (
        f'<div class="q-text" lang="{language}">{text_html(document.text, start, start + len(text), ranges, {})}</div>'
    )


def _box(key: str, one: Rectangle, image: PageImage) -> str:
    width, height = image.page_width, image.page_height
    places = {
        "left": one.left / width,
        "top": one.top / height,
        "width": (one.right - one.left) / width,
        "height": (one.bottom - one.top) / height,
    }
    style = ";".join(f"{name}:{100 * value:.3f}%" for name, value in places.items())
    return f'<span class="q-box" data-marks="{escape(key)}" style="{style}" aria-hidden="true"></span>'
