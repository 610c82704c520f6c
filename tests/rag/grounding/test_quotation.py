"""Quotations have the exact characters of the source, with the context that they need before them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import CorpusError, IndexDamagedError
from index.reading.documents import parse
from index.segmenting.chunking import chunk
from index.storage.reader import Index
from index.storage.store import StoredChunk
from rag.grounding.anchoring import Anchor, anchor
from rag.grounding.clause import ELLIPSIS
from rag.grounding.quotation import Quotation, context_of, quote
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from index.types import Document


def stored(*documents: Document) -> Index:
    """Return an index that has documents and their passages but cannot be searched."""
    chunks = [one for document in documents for one in chunk(document, max_chars=300)]
    rows = {id_: StoredChunk(id_, one, 0) for id_, one in enumerate(chunks)}
    passages: dict[str, tuple[int, ...]] = {one.path: () for one in documents}
    for id_, row in rows.items():
        passages[row.chunk.path] += (id_,)
    nothing: Any = None
    paths = {one.path: one for one in documents}
    return Index("", 0, paths, rows, nothing, nothing, 0.0, {}, passages, nothing)


def sentences(index: Index) -> list[EvidenceSentence]:
    return [
        EvidenceSentence(path, span.start, span.end, index.documents[path].text[span.start : span.end], "Titel", 0.5)
        for path, ids in index.passages.items()
        for id_ in ids
        for span in index.chunks[id_].chunk.sentences
    ]


def article(text: str, name: str = "a.md") -> Index:
    return stored(parse(text.encode(), name))


def shown(index: Index, answering: str, draft: str, question: str) -> tuple[Quotation, ...]:
    """Return what is shown if the answer is looked for in one sentence only."""
    source = next(one for one in sentences(index) if one.text == answering)
    before = context_of(index, source, question)
    found = anchor(draft, [source], question=question, contexts=[before])
    assert found is not None
    quoted = quote(index, source, found, before, draft=draft, question=question)
    check(index, quoted)
    return quoted


def check(index: Index, quoted: tuple[Quotation, ...]) -> None:
    for one in quoted:
        sentence, citation = one.sentence, one.citation
        document = index.documents[citation.path]
        assert document.text[citation.start : citation.end] == citation.quote
        before, after = sentence.text.split(citation.quote, maxsplit=1) if citation.quote else ("", "")
        assert before in {"", f"{ELLIPSIS} "}
        assert after in {"", f" {ELLIPSIS}"}
        assert citation.document_sha256 == document.sha256
        assert (sentence.support, sentence.status, sentence.wording) == (1.0, "kept", "source")
        assert all(0 <= start < end <= len(sentence.text) for start, end in sentence.emphasis)
        assert all(former[1] <= latter[0] for former, latter in pairwise(sentence.emphasis))
        assert all(sentence.text[start:end] in citation.quote for start, end in sentence.emphasis)
    places = [(one.citation.path, one.citation.start) for one in quoted]
    assert places == sorted(places)
    assert [one.sentence.role for one in quoted] == ["context"] * (len(quoted) - 1) + ["answer"]


def bold(quoted: Quotation) -> list[str]:
    return [quoted.sentence.text[start:end] for start, end in quoted.sentence.emphasis]


HUT = "# Hütten\n\nAm Hang liegt die Hütte Sonneck, die 1911 gebaut wurde. Sie hat 24 Betten. Gekocht wird mit Gas.\n"


def test_the_sentence_that_names_it_comes_first_and_whole() -> None:
    context, answer = shown(article(HUT), "Sie hat 24 Betten.", "24 Betten", "Wie viele Betten hat die Hütte Sonneck?")
    assert context.sentence.text == "Am Hang liegt die Hütte Sonneck, die 1911 gebaut wurde."
    assert context.citation.quote == context.sentence.text
    assert answer.sentence.text == "Sie hat 24 Betten."
    assert bold(answer) == ["24"]


def test_words_that_answer_may_stand_in_what_comes_first() -> None:
    context, answer = shown(article(HUT), "Sie hat 24 Betten.", "1911", "Seit wann hat die Hütte Sonneck Betten?")
    assert context.sentence.text == "Am Hang liegt die Hütte Sonneck, die 1911 gebaut wurde."
    assert bold(context) == ["1911"]
    assert bold(answer) == []


def test_emphasis_stands_where_the_words_stand_before_an_ellipsis() -> None:
    tail = "und so weiter in vielen Worten, die nur dazu da sind, dass der ganze Satz am Ende länger als kurz ist"
    text = f"Der Bus nach Werl fährt alle 30 Minuten; die Bahn fährt nie, {tail}."
    (answer,) = shown(article(text), text, "30 Minuten", "Wie oft fährt der Bus nach Werl?")
    assert answer.sentence.text == "Der Bus nach Werl fährt alle 30 Minuten …"
    assert bold(answer) == ["30 Minuten"]


ROWS = "| Ware | Stück | Preis |\n| --- | --- | --- |\n| Bürostuhl Kranich | 12 | 289,00 € |\n| Tisch Reiher | 3 | 99,00 € |\n"


@pytest.mark.parametrize("row", ["| Bürostuhl Kranich | 12 | 289,00 € |", "| Tisch Reiher | 3 | 99,00 € |"])
def test_a_row_of_a_table_is_shown_whole_and_nothing_of_it_is_emphasised(row: str) -> None:
    cells = row.split(" | ")
    quoted = shown(article(f"Die Rechnung im Einzelnen steht hier.\n\n{ROWS}"), row, cells[-1], f"Preis {cells[0]}?")
    assert quoted[-1].sentence.text == row
    assert quoted[-1].sentence.emphasis == ()


def test_a_row_is_so_too_where_it_is_what_the_answer_points_back_to() -> None:
    row = "| Bürostuhl Kranich, der breite | 12 | 289,00 € |"
    index = article(f"Die Rechnung steht hier.\n\n{row}\n\nEr ist ab Mai lieferbar.\n")
    first, answer = shown(index, "Er ist ab Mai lieferbar.", "Kranich ab Mai", "Ab wann gibt es den Bürostuhl?")
    assert (first.sentence.text, first.sentence.emphasis) == (row, ())
    assert bold(answer) == ["Mai"]


def test_a_row_is_so_too_where_other_words_of_it_were_given() -> None:
    row = "| Bürostuhl Kranich | 299 Euro |"
    index = article(f"Die Rechnung steht hier.\n\n{row}\n")
    source = next(one for one in sentences(index) if one.text == row)
    (quoted,) = quote(index, source, Anchor(0, 2, 10, 1.0, ((2, 10),)))
    assert (quoted.sentence.text, quoted.sentence.emphasis) == (row, ())


def test_a_citation_names_the_page_where_there_are_pages() -> None:
    document = replace(article(HUT).documents["a.md"], pages=(0, HUT.index("Sie hat")))
    context, answer = shown(
        stored(document), "Sie hat 24 Betten.", "24 Betten", "Wie viele Betten hat die Hütte Sonneck?"
    )
    assert (context.citation.page, answer.citation.page) == (1, 2)


def test_the_whole_of_a_sentence_may_be_asked_for() -> None:
    index = article(HUT)
    source = next(one for one in sentences(index) if one.text.startswith("Gekocht"))
    (answer,) = quote(index, source, Anchor(0, 0, len(source.text), 1.0))
    assert (answer.sentence.text, answer.sentence.emphasis) == ("Gekocht wird mit Gas.", ())


PIECES = ["Die Hütte Sonneck", "Sie hat", "24 Betten", ".", ";", "; dies", ",", "\n\n", "# Höhe\n\n", "| a | b |\n", "…", "\r\n", "ca.", "e\u0308", "- ", "laut", "kostet", "[ein Link](http://x.de)", "**fett**"]  # fmt: skip
DOCUMENTS = st.one_of(st.text(min_size=1, max_size=300), st.lists(st.sampled_from(PIECES), max_size=90).map(" ".join))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, st.text(max_size=20) | st.sampled_from(["24 Betten", "Sonneck", "a b"]), st.data())
def test_of_any_document_what_is_shown_is_its_own_characters(text: str, draft: str, data: st.DataObject) -> None:
    try:
        index = article(text)
    except CorpusError:
        return
    found = sentences(index)
    if not found:
        return
    source = data.draw(st.sampled_from(found))
    question = "Wie viele Betten hat die Hütte Sonneck?"
    before = context_of(index, source, question)
    place = anchor(draft, [source], question=question)
    assert place is not None
    quoted = quote(index, source, place, before, draft=draft, question=question)
    check(index, quoted)
    block = index.documents[source.path].block_at(source.start)
    if block is not None and block.kind == "row" and block.is_whole:
        assert quoted[-1].sentence.text == source.text
        assert quoted[-1].sentence.emphasis == ()


def test_what_does_not_stand_in_the_source_is_not_shown_as_its_words() -> None:
    index = article("# Werl\n\nDer Turm von Werl hat 4 Stufen. Er steht am Markt.\n")
    source = next(one for one in sentences(index) if "Stufen" in one.text)
    assert quote(index, source, Anchor(0, 0, len(source.text), 1.0))
    wrong = replace(source, text=source.text.replace("4", "7"))
    with pytest.raises(IndexDamagedError, match="not what stands there"):
        quote(index, wrong, Anchor(0, 0, len(wrong.text), 1.0))
