"""The user's own files in a real browser, with real files, extraction and search, and a scripted model."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Route, expect

from index.collections.owners import Owner
from tests.conftest import ARTICLES
from tests.files import article, lines, make_docx, make_html, make_pdf, needs_files
from tests.rag.building import build
from tests.ui.browsing import Watched
from tests.ui.conftest import Windows, free_port
from ui import launch
from ui.render.texts import DE, EN
from ui.server.owners import COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import gradio as gr

    from index.collections.uploads import Uploads
    from rag.client import RAG

pytestmark = [pytest.mark.browser, needs_files]
SENTENCE = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar des Vereins ein?"
PDF = make_pdf([lines("Der Verein wählte im Mai einen Vorstand."), lines(SENTENCE)], title="Protokoll")
EVIL = "<img src=x onerror=window.hacked=1> & <script>window.hacked=1</script>"
KEY = "k" * 43


def own(engine: RAG) -> Uploads:
    """Return the files of the browser that the tests open."""
    return engine.owned_uploads.get(Owner.of(KEY))


class Visit(Watched):
    def open_panel(self) -> None:
        self.page.locator(".q-view[data-panel=uploads]").click()
        expect(self.page.locator("#q-own .q-drop")).to_be_visible()

    def choose_files(self, *files: tuple[str, bytes]) -> None:
        self.page.set_input_files(
            "#q-own-input",
            [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files],
        )


@pytest.fixture(scope="module", autouse=True)
def _patient() -> Iterator[None]:
    expect.set_options(timeout=60_000)  # files are read in processes of their own, which start slowly on a busy machine
    yield
    expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    folder = tmp_path_factory.mktemp("own")
    (folder / "corpus").mkdir()
    for name, text in ARTICLES.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8", newline="")
    return build(folder / "corpus", folder / "index", SENTENCE, upload_file_megabytes=3)


@pytest.fixture(scope="module")
def served(answering: RAG) -> Iterator[gr.Blocks]:
    app = launch(answering, port=free_port(), block=False, questions_per_minute=0)
    yield app
    app.close(verbose=False)


@pytest.fixture
def engine(answering: RAG) -> RAG:
    """The engine without files of the browser."""
    own(answering).clear()
    return answering


@pytest.fixture
def visit(windows: Windows, engine: RAG, served: gr.Blocks) -> Iterator[Callable[..., Visit]]:
    with contextlib.ExitStack() as visits:

        def come(locale: str = "de-DE", width: int = 1280, height: int = 860) -> Visit:
            look = {"locale": locale, "viewport": {"width": width, "height": height}}
            cookie = {"name": COOKIE, "value": KEY, "url": served.local_url}
            opened = visits.enter_context(windows.opened(served.local_url, cookies=[cookie], **look))
            opened.page.set_default_timeout(60_000)
            made = Visit(opened.page, opened.requests, opened.problems)
            visits.callback(lambda: unhurt(made))
            return made

        yield come


def unhurt(made: Visit) -> None:
    assert made.page.evaluate("window.hacked") is None


def test_files_are_added_asked_read_and_removed(visit: Callable[..., Visit], engine: RAG) -> None:
    made, texts = visit("en-GB", 390), EN
    page = made.page
    made.open_panel()
    expect(page.locator("#q-own")).to_contain_text(texts.own_none)
    expect(page.locator("#q-own .q-choice")).to_be_hidden()
    made.choose_files(
        ("Verein.pdf", PDF),
        ("Pumpen.docx", make_docx(article)),
        ("Seite.html", make_html("<h1>Seite</h1><p>Ein Satz über Dachse.</p><p hidden>GEHEIM</p>")),
        ("gelogen.docx", PDF),
        ("scan.pdf", make_pdf([[]])),
    )
    jobs = page.locator("#q-own .q-jobs li")
    expect(jobs).to_have_count(5)
    expect(page.locator("#q-own .q-jobs li[data-state]")).to_have_count(5)
    assert [jobs.nth(n).get_attribute("data-state") for n in range(5)] == ["added"] * 3 + ["refused"] * 2
    expect(jobs.nth(0)).to_have_text(f"Verein.pdf {texts.own_added}")
    expect(jobs.nth(3)).to_contain_text(texts.refused_wrong_type)
    expect(jobs.nth(4)).to_contain_text(texts.refused_scanned)
    expect(page.locator("#q-own .q-own-list li")).to_have_count(3)
    expect(page.locator("#q-own .q-own-list")).to_contain_text(texts.own_pages.replace("{count}", "2"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Only the visible text of a file can be read.
    page.locator("#q-own [data-path='.uploads/Seite.html']").click()
    expect(page.locator("#q-opened .q-text")).to_contain_text("Ein Satz über Dachse.")
    expect(page.locator("#q-opened")).not_to_contain_text("GEHEIM")
    page.locator(".q-back").click()
    expect(page.locator("#q-own .q-drop")).to_be_visible()

    # An answer cites a file with its page.
    made.ask(QUESTION)
    expect(page.locator(".q-turn .q-cite").first).to_be_visible()
    page.locator(".q-turn .q-cite").first.click()
    expect(page.locator("#q-opened mark.q-here").first).to_have_text(SENTENCE)
    expect(page.locator("#q-opened .q-byline")).to_contain_text(f"{texts.page} 2")
    page.locator(".q-back").click()

    made.open_panel()
    page.locator("#q-own li[data-name='Pumpen.docx'] [data-own=remove]").click()
    expect(page.locator("#q-own .q-own-list li")).to_have_count(2)
    clear = page.locator("#q-own [data-own=clear]")
    clear.click()
    expect(clear).to_have_text(texts.own_clear_really)
    assert len(own(engine).list()) == 2
    clear.click()
    expect(page.locator("#q-own .q-own-list")).to_have_text(texts.own_none)
    assert own(engine).list() == []


def test_the_choice_says_what_is_asked_and_is_kept(visit: Callable[..., Visit], engine: RAG) -> None:
    own(engine).add("Verein.pdf", PDF)
    made = visit()
    page = made.page
    made.open_panel()
    assert page.locator("#q-own input[value=all]").is_checked()
    page.locator("#q-own label", has_text=DE.own_ask_articles).click()
    made.ask(QUESTION)
    expect(page.locator(".q-turn .q-facts")).to_be_visible()
    assert page.locator("#q-talk [data-path^='.uploads'], #q-panel-evidence [data-path^='.uploads']").count() == 0

    made.open_panel()
    page.locator("#q-own input[value=all]").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#q-own input[value=uploads]").is_checked()
    expect(page.locator("#q-scope")).to_contain_text(DE.own_only)
    made.ask("Was will Cambricon?")
    expect(page.locator(".q-turn")).to_have_count(2)
    expect(page.locator(".q-turn[data-state=busy]")).to_have_count(0)
    expect(page.locator(".q-list[data-turn='2'] [data-path]").first).to_be_attached()
    assert page.locator(".q-list[data-turn='2'] [data-path='cambricon.md']").count() == 0
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#q-scope")).to_be_visible()
    page.locator(".q-widen").click()
    expect(page.locator("#q-scope")).to_be_hidden()


def test_files_may_be_dropped_anywhere_and_come_in_parts(visit: Callable[..., Visit], engine: RAG) -> None:
    made = visit()
    page = made.page
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["Ein langer Satz steht hier.\\n\\n", "\\n".repeat(2500000)], "lang.txt"));
            data.items.add(new File(["x".repeat(3000001)], "groß.txt"));
            const target = document.querySelector("#q-talk");
            target.dispatchEvent(new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true }));
            target.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#q-own .q-jobs li[data-state=added]")).to_have_text(f"lang.txt {DE.own_added}")
    expect(page.locator("#q-own .q-jobs li[data-state=refused]")).to_contain_text(DE.refused_too_large)
    assert [upload.size for upload in own(engine).list()] == [2_500_029]
    parts = [url for url in made.requests if url.endswith("component_server")]
    assert len(parts) > 3


def test_a_file_dropped_before_the_panel_stands_is_added(visit: Callable[..., Visit], engine: RAG) -> None:
    made = visit()
    page = made.page

    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if not held and '"own_files"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/component_server", hold_the_first)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["Früh fallen gelassen."], "früh.txt"));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#q-own .q-jobs")).to_have_count(0)
    held[0].continue_()
    expect(page.locator("#q-own .q-jobs li[data-state=added]")).to_have_text(f"früh.txt {DE.own_added}")


def test_what_is_hostile_is_shown_as_text_and_never_given_back(
    visit: Callable[..., Visit], engine: RAG, served: gr.Blocks
) -> None:
    made = visit()
    page = made.page
    made.open_panel()
    hostile = make_html(f"<h1>{EVIL.replace('<', '&lt;')}</h1><p>Ein Satz: {EVIL.replace('<', '&lt;')}</p>{EVIL}")
    made.choose_files((f"{EVIL}.html", hostile))
    expect(page.locator("#q-own .q-jobs li[data-state=added]")).to_have_count(1)
    expect(page.locator("#q-own .q-job-name")).to_contain_text("onerror")
    page.locator("#q-own .q-reopen").click()
    expect(page.locator("#q-opened h2")).to_contain_text("<img src=x onerror=window.hacked=1>")
    expect(page.locator("#q-opened .q-text")).to_contain_text("<script>window.hacked=1</script>")
    assert page.locator("#q-opened img, #q-own img, #q-opened script").count() == 0
    (file,) = (engine.settings.uploads_folder / "owners" / Owner.of(KEY).digest / "files").iterdir()
    for address in (f"gradio_api/file={file}", f"file={file}", f"gradio_api/file=.uploads/{file.name}"):
        assert page.request.get(f"{served.local_url}{address}").status in {403, 404}


def test_the_panel_speaks_to_keyboard_and_screen_reader(visit: Callable[..., Visit], engine: RAG) -> None:
    own(engine).add("Verein.pdf", PDF)
    made = visit()
    page = made.page
    page.locator(".q-view[data-panel=uploads]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name=DE.own_ask)).to_be_visible()
    for name in (DE.own_ask_articles, DE.own_ask_uploads, DE.own_ask_all):
        assert page.get_by_role("radio", name=name).count() == 1
    assert page.get_by_label(DE.own_drop).get_attribute("type") == "file"
    remove = page.get_by_role("button", name=f"{DE.own_remove}: Verein.pdf")
    remove.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q-status")).to_have_text("Verein.pdf ist entfernt.")
    expect(page.locator("#q-own-input")).to_be_focused()


def test_a_server_that_is_gone_is_told(visit: Callable[..., Visit], served: gr.Blocks) -> None:
    made = visit()
    made.open_panel()
    made.page.route("**/component_server", lambda route: route.abort())
    made.choose_files(("a.md", b"Ein Satz steht hier."))
    expect(made.page.locator("#q-own .q-jobs li[data-state=refused]")).to_contain_text(DE.lost)
    made.problems.clear()


def test_a_span_of_time_holds_for_own_files_too_and_says_what_it_leaves_out(
    visit: Callable[..., Visit], engine: RAG
) -> None:
    own(engine).add("alt.md", f"---\ntitle: Protokoll\ndate: 2024-03-01\n---\n\n{SENTENCE}\n".encode())
    own(engine).add("ohne.txt", b"Der Kuchenbasar des Vereins brachte viel ein, heisst es hier.")
    made, texts = visit(), DE
    page, note = made.page, made.page.locator("#q-filter")
    page.locator(".q-view[data-panel=library]").click()
    page.fill("#q-lib-until", "2025-01-01")
    expect(note).to_contain_text(texts.filter_undated_own)
    made.ask(QUESTION)
    expect(page.locator(".q-turn .q-cite").first).to_be_visible()
    cited = page.locator(".q-list[data-turn='1'] [data-path]")
    assert {one.get_attribute("data-path") for one in cited.all()} == {".uploads/alt.md"}
    made.open_panel()
    page.locator("#q-own label", has_text=texts.own_ask_articles).click()
    expect(note).to_contain_text(texts.filter_undated)
    expect(note).not_to_contain_text(texts.filter_undated_own)
    page.locator("#q-own label", has_text=texts.own_ask_uploads).click()
    page.locator(".q-view[data-panel=library]").click()
    page.fill("#q-lib-until", "")
    page.locator("#q-lib-source").select_option("Heise")
    expect(note).to_contain_text(texts.filter_source_own)
    page.locator(".q-unfilter").click()
    expect(note).to_be_hidden()


def test_two_browsers_see_only_what_they_added(
    visit: Callable[..., Visit], browser: Browser, served: gr.Blocks
) -> None:
    first = visit()
    first.open_panel()
    expect(first.page.locator("#q-own")).to_contain_text(DE.own_about)
    first.choose_files(("a.md", SENTENCE.encode()))
    expect(first.page.locator("#q-own .q-own-list li")).to_have_count(1)
    context = browser.new_context(locale="de-DE")  # a browser that has never visited the app
    page = context.new_page()
    page.goto(served.local_url)
    page.wait_for_selector("body[data-ready]")
    page.locator(".q-view[data-panel=uploads]").click()
    expect(page.locator("#q-own")).to_contain_text(DE.own_none)
    page.set_input_files("#q-own-input", [{"name": "b.md", "mimeType": "text/plain", "buffer": b"Noch ein Satz."}])
    expect(page.locator("#q-own .q-own-list li")).to_have_count(1)
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (COOKIE, True, "Strict")
    assert page.evaluate("document.cookie") == ""
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.locator(".q-view[data-panel=uploads]").click()
    expect(page.locator("#q-own .q-own-list li")).to_have_attribute("data-name", "b.md")
    assert context.cookies()[0]["value"] == cookie["value"]
    context.close()
    first.page.reload()
    first.page.wait_for_selector("body[data-ready]")
    first.open_panel()
    expect(first.page.locator("#q-own .q-own-list li")).to_have_attribute("data-name", "a.md")


def test_the_page_says_where_files_are_everybodys(browser: Browser, engine: RAG) -> None:
    app = launch(engine, port=free_port(), block=False, share_uploads=True)
    page = browser.new_page(locale="en-GB")
    page.goto(app.local_url)
    page.wait_for_selector("body[data-ready]")
    page.locator(".q-view[data-panel=uploads]").click()
    expect(page.locator("#q-own")).to_contain_text(EN.own_about_shared)
    page.context.close()
    app.close(verbose=False)
