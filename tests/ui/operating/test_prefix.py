"""The app below a path prefix, whether the proxy removes the prefix or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RagError
from tests.ui.api.serving import chat, said
from tests.ui.browsing import DESKTOP, QUESTION
from tests.ui.conftest import Windows, free_port
from tests.ui.fakes import FakeRag
from tests.ui.talking import ask_over_http
from ui import launch
from ui.operating.options import Operation
from ui.operating.prefix import read_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr


@pytest.fixture(scope="module")
def below() -> Iterator[gr.Blocks]:
    operation = Operation(root_path="/artikel/hier", metrics=True)
    served = launch(FakeRag(), port=free_port(), block=False, operation=operation, questions_per_minute=0)
    yield served
    served.close(verbose=False)


def address(app: gr.Blocks) -> str:
    return f"http://127.0.0.1:{app.server_port}"


@pytest.mark.parametrize("prefix", ["/artikel/hier", ""])
def test_it_answers_below_its_path_and_where_a_proxy_has_taken_that_off(below: gr.Blocks, prefix: str) -> None:
    url = f"{address(below)}{prefix}/"
    for path in ("", "healthz", "readyz", "metrics", "config", "theme.css"):
        assert httpx.get(url + path, timeout=30).status_code == 200, path
    assert ask_over_http(url, "Wie viel Geld?")["answer"]
    root = httpx.get(f"{url}config", timeout=30).json()["root"]
    assert root.endswith("/artikel/hier")


@pytest.mark.parametrize("prefix", ["/artikel/hier", ""])
def test_programs_are_given_addresses_below_its_path(below: gr.Blocks, prefix: str) -> None:
    answer = httpx.post(f"{address(below)}{prefix}/v1/chat/completions", json=chat("Wie viel Geld?"), timeout=60)
    url = said(answer)["annotations"][0]["url_citation"]["url"]
    assert url.startswith(f"{address(below)}/artikel/hier/api/documents/")
    assert httpx.get(url, timeout=30).status_code == 200


def test_without_the_slash_at_its_end_the_browser_is_sent_on(below: gr.Blocks) -> None:
    answer = httpx.get(f"{address(below)}/artikel/hier?q=Wer", timeout=30)
    assert (answer.status_code, answer.headers["location"]) == (308, "/artikel/hier/?q=Wer")


@pytest.mark.parametrize("path", ["/artikel", "/artikel/hierher/", "/andere/hier/", "/artikel/hier/../../x"])
def test_other_paths_are_none(below: gr.Blocks, path: str) -> None:
    assert httpx.get(f"{address(below)}{path}", timeout=30).status_code == 404


@pytest.mark.browser
def test_the_page_works_below_its_path(below: gr.Blocks, windows: Windows) -> None:
    with windows.opened(f"{address(below)}/artikel/hier/", locale="de-DE", viewport=DESKTOP) as watched:
        watched.ask(QUESTION)
        watched.expect_answered(QUESTION)
        assert all("/artikel/hier" in url for url in watched.requests if url.startswith("http"))


@pytest.mark.parametrize(("text", "prefix"), [("", ""), ("/", ""), ("/a", "/a"), ("/a/b-c/", "/a/b-c"), (" /a ", "/a")])
def test_a_path_is_read(text: str, prefix: str) -> None:
    assert read_prefix(text) == prefix


@given(st.text(max_size=40))
def test_whatever_is_given_is_a_plain_path_or_refused(text: str) -> None:
    try:
        prefix = read_prefix(text)
    except RagError as error:
        assert "--root-path" in str(error)
        return
    assert not prefix or (prefix.startswith("/") and not prefix.endswith("/"))
    assert ".." not in prefix.split("/")
    assert prefix.isascii()


def test_a_named_proxy_says_under_which_address_the_page_is_seen() -> None:
    served = launch(
        FakeRag(), port=free_port(), block=False, operation=Operation(root_path="/artikel"), forwarded_from="127.0.0.1"
    )
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.org"}
    try:
        root = httpx.get(f"{address(served)}/artikel/config", headers=headers, timeout=30).json()["root"]
        assert root == "https://example.org/artikel"
    finally:
        served.close(verbose=False)
    stranger = launch(FakeRag(), port=free_port(), block=False, operation=Operation(root_path="/artikel"))
    try:
        root = httpx.get(f"{address(stranger)}/artikel/config", headers=headers, timeout=30).json()["root"]
        assert "example.org" not in root
    finally:
        stranger.close(verbose=False)
