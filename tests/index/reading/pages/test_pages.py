"""Pages of PDFs as pictures: the rectangles of a quote cover exactly its words, and the cost is limited."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from index.limits import LONGEST_SIDE, MOST_PIXELS
from index.reading.extraction.pages import matching
from index.reading.extraction.pages.alignment import matches
from index.reading.extraction.pages.show import show
from index.reading.extraction.pages.texts import pages_of, text_of_page
from index.reading.extraction.pages.types import Rectangle, Wanted
from index.reading.extraction.pdf import extract
from index.reading.extraction.process.isolation import BrokenOffError, Reader
from index.reading.extraction.process.limits import PAGES, Limits, Share
from index.reading.extraction.types import ExtractionError
from index.storage.reader import Index
from index.syncing.sync import sync
from index.types import Document, Metadata
from tests.files import ENCRYPTED, lines, make_pdf, needs_files
from tests.printed import letters_of, seen, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pages.types import Shown

pytestmark = needs_files
FOLDER = Path(__file__).parents[3] / "pages"
NAMES = sorted(file.stem for file in FOLDER.glob("*.pdf"))
WORD = re.compile(r"[^\W_]+")


def document_of(data: bytes) -> Document:
    found = extract(data)
    return Document("a.pdf", found.text, Metadata("a"), "", "pdf", found.pages)


def shown(data: bytes, document: Document, page: int, spans: Sequence[tuple[int, int]], **options: Any) -> Shown:
    here = text_of_page(document, page)
    ranges = tuple((start - here.start, end - here.start) for start, end in spans)
    return show(data, Wanted(page - 1, document.text[here.start : here.end], ranges, **options))


# The vocabulary is small, so most words occur on a page more than once.
VOCABULARY = st.sampled_from(["Euro", "der", "Rat", "Bau", "für", "2024", "12", "Kosten", "Süd", "ein"])
LINES = st.lists(st.lists(VOCABULARY, min_size=1, max_size=8), min_size=2, max_size=12)


def of_lines(rows: Sequence[Sequence[str]], *, left: float = 60, size: float = 11, pitch: float = 15) -> Any:
    return lines(*(" ".join(row) for row in rows), size=size, left=left, pitch=pitch)


@settings(max_examples=60)
@given(data=st.data(), rows=LINES, rotate=st.sampled_from([0, 90, 180, 270]), size=st.sampled_from([7, 11, 16]))
def test_the_rectangles_of_any_words_cover_these_and_no_others(data: Any, rows: Any, rotate: int, size: float) -> None:
    pdf = make_pdf([of_lines(rows, size=size, pitch=1.35 * size)], rotate=rotate)
    _check_random_range(data, pdf)


@settings(max_examples=40)
@given(data=st.data(), left=LINES, right=LINES)
def test_words_in_columns_and_tables_are_told_apart(data: Any, left: Any, right: Any) -> None:
    pdf = make_pdf([of_lines([row[:3] for row in left]) + of_lines([row[:3] for row in right], left=320)])
    _check_random_range(data, pdf)


def _check_random_range(data: Any, pdf: bytes) -> None:
    try:
        document = document_of(pdf)
    except ExtractionError:
        assume(False)
    words = list(WORD.finditer(document.text))
    on_page = words_of(seen(pdf, 0))
    # The words of text and page can only be matched if both have the same order and no column name is repeated.
    assume([word[0] for word in words] == ["".join(one.text for one in word) for word in on_page])
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    found = shown(pdf, document, 1, [(words[first].start(), words[last].end())], drawn=False)
    for number, word in enumerate(on_page):
        assert all(one.within(found.marks[0]) == (first <= number <= last) for one in word), (number, found.marks)


@pytest.mark.parametrize("name", NAMES)
def test_each_block_of_a_page_is_covered_and_nothing_else(name: str) -> None:
    pdf = (FOLDER / f"{name}.pdf").read_bytes()
    document = document_of(pdf)
    for page in range(1, len(document.pages) + 1):
        here = text_of_page(document, page)
        blocks = [block for block in re.finditer(r"[^\n]+", document.text) if here.start <= block.start() < here.end]
        found = shown(pdf, document, page, [block.span() for block in blocks], drawn=False)
        characters = seen(pdf, page - 1)
        for block, marks in zip(blocks, found.marks, strict=True):
            covered = sorted(letters_of("".join(one.text for one in characters if one.within(marks))))
            assert set(covered) == set(letters_of(block[0])), block[0]
            if "|" not in block[0] and name not in {"struck", "turned"}:
                assert covered == sorted(letters_of(block[0]))


def marked(name: str, quote: str, nth: int = 0, page: int = 1) -> list[str]:
    """Return the characters that each rectangle of a quote covers."""
    pdf = (FOLDER / f"{name}.pdf").read_bytes()
    document = document_of(pdf)
    start = [found.start() for found in re.finditer(re.escape(quote), document.text)][nth]
    found = shown(pdf, document, page, [(start, start + len(quote))], drawn=False)
    characters = seen(pdf, page - 1)
    return ["".join(one.text for one in characters if one.within([mark])).strip() for mark in found.marks[0]]


def test_the_row_of_a_table_is_marked_with_the_names_of_its_columns() -> None:
    assert marked("plain", "Kranich | Menge: 12 | Preis: 289,00 €") == ["Menge", "Preis", "Kranich", "12", "289,00 €"]
    assert marked("plain", "Eule | Menge: 3") == ["Menge", "Eule", "3"]
    assert marked("plain", "289,00 €") == ["289,00 €"]
    west = "West | Umsatz in Tsd. Euro 2022: 298 | Umsatz in Tsd. Euro 2023: 301 | Leitung: Herr Kern"
    assert marked("lined", west) == [
        "Umsatz in Tsd. Euro",
        "Leitung",
        "2022",
        "2023",
        "Herr Kern",
        "West",
        "298",
        "301",
    ]


def test_a_row_on_the_next_page_is_marked_with_the_names_that_are_repeated_there() -> None:
    row = "Nr: 16 | Maßnahme: Den Schutz von Ufer 16 hat die Gemeinde"
    assert marked("pages", row, page=2) == ["Nr", "Maßnahme", "16", "Den Schutz von Ufer 16 hat die Gemeinde"]


def test_a_raised_mark_is_marked_as_it_stands() -> None:
    assert marked("raised", "150 [2] Millionen Euro", 0) == ["150\r\n2 Millionen Euro"]
    assert marked("raised", "150 [2] Millionen", 1) == ["150² Millionen"]


def test_what_is_struck_out_between_quoted_words_is_left_out() -> None:
    assert marked("struck", "Der Eintritt kostet 59 Euro") == ["Der Eintritt kostet", "59 Euro"]
    assert marked("struck", "Es sind 10 Plätze.") == ["Es sind 10", "Plätze."]


def test_a_word_that_is_parted_at_the_end_of_a_line_has_a_rectangle_on_each() -> None:
    pdf = make_pdf([lines("Die Preise am Halb-", "leitermarkt steigen, und am Halb-", "leitermarkt freut man sich.")])
    document = document_of(pdf)
    first, second = (found.span() for found in re.finditer("Halbleitermarkt", document.text))
    found = shown(pdf, document, 1, [first, second], drawn=False)
    for marks, tops in zip(found.marks, ((842 - 700, 842 - 686), (842 - 686, 842 - 672)), strict=True):
        covered = ["".join(one.text for one in seen(pdf, 0) if one.within([mark])) for mark in marks]
        assert ["".join(letters_of(one)) for one in covered] == ["Halb", "leitermarkt"]
        assert all(mark.top < base < mark.bottom for mark, base in zip(marks, tops, strict=True))


def test_the_signs_at_the_ends_of_a_quote_belong_to_it() -> None:
    pdf = make_pdf([lines("Er sagte: (Das ist gut.) Und sie sagte: (Das nicht.)", "Dann gingen beide nach Hause.")])
    document = document_of(pdf)
    start = document.text.index("(Das ist gut.)")
    spans = [(start, start + 14), (start + 1, start + 12)]
    characters = seen(pdf, 0)
    found = shown(pdf, document, 1, spans, drawn=False)
    assert ["".join(one.text for one in characters if one.within(marks)) for marks in found.marks] == [
        "(Das ist gut.)",
        "Das ist gut",
    ]


def test_a_quote_over_the_end_of_a_page_has_rectangles_on_both() -> None:
    pdf = make_pdf(
        [
            lines("Der erste Satz steht hier oben auf der Seite.", "Der zweite Satz beginnt hier unten und", top=120),
            lines("geht auf der neuen Seite weiter.", "Dann kommt noch ein Satz.", top=760),
        ]
    )
    document = document_of(pdf)
    quote = "Der zweite Satz beginnt hier unten und geht auf der neuen Seite weiter."
    start = document.text.index(quote)
    span = start, start + len(quote)
    assert pages_of(document, *span) == (1, 2)
    for page, words in ((1, "Der zweite Satz beginnt hier unten und"), (2, "geht auf der neuen Seite weiter.")):
        here = text_of_page(document, page)
        within = max(span[0], here.start), min(span[1], here.end)
        found = shown(pdf, document, page, [within], drawn=False)
        covered = "".join(one.text for one in seen(pdf, page - 1) if one.within(found.marks[0]))
        assert covered.strip() == words


def test_a_footnote_is_marked_where_it_stands_though_its_text_stands_elsewhere() -> None:
    body = lines(
        "Die Stadt hat im letzten Jahr ein neues Haus gebaut.",
        "Es kostete vierzehn Millionen Euro 1 und steht am Fluss.",
    )
    more = lines("Danach kam lange nichts mehr.", "Und dann begann der Bau der Brücke über den Fluss.", top=640)
    note = lines("1 Nach Angaben der Stadt vom Mai.", size=8, top=80)
    pdf = make_pdf([[*body, *more, *note]])
    document = document_of(pdf)
    quote = "Nach Angaben der Stadt vom Mai."
    start = document.text.index(quote)
    found = shown(pdf, document, 1, [(start, start + len(quote))], drawn=False)
    assert "".join(one.text for one in seen(pdf, 0) if one.within(found.marks[0])) == quote
    assert found.marks[0][0].top > 700


def test_an_initial_over_several_lines_has_a_rectangle_of_its_own() -> None:
    rows = ["er Rat von Talheim tagte am Montag lange", "im Saal des Hauses und ging danach heim,", "wo es spät wurde."]
    text = [(row, 11.0, 88.0, 700.0 - 13 * number) for number, row in enumerate(rows)]
    pdf = make_pdf([[("D", 36.0, 60.0, 680.0), *text, ("Die Sitzung dauerte fünf Stunden.", 11.0, 60.0, 640.0)]])
    document = document_of(pdf)
    assert document.text.startswith("Der Rat von Talheim tagte")
    found = shown(pdf, document, 1, [(0, len("Der Rat von"))], drawn=False)
    characters = seen(pdf, 0)
    covered = ["".join(one.text for one in characters if one.within([mark])).strip() for mark in found.marks[0]]
    assert covered == ["D", "er Rat von"]


def test_the_value_of_a_form_is_marked_in_its_field() -> None:
    field = "/Subtype /Widget /FT /Tx /T (name) /V (Frau Bolte) /Rect [200 690 400 710]"
    pdf = make_pdf([lines("Name der Leitung:", "Weiter unten steht noch mehr Text.", pitch=60)], annotations=[field])
    document = document_of(pdf)
    start = document.text.index("Frau Bolte")
    (mark,) = shown(pdf, document, 1, [(start, start + 10)], drawn=False).marks[0]
    assert mark == Rectangle(200, 842 - 710, 400, 842 - 690)


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_matches_rise_and_are_the_same_on_both_sides(left: list[str], right: list[str]) -> None:
    found = matches(left, right, [1] * len(left))
    assert all(left[one] == right[other] for one, other in found)
    assert all(one < following[0] and other < following[1] for (one, other), following in pairwise(found))


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_what_was_left_out_or_put_in_does_not_move_the_rest(items: list[str], cut: int, put: int) -> None:
    shorter = items[:cut] + items[cut + 1 :]
    assert len(matches(items, shorter, [1] * len(items))) == len(shorter)
    longer = [*items[:put], "x", "y", *items[put:]]
    assert len(matches(items, longer, [1] * len(items))) == len(items)


def test_the_picture_is_a_png_of_bounded_size() -> None:
    from PIL import Image

    found = shown((FOLDER / "plain.pdf").read_bytes(), document_of((FOLDER / "plain.pdf").read_bytes()), 1, [])
    picture = Image.open(io.BytesIO(found.image))
    assert (picture.format, picture.size) == ("PNG", found.pixels)
    assert picture.width / picture.height == pytest.approx(found.width / found.height, rel=0.01)
    assert picture.convert("L").getextrema()[0] < 100 < 200 < picture.convert("L").getextrema()[1]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", ["", " /CropBox [40 500 500 760]", " /CropBox [-50 600 700 900]"])
def test_rectangles_lie_where_the_picture_has_its_ink(rotate: int, crop: str) -> None:
    from PIL import Image, ImageOps

    pdf = make_pdf([lines("Nur diese Zeile hat Tinte.", left=200, top=650)], rotate=rotate)
    pdf = pdf.replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 842]" + crop.encode())
    found = show(pdf, Wanted(0, "Nur diese Zeile hat Tinte.", ((0, 26),)))
    (mark,) = found.marks[0]
    grey = ImageOps.invert(Image.open(io.BytesIO(found.image)).convert("L")).point(lambda value: 255 * (value > 60))
    ink = grey.getbbox()
    assert ink is not None
    x, y = found.pixels[0] / found.width, found.pixels[1] / found.height
    box = mark.left * x, mark.top * y, mark.right * x, mark.bottom * y
    assert all(low <= edge + 2 for low, edge in zip(box[:2], ink[:2], strict=True))
    assert all(high >= edge - 2 for high, edge in zip(box[2:], ink[2:], strict=True))
    assert (box[2] - box[0]) * (box[3] - box[1]) < 2.2 * (ink[2] - ink[0]) * (ink[3] - ink[1])


@pytest.mark.parametrize("size", ["28346 28346", "28346 3", "3 28346", "0 0", "14400 842"])
def test_a_page_of_ten_metres_is_drawn_small(size: str) -> None:
    pdf = make_pdf([lines("Ein Plan des Hafens von Auheim.")]).replace(b"0 0 595 842", f"0 0 {size}".encode())
    with Reader(PAGES) as reader:
        found = reader.show(pdf, Wanted(0, "Ein Plan", ((0, 8),)))
    assert 0 < found.pixels[0] * found.pixels[1] <= MOST_PIXELS + 2 * LONGEST_SIDE
    assert max(found.pixels) <= LONGEST_SIDE + 1


def test_of_five_thousand_pages_only_the_one_wanted_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2

    looked: list[int] = []
    get = pypdfium2.PdfDocument.get_page
    monkeypatch.setattr(
        pypdfium2.PdfDocument, "get_page", lambda pdf, number: looked.append(number) or get(pdf, number)
    )
    pdf = make_pdf([lines(f"Dies ist die Seite {number} von vielen.") for number in range(1, 5001)])
    found = show(pdf, Wanted(4998, "Dies ist die Seite 4999 von vielen.", ((19, 23),)))
    assert (found.pages, set(looked)) == (5000, {4998})
    assert "".join(one.text for one in seen(pdf, 4998) if one.within(found.marks[0])) == "4999"


@pytest.mark.parametrize(
    ("data", "page", "said"),
    [
        (make_pdf([lines("Geheim.")], encrypt=ENCRYPTED), 0, "password"),
        (b"%PDF-1.7\nnichts", 0, "damaged"),
        (make_pdf([lines("Eins.")]), 1, "there is no page 2; it has 1"),
        (make_pdf([lines("Eins.")]), -1, "there is no page 0"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(data: bytes, page: int, said: str) -> None:
    with Reader(PAGES) as reader:
        with pytest.raises(ExtractionError, match=said):
            reader.show(data, Wanted(page, ""))
        assert reader.show(make_pdf([lines("Gut.")]), Wanted(0, "Gut.", ((0, 4),))).marks[0]
        assert reader.extract(make_pdf([lines("Ein Satz, der lang genug ist.")]), "pdf").text


def test_a_large_table_of_one_word_is_marked_within_the_bounds() -> None:
    rows = [
        (f"{'Euro'} {number}", 7.0, 40.0 + 90 * column, 800.0 - 9 * number)
        for number in range(85)
        for column in range(6)
    ]
    pdf = make_pdf([rows])
    document = document_of(pdf)
    blocks = [block.span() for block in re.finditer(r"[^\n]+", document.text)]
    here = text_of_page(document, 1)
    assert here.end == len(document.text)
    with Reader(PAGES) as reader:
        found = reader.show(pdf, Wanted(0, document.text, tuple(blocks), drawn=False))
    assert sum(bool(marks) for marks in found.marks) == len(blocks)


def test_a_page_with_too_many_words_is_shown_without_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_ALIGNED", 100)
    pdf = make_pdf([lines("Auf dieser Seite stehen mehr als zehn Worte, und das sind zu viele.")])
    found = show(pdf, Wanted(0, document_of(pdf).text, ((0, 10),)))
    assert (found.marks, bool(found.image)) == (((),), True)


def test_a_page_that_costs_too_much_is_broken_off() -> None:
    drawn = "0 0 m 595 842 l S 3 w [1 1] 0 d " + "0 0 m 100 900 500 -100 595 842 c S " * 60_000
    pdf = make_pdf([lines("Ein Satz auf einer Zeichnung.")], drawn=drawn)
    little = Limits(seconds=Share(1, 0, 1), megabytes=Share(256, 0, 256), patience=1.0)
    with Reader(little) as reader, pytest.raises(BrokenOffError, match="takes too long"):
        reader.show(pdf, Wanted(0, ""))


def labelled(nums: str, pages: int = 2) -> bytes:
    pdf = make_pdf([lines(f"Auf der Seite {number} steht etwas Langes.") for number in range(1, pages + 1)])
    return pdf.replace(b"/Type /Catalog", b"/Type /Catalog /PageLabels << /Nums [%s] >>" % nums.encode(), 1)


def test_page_labels_are_those_of_the_file() -> None:
    pdf = labelled("0 << /S /r >> 1 << /S /D >>")
    assert [show(pdf, Wanted(number, "", drawn=False)).label for number in range(2)] == ["i", "1"]
    assert extract(pdf).labels == ("i", "1")
    counted = labelled("0 << /S /D >>")
    assert show(counted, Wanted(0, "", drawn=False)).label == ""
    assert extract(counted).labels == ()
    with Reader() as reader:
        assert reader.extract(labelled(f"0 << /P (A {'x' * 90}) >>", 1), "pdf").labels == (f"A {'x' * 38}",)


def test_labels_are_kept_in_the_index(tmp_path: Path, corpus: Path, embedder: Any) -> None:
    (corpus / "a.pdf").write_bytes(labelled("0 << /S /r >> 1 << /S /D >>"))
    (corpus / "b.pdf").write_bytes(make_pdf([lines("Ohne Namen der Seiten, also nur gezählt.")]))
    sync(corpus, tmp_path / "index", embedder)
    documents = Index.open(tmp_path / "index", embedding=embedder.fingerprint).documents
    assert (documents["a.pdf"].labels, documents["b.pdf"].labels) == (("i", "1"), ())
    assert [documents["a.pdf"].label(page) for page in (None, 0, 1, 2, 3)] == ["", "", "i", "1", ""]
    assert documents["a.pdf"].pages[0] == 0
