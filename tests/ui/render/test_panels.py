"""HTML from values: nothing gets through unescaped, and marks are exact to the code point."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Document, Metadata
from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence, Timings, UnreadPart
from tests.ui import fakes
from ui.render import panels
from ui.render.articles import article_html, body_start, set_back
from ui.render.escaping import escape
from ui.render.failures import Failure
from ui.render.sentences import sentence_html
from ui.render.texts import DE, EN, Texts, format_date, format_seconds, texts_for, translations

ALLOWED = {
    *(
        "article",
        "header",
        "h2",
        "h3",
        "p",
        "div",
        "span",
        "mark",
        "bdi",
        "button",
        "section",
        "ul",
        "ol",
        "li",
        "del",
        "details",
        "summary",
        "blockquote",
        "strong",
    ),
}
ATTRIBUTES = {
    "class",
    "data-thumb",
    "aria-pressed",
    "data-turn",
    "data-mark",
    "data-marks",
    "data-path",
    "data-start",
    "data-end",
    "data-quote",
    "data-title",
    "data-about",
    "data-page",
    "data-state",
    "data-token",
    "data-record",
    "data-action",
    "data-kind",
    "dir",
    "lang",
    "role",
    "title",
    "type",
    "aria-label",
    "aria-hidden",
}
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "[Link](javascript:alert(1)) **fett** `code`",
    "$x^2$ \\(y\\) $$z$$",
    "${alert(1)} {{constructor}} `",
    "\u202eumgekehrt\u2066 \u200f",
    "&lt;b&gt; &amp;amp; &#60;script&#62;",
    "</article></section></bdi>",
    "<!-- offen",
    "<![CDATA[x",
)


class Reader(HTMLParser):
    """Collects elements, text and marks, and fails on anything that is not allowed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.marks: dict[str, str] = {}
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert not self.open, "unbalanced"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES, attrs
        self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for tag, attributes in self.open:
            if tag == "mark":
                for key in (attributes["data-marks"] or "").split():
                    self.marks[key] = self.marks.get(key, "") + data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def document(text: str, title: str = "Titel", path: str = "a.md", source: str = "", date: str = "") -> Document:
    return Document(path, text, Metadata(title, source, date), "0" * 64)


def answer(**changes: object) -> Answer:
    citation = Citation("a.md", 0, 4, "Satz", "Titel", "0" * 64)
    values: dict[str, object] = {
        "question": "Frage?",
        "standalone_question": "Frage?",
        "text": "Satz eins. Satz zwei.",
        "abstained": False,
        "generated": True,
        "language": "de",
        "sentences": (
            AnswerSentence("Satz eins.", 0.9, "kept", (0,)),
            AnswerSentence("Satz zwei.", 0.4, "marked", (1, 0)),
            AnswerSentence("Unfug.", 0.0, "withdrawn", ()),
        ),
        "citations": (citation, citation),
        "evidence": (EvidenceSentence("a.md", 0, 4, "Satz", "Titel", 0.5),),
        "timings": Timings(200.0, 1000.0, 12340.0),
        "models": {"llm": "Qwen@abc/openvino"},
    }
    return Answer(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("texts", [DE, EN])
def test_nothing_gets_through_unescaped(evil: str, texts: Texts) -> None:
    citation = Citation(evil, 0, len(evil), evil, evil, evil)
    evidence = EvidenceSentence(evil, 0, len(evil), evil, evil, 0.5)
    source = document(evil, title=evil, path=evil, source=evil, date=evil)
    sentence = AnswerSentence(evil, 0.5, "marked", (0,))
    whole = answer(
        question=evil,
        standalone_question=evil + "!",
        text=evil,
        sentences=(sentence,),
        citations=(citation,),
        evidence=(evidence,),
        models={"llm": evil},
    )
    for html in (
        article_html(source, {"c0": (0, len(evil))}, texts),
        panels.answer_html(whole, texts),
        panels.answer_html(answer(text=evil, abstained=True, sentences=()), texts),
        panels.provisional_html([sentence], [citation], [evil], texts=texts, state="…", busy=True),
        panels.error_html(Failure(evil, evil, evil), texts),
        panels.turn_html(evil, "", 1, texts, state="done", token=evil, record={"question": evil}),
        panels.evidence_html(evil, [evidence], [citation], documents={evil: source}, turn=1, texts=texts),
        panels.evidence_html(evil, [evidence], [], documents={}, turn=1, texts=texts),
    ):
        reader = Reader(html)
        assert evil in reader.text or "abstained" in html


def test_foreign_text_keeps_its_direction_marks_to_itself() -> None:
    html = panels.error_html(Failure("\u202eabc", ""), DE)
    assert "<bdi>\u202eabc</bdi>" in html


def test_escape_keeps_carriage_returns_and_replaces_lone_surrogates() -> None:
    assert escape("a\r\n\"'") == "a&#13;\n&quot;&#x27;"
    assert escape("\ud83d") == "\ufffd"


@pytest.mark.parametrize("quote", [fakes.MONEY, fakes.STONE, fakes.USE])
def test_the_mark_is_the_quote_also_beyond_the_basic_plane(quote: str) -> None:
    citation = fakes.cite("cambricon.md", quote)
    source = fakes.DOCUMENTS["cambricon.md"]
    reader = Reader(article_html(source, {"c0": (citation.start, citation.end)}, DE))
    assert reader.marks == {"c0": quote}


def test_the_whole_body_is_shown_and_the_front_matter_is_not() -> None:
    source = fakes.DOCUMENTS["cambricon.md"]
    html = article_html(source, {}, DE)
    text = Reader(html).text
    body = source.text[source.text.index("# Cambricon") :]
    assert text.endswith(body)
    assert "---" not in text
    assert "22. Juli 2025" in text
    assert "gekürzt" not in text


def test_overlapping_marks_each_keep_their_characters() -> None:
    source = document("0123456789")
    marks = {"c0": (1, 6), "c1": (4, 8), "e0": (0, 10), "c2": (5, 5)}
    reader = Reader(article_html(source, marks, DE))
    assert reader.marks == {"c0": "12345", "c1": "4567", "e0": "0123456789"}


@given(
    st.text(alphabet="ab<&\r\n#🐉𝔐\u202e ", min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6),
)
def test_marks_are_exact_for_any_text(text: str, ranges: list[tuple[int, int]]) -> None:
    marks = {
        f"c{number}": (min(pair), max(pair)) for number, pair in enumerate(ranges) if min(pair) < max(pair) <= len(text)
    }
    reader = Reader(article_html(document(text), marks, DE))
    assert reader.marks == {key: text[start:end] for key, (start, end) in marks.items()}
    assert reader.text.endswith(text[body_start(text) :])


def test_a_long_text_is_shortened_to_the_surroundings_of_its_marks() -> None:
    text = "x" * 300_000 + "BELEG" + "y" * 300_000 + "ZWEI" + "z" * 1000
    marks = {"c0": (300_000, 300_005), "c1": (600_005, 600_009)}
    html = article_html(document(text), marks, DE)
    reader = Reader(html)
    assert reader.marks == {"c0": "BELEG", "c1": "ZWEI"}
    assert len(html) < 40_000
    assert DE.article_shortened in reader.text


def test_an_answer_shows_numbers_marks_and_facts() -> None:
    html = panels.answer_html(answer(), DE)
    text = Reader(html).text
    assert text.startswith("Satz eins.1Satz zwei.21 teilweise belegt")
    assert "Unfug" not in text
    assert "Antwort nach 12,3 s" in text
    assert "· Qwen" in text
    assert "openvino" not in text
    assert 'data-mark="c1"' in html
    assert DE.understood_as not in text


def test_citation_numbers_that_point_nowhere_are_left_out() -> None:
    sentence = AnswerSentence("Satz.", 1.0, "kept", (-1, 5))
    assert "<button" not in sentence_html(sentence, (), DE)


def test_notes_say_what_kind_of_answer_it_is() -> None:
    extract = Reader(panels.answer_html(answer(generated=False), DE)).text
    assert DE.extract in extract
    assert "Qwen" not in extract
    abstained = Reader(panels.answer_html(answer(abstained=True, text="Dazu steht nichts da."), EN)).text
    assert EN.abstained in abstained
    assert "Dazu steht nichts da." in abstained
    follow_up = Reader(panels.answer_html(answer(standalone_question="Und Huawei 2025?"), DE)).text
    assert "Verstanden als: Und Huawei 2025?" in follow_up


@pytest.mark.parametrize(
    ("typed", "standalone", "shown"),
    [
        ("Warum?", "Warum steigt der Preis?", "Verstanden als: Warum steigt der Preis?"),
        ("Und warum?", "Was plant SMIC? (Werke, Fertigung) Und warum?", "Bezogen auf: Was plant SMIC?"),
        ("Und warum?", "Was plant SMIC? Und warum?", "Bezogen auf: Was plant SMIC?"),
        (
            "Und  warum?",
            "Was plant SMIC? Und bis wann? (2026) Und warum?",
            "Bezogen auf: Was plant SMIC? Und bis wann?",
        ),
        ("Und warum?", "Und warum?", ""),
        ("Und warum?", "", ""),
    ],
)
def test_a_follow_up_is_shown_as_its_sentence_or_with_what_it_leans_on(typed: str, standalone: str, shown: str) -> None:
    assert Reader(panels.understood_html(typed, standalone, DE)).text == shown


def test_what_was_not_read_stands_below_the_answer_and_below_an_abstention() -> None:
    parts = (
        UnreadPart("Bericht.pdf", "pages 3-5: without text, only a picture"),
        UnreadPart(
            ".uploads/<b>.xlsx", "formulas of the sheet <i> whose values the file does not hold: open and save it once"
        ),
        UnreadPart("Bericht.pdf", "page 9: without text"),
    )
    for changes in ({}, {"abstained": True}):
        html = panels.answer_html(answer(unread=parts, **changes), DE)
        text = Reader(html).text
        assert "In „Bericht.pdf“ nicht gelesen: Seite 3–5 (nur ein Bild, kein Text); Seite 9 (kein Text)" in text
        assert "In „<b>.xlsx“ nicht gelesen: Formeln des Blatts <i>, deren Werte" in text
        assert html.count("q-unread") == 2
        assert "Not read in “Bericht.pdf”: pages 3–5" in Reader(panels.answer_html(answer(unread=parts), EN)).text
    assert "q-unread" not in panels.answer_html(answer(), DE)


def test_an_article_says_what_of_it_was_not_read() -> None:
    text = "Ein Satz.\n\n<!-- not read: page 2: without text, only a picture -->\n"
    read_badly = replace(document(text), encoding="pdf")
    assert "Nicht gelesen: Seite 2 (nur ein Bild, kein Text)" in Reader(article_html(read_badly, {}, DE)).text
    assert "q-unread" not in article_html(document(text), {}, DE)


def test_a_citation_names_other_documents_with_the_same_words() -> None:
    cited = replace(fakes.cite("cambricon.md", fakes.USE), also=("kopie/<a>.md", ".uploads/b.md"))
    sentence = AnswerSentence(fakes.USE, 1.0, "kept", (0,))
    html = sentence_html(sentence, (cited,), DE, fakes.DOCUMENTS)
    assert "22. Juli 2025 · auch in kopie/&lt;a&gt;.md, b.md" in html
    assert 'data-about="also in kopie/&lt;a&gt;.md, b.md"' in sentence_html(sentence, (cited,), EN)


def test_evidence_is_grouped_by_article_and_numbered_where_cited() -> None:
    evidence = [
        fakes.evidence_sentence("cambricon.md", fakes.MONEY),
        fakes.evidence_sentence("allianz.md", fakes.FIRMS),
        fakes.evidence_sentence("cambricon.md", fakes.USE),
    ]
    html = panels.evidence_html(
        "Frage?",
        evidence,
        [fakes.cite("cambricon.md", fakes.USE)],
        documents=fakes.DOCUMENTS,
        turn=1,
        texts=DE,
    )
    text = Reader(html).text
    assert text.index(fakes.MONEY) < text.index(fakes.USE) < text.index(fakes.FIRMS)
    assert text.count("Cambricon will Milliarden aufnehmen") == 1
    assert f"{fakes.USE} {DE.cited} 1" in text
    assert "IT-Markt · 22. Juli 2025" in text
    nearest = panels.evidence_html("F", evidence, [], documents={}, turn=1, texts=DE, nearest=True)
    assert DE.nearest_title in nearest


def test_language_follows_the_browser() -> None:
    assert texts_for("de-AT,de;q=0.9,en;q=0.8") is DE
    assert texts_for("en-GB,de;q=0.5") is EN
    assert texts_for("fr") is EN
    assert texts_for("") is DE
    assert translations(DE).keys() == translations(EN).keys()
    assert all(translations(DE).values())
    assert all(translations(EN).values())


def test_dates_and_durations_are_written_as_in_print() -> None:
    assert format_date("2025-06-03", "de") == "3. Juni 2025"
    assert format_date("2025-06-03", "en") == "3 June 2025"
    for odd in ("", "2025", "gestern", "2025-13-01"):
        assert format_date(odd, "de") == odd
    assert format_seconds(1260, EN) == "1.3 s"
    assert format_seconds(12, DE) == "0,1 s"


def test_struck_out_words_are_set_back_and_the_rule_of_a_table_is_not() -> None:
    text = "# T\n\nEs kostet ~~49 €~~ 59 €.\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n<!-- geheim -->\n\nEnde."
    asides = [text[start:end].strip() for start, end in set_back(document(text)).values()]
    assert asides == ["~~49 €~~", "<!-- geheim -->"]


@pytest.mark.parametrize("abstained", [False, True])
def test_a_side_that_no_article_names_is_said_in_a_sentence(*, abstained: bool) -> None:
    silent = ("Über AMD steht nichts in den Artikeln.", "Wann ruht der Teig?")
    text = Reader(panels.answer_html(answer(unanswered=silent, abstained=abstained), DE)).text
    assert f"{DE.silent_on}: Wann ruht der Teig?" in text
    assert "Über AMD steht nichts in den Artikeln." in text
    assert f"{DE.silent_on}: Über" not in text
