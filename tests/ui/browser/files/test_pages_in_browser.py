"""A citation of a PDF opens its page; the marks drawn there cover the quoted words and no others."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from index.errors import CorpusError
from index.reading.documents import load
from index.reading.extraction.pages.texts import text_of_page
from index.reading.extraction.pages.types import Rectangle
from rag.pages.facade import Pages
from rag.runtime.answer_cache import AnswerMemory
from rag.settings import Settings
from rag.types import Answer, AnswerSentence, Citation, Evidence, EvidenceReady, Finished, Query, Timings
from tests.files import lines, make_pdf, needs_files
from tests.printed import letters_of, seen
from tests.ui import fakes
from tests.ui.browsing import DESKTOP, PHONE, answered, texts_of, violations
from tests.ui.conftest import Windows, free_port
from ui import launch
from ui.render.texts import DE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr
    from playwright.sync_api import Page

    from index.types import Document
    from tests.ui.browsing import Watched

pytestmark = [pytest.mark.browser, needs_files]
PRINTED = Path(__file__).parents[3] / "pages"
LONG = "lang.pdf"
# A quote and its page, for some kinds of files. `tests.index.reading.pages.test_pages` tests all kinds.
CITED = {
    "columns": ("Drei Orte wurden überflutet, und dreiundzwanzig Menschen mussten ihr Haus verlassen.", 1),
    "heads": ("Talheim | Spiele: 10 | Tore: 18", 1),
    "pages": ("Nr: 28 | Maßnahme: Den Schutz von Ufer 28 hat die Gemeinde mit dem Landkreis", 2),
    "turned": ("Diese Seite ist im Querformat und hat einen gedrehten Rand.", 1),
}


class Engine(fakes.FakeRag, Pages):
    """Cites what a question names in the form "file: quote"."""

    def __init__(self, corpus: Path) -> None:
        super().__init__()
        self.settings = Settings(corpus=corpus)  # type: ignore[assignment]
        self._memory = AnswerMemory(0)
        self._read = {file.name: load(file, corpus) for file in sorted(corpus.glob("*.pdf"))}

    def documents(self) -> list[Document]:
        return list(self._read.values())

    def document(self, path: str, **_: Any) -> Document:
        if path not in self._read:
            raise CorpusError("There is no such document.")
        return self._read[path]

    def stream(self, question: str, **_: Any) -> Iterator[Any]:
        query = Query(question, question, "de")
        yield EvidenceReady(Evidence((), query))
        citations = []
        for one in question.split(" + "):
            name, quote = one.split(": ", 1)
            document = self._read[name]
            start = document.text.index(quote)
            page = document.page(start)
            end, title = start + len(quote), document.metadata.title
            label = document.label(page)
            citations.append(Citation(name, start, end, quote, title, document.sha256, page, label))
        sentences = tuple(AnswerSentence(cited.quote, 1.0, "kept", (number,)) for number, cited in enumerate(citations))
        text = " ".join(sentence.text for sentence in sentences)
        yield Finished(
            Answer(
                question,
                question,
                text,
                abstained=False,
                generated=True,
                language="de",
                sentences=sentences,
                citations=tuple(citations),
                evidence=(),
                timings=Timings(1.0, 2.0, 3.0),
            )
        )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for file in PRINTED.glob("*.pdf"):
        (folder / file.name).write_bytes(file.read_bytes())
    pages = [lines(f"Auf der Seite {number} steht: es sind {number * 7} Euro.") for number in range(1, 13)]
    labels = b"/Type /Catalog /PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>"
    (folder / LONG).write_bytes(make_pdf(pages, title="Bericht").replace(b"/Type /Catalog", labels, 1))
    return folder


@pytest.fixture(scope="module")
def served(corpus: Path) -> Iterator[gr.Blocks]:
    app = launch(Engine(corpus), port=free_port(), block=False)
    yield app
    app.close(verbose=False)


@contextlib.contextmanager
def opened(windows: Windows, served: gr.Blocks, question: str, **options: Any) -> Iterator[Watched]:
    with windows.opened(served.local_url, **{"locale": "de-DE", "viewport": DESKTOP, **options}) as watched:
        answered(watched, question)
        watched.page.locator("#q-live .q-cite").first.click()
        yield watched


def drawn(page: Page, width: float, height: float, kind: str = ".q-here") -> list[Rectangle]:
    """Return the marks as the browser draws them over the picture, in points of the page."""
    expect(page.locator(f"#q-page .q-box{kind}").first).to_be_in_viewport()
    page.wait_for_function("() => document.querySelector('#q-page img').complete")
    boxes = page.evaluate(
        """kind => {
            const sheet = document.querySelector("#q-page img").getBoundingClientRect();
            return [...document.querySelectorAll(`#q-page .q-box${kind}`)].map((one) => {
                const box = one.getBoundingClientRect();
                const x = (value) => (value - sheet.left) / sheet.width;
                const y = (value) => (value - sheet.top) / sheet.height;
                return [x(box.left), y(box.top), x(box.right), y(box.bottom)];
            });
        }""",
        kind,
    )
    return [Rectangle(left * width, top * height, right * width, bottom * height) for left, top, right, bottom in boxes]


@pytest.mark.parametrize("name", sorted(CITED))
def test_the_marks_in_the_browser_cover_the_quoted_words_and_no_others(
    windows: Windows, served: gr.Blocks, corpus: Path, name: str
) -> None:
    quote, number = CITED[name]
    with opened(windows, served, f"{name}.pdf: {quote}") as watched:
        expect(watched.page.locator(".q-leaf-number")).to_contain_text(f"Seite {number} von")
        pdf = (corpus / f"{name}.pdf").read_bytes()
        width, height = size_of(pdf, number - 1)
        rectangles = drawn(watched.page, width, height)
        characters = seen(pdf, number - 1)
        covered = letters_of("".join(one.text for one in characters if one.within(rectangles)))
        # A row of a table repeats the cells that span several rows.
        assert set(covered) == set(letters_of(quote))
        if "|" not in quote:
            assert sorted(covered) == sorted(letters_of(quote))
        # No mark touches another character, apart from a tolerance of a few points.
        outside = [one for one in characters if one.text.isalnum() and not one.within(rectangles)]
        shrunk = [Rectangle(one.left + 1, one.top + 3, one.right - 1, one.bottom - 3) for one in rectangles]
        assert not [one for one in outside for mark in shrunk if overlap(one.box, mark)]


def size_of(pdf: bytes, number: int) -> tuple[float, float]:
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        width, height = document[number].get_size()
        return float(width), float(height)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


@pytest.mark.parametrize(("locale", "viewport", "scheme"), [("de-DE", DESKTOP, "light"), ("en-GB", PHONE, "dark")])
def test_one_steps_from_page_to_page_and_to_the_text_by_keyboard(
    windows: Windows, served: gr.Blocks, corpus: Path, locale: str, viewport: Any, scheme: Any
) -> None:
    question = f"{LONG}: es sind 21 Euro. + {LONG}: es sind 70 Euro."
    options = {"locale": locale, "viewport": viewport, "color_scheme": scheme}
    with opened(windows, served, question, **options) as watched:
        page, texts = watched.page, texts_of(watched)
        number = page.locator(".q-leaf-number")
        named = texts.page_labelled.format(label="1", page=3)
        expect(number).to_have_text(texts.sheet_of.format(page=named, count=12), ignore_case=True)
        expect(page.locator("#q-opened .q-byline")).to_contain_text(named)
        expect(page.locator("#q-page img")).to_have_attribute(
            "alt", texts.sheet_alt.format(page=named, title="Bericht"), ignore_case=True
        )
        expect(page.locator("#q-page .q-text")).to_contain_text("Auf der Seite 3 steht")
        expect(page.locator("#q-page .q-text mark.q-here")).to_have_text("es sind 21 Euro.")
        expect(page.locator("#q-page .q-text")).not_to_contain_text("Auf der Seite 4")
        assert violations(watched) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.locator(".q-leaf").nth(1).focus()
        page.keyboard.press("Enter")
        expect(number).to_contain_text("4")
        expect(page.locator(".q-leaf").nth(1)).to_be_focused()
        expect(page.locator("#q-status")).to_contain_text("4")
        expect(page.locator("#q-page .q-box")).to_have_count(0)
        for _ in range(3):
            page.locator(".q-leaf").nth(0).focus()
            page.keyboard.press("Enter")
        named = texts.page_labelled.format(label="i", page=1)
        expect(number).to_have_text(texts.sheet_of.format(page=named, count=12), ignore_case=True)
        expect(page.locator(".q-leaf").nth(0)).to_be_disabled()
        expect(page.locator(".q-leaf").nth(1)).to_be_focused()
        # The next passage is on a page that has not been drawn yet.
        page.locator('.q-step[data-step="1"]').click()
        expect(number).to_contain_text("10")
        expect(page.locator("#q-page .q-box.q-here")).to_have_count(1)
        page.locator('.q-show[data-show="text"]').focus()
        page.keyboard.press("Enter")
        expect(page.locator("#q-page img")).to_be_hidden()
        expect(page.locator("#q-opened article > .q-text mark.q-here")).to_have_text("es sind 70 Euro.")
        expect(page.locator("#q-opened article > .q-text mark.q-here")).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.locator("#q-opened article")).to_have_count(0)
        # The page remembers that the text was preferred.
        page.locator("#q-live .q-cite").first.click()
        expect(page.locator("#q-opened article > .q-text")).to_be_visible()
        page.locator('.q-show[data-show="page"]').click()
        expect(page.locator("#q-page .q-box.q-here")).to_have_count(1)


def test_where_the_file_has_changed_the_text_is_shown_and_why(windows: Windows, tmp_path: Path) -> None:
    (tmp_path / LONG).write_bytes(make_pdf([lines("Es waren 77 Euro.", "Das steht hier auf der Seite.")]))
    engine = Engine(tmp_path)
    app = launch(engine, port=free_port(), block=False)
    try:
        (tmp_path / LONG).write_bytes(make_pdf([lines("Es waren 99 Euro.", "Das steht hier auf der Seite.")]))
        with opened(windows, app, f"{LONG}: Es waren 77 Euro.") as watched:
            expect(watched.page.locator("#q-page")).to_have_text(DE.sheet_changed)
            expect(watched.page.locator("#q-opened article > .q-text mark.q-here")).to_have_text("Es waren 77 Euro.")
            expect(watched.page.locator("#q-opened .q-show")).to_have_count(0)
            watched.page.keyboard.press("Escape")
            (tmp_path / LONG).unlink()
            watched.page.locator("#q-live .q-cite").first.click()
            expect(watched.page.locator("#q-page")).to_have_text(DE.sheet_gone)
    finally:
        app.close(verbose=False)


def test_only_pages_of_the_question_are_in_its_text(corpus: Path) -> None:
    document = Engine(corpus).document(LONG)
    here = text_of_page(document, 3)
    assert document.text[here.start : here.end].strip() == "Auf der Seite 3 steht: es sind 21 Euro."
