"""The page shown while the index is being built: it shows the progress, and moves on by itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.progress import EMBEDDING, duration
from ui.render.escaping import escape
from ui.render.texts import texts_for
from ui.server.routes import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.launching.opening import Opening
    from ui.render.texts import Texts

ADDRESS = "/starting"
"""Address at which the page asks for the progress."""
PATIENCE_SECONDS = 1.5
"""An index that is up to date is open by then, so that the page of progress need not be shown."""
_LOOK_SECONDS = 0.1
# A request that the server sends to itself when it starts.
_AT_ONCE = "/gradio_api/startup-events"
_STYLE = """
html, body { margin: 0; }
.q-start { max-width: 1184px; margin: 0 auto; padding: 0 28px; }
header { border-bottom: 1px solid var(--q-ink); }
header h1 { margin: 0; padding: 18px 0 14px; font: 700 26px/1.15 var(--q-serif); color: var(--q-ink); }
main { max-width: 620px; padding-top: 6vh; }
main h2 { margin: 0 0 14px; font: 700 28px/1.2 var(--q-serif); color: var(--q-ink); }
main p { margin: 0 0 14px; font: 400 17px/1.55 var(--q-serif); color: var(--q-soft); }
#q-start-step { display: flex; justify-content: space-between; gap: 16px; font: 500 15px/1.5 var(--q-sans); color: var(--q-ink); }
#q-start-step p { margin: 0; font: inherit; color: inherit; }
progress { display: block; width: 100%; height: 8px; margin: 8px 0 10px; accent-color: var(--q-accent); }
#q-start-pace { min-height: 24px; margin: 0 0 14px; font: 400 14px/24px var(--q-sans); }
@media (max-width: 900px) { .q-start { padding: 0 16px; } }
"""
_SCRIPT = """
(() => {
  "use strict";
  const find = (name) => document.getElementById(`q-start-${name}`);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", paint);
  paint();
  const say = (words) => {
    /* Only what changes is read aloud. */
    if (find("words").textContent !== words) find("words").textContent = words;
  };
  const show = ({ words, share, pace }) => {
    say(words);
    find("pace").textContent = pace || "";
    find("share").textContent = share === null ? "" : `${Math.floor(share * 100)} %`;
    if (share === null) find("bar").removeAttribute("value");
    else find("bar").value = share;
  };
  const look = async () => {
    try {
      const state = await (await fetch("starting", { cache: "no-store" })).json();
      if (state.ready) return void location.reload();
      show(state);
    } catch {
      /* It has ended, and says in its own window why; perhaps it is started again. */
      show({ words: document.body.dataset.lost, share: null });
    }
    setTimeout(look, 700);
  };
  look();
})();
"""


def state_of(opening: Opening, texts: Texts) -> dict[str, Any]:
    """Return what the page shows: ``ready``, ``words``, ``share`` (None if unknown) and ``pace``."""
    stage = opening.stage
    if not stage.description:
        words = texts.start_reading
    else:
        words = texts.start_embedding if stage.description == EMBEDDING else texts.start_models
    share = min(stage.done / stage.total, 1.0) if stage.total > 0 else None
    pace = ""
    if stage.description == EMBEDDING and stage.pace is not None:
        rate, left = stage.pace
        pace = texts.start_pace.format(rate=max(1, round(rate)), left=duration(left))
    return {"ready": opening.is_ready, "words": words, "share": share, "pace": pace}


def page_html(opening: Opening, texts: Texts) -> str:
    """Render the page in its present state; its script updates it."""
    state = state_of(opening, texts)
    style = (Path(__file__).parents[1] / "style" / "10-base.css").read_text(encoding="utf-8") + _STYLE
    share = "" if state["share"] is None else f"{int(state['share'] * 100)} %"
    value = "" if state["share"] is None else f' value="{state["share"]:.3f}"'
    return (
        f'<!doctype html><html lang="{texts.language}"><head><meta charset="utf-8"><title>Quellentreu</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{style}</style></head><body data-lost="{escape(texts.start_lost)}">'
        f'<div class="q-start"><header><h1>Quellentreu</h1></header><main>'
        f"<h2>{escape(texts.start_title)}</h2>"
        f'<div id="q-start-step"><p id="q-start-words" role="status">{escape(state["words"])}</p>'
        f'<p id="q-start-share" aria-hidden="true">{share}</p></div>'
        f'<progress id="q-start-bar" max="1" aria-label="{escape(texts.start_title)}"{value}></progress>'
        f'<p id="q-start-pace" aria-hidden="true">{escape(state["pace"])}</p>'
        f"<p>{escape(texts.start_about)}</p></main></div><script>{_SCRIPT}</script></body></html>"
    )


class Starting:
    """
    An ASGI middleware that answers for the app while its index is being built.

    Whoever opens the page sees the progress. All other requests, such as those of programs, wait.

    Parameters
    ----------
    app
        The app, which exists but must not receive requests yet.
    opening
        Builds the index.

    """

    def __init__(self, app: ASGIApp, *, opening: Opening) -> None:
        self._app = app
        self._opening = opening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on now or later."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, opening = scope["path"], self._opening
        if path == ADDRESS:
            state = json.dumps(state_of(opening, _texts(scope)), ensure_ascii=False)
            await _answer(send, 200, "application/json", state)
            return
        if not opening.is_ready and scope["method"] != "HEAD" and path != _AT_ONCE:
            is_page = path == "/"
            await self._wait(PATIENCE_SECONDS if is_page else None)
            if is_page and not opening.is_ready:
                await _answer(send, 200, "text/html; charset=utf-8", page_html(opening, _texts(scope)))
                return
            if not opening.is_ready:
                words, kind = refusal(path, 503, "The articles could not be opened.")
                await _answer(send, 503, kind, words.decode())
                return
        await self._app(scope, receive, send)

    async def _wait(self, seconds: float | None) -> None:
        """Wait until the index is ready or has failed, but not longer than this."""
        waited = 0.0
        while not self._opening.is_over and (seconds is None or waited < seconds):
            await asyncio.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS


def _texts(scope: Scope) -> Texts:
    headers = {name.lower(): value for name, value in scope["headers"]}
    return texts_for(headers.get(b"accept-language", b"").decode("latin-1"))


async def _answer(send: Send, status: int, kind: str, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
