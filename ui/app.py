"""Build the page: its layout, and which handler answers what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from ui.conversation.first_screen import FirstScreen
from ui.conversation.handlers import Handlers, texts_of
from ui.conversation.pages import PageView
from ui.features.feedback import ReaderFeedback
from ui.features.library import Library
from ui.features.news import NewsView
from ui.features.receipts import Receipts
from ui.features.uploads import OwnFiles
from ui.limits import QUESTIONS_PER_MINUTE
from ui.render.escaping import escape
from ui.render.texts import DE, EN, translations
from ui.server.owners import Owners
from ui.server.rates import QuestionLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradio.components import Component

    from ui.conversation.engine import Engine
    from ui.conversation.extension import Function, Panel
    from ui.features.news import News
    from ui.suggesting import Suggesting

TITLE = "Quellentreu"
PANELS: tuple[type[Panel], ...] = (Library, OwnFiles)
"""The panels beside the answer, in addition to evidence and conversations, in the order of their buttons."""
PARALLEL = 64
"""Questions that are followed at once; the engine decides how many are worked on."""
I18N = gr.I18n(de=translations(DE), en=translations(EN))
# The templates remain Gradio's default, which inserts the value as it is; `panels` has escaped it.
_PLAIN: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def both(name: str) -> str:
    """Render a text in both languages; the style sheet shows the one in the page's language."""
    return "".join(
        f'<span lang="{texts.language}" class="q-{texts.language}">{escape(getattr(texts, name))}</span>'
        for texts in (DE, EN)
    )


def _masthead(extensions: Sequence[Panel]) -> None:
    """Make the title and the buttons that choose what is shown beside the answer."""
    views = [("evidence", "evidence_title"), ("conversations", "conversations")]
    views += [(panel.name, panel.title) for panel in extensions]
    buttons = "".join(
        f'<button type="button" class="q-view" data-panel="{name}" aria-pressed="false">{both(title)}</button>'
        for name, title in views
    )
    gr.HTML(
        f'<a class="q-skip" href="#q-question">{both("skip")}</a>'
        f'<header class="q-head"><h1>{TITLE}</h1><p>{both("tagline")}</p>'
        # First, so that it leaves no gap at the end while it is hidden.
        f'<nav class="q-views" data-label="navigation"><button type="button" class="q-clear" id="q-clear">'
        f"{both('clear')}</button>{buttons}</nav></header>",
        elem_id="q-top",
        **_PLAIN,
    )


def _composer() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """Make the question box and its two buttons."""
    gr.HTML('<div id="q-notice" hidden></div>', elem_id="q-notices", **_PLAIN)
    with gr.Row(elem_id="q-composer"):
        question = gr.Textbox(
            label=I18N("question_label"),
            placeholder=I18N("question_placeholder"),
            show_label=False,
            lines=1,
            max_lines=5,
            autofocus=True,
            elem_id="q-question",
            scale=1,
        )
        ask = gr.Button(I18N("ask"), variant="primary", elem_id="q-ask", scale=0)
        stop = gr.Button(I18N("stop"), variant="stop", elem_id="q-stop", scale=0)
    return question, ask, stop


def _callable(function: Function) -> Callable[..., Any]:
    """Wrap a method so that Gradio can serve it: Gradio sets an attribute, and looks for the request's annotation."""

    def serve(data, request):  # type: ignore[no-untyped-def]
        return function(data, request)

    serve.__name__ = function.__name__
    serve.__annotations__ = {"data": Any, "request": gr.Request}
    return serve


def _side(extensions: Sequence[Panel]) -> tuple[gr.HTML, list[Sequence[Component]]]:
    """Make the panels beside the answer; return the list of evidence and what each panel sends with a question."""
    sent: list[Sequence[Component]] = []
    with gr.Column(elem_id="q-panel-evidence", elem_classes="q-panel"):
        gr.HTML('<div id="q-lists"></div>', elem_id="q-past-evidence", **_PLAIN)
        evidence = gr.HTML("", elem_id="q-evidence", **_PLAIN)
        gr.HTML(f'<p class="q-empty">{both("evidence_empty")}</p>', elem_id="q-placeholder", **_PLAIN)
    with gr.Column(elem_id="q-panel-conversations", elem_classes="q-panel"):
        gr.HTML(
            f'<h2>{both("conversations")}</h2><p class="q-about">{both("conversations_about")}</p>'
            '<div id="q-conversations"></div>',
            **_PLAIN,
        )
    for panel in extensions:
        classes = ["q-panel", "q-wide"] if panel.wide else ["q-panel"]
        with gr.Column(elem_id=f"q-panel-{panel.name}", elem_classes=classes):
            sent.append(tuple(panel.build()))
    gr.HTML(
        '<div class="q-bar"><button type="button" class="q-back"><span aria-hidden="true">←</span> '
        f"{both('back')}</button>"
        '<span class="q-steps" hidden><button type="button" class="q-step" data-step="-1" data-label="previous">‹</button>'
        '<span class="q-place"></span>'
        '<button type="button" class="q-step" data-step="1" data-label="next">›</button></span></div>'
        '<div id="q-opened"></div>',
        elem_id="q-article",
        **_PLAIN,
    )
    return evidence, sent


def create_app(
    rag: Engine,
    *,
    suggesting: Suggesting | None = None,
    panels: Sequence[type[Panel]] = PANELS,
    questions_per_minute: float = QUESTIONS_PER_MINUTE,
    limit: QuestionLimit | None = None,
    shared: bool = False,
    owners: Owners | None = None,
    news: News | None = None,
) -> gr.Blocks:
    """
    Build the page.

    Parameters
    ----------
    rag
        Answers the questions.
    suggesting
        Finds questions to click; if None, none are offered.
    panels
        The panels beside the answer, in addition to evidence and conversations.
    questions_per_minute
        Questions that one page may ask in the long run; 0 for no limit.
    limit
        Counts the questions instead, if others than the page also ask.
    shared
        Whether people other than this machine's own users can reach the page: errors then name no file of this machine.
    owners
        Identify whose own files are asked; if None, each browser that has a key has its own.
    news
        Follows the folder of articles; if None, the page does not report changes in it.

    Returns
    -------
    gradio.Blocks
        Not yet served; `launch` also gives it its style, which Gradio takes on launching.

    """
    owners = owners or Owners()
    handlers = Handlers(
        rag, suggesting=suggesting, limit=limit or QuestionLimit(questions_per_minute), shared=shared, owners=owners
    )
    extensions = [panel(rag) for panel in panels if panel.suits(rag)]
    for panel in extensions:
        panel.owners = owners
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as app:
        draft = gr.State(None)
        context = gr.Textbox(visible=False)
        _masthead(extensions)
        with gr.Row(elem_id="q-shell"):
            with gr.Column(elem_id="q-talk"):
                with gr.Column(elem_id="q-scroll"):
                    gr.HTML('<div id="q-turns"></div>', elem_id="q-past", **_PLAIN)
                    live = gr.HTML("", elem_id="q-live", **_PLAIN)
                    gr.HTML(
                        f"<h2>{both('intro_title')}</h2><p>{both('intro_text')}</p>"
                        '<div id="q-collection"></div>'
                        f'<div id="q-suggestions" hidden><p class="q-examples">{both("examples")}</p>'
                        '<div class="q-offers"></div></div>',
                        elem_id="q-intro",
                        **_PLAIN,
                    )
                question, ask, stop = _composer()
                gr.HTML('<p id="q-foot" hidden></p>', elem_id="q-bottom", **_PLAIN)
            with gr.Column(elem_id="q-side"):
                evidence, sent = _side(extensions)
        handlers.extensions = [(panel, len(values)) for panel, values in zip(extensions, sent, strict=True)]
        # The page does not send longer questions; the engine refuses them in any case.
        settings = getattr(rag, "settings", None)
        longest = settings.answering.max_question_chars if settings is not None else 0
        gr.HTML(
            f'<div id="q-status" role="status" aria-live="polite" data-longest="{longest}"'
            f"{' data-follows=true' if news is not None else ''}></div>",
            elem_id="q-live-region",
            **_PLAIN,
        )
        pages = PageView(rag, owners, texts_of, shared=shared)
        functions: list[Function] = [handlers.article, pages.sheet, handlers.restore, handlers.suggestions]
        functions.append(FirstScreen(rag, owners).first_screen)
        functions += ReaderFeedback(rag).functions()
        functions += Receipts(rag, owners).functions()
        functions += [NewsView(news, owners).news] if news is not None else []
        functions += [function for panel in extensions for function in panel.functions()]
        gr.HTML("", elem_id="q-server", server_functions=[_callable(function) for function in functions], **_PLAIN)
        running = gr.on(
            [ask.click, question.submit],
            handlers.ask,
            [question, context, *(value for values in sent for value in values)],
            [live, evidence, draft, question],
            # The page itself makes sure that only one is under way; Gradio would go on waiting for a lost server.
            trigger_mode="multiple",
            js="(...values) => window.quellentreu.prepare(...values)",
            concurrency_limit=PARALLEL,
            concurrency_id="ask",
            **_PRIVATE,
        )
        stop.click(handlers.stop, draft, [live, draft], cancels=running, queue=False, **_PRIVATE)
        gr.api(handlers.chat, api_name="chat", concurrency_limit=PARALLEL)
    app.queue(default_concurrency_limit=PARALLEL)
    return app
