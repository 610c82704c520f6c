"""Sixty hostile texts as article, title, file name, source and question, in a real browser: nothing runs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from index.types import Document, Metadata
from rag.limits import MOST_UNREAD
from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    Evidence,
    EvidenceReady,
    EvidenceSentence,
    Finished,
    Query,
    SentenceChecked,
    Timings,
    UnreadPart,
)
from tests.ui.conftest import free_port
from tests.ui.vectors import VECTORS
from ui import launch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import gradio as gr

pytestmark = pytest.mark.browser


def hostile(vector: str) -> Document:
    text = f"{vector}\n\n# {vector}\n\nEin Satz mit {vector} darin.\n"
    return Document(f"{vector}.md", text, Metadata(vector, vector, vector, "de"), hashlib.sha256(b"").hexdigest())


DOCUMENTS = {document.path: document for document in map(hostile, VECTORS)}


class HostileRag:
    """Answers only with hostile texts; each one is a sentence, quote, title, source, date and file name at once."""

    def documents(self) -> list[Document]:
        return list(DOCUMENTS.values())

    def document(self, path: str) -> Document:
        return DOCUMENTS[path]

    def stream(
        self,
        question: str,
        *,
        history: Sequence[tuple[str, str]] = (),
        filter: object = None,  # noqa: A002
        client: object = None,
    ) -> Iterator[Event]:
        citations, evidence, sentences = [], [], []
        for number, (vector, document) in enumerate(zip(VECTORS, DOCUMENTS.values(), strict=True)):
            start = document.text.index("Ein Satz")
            quote = document.text[start:].rstrip("\n")
            citations.append(Citation(document.path, start, start + len(quote), quote, vector, "", also=(vector,)))
            evidence.append(EvidenceSentence(document.path, start, start + len(quote), quote, vector, 0.5))
            sentences.append(AnswerSentence(vector, 0.5, "marked", (number,), "source", ((0, 1), (2, 99))))
        yield EvidenceReady(Evidence(tuple(evidence), Query(question, f"{question} {VECTORS[0]}", "de")))
        for sentence in sentences:
            yield Delta(sentence.text)
        for sentence, citation in zip(sentences, citations, strict=True):
            yield SentenceChecked(replace(sentence, citations=(0,)), "marked", (citation,))
        sentences += [AnswerSentence(vector, 0.0, "marked", (), "model") for vector in VECTORS]
        yield Finished(
            Answer(
                question,
                f"{question} {VECTORS[0]}",
                " ".join(VECTORS),
                abstained=False,
                generated=True,
                language="de",
                sentences=tuple(sentences),
                citations=tuple(citations),
                evidence=tuple(evidence),
                timings=Timings(1.0, 2.0, 3.0),
                models={"llm": VECTORS[10]},
                unanswered=VECTORS[:3],
                unread=tuple(UnreadPart(vector, vector) for vector in VECTORS[:MOST_UNREAD]),
            )
        )


class Watch:
    """Records what a page tries: addresses it requests, dialogs it opens, and scripts that the browser stops."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.blocked: list[str] = []
        self.home = home
        # Requests to other machines are stopped; those to this machine are only recorded, which is quicker.
        context.route(re.compile(rf"^(?!{re.escape(home)}|data:|blob:)"), lambda route: route.abort())
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on(
            "console", lambda message: self.blocked.append(message.text) if "violates" in message.text else None
        )
        self.page.goto(home)
        self.page.wait_for_selector("body[data-ready]")

    def assert_quiet(self) -> None:
        assert self.page.evaluate("window.hacked") is None
        assert self.dialogs == []
        assert self.blocked == []
        assert [url for url in self.requests if not url.startswith((self.home, "data:", "blob:"))] == []
        assert [url for url in self.requests if "vektor" in url] == []

    def assert_plain(self, selector: str) -> None:
        """Check that the element contains only tags and attributes that the app itself makes."""
        strange = self.page.eval_on_selector_all(
            f"{selector} *",
            """elements => elements.filter(one =>
                !/^(DIV|SPAN|P|H1|H2|H3|H4|UL|OL|LI|SECTION|ARTICLE|HEADER|BUTTON|BDI|STRONG|MARK|BLOCKQUOTE|DETAILS|SUMMARY)$/
                    .test(one.tagName)
                || [...one.attributes].some(({name, value}) =>
                    name.startsWith("on") || name === "style" && !one.matches(".block, .html-container, .prose, [data-testid=status-tracker]")
                    || /^(href|src|srcdoc|action|formaction)$/.test(name)))
                .map(one => one.outerHTML.slice(0, 200))""",
        )
        assert strange == []


@pytest.fixture(scope="module")
def served() -> Iterator[gr.Blocks]:
    app = launch(HostileRag(), port=free_port(), block=False, questions_per_minute=0)
    yield app
    app.close(verbose=False)


@pytest.fixture
def watch(browser: Browser, served: gr.Blocks) -> Iterator[Watch]:
    context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 860})
    yield Watch(context, served.local_url)
    context.close()


def test_there_are_sixty_different_vectors() -> None:
    assert len(set(VECTORS)) == len(VECTORS) == 60


def test_sixty_hostile_texts_run_nothing(watch: Watch) -> None:
    page = watch.page
    for first in range(0, len(VECTORS), 20):
        question = "\n".join(VECTORS[first : first + 20])
        page.fill("#q-question textarea", question)
        page.press("#q-question textarea", "Enter")
        expect(page.locator(f'.q-turn[data-turn="{first // 20 + 1}"] .q-facts')).to_be_visible(timeout=60_000)
        assert page.locator(".q-question").last.text_content() == question
    cites = page.locator("#q-live .q-cite")
    expect(cites).to_have_count(60, timeout=30_000)
    watch.assert_plain("#q-live")
    watch.assert_plain("#q-evidence")
    for number, document in enumerate(DOCUMENTS.values()):
        cites.nth(number).evaluate("button => { button.focus(); button.click(); }")
        page.wait_for_function(
            "title => document.querySelector('#q-opened h2')?.textContent === title",
            arg=document.metadata.title,
        )
    watch.assert_plain("#q-opened")
    page.locator(".q-back").click()
    # The conversation is kept in the browser, listed, and rendered again after a reload.
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#q-turns .q-turn")).to_have_count(3, timeout=30_000)
    page.locator('.q-view[data-panel="conversations"]').click()
    expect(page.locator("#q-conversations li")).to_have_count(1, timeout=30_000)
    watch.assert_plain("#q-turns")
    watch.assert_plain("#q-conversations .q-kept")
    # Trigger handlers that wait for the pointer or the focus.
    page.mouse.move(400, 400)
    for _ in range(10):
        page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    watch.assert_quiet()


def test_a_question_in_a_link_runs_nothing(watch: Watch) -> None:
    for vector in (VECTORS[0], VECTORS[11], VECTORS[35]):
        watch.page.goto(watch.home + "?" + "q=" + "".join(f"%{byte:02x}" for byte in vector.encode()))
        watch.page.wait_for_selector("body[data-ready]")
        expect(watch.page.locator("#q-question textarea")).to_have_value(vector)
    watch.assert_quiet()


def test_the_watch_sees_what_it_looks_for_and_the_policy_stops_it(watch: Watch) -> None:
    """If a text were treated as markup, these tests would notice, and the browser would still not run a script."""
    page = watch.page
    page.evaluate("""() => {
        document.querySelector("#q-turns").innerHTML =
            "<img src=/assets/vektor.png onerror='window.hacked=1'>"
            + "<a id=q-bad href='javascript:window.hacked=1'>x</a>";
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        document.body.append(script);
        document.querySelector("#q-bad").click();
    }""")
    page.wait_for_timeout(500)
    assert any("vektor" in url for url in watch.requests)
    assert len(watch.blocked) >= 3
    assert page.evaluate("window.hacked") is None
    with pytest.raises(AssertionError):
        watch.assert_quiet()
    with pytest.raises(AssertionError):
        watch.assert_plain("#q-turns")
