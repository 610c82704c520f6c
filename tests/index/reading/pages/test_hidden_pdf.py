"""Invisible text on a PDF's page is not read, and visible text is read."""

from __future__ import annotations

import pytest

from index.reading.extraction.pdf import extract
from tests.files import lines, make_pdf, needs_files

pytestmark = needs_files
BODY = "Der Verein wählte im Mai einen neuen Vorstand."
IMAGE = "BI /W 1 /H 1 /BPC 8 /CS /G ID x EI"


def text(drawing: str, *, at: str = "1 0 0 1 60 500", size: float = 11) -> str:
    return f"BT /F1 {size} Tf {drawing} {at} Tm (FUND steht hier) Tj ET"


@pytest.mark.parametrize(
    "drawn",
    [
        text("3 Tr"),
        text("3 Tr") + f" q 100 0 0 100 60 480 cm {IMAGE} Q",
        text("1 1 1 rg"),
        text("1 g"),
        text("0 0 0 0 k"),
        "1 1 1 rg 50 490 300 40 re f " + text("1 g"),
        "1 0 0 RG 50 490 300 40 re S " + text("1 g"),
        "0.2 0.2 0.8 rg 50 100 300 40 re f " + text("1 g"),
        text("", size=0.5),
        text("", at="0.05 0 0 0.05 60 500"),
        text("", at="1 0 0 1 700 500"),
        text("", at="1 0 0 1 60 -40"),
        text("", at="1 0 0 1 -500 500"),
    ],
)
def test_what_cannot_be_seen_is_left_out(drawn: str) -> None:
    found = extract(make_pdf([lines(BODY)], drawn=drawn)).text
    assert "FUND" not in found
    assert found.strip() == BODY


@pytest.mark.parametrize(
    "drawn",
    [
        text(""),
        text("0.5 g"),
        text("1 0 0 rg"),
        text("1 Tr 1 g"),
        "0.2 0.2 0.8 rg 50 490 300 40 re f " + text("1 g"),
        f"q 300 0 0 60 50 480 cm {IMAGE} Q " + text("1 g"),
        text("", size=1, at="11 0 0 11 60 500"),
        text("", at="1 0 0 1 -3 500"),
        text("", size=4),
    ],
)
def test_what_can_be_seen_is_kept(drawn: str) -> None:
    found = extract(make_pdf([lines(BODY)], drawn=drawn)).text
    assert "FUND steht hier" in found
    assert BODY in found


def test_the_text_below_the_picture_of_a_scanned_page_is_kept() -> None:
    drawn = f"q 595 0 0 842 0 0 cm {IMAGE} Q " + text("3 Tr") + text("3 Tr", at="1 0 0 1 60 400")
    assert extract(make_pdf([[]], drawn=drawn)).text.count("FUND steht hier") == 2


def test_offsets_of_pages_count_what_is_left() -> None:
    found = extract(make_pdf([lines(BODY), lines("Danach gab es Kuchen für alle.")], drawn=text("3 Tr")))
    assert found.text[found.pages[1] :].startswith("Danach gab es Kuchen")
