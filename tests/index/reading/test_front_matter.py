"""Front matter is read as people write it, and unreadable parts of it are reported."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from index.markup.front_matter import _simple, front_matter, read
from index.reading.documents import notes, parse
from index.segmenting.cleaning import citable
from index.text.cldr import language_code
from index.text.written_dates import iso_date

PIECES = st.sampled_from([*"aZ0_ü-: .,;()/!?%+=#'\"&*|>@`{}[]~\t\r\n\x85\u2028\u00a0\x7f„–", ": ", " #", "- ", "\n"])
BODY = "Der Pegel stand bei 2,40 Metern."


def load(head: str) -> tuple[str, str, str, str]:
    document = parse((head + BODY).encode(), "a.md")
    assert [document.text[one.start : one.end] for one in citable(document.text, document.blocks)] == [BODY]
    meta = document.metadata
    return meta.title, meta.source, meta.date, meta.language


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: A: b\nsource: Blatt\ndate: 2024-03-03\nlang: en\n---\n",
        "---\ntitle: A: b\nsource: Blatt\ndate: 2024-03-03\nlang: en\n...\n",
        "---\r\ntitle: A: b\r\nsource: Blatt\r\ndate: 3. März 2024\r\nlang: English\r\n---\r\n",
        "---\nTitel: A: b\nQuelle: Blatt\nDatum: 03.03.2024\nSprache: Englisch\n---\n",
        "---\ntitle:\tA: b\nsource:\tBlatt\ndate:\t2024-03-03\nlang:\ten\n---\n",
        '---\n"title": \'A: b\'\nsource: "Blatt"\ndate: Sonntag, 3. März 2024\nlang: en-GB\ntags: [a, b\n---\n',
        "---\ntitle: A: b\nsource: Blatt\ndate: 2024-03-03\nlang: en\n\ttags:\n\t- x\n---\n",
        '+++\ntitle = "A: b"\nsource = "Blatt"\ndate = 2024-03-03\nlang = "en"\n+++\n',
        '+++\ntitle = A: b\nsource = "Blatt"\ndate = 2024-03-03T10:00:00Z\nlang = en\n+++\n',
        "---\ntitle: A: b\nsource: Blatt\ndate: 2024-03-03\nlang: en\n\n",
        "---\ntitle: A: b\nsource: Blatt\ndate: 2024-03-03\nlang: en\n" + "unlesbar\n" * 9 + "---\n",
    ],
)
def test_front_matter_as_people_write_it(head: str) -> None:
    assert load(head) == ("A: b", "Blatt", "2024-03-03", "en")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("A: b", "A: b"),
        ("*Neu* im Rat", "*Neu* im Rat"),
        ("`rag` erklärt", "`rag` erklärt"),
        ("@Rat: neu", "@Rat: neu"),
        ("% mehr", "% mehr"),
        ("[Entwurf] Haushalt 2025", "[Entwurf] Haushalt 2025"),
        ("{Entwurf}", "{Entwurf}"),
        ("{Entwurf} Haushalt", "{Entwurf} Haushalt"),
        ("- Neu: ja", "- Neu: ja"),
        ("'Es war's'", "Es war's"),
        ('"Zitat": Rest', '"Zitat": Rest'),
        ("„Zitat“: Rest", "„Zitat“: Rest"),
        ("No", "No"),
        ("1.10", "1.10"),
        ("|\n  Zwei\n  Zeilen", "Zwei Zeilen"),
        ("Zwei\n  Zeilen", "Zwei Zeilen"),
        ("Um 12:30 Uhr: Beginn", "Um 12:30 Uhr: Beginn"),
    ],
)
def test_titles_as_people_write_them(written: str, title: str) -> None:
    assert load(f"---\ntitle: {written}\ndate: 2024-03-03\n---\n") == (title, "", "2024-03-03", "de")
    if "\n" not in written:
        assert load(f"---\nTitel:{written}\nDatum:3.3.2024\n...\n") == (title, "", "2024-03-03", "de")


@pytest.mark.parametrize("bracket", ["[", "{", "[{", "a: [", "- ", "? ", "&a ", "*a ", "- - "])
def test_runs_of_brackets_are_bounded_and_the_rest_is_read(bracket: str) -> None:
    found = read(f"---\ntitle: Pegel\nx: {bracket * 20_000}\ndate: 2024-03-03\n---\n{BODY}"[:60_000] + f"\n---\n{BODY}")
    assert found.get("title") == "Pegel"
    assert len("".join(found.values.values())) < 5_000


@pytest.mark.parametrize(
    "text",
    [
        "---\nEs gilt: alles ist gut [und mehr.\nUnd noch ein Satz.\n---\nText.",
        "---\nEin Absatz ohne Schlüssel.\n\nNoch einer.\n---\nText.",
        "---\nE = mc²\nF = m: [a\n---\nText.",
        "---\ntitle: x\n\nEin Satz.\nNoch [einer: ja.\nUnd einer.\n---\nText.",
        "---\nHinweis: Ein Satz ohne Ende\n\nText.",
        "+++\nnur Text\n+++\nText.",
        "---\n---\nText.",
        "--- \n",
    ],
)
def test_a_text_that_begins_with_a_rule_is_text(text: str) -> None:
    assert front_matter(text) == ({}, 0)


def test_what_cannot_be_read_is_told() -> None:
    document = parse(f"---\ntitle: A: b\nunlesbar\ndate: 31.02.2024\n---\n{BODY}".encode(), "a.md")
    assert notes(document) == (
        "front matter, line 3: 'unlesbar' cannot be read.",
        "front matter: the date '31.02.2024' is not a valid date.",
    )
    assert "not closed" in notes(parse(f"---\ntitle: A\nsource: B\n\n{BODY}".encode(), "a.md"))[0]
    assert notes(parse(BODY.encode(), "a.md")) == ()
    many = "title: A: b\n" * 60 + "".join(f"unlesbar {number}\n" for number in range(50))
    assert len(notes(parse(f"---\nauthor: x\n{many}---\n{BODY}".encode(), "a.md"))) <= 4


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-03", "2024-03-03"),
        ("20240303", "2024-03-03"),
        ("2024-03-03 10:15 Uhr", "2024-03-03"),
        ("2024-03-03T23:59:59+01:00", "2024-03-03"),
        ("2024/3/3", "2024-03-03"),
        ("3.3.2024", "2024-03-03"),
        ("03. 03. 2024, 10 Uhr", "2024-03-03"),
        ("3.3.24", "2024-03-03"),
        ("3.3.99", "1999-03-03"),
        ("3. März 2024", "2024-03-03"),
        ("3. Ma\u0308rz 2024", "2024-03-03"),
        ("So., 3. März 2024", "2024-03-03"),
        ("1. Jänner 2024", "2024-01-01"),
        ("3 MAR 2024", "2024-03-03"),
        ("March 3rd, 2024", "2024-03-03"),
        ("März 2024", ""),
        ("2024", ""),
        ("31.02.2024", ""),
        ("3.3.20245", ""),
        ("gestern", ""),
        ("3. Quartal 2024", ""),
        ("", ""),
    ],
)
def test_days_as_people_write_them(written: str, day: str) -> None:
    assert iso_date(written) == day


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("de", "de"),
        ("de_AT", "de"),
        ("EN-gb", "en"),
        ("Deutsch", "de"),
        ("german", "de"),
        ("Französisch", "fr"),
        ("?", ""),
    ],
)
def test_names_of_languages(name: str, code: str) -> None:
    assert language_code(name) == code


def test_a_comment_is_no_title() -> None:
    assert parse(b"<!-- geheim -->\n\nErste Zeile.", "a.md").metadata.title == "Erste Zeile."
    assert PurePosixPath("a.md").stem == parse(b"<!-- geheim -->", "a.md").metadata.title


@given(
    st.dictionaries(
        st.sampled_from(["title", "Quelle", "Datum", "Thema", "tags"]),
        st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40).filter(str.strip),
        min_size=2,
    ),
    st.sampled_from(["---", "..."]),
)
def test_whatever_a_value_is_no_key_is_lost_and_nothing_becomes_text(values: dict[str, str], end: str) -> None:
    head = "---\n" + "".join(f"{key}: {value}\n" for key, value in values.items()) + f"{end}\n"
    found = read(head + BODY)
    if found.end:
        assert found.end == len(head)
        assert not found.notes
    else:  # YAML may reject a value, and front matter then needs a known key
        assert not {"title", "Quelle", "Datum"} & values.keys()


@given(st.lists(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.just("\ntitle: Wort "))).map("".join))
def test_what_is_read_without_a_parser_is_what_the_parser_reads(block: str) -> None:
    simple = _simple(block)
    if simple:
        parsed = yaml.load(block, Loader=yaml.BaseLoader)
        assert simple == parsed
        assert list(simple) == list(parsed)


@pytest.mark.parametrize(
    ("block", "values"),
    [
        ("date: 2024-03-03\nsource: Der Tag (Wien)\n", {"date": "2024-03-03", "source": "Der Tag (Wien)"}),
        ("url: https://a.de/b?c=1\r\ntitle:   Was nun?  \r\nlang:", {"url": "https://a.de/b?c=1", "title": "Was nun?", "lang": ""}),
        ("a: 1\nb: 2\na: 3", {"a": "3", "b": "2"}),
        ("title: A: b", {}),
        ("title: 'A'", {}),
        ("title: A\n  b", {}),
        ("title: A #b", {}),
        ("title:\n- A", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_parser_is_left_out_where_each_line_is_a_key_and_plain_words(block: str, values: dict[str, str]) -> None:
    assert _simple(block) == values
