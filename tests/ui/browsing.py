"""A page in headless Chromium, with all that it requested and all errors that it reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from ui.render.texts import DE, EN

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from ui.render.texts import Texts

QUESTION = "Wie viel Geld will Cambricon aufnehmen?"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@dataclass
class Watched:
    """A page with its requests and its errors."""

    page: Page
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        self.page.fill("#q-question textarea", question)
        self.page.press("#q-question textarea", "Enter")

    def ask_and_wait(self, question: str) -> None:
        """Ask the real model and wait, which may take minutes."""
        self.ask(question)
        self.page.wait_for_function(
            "question => !('busy' in document.body.dataset) && window.quellentreu.turns.at(-1)?.question === question",
            arg=question,
            timeout=300_000,
        )

    def expect_answered(self, question: str) -> None:
        expect(self.page.locator("#q-live .q-question")).to_have_text(question)
        expect(self.page.locator("#q-live .q-turn:not([data-state=busy]) .q-actions")).to_be_visible()
        expect(self.page.locator("#q-ask")).to_be_visible()

    def foreign_requests(self) -> list[str]:
        return [
            url
            for url in self.requests
            if not url.startswith(("data:", "blob:")) and urlsplit(url).hostname != "127.0.0.1"
        ]

    def expect_highlighted(self, quote: str) -> None:
        expect(self.page.locator(".q-back")).to_be_focused()
        expect(self.page.locator("#q-opened mark.q-here").first).to_be_in_viewport()
        self.page.wait_for_function(
            """quote => [...document.querySelectorAll("#q-opened mark.q-here")]
                .map(mark => mark.textContent).join("") === quote""",
            arg=quote,
            timeout=5000,
        )

    def highlighted(self) -> str:
        return "".join(mark.text_content() or "" for mark in self.page.locator("#q-opened mark.q-here").all())


def visit(context: BrowserContext, url: str) -> Watched:
    page = context.new_page()
    page.set_default_timeout(20_000)
    watched = Watched(page)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("websocket", lambda socket: watched.requests.append(socket.url))
    page.on("pageerror", lambda error: watched.problems.append(str(error)))
    page.on(
        "console",
        lambda message: watched.problems.append(message.text) if message.type == "error" else None,
    )
    page.goto(url)
    page.wait_for_selector("body[data-ready]")
    return watched


def texts_of(watched: Watched) -> Texts:
    """Return the texts in the page's language."""
    return DE if watched.page.evaluate("document.documentElement.lang") == "de" else EN


def answered(watched: Watched, question: str = QUESTION) -> None:
    """Ask and wait for the end of the answer."""
    watched.ask(question)
    watched.expect_answered(question)


def violations(watched: Watched) -> list[str]:
    """Return what axe finds that violates WCAG 2.2 AA or its own best practices, one line each."""
    from axe_playwright_python.base import AXE_SCRIPT

    # The package's own function would put axe into the page each time, and also fetch the results without violations.
    if not watched.page.evaluate("'axe' in window"):
        watched.page.evaluate(AXE_SCRIPT)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found: list[Any] = watched.page.evaluate("options => axe.run(options).then(results => results.violations)", options)
    return [f"{item['impact']} {item['id']}: {node['html'][:160]}" for item in found for node in item["nodes"]]
