"""Errors are explained in words, and how to go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.browsing import QUESTION, Watched, answered, texts_of, visit
from tests.ui.conftest import free_port
from tests.ui.fakes import FakeRag
from ui import launch

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("either", "question", "name", "detail"),
    [
        ("desktop-german", "modelllos", "model", "The weights of x are missing."),
        ("phone-english", "besetzt", "busy", "7 questions are already waiting."),
        ("desktop-german", "indexlos", "index", "The index in .rag is damaged."),
    ],
    indirect=["either"],
)
def test_each_error_says_what_happened_and_what_to_do(either: Watched, question: str, name: str, detail: str) -> None:
    page, texts = either.page, texts_of(either)
    answered(either, question)
    error = page.locator("#q-live .q-error")
    expect(error).to_contain_text(getattr(texts, f"{name}_error"))
    expect(error).to_contain_text(getattr(texts, f"{name}_remedy"))
    expect(error.get_by_text(detail)).to_be_hidden()
    error.locator("summary").click()
    expect(error.get_by_text(detail)).to_be_visible()
    expect(page.locator("#q-status")).to_contain_text(getattr(texts, f"{name}_error"))
    page.locator("#q-live [data-action=retry]").click()
    either.expect_answered(question)
    answered(either)
    expect(page.locator("#q-live .q-facts")).to_be_visible()


def test_too_long_a_question_stays_in_the_box(watched: Watched, fake: FakeRag) -> None:
    page, texts = watched.page, texts_of(watched)
    question = "Warum? " * 600
    watched.ask(question)
    expect(page.locator("#q-notice")).to_have_text(texts.too_long.format(count=len(question.strip()), limit=4000))
    expect(page.locator("#q-question textarea")).to_have_value(question)
    expect(page.locator(".q-turn")).to_have_count(0)
    assert fake.questions == []
    answered(watched)
    expect(page.locator("#q-notice")).to_be_hidden()


def test_a_server_that_restarts_in_mid_answer(browser: Browser) -> None:
    port = free_port()
    first = FakeRag()
    served = launch(first, port=port, block=False)
    context = browser.new_context(locale="de-DE")
    watched = visit(context, served.local_url)
    page, texts = watched.page, texts_of(watched)
    try:
        answered(watched)
        first.may_check.clear()
        watched.ask("Und weiter?")
        expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
        served.close(verbose=False)
        error = page.locator("#q-turns .q-error")
        expect(error).to_contain_text(texts.lost, timeout=30_000)
        expect(page.locator("#q-status")).to_contain_text(texts.lost)
        first.may_check.set()
        second = FakeRag()
        served = launch(second, port=port, block=False)
        page.locator(".q-turn").first.locator("[data-action=retry]").click()
        watched.expect_answered(QUESTION)
        # The question after it is still there.
        expect(page.locator(".q-turn .q-question")).to_have_text([QUESTION, "Und weiter?", QUESTION])
        assert (second.histories, second.fresh) == ([[]], [True])
        page.locator(".q-turn").nth(1).locator("[data-action=retry]").click()
        watched.expect_answered("Und weiter?")
        # The context of the follow-up came from the browser.
        assert [question for question, _ in second.histories[-1]] == [QUESTION]
    finally:
        first.may_check.set()
        context.close()
        served.close(verbose=False)


def test_a_server_that_is_gone_is_told_in_the_pages_language(browser: Browser) -> None:
    code = "from tests.ui.fakes import FakeRag; from ui import launch; fake = FakeRag(); fake.may_check.clear(); "
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", f"{code}launch(fake, port={free_port()})"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    context = browser.new_context(locale="de-DE")
    try:
        watched = visit(context, process.stderr.readline().strip())
        page, texts = watched.page, texts_of(watched)
        watched.ask(QUESTION)
        expect(page.locator("#q-live .q-draft")).to_be_visible()
        process.kill()
        expect(page.locator("#q-turns .q-error")).to_contain_text(texts.lost, timeout=30_000)
        # Gradio's own message is in the document, but it is neither visible nor read aloud.
        expect(page.locator(".toast-body")).to_have_count(1)
        expect(page.locator(".toast-body")).to_be_hidden()
        assert "Connection" not in page.locator("body").inner_text()
        page.locator(".q-turn").last.locator("[data-action=retry]").click()
        expect(page.locator("#q-notice")).to_have_text(texts.lost_remedy)
    finally:
        context.close()
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_question_to_a_server_that_is_gone_is_not_waited_for(browser: Browser) -> None:
    served = launch(FakeRag(), port=free_port(), block=False)
    context = browser.new_context(locale="de-DE")
    watched = visit(context, served.local_url)
    page, texts = watched.page, texts_of(watched)
    try:
        served.close(verbose=False)
        watched.ask(QUESTION)
        expect(page.locator(".q-turn .q-error")).to_contain_text(texts.lost, timeout=30_000)
        expect(page.locator(".q-turn .q-question")).to_have_text(QUESTION)
        page.wait_for_timeout(1000)
        visible = page.locator("body").inner_text()
        for word in ("Connection", "Error", "Failed", "errored"):
            assert word not in visible
    finally:
        context.close()


def test_a_server_that_is_slow_is_not_taken_for_lost(watched: Watched, fake: FakeRag) -> None:
    page = watched.page
    answered(watched)
    fake.may_check.clear()
    page.route("**/app_id", lambda _: None)  # the server does not answer
    watched.ask("Und weiter?")
    expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    for _ in range(3):  # the page asks again, because the first two requests got no answer
        with page.expect_request("**/app_id"):
            pass
    expect(page.locator(".q-error")).to_have_count(0)
    fake.may_check.set()
    watched.expect_answered("Und weiter?")
