"""
The handlers of the page's requests; one instance serves all browsers.

No conversation is kept here: the browser sends what a question needs, so that a restart loses nothing
and browsers cannot interfere with each other.
"""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from index.collections.owners import Owner
from index.errors import CorpusError, RagError
from rag.types import Delta, Finished, Likely
from rag.types.arrangement import is_talk
from ui.conversation.draft import Draft
from ui.conversation.engine import Engine
from ui.conversation.extension import Asked, Panel
from ui.conversation.pages import has_pages
from ui.conversation.records import ArticleRequest, Context, Record, RestoreRequest, SuggestionsRequest, read
from ui.conversation.session import UnexpectedError, document_of, follow
from ui.limits import LONGEST_RESTORED, RESTORED_TIMES, SHORTEST_RESTORED
from ui.render import panels
from ui.render.articles import Span, article_html, gone_html, relocate
from ui.render.failures import explain
from ui.render.texts import Texts, texts_for
from ui.server.asking import sender_of
from ui.server.owners import Owners
from ui.server.rates import QuestionLimit
from ui.suggesting import Suggesting, choose

REDRAW_SECONDS = 0.08
_UNCHANGED = (gr.skip(), gr.skip(), gr.skip(), gr.skip())


def texts_of(request: gr.Request) -> Texts:
    """Return the texts in the language of the browser that asks."""
    return texts_for(request.headers.get("accept-language", ""))


def _without_paths(answer: dict[str, Any]) -> dict[str, Any]:
    """
    Rename ``path`` to ``document`` in citations, evidence and notes of what was not read.

    Gradio's client takes every object with a ``path`` for an uploaded file, tries to download it, and replaces
    the object with the path of the copy.
    """
    renamed = dict(answer)
    for key in ("citations", "evidence", "unread"):
        renamed[key] = [
            {"document" if name == "path" else name: value for name, value in item.items()} for item in answer[key]
        ]
    return renamed


class Handlers:
    """
    The handlers behind the page.

    Parameters
    ----------
    engine
        Answers the questions.
    suggesting
        Finds questions to click.
    limit
        Limits how often somebody may ask.
    shared
        Whether people other than this machine's own users can reach the app, see `explain`.
    owners
        Identify who asks.

    Attributes
    ----------
    extensions
        The panels beside the answer, each with the number of values that are sent for it with a question.

    """

    def __init__(
        self,
        engine: Engine,
        *,
        suggesting: Suggesting | None = None,
        limit: QuestionLimit | None = None,
        shared: bool = False,
        owners: Owners | None = None,
    ) -> None:
        self.engine = engine
        self.suggesting = suggesting
        self.limit = limit or QuestionLimit()
        self.shared = shared
        self.owners = owners or Owners()
        self.extensions: list[tuple[Panel, int]] = []

    def _narrowed(self, values: Sequence[Any], request: gr.Request) -> Asked:
        """Let each panel change how a question is answered."""
        asked, at = Asked(self.engine), 0
        for panel, count in self.extensions:
            asked = panel.narrow(asked, *values[at : at + count], request=request)
            at += count
        # One client per browser, so that its questions do not keep those of another browser waiting.
        return replace(asked, options={"client": request.session_hash, **asked.options})

    async def ask(
        self, question: str, context: str, request: gr.Request, *values: Any
    ) -> AsyncGenerator[tuple[Any, ...]]:
        """Answer a question and redraw the page as the answer grows: answer, evidence, draft, question box."""
        question = (question or "").strip()
        if not question:
            yield _UNCHANGED
            return
        texts = texts_of(request)
        draft = Draft(1, question, texts)
        keep = gr.skip()
        waiting = contextlib.ExitStack()
        if self.suggesting is not None:
            waiting.enter_context(self.suggesting)
        try:
            self.owners.check(request)
            sent = read(Context, context)
            draft = Draft(sent.number, question, texts, sent.token, kind=sent.kind)
            yield (draft.chat(), "", draft, "")
            self.limit.admit(request)
            # A panel may have to open an index first; other users' pages must not wait for that.
            asked = await asyncio.to_thread(self._narrowed, values, request)
            if sent.fresh:
                asked = replace(asked, options={**asked.options, "fresh": True})
            if sent.kind is not None:
                asked = replace(asked, options={**asked.options, "kind": sent.kind})
            async with contextlib.aclosing(follow(asked, question, sent.history)) as batches:
                async for steps in batches:
                    for step in steps:
                        draft.apply(step)
                    if draft.answer is not None or draft.stopped:
                        break
                    fresh = any(not isinstance(step.event, Delta | Likely) for step in steps)
                    yield (draft.chat(), draft.evidence_list() if fresh else keep, keep, keep)
                    # A reader needs no more than a dozen redraws a second; what comes meanwhile is collected.
                    await asyncio.sleep(REDRAW_SECONDS)
        except (RagError, UnexpectedError) as error:
            draft.failure = explain(error, texts, shared=self.shared)
        finally:
            waiting.close()
        if draft.stopped:  # the handler that stopped it has redrawn the page
            yield _UNCHANGED
            return
        yield (draft.chat(over=True), draft.evidence_list(), None, keep)

    def stop(self, draft: Draft | None, request: gr.Request) -> tuple[Any, ...]:
        """Keep the checked part of the answer that was cancelled."""
        try:
            self.owners.check(request)
        except RagError:
            return (gr.skip(), gr.skip())
        if draft is None:
            return (gr.skip(), None)
        draft.stopped = True
        return (draft.chat(over=True), None)

    def article(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """
        Render an article with the ranges that an answer cites marked.

        Returns
        -------
        dict
            ``html``, and ``marks``: the keys of the marks in it.

        """
        texts = texts_of(request)
        try:
            wanted = read(ArticleRequest, data)
            spans = [Span(item.key, item.start, item.end, item.quote) for item in wanted.spans]
            try:
                document = document_of(self.engine, wanted.path, self.owners.of(request))
            except CorpusError:
                return {"html": gone_html(wanted.path, spans, texts), "marks": []}
            found, missing = relocate(document.text, spans)
            paged = has_pages(self.engine, document)
            html = article_html(document, found, texts, missing=missing, page=wanted.page, paged=paged)
            return {"html": html, "marks": list(found)}
        except RagError as error:
            return {"html": panels.error_html(explain(error, texts, shared=self.shared), texts), "marks": []}

    def restore(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """
        Render a conversation that the browser kept.

        Returns
        -------
        dict
            ``turns`` and ``lists``: HTML of each question and of its evidence.

        """
        texts = texts_of(request)
        try:
            records = read(RestoreRequest, data).records
        except RagError as error:
            return {"turns": [panels.error_html(explain(error, texts, shared=self.shared), texts)], "lists": []}
        owner = self.owners.of(request)
        drawn: list[tuple[str, str]] = []
        come = sum(len(record.model_dump_json()) for record in records)
        left = min(LONGEST_RESTORED, SHORTEST_RESTORED + RESTORED_TIMES * come)
        # Start from the last: if there is too much, a reader misses the beginning least.
        for number in range(len(records), 0, -1):
            record = records[number - 1]
            if record.drawn_length() <= left:
                turn, evidence = self._restored(record, number, texts, owner)
            else:
                body = panels.note_html(texts.too_much)
                turn, evidence = panels.turn_html(record.question, body, number, texts, state="stopped"), ""
            left -= len(turn) + len(evidence)
            drawn.append((turn, evidence))
        drawn.reverse()
        return {"turns": [turn for turn, _ in drawn], "lists": [evidence for _, evidence in drawn]}

    def _restored(self, record: Record, number: int, texts: Texts, owner: Owner | None) -> tuple[str, str]:
        """Render one kept question and its evidence."""
        answer = record.restored()
        kept = record.model_dump(mode="json")
        if answer is None:
            reason = record.error or texts.interrupted
            body = panels.note_html(texts.stopped if record.state == "stopped" else reason)
            return panels.turn_html(record.question, body, number, texts, state=record.state, record=kept), ""
        documents = {}
        for path in {item.path for item in answer.citations} | {item.path for item in answer.evidence}:
            with contextlib.suppress(RagError):
                documents[path] = document_of(self.engine, path, owner)
        body = panels.answer_html(answer, texts, documents=documents)
        evidence = panels.evidence_html(
            record.question,
            answer.evidence,
            answer.citations,
            documents=documents,
            turn=number,
            texts=texts,
            nearest=answer.abstained,
        )
        turn = panels.turn_html(record.question, body, number, texts, state=record.state, record=kept, answer=answer)
        return turn, evidence if answer.evidence and not is_talk(answer) else ""

    def suggestions(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Return questions to click in the language of the page, those about the named articles first."""
        if self.suggesting is None:
            return {"questions": []}
        try:
            wanted = read(SuggestionsRequest, data)
        except RagError:
            return {"questions": []}
        language = wanted.language or texts_of(request).language
        return {"questions": choose(self.suggesting.found, language=language, paths=wanted.paths, asked=wanted.asked)}

    def chat(self, question: str, request: gr.Request) -> dict[str, Any]:
        """
        Answer one question: the named endpoint for programs.

        Parameters
        ----------
        question
            The question.
        request
            Of the program; Gradio adds it.

        Returns
        -------
        dict
            The answer with its citations, as `rag ask --json` prints it, save that a citation and a piece of
            evidence name their file as ``document``: see `_without_paths`.

        """
        if not isinstance(question, str):
            raise gr.Error("The question must be text.", print_exception=False)
        try:
            self.limit.admit(request)
            with self.suggesting or contextlib.nullcontext():
                for event in self.engine.stream(question, history=[], client=("chat", sender_of(request))):
                    if isinstance(event, Finished):
                        located = getattr(self.engine, "located", lambda answer: answer)
                        return _without_paths(located(event.answer).to_json())
        except RagError as error:
            failure = explain(error, texts_of(request), shared=self.shared)
            words = failure.detail or f"{failure.state} {failure.remedy}"
            raise gr.Error(words.strip(), print_exception=False) from error
        raise gr.Error("The answer did not finish.", print_exception=False)
