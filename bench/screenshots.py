"""
Take the pictures of the app for the README, with the real models and the articles of ``corpus/``.

    python -m bench.screenshots FOLDER

Each picture shows one state of the page: an answer, an article open at its passage, no answer, a phone, dark mode.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from rag import RAG
from tests.ui.browsing import DESKTOP, PHONE, Watched, visit
from tests.ui.conftest import CHROMIUM_FLAGS, chromium, free_port
from ui import launch
from ui.suggesting import Suggesting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
QUESTION = "Wie viel Geld will Cambricon aufnehmen?"
FOLLOW_UP = "Welche Chiphersteller gehören zur Model-Chip Ecosystem Innovation Alliance?"
UNANSWERED = "Wie hoch war der Gewinn von Siemens?"
SHOWN = 5
"""Number of suggested questions that the pictures wait for."""
BIGGEST = 250_000
"""Most bytes of a picture."""


def take(watched: Watched, file: Path) -> None:
    """Write a picture."""
    watched.page.mouse.move(2, 300)
    watched.page.wait_for_timeout(900)
    watched.page.screenshot(path=file)
    size = file.stat().st_size
    print(f"{file.name}: {size // 1000} kB")
    if size > BIGGEST:
        raise SystemExit(f"{file} has {size} bytes, more than {BIGGEST}.")


def pictures(browser: Browser, url: str, folder: Path) -> None:
    """Take all pictures."""

    def open_page(**options: Any) -> Watched:
        return visit(browser.new_context(locale="de-DE", **options), url)

    wide = open_page(viewport=DESKTOP)
    wide.ask_and_wait(QUESTION)
    wide.ask_and_wait(FOLLOW_UP)
    take(wide, folder / "answer.png")
    wide.page.locator("#q-live .q-cite").first.click()
    wide.page.wait_for_selector("#q-opened mark.q-here")
    take(wide, folder / "article.png")
    none = open_page(viewport=DESKTOP)
    none.ask_and_wait(UNANSWERED)
    none.page.wait_for_selector("#q-instead .q-example")
    take(none, folder / "no-answer.png")
    phone = open_page(viewport=PHONE)
    phone.ask_and_wait(QUESTION)
    take(phone, folder / "phone.png")
    dark = open_page(viewport=DESKTOP, color_scheme="dark")
    dark.ask_and_wait(QUESTION)
    dark.page.locator("#q-live .q-cite").first.click()
    dark.page.wait_for_selector("#q-opened mark.q-here")
    take(dark, folder / "dark.png")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    rag = RAG.open(ROOT / "corpus")
    rag.warm_up()
    suggesting = Suggesting(rag, rag.settings.index / "suggestions.json")
    app = launch(rag, port=free_port(), block=False, suggesting=suggesting)
    try:
        while len(suggesting.found) < SHOWN and not suggesting.wait(1.0):
            pass
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_FLAGS))
            pictures(browser, app.local_url, folder)
            browser.close()
    finally:
        suggesting.end()
        app.close(verbose=False)


if __name__ == "__main__":
    main()
