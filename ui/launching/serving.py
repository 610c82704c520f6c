"""Serve the page, with its styles and scripts, on a suitable address."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from starlette.middleware import Middleware

from index.errors import RagError
from ui.api.application import Programs, create_api, routes_of
from ui.api.service import Service
from ui.app import I18N, PANELS, create_app
from ui.features.uploads import OwnFiles
from ui.launching.starting import Starting
from ui.limits import QUESTIONS_PER_MINUTE
from ui.operating.doors import Doors
from ui.operating.memory import Returning
from ui.operating.options import Operation
from ui.operating.stopping import finish
from ui.operating.terminating import terminable
from ui.operating.turns import quick_turns
from ui.render.texts import DE, EN, translations
from ui.server.asking import Callers, Proxies, only_our_own
from ui.server.bodies import Bodies, Known
from ui.server.connections import bounded
from ui.server.credentials import require_for
from ui.server.owners import KeyRing, Owners, notes
from ui.server.ports import choose_port, is_loopback
from ui.server.rates import QuestionLimit
from ui.server.rights import Rights
from ui.server.safety import Guard
from ui.server.signing_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ui.conversation.engine import Engine
    from ui.conversation.extension import Panel
    from ui.features.news import News
    from ui.launching.opening import Opening
    from ui.server.credentials import Credentials
    from ui.suggesting import Suggesting

_HERE = Path(__file__).parents[1]
_LOOK_SECONDS = 0.1
SESSIONS = 200
"""Pages that Gradio remembers, some 0.1 MB each; those that asked longest ago are forgotten first. Each reload, and
each question to ``/chat``, makes one. With a page, only the checked part of an answer stopped later is lost."""


def _script() -> str:
    """Return the texts of the page and all its scripts, in the order of their file names."""
    texts = {texts.language: translations(texts) for texts in (DE, EN)}
    # A "<" inside a script could end the script.
    words = json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")
    scripts = "\n".join(file.read_text(encoding="utf-8") for file in sorted((_HERE / "client").glob("*.js")))
    return f"window.quellentreu = {{ words: {words} }};\n{scripts}"


def _head(script: str) -> str:
    """
    Return the style sheet and the script, inline.

    Gradio would rewrite the selectors of a style sheet passed as such. The files are read in the order of their
    names.
    """
    styles = "\n".join(file.read_text(encoding="utf-8") for file in sorted((_HERE / "style").glob("*.css")))
    return f"<style>{styles}</style><script>{script}</script>"


def launch(
    rag: Engine,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    block: bool = True,
    suggesting: Suggesting | None = None,
    panels: Sequence[type[Panel]] = PANELS,
    credentials: Credentials | SignIn | None = None,
    questions_per_minute: float = QUESTIONS_PER_MINUTE,
    opening: Opening | None = None,
    share_uploads: bool = False,
    forwarded_from: str = "",
    operation: Operation | None = None,
    news: News | None = None,
) -> gr.Blocks:
    """
    Serve the page and print its address on standard error.

    Parameters
    ----------
    rag
        Answers the questions.
    host
        Address to listen on; an address that other machines can reach needs credentials.
    port
        If None, 7860 or the next free one.
    block
        Serve until Ctrl-C or SIGTERM; otherwise return, and ``.close()`` ends it.
    suggesting
        Finds questions to click, in the background from now on; without ``block`` the caller must end it.
    panels
        The panels beside the answer, in addition to evidence and conversations.
    credentials
        Name and password that every request must carry, or the sign-in of the app's users.
    questions_per_minute
        Questions that one page may ask in the long run; 0 for no limit.
    opening
        The step that must end before ``rag`` may be used; meanwhile the page shows its progress.
    share_uploads
        Own files belong to everybody who reaches the page; otherwise each browser has its own.
    forwarded_from
        Addresses or networks of proxies, separated by commas, whose ``X-Forwarded-...`` headers count; by default
        none.
    operation
        How the app is run for others, see `Operation`.
    news
        Follows the folder of articles from now on; without ``block`` the caller must end it.

    Returns
    -------
    gradio.Blocks
        The running app; ``local_url`` is its address.

    Raises
    ------
    RagError
        If the address or the port cannot be used, or the address would be open to everybody; while serving, also what
        ``opening`` raises.

    """
    require_for(host, credentials)
    proxies = Proxies.of(forwarded_from)
    chosen = choose_port(host, port)
    if not is_loopback(host):
        sys.stderr.write("Warning: password, questions and answers travel unencrypted, unless a proxy adds TLS.\n")
    # Gradio asks its own server whether it is up, and would otherwise do so through a proxy.
    local = "127.0.0.1,localhost,::1"
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), local)))
    # A password means that other people use the app; they may also come through a proxy on this machine.
    shared = credentials is not None or not is_loopback(host)
    people = credentials if isinstance(credentials, SignIn) else None
    owners = Owners(shared=share_uploads, changed=None if people is None else _written(people))
    limit = QuestionLimit(questions_per_minute)
    operation = operation or Operation()
    doors = Doors(
        rag,
        operation,
        opening=opening,
        guarded=credentials is not None,
        shared=shared,
        limit=limit,
        suggesting=suggesting,
    )
    for note in notes(rag, owners):
        sys.stderr.write(f"{note}\n")
    engine: Any = doors.engine  # passes on what it does not answer itself
    app = create_app(
        engine,
        suggesting=suggesting,
        panels=panels,
        limit=limit,
        shared=shared,
        owners=owners,
        news=news,
    )
    service = Service(engine, limit, owners, shared=shared, suggesting=suggesting, prefix=operation.root_path)
    api = create_api(service)
    routes = routes_of(api)
    script = _script()
    known = Known.of(app)
    before = [
        Middleware(Callers, proxies=proxies, naming="" if people is None else people.header),
        *doors.outside,
        Middleware(
            Guard,
            host=host,
            credentials=credentials,
            scripts=(script,),
            routes=routes,
            paths=doors.paths,
            keyed=doors.keyed,
        ),
        *doors.inside,
        Middleware(Bodies, known=known, routes=routes, unread=doors.keyed),
        *doors.answering,
        Middleware(Rights, reserved=OwnFiles.changing if share_uploads else frozenset()),
        Middleware(KeyRing, owners=owners),
    ]
    if opening is not None:
        before.append(Middleware(Starting, opening=opening))
    before.append(Middleware(Programs, api=api))
    sans = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
    try:
        with only_our_own():
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
                state_session_capacity=SESSIONS,
                footer_links=[],
                max_file_size="1kb",
                i18n=I18N,
                theme=gr.themes.Base(font=sans, font_mono=["ui-monospace", "monospace"]),
                head=_head(script),
                app_kwargs={"middleware": before},
                root_path=operation.root_path,
            )
        # The server makes one of these for each connection from now on; so far it has only sent requests to itself.
        config = app.server.config
        config.http_protocol_class = bounded(config.http_protocol_class, proxies)
    except OSError as error:
        raise RagError(f"The server could not start on {host}:{chosen}.", hint="Choose another --port.") from error
    doors.traffic.jobs = lambda: _jobs(app)
    for one in (suggesting, news):
        _begin(one, opening)
    if not block:
        _announce(app)
        return app
    try:
        _until_ended(app, doors, opening, operation)
    finally:
        if opening is not None:
            opening.cancel()
        for one in (suggesting, news):
            if one is not None:
                one.end()
        app.close(verbose=False)
    return app


def _written(people: SignIn) -> Callable[[str, str, str], None]:
    """Return a function that records a change of files that belong to everybody."""

    def write(event: str, by: str, file: str) -> None:
        people.audit.note(event, by=by, file=file)

    return write


def _begin(work: Suggesting | News | None, opening: Opening | None) -> None:
    """Start looking for questions to click, or following the folder, as soon as the articles are open."""
    if work is None:
        return
    if opening is None:
        work.begin()
    else:
        opening.then(work.begin)


def _jobs(app: gr.Blocks) -> int:
    """Return how many questions from pages wait in Gradio's queue, or have left it but are not yet handed over."""
    queue = app._queue  # noqa: SLF001 - it tells nowhere else
    return len(queue) + sum(job is not None for job in queue.active_jobs)


def _until_ended(app: gr.Blocks, doors: Doors, opening: Opening | None, operation: Operation) -> None:
    """Serve until Ctrl-C, or until the process is told to end and the questions under way have ended."""
    with contextlib.ExitStack() as stack, contextlib.suppress(KeyboardInterrupt):
        termination = operation.termination or stack.enter_context(terminable())
        stack.enter_context(quick_turns())
        stack.enter_context(Returning(lambda: doors.traffic.answered))
        _announce(app)
        if opening is not None:
            while not opening.is_over and not termination.wait(_LOOK_SECONDS):
                pass
            if opening.is_over:
                opening.wait()
        termination.wait()
        finish(doors.engine, doors.traffic, operation.stop_seconds, termination)


def _announce(app: gr.Blocks) -> None:
    """Print the address."""
    sys.stderr.write(f"{app.local_url}\n")
    sys.stderr.flush()
