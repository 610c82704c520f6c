from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.reading.documents import iter_files, load
from index.segmenting.chunking import chunk
from index.segmenting.cleaning import citable
from index.types import Chunk, Document, Metadata
from tests.growth import RATHER_LONG, Shape, assert_ends

ARTICLES = Path(__file__).parents[3].parent / "shared" / "articles"
SENTENCE = "Dieser Satz über Chips und Fabriken ist ziemlich genau achtzig Zeichen lang, ja."


def document(text: str, path: str = "a.md") -> Document:
    return Document(path=path, text=text, metadata=Metadata("Titel"), sha256="0" * 64)


def check(source: Document, chunks: list[Chunk], max_chars: int) -> None:
    text = source.text
    position = 0
    covered: list[int] = []
    for passage in chunks:
        assert passage.path == source.path
        assert position <= passage.start < passage.end
        assert text[passage.start : passage.end] == passage.text
        inner = passage.start
        for span in passage.sentences:
            assert inner <= span.start < span.end <= passage.end
            assert span.end - span.start <= 2 * max_chars
            covered += [at for at in range(span.start, span.end) if not text[at].isspace()]
            inner = span.end
        assert (passage.sentences[0].start, passage.sentences[-1].end) == (passage.start, passage.end)
        position = passage.end
    blocks = citable(text, source.blocks)
    assert covered == [at for b in blocks for at in range(b.start, b.end) if not text[at].isspace()]


@pytest.mark.parametrize("count", range(1, 60, 4))
def test_passages_are_balanced_and_of_whole_sentences(count: int) -> None:
    source = document(" ".join([SENTENCE] * count))
    chunks = chunk(source)
    check(source, chunks, 900)
    sizes = [len(passage.text) for passage in chunks]
    assert max(sizes) <= 900 + 200
    assert len(sizes) == 1 or min(sizes) >= 200
    assert all(passage.text.startswith("Dieser") and passage.text.endswith("ja.") for passage in chunks)


def test_headings_open_the_passage_below_them_and_make_its_path() -> None:
    source = document(
        f"# Eins\n\n{SENTENCE}\n\n## Zwei\n\n{SENTENCE}\n\n### Drei\n\n{SENTENCE}\n\n## Vier\n\n{SENTENCE}"
    )
    chunks = chunk(source)
    paths = [("Eins",), ("Eins", "Zwei"), ("Eins", "Zwei", "Drei"), ("Eins", "Vier")]
    assert [passage.headings for passage in chunks] == paths
    assert [passage.text.split("\n")[0] for passage in chunks] == ["Eins", "Zwei", "Drei", "Vier"]
    assert all(len(passage.sentences) == 2 for passage in chunks)


def test_a_heading_does_not_end_a_passage() -> None:
    source = document("# Titel\n\n## Abschnitt\n\n" + " ".join([SENTENCE] * 20))
    first = chunk(source)[0]
    assert first.text.startswith("Titel\n\n## Abschnitt\n\nDieser")
    assert first.headings == ("Titel", "Abschnitt")


def test_plain_text_has_headings_too() -> None:
    source = document(f"Der Titel\n\n{SENTENCE}\n\nEin Abschnitt\n\n{SENTENCE}", "a.txt")
    assert [passage.headings for passage in chunk(source)] == [("Der Titel",), ("Der Titel", "Ein Abschnitt")]


def test_no_passage_reaches_across_boilerplate() -> None:
    source = document(f"Vorher. {SENTENCE}\n\n(ID:12345678)\n\n{SENTENCE}", "a.txt")
    assert [passage.text for passage in chunk(source)] == [f"Vorher. {SENTENCE}", SENTENCE]


def test_a_list_stays_together() -> None:
    source = document("Die Liste:\n\n- eins\n- zwei\n- drei")
    (passage,) = chunk(source)
    assert [source.text[span.start : span.end] for span in passage.sentences] == [
        "Die Liste:",
        "eins",
        "zwei",
        "drei",
    ]


def test_paragraphs_are_preferred_as_borders() -> None:
    text = " ".join([SENTENCE] * 6) + "\n\n" + " ".join([SENTENCE] * 7)
    assert [len(passage.sentences) for passage in chunk(document(text))] == [6, 7]


def test_a_sentence_is_cut_only_where_it_is_far_too_long() -> None:
    long = "wort " * 300
    assert len(chunk(document(long.strip()))[0].sentences) == 1
    source = document(("wort " * 1000).strip())
    check(source, chunk(source), 900)
    assert all(passage.text.startswith("wort") and passage.text.endswith("wort") for passage in chunk(source))
    solid = document("x" * 5000)
    check(solid, chunk(solid), 900)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "---\ntitle: A\n---\n", "***"])
def test_nothing_comes_of_nothing(text: str) -> None:
    assert chunk(document(text)) == []


def test_the_size_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        chunk(document("Text."), max_chars=0)


ODD = "\r\n\t \x0b\x0c\x85\u2028\u2029\u200b\ufeff\u0308é🎉👩‍🚀.!?…„“»«\"'()[]#-*>_=`|~<1aÄß"
PIECES = [
    SENTENCE,
    f"{SENTENCE}\r\n\r\n",
    "\n\n# Titel\n\n",
    "\r\n- Punkt\r\n",
    "```\n",
    "---\n",
    "Newsletter abonnieren\n\n",
]


@settings(max_examples=200)
@given(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs"]))),
        max_size=40,
    ),
    st.sampled_from(["a.md", "b.txt"]),
    st.integers(1, 1000),
)
def test_invariants(pieces: list[str], path: str, max_chars: int) -> None:
    source = document("".join(pieces), path)
    check(source, chunk(source, max_chars=max_chars), max_chars)


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
@pytest.mark.parametrize(
    "unit", ["a. ", "a", "\n", " ", "# ", '"', "(Bild: ", "<!--\n", "Newsletter abonnieren\n\n", "- a\n\n"]
)
def test_long_runs_come_to_an_end(unit: str, path: str) -> None:
    assert_ends(lambda text: chunk(document(text, path)), shapes=[Shape(repr(unit), unit)], size=RATHER_LONG)


@pytest.mark.skipif(not ARTICLES.exists(), reason="the shared articles are not here")
def test_the_shared_articles() -> None:
    for file in iter_files(ARTICLES):
        source = load(file, ARTICLES)
        chunks = chunk(source)
        check(source, chunks, 900)
        assert all(len(passage.text) <= 900 for passage in chunks)
        assert chunks[0].headings == (() if file.name.startswith("001") else (chunks[0].text,))
