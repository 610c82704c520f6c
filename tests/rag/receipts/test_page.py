"""A receipt is one page that loads nothing, runs nothing, escapes every text and is the same in every version."""

from __future__ import annotations

import hashlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.documents import parse
from rag.receipts import read, receipt
from rag.receipts.page import AROUND, surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

HOSTILE = [
    "</pre><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'&lt;",
    "a\r\nb\r",
    "\x00\u202e\ud800",
    "</style>",
    "<!--",
]


def answer(*texts: str, **changes: Any) -> dict[str, Any]:
    """Return an answer with only the given texts."""

    def pick(place: int) -> str:
        return texts[place % len(texts)]

    cited = {
        "path": pick(0), "start": 3, "end": 3 + len(pick(1)), "quote": pick(1), "title": pick(2), "page": 4,
        "page_label": pick(3), "machine_read": True, "document_sha256": "0" * 64,
    }  # fmt: skip
    said = {"text": pick(1), "status": "kept", "citations": [0], "wording": "source", "group": pick(4)}
    own = {"text": pick(5), "status": "marked", "citations": [], "wording": "model"}
    return {
        "question": pick(6), "answer": pick(1), "abstained": False, "language": "de", "sentences": [said, own],
        "citations": [cited], "evidence": [], "models": {pick(0): pick(1)}, "index": pick(2), "unanswered": [pick(3)],
        **changes,
    }  # fmt: skip


def page_of(*texts: str, language: str = "de") -> str:
    return receipt(answer(*texts), [(texts[0], texts[-1])], made="2025-01-02T03:04:05+00:00", language=language)


class Seen(HTMLParser):
    """Collects the elements of a page, their attributes and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(page: str) -> Seen:
    parser = Seen()
    parser.feed(page)
    return parser


@given(texts=st.lists(st.sampled_from(HOSTILE) | st.text(min_size=1), min_size=1, max_size=7), english=st.booleans())
def test_no_text_becomes_markup_and_the_data_come_back(texts: list[str], english: bool) -> None:
    page = page_of(*texts, language="en" if english else "de")
    plain = seen(page_of("x"))
    found = seen(page)
    assert (found.elements, found.attributes) == (plain.elements, plain.attributes)
    assert not {"script", "link", "img", "iframe", "base", "form", "object"} & found.elements
    assert not {"src", "onerror", "onclick", "action", "srcdoc"} & found.attributes
    claim = read(page.encode())
    assert not claim.altered
    assert claim.answer.citations[0].quote == answer(*texts)["citations"][0]["quote"]
    assert claim.surroundings == [[texts[0], texts[-1]]]


def test_nothing_is_loaded() -> None:
    page = page_of("x")
    assert "default-src &#x27;none&#x27;" in page
    assert not [part for part in ("http:", "https:", "url(", "@import", "//") if part in page]


def test_what_is_shown() -> None:
    text = seen(page_of("datei", "zitat", "titel", "iv", "gruppe", "modell", "frage")).text
    for shown in (
        "datei",
        "zitat",
        "titel",
        "iv",
        "gruppe",
        "modell",
        "frage",
        "0" * 64,
        "2025-01-02",
        "nicht geprüft",
    ):
        assert shown in text


def test_whoever_changes_the_page_raises_its_format() -> None:
    """Receipts of format 1 must stay readable: after a change, raise `FORMAT` and then update the digests."""
    digests = {
        language: hashlib.sha256(page_of("a", "b", "c", language=language).encode()).hexdigest()[:16]
        for language in ("de", "en")
    }
    assert digests == {"de": "f8c5537c39134acf", "en": "6cb7ed78272a0905"}


@given(text=st.text(alphabet=" abc\nß🚢", max_size=900), data=st.data())
def test_surroundings_are_the_text_around(text: str, data: st.DataObject) -> None:
    document = parse(f"---\ntitle: T\n---\nA{text}Z".encode(), "a.md")
    begin = document.text.index("\nA") + 1
    start = data.draw(st.integers(begin, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    before, behind = surroundings(document, start, end)
    assert document.text[:start].endswith(before)
    assert document.text[end:].startswith(behind)
    assert "title" not in before
    assert max(len(before), len(behind)) <= AROUND


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_abstention_is_its_own_text(language: str) -> None:
    said = answer("x", sentences=[], citations=[], abstained=True, answer="Dazu steht nichts.")
    page = receipt(said, [], made="2025-01-02T03:04:05+00:00", language=language)
    assert "Dazu steht nichts." in seen(page).text
