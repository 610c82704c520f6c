"""The browser app: builds the page and serves it."""

# Gradio reads the handlers' annotations to find the request, so they are evaluated here and not postponed.
import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from index.errors import RagError
from rag.types import Delta, Finished
from ui import panels
from ui._ports import choose_port, is_loopback
from ui.session import Draft, Engine, Turn, UnexpectedError, follow, history_of
from ui.texts import DE, EN, Texts, texts_for, translations

TITLE = "Quellentreu"
EXAMPLES = (
    "Wie viel Geld will Cambricon aufnehmen?",
    "Bis wann will China bei der Herstellung von KI-Chips vollständig autark sein?",
    "Welche Chiphersteller gehören zur Model-Chip Ecosystem Innovation Alliance?",
    "Worauf setzt Tencent stärker als auf Hardware?",
    "Why does the Chinese government advise companies against buying foreign chips?",
)
PARALLEL = 8
REDRAW_SECONDS = 0.08
_HERE = Path(__file__).parent
_UNCHANGED = tuple(gr.skip() for _ in range(10))
_I18N = gr.I18n(de=translations(DE), en=translations(EN))


def _page_texts(request: gr.Request) -> Texts:
    """Return the texts in the language of the browser that asks."""
    return texts_for(request.headers.get("accept-language", ""))


def _both(name: str) -> str:
    """Render a text in both languages; the style sheet shows the one of the page."""
    return "".join(
        f'<span lang="{texts.language}" class="q-{texts.language}">{panels.escape(getattr(texts, name))}</span>'
        for texts in (DE, EN)
    )


def _without_paths(answer: dict[str, Any]) -> dict[str, Any]:
    """
    Rename ``path`` to ``document`` in citations and evidence.

    Gradio's client takes every object with a ``path`` for an uploaded file, tries to download it, and puts
    the place of the copy where the object was.
    """
    renamed = dict(answer)
    for key in ("citations", "evidence"):
        renamed[key] = [
            {"document" if name == "path" else name: value for name, value in item.items()} for item in answer[key]
        ]
    return renamed


class Page:
    """
    The handlers behind the page; one instance serves all browsers, what belongs to one is in `gr.State`.

    Parameters
    ----------
    engine
        Answers the questions.

    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def ask(self, question: str, turns: Sequence[Turn], request: gr.Request) -> AsyncGenerator[tuple[Any, ...]]:
        """Answer a question and redraw the page as the answer grows."""
        question = question.strip()
        if not question:
            yield _UNCHANGED
            return
        draft = Draft(len(turns) + 1, question, _page_texts(request))
        earlier = "".join(turn.chat for turn in turns)
        evidence = "".join(turn.evidence for turn in turns)
        articles = "".join(turn.articles for turn in turns)
        keep = gr.skip()
        busy = (gr.update(visible=False), gr.update(visible=True))
        yield (earlier, draft.chat(), keep, keep, draft, keep, "", *busy, gr.update(visible=False))

        try:
            async with contextlib.aclosing(follow(self.engine, question, history_of(turns))) as batches:
                async for steps in batches:
                    for step in steps:
                        draft.apply(step)
                    if draft.answer is not None or draft.stopped:
                        break
                    panel: tuple[Any, Any] = (keep, keep)
                    if any(not isinstance(step.event, Delta) for step in steps):
                        panel = (evidence + draft.evidence_list(), articles + draft.articles())
                    yield (keep, draft.chat(), *panel, draft, *[keep] * 5)
                    # A reader needs no more than a dozen redraws a second; what comes meanwhile is collected.
                    await asyncio.sleep(REDRAW_SECONDS)
        except RagError as error:
            draft.error = str(error)
        except UnexpectedError:
            draft.error = draft.texts.unexpected
        if draft.stopped:  # and the page has been redrawn by who stopped it
            yield _UNCHANGED
            return
        turn = draft.finish()
        idle = (gr.update(visible=True), gr.update(visible=False))
        yield (
            keep,
            turn.chat,
            evidence + turn.evidence,
            articles + turn.articles,
            None,
            [*turns, turn],
            keep,
            *idle,
            keep,
        )

    def stop(self, turns: Sequence[Turn], draft: Draft | None) -> tuple[Any, ...]:
        """Keep what was checked of the answer that was cancelled."""
        idle = (gr.update(visible=True), gr.update(visible=False))
        if draft is None:
            return (gr.skip(), None, gr.skip(), *idle)
        draft.stopped = True
        turn = draft.finish()
        return (turn.chat, None, [*turns, turn], *idle)

    def clear(self, draft: Draft | None) -> tuple[Any, ...]:
        """Empty the page."""
        if draft is not None:
            draft.stopped = True
        return (
            "",
            "",
            "",
            "",
            None,
            [],
            "",
            gr.update(visible=True),
            gr.update(visible=False),
            gr.update(visible=True),
        )

    def chat(self, question: str) -> dict[str, Any]:
        """
        Answer one question: the named endpoint for programs.

        Parameters
        ----------
        question
            The question.

        Returns
        -------
        dict
            The answer with its citations, as `rag ask --json` prints it, save that a citation and a piece of
            evidence name their file as ``document``: see `_without_paths`.

        """
        try:
            for event in self.engine.stream(question, history=[]):
                if isinstance(event, Finished):
                    return _without_paths(event.answer.to_json())
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error
        raise gr.Error("The answer did not finish.", print_exception=False)


def create_app(rag: Engine, *, examples: Sequence[str] = EXAMPLES) -> gr.Blocks:
    """
    Build the page.

    Parameters
    ----------
    rag
        Answers the questions.
    examples
        Questions to click.

    Returns
    -------
    gradio.Blocks
        Not yet served; `launch` also gives it its style, which Gradio takes on launching.

    """
    page = Page(rag)
    # The templates stay Gradio's default, which inserts the value as it is; `panels` has escaped it.
    plain = {"apply_default_css": False, "js_on_load": None}
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as app:
        turns, draft = gr.State([]), gr.State(None)
        with gr.Row(elem_id="q-top"):
            gr.HTML(f'<header class="q-head"><h1>{TITLE}</h1><p>{_both("tagline")}</p></header>', **plain)
            clear = gr.Button(_I18N("clear"), elem_id="q-clear", scale=0)
        with gr.Row(elem_id="q-shell"):
            with gr.Column(elem_id="q-talk"):
                with gr.Column(elem_id="q-scroll"):
                    past = gr.HTML("", elem_id="q-past", **plain)
                    live = gr.HTML("", elem_id="q-live", **plain)
                    with gr.Column(elem_id="q-intro") as intro:
                        gr.HTML(
                            f"<h2>{_both('intro_title')}</h2><p>{_both('intro_text')}</p>"
                            f'<p class="q-examples">{_both("examples")}</p>',
                            **plain,
                        )
                        buttons = [gr.Button(text, elem_classes="q-example") for text in examples]
                with gr.Row(elem_id="q-composer"):
                    question = gr.Textbox(
                        label=_I18N("question_label"),
                        placeholder=_I18N("question_placeholder"),
                        show_label=False,
                        lines=1,
                        max_lines=5,
                        autofocus=True,
                        elem_id="q-question",
                        scale=1,
                    )
                    ask = gr.Button(_I18N("ask"), variant="primary", elem_id="q-ask", scale=0)
                    stop = gr.Button(_I18N("stop"), variant="stop", visible=False, elem_id="q-stop", scale=0)
            with gr.Column(elem_id="q-side"):
                evidence = gr.HTML("", elem_id="q-evidence", **plain)
                gr.HTML(f'<p class="q-empty">{_both("evidence_empty")}</p>', elem_id="q-placeholder", **plain)
                gr.HTML(
                    '<button type="button" class="q-back"><span aria-hidden="true">←</span> '
                    f"{_both('back')}</button>"
                    '<div id="q-opened"></div>',
                    elem_id="q-article",
                    **plain,
                )
        articles = gr.HTML("", elem_id="q-store", **plain)

        outputs = [past, live, evidence, articles, draft, turns, question, ask, stop, intro]
        private = {"api_visibility": "private", "show_progress": "hidden"}
        running = [
            gr.on(
                [ask.click, question.submit],
                page.ask,
                [question, turns],
                outputs,
                concurrency_limit=PARALLEL,
                concurrency_id="ask",
                **private,
            )
        ]
        running += [
            button.click(page.ask, [button, turns], outputs, concurrency_id="ask", **private) for button in buttons
        ]
        stop.click(
            page.stop,
            [turns, draft],
            [live, draft, turns, ask, stop],
            cancels=running,
            queue=False,
            **private,
        )
        clear.click(page.clear, draft, outputs, cancels=running, queue=False, **private)
        gr.api(page.chat, api_name="chat", concurrency_limit=PARALLEL)
    app.queue(default_concurrency_limit=PARALLEL)
    return app


def _head() -> str:
    """
    Return the style sheet and the script, inline.

    Gradio would rewrite the selectors of a style sheet handed to it as such.
    """
    style = (_HERE / "style.css").read_text(encoding="utf-8")
    script = (_HERE / "client.js").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>{script}</script>"


def launch(
    rag: Engine,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    block: bool = True,
    examples: Sequence[str] = EXAMPLES,
) -> gr.Blocks:
    """
    Serve the page and print its address as the last line on standard error.

    Parameters
    ----------
    rag
        Answers the questions.
    host
        Address to listen on; anything but this machine alone is warned about.
    port
        7860 or the next free one where None.
    block
        Serve until Ctrl-C; otherwise return, and ``.close()`` ends it.
    examples
        Questions to click.

    Returns
    -------
    gradio.Blocks
        The running app; ``local_url`` is its address.

    Raises
    ------
    RagError
        If the address or the port cannot be used.

    """
    chosen = choose_port(host, port)
    if not is_loopback(host):
        sys.stderr.write(f"Warning: listening on {host}: whoever reaches this machine can ask and read the articles.\n")
    # Gradio asks its own server whether it is up, and would do so through a proxy.
    local = "127.0.0.1,localhost,::1"
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), local)))
    app = create_app(rag, examples=examples)
    sans = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
    try:
        app.launch(
            server_name=host,
            server_port=chosen,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            inbrowser=False,
            inline=False,
            debug=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            max_file_size="1kb",
            i18n=_I18N,
            theme=gr.themes.Base(font=sans, font_mono=["ui-monospace", "monospace"]),
            head=_head(),
        )
    except OSError as error:
        raise RagError(f"The server could not start on {host}:{chosen}.", hint="Choose another --port.") from error
    if not block:
        _announce(app)
        return app
    try:
        _announce(app)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        app.close(verbose=False)
    return app


def _announce(app: gr.Blocks) -> None:
    """Print the address."""
    sys.stderr.write(f"{app.local_url}\n")
    sys.stderr.flush()
