from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Span
from rag.grounding.context import FARTHEST, context
from rag.grounding.pointing import points_back


def led(*parts: str, question: str) -> list[str]:
    """Return what must be shown before the last of the given sentences and headings."""
    text, spans = "", []
    for part in parts:
        spans.append(Span(len(text), len(text) + len(part)))
        text += f"{part} "
    found = context(text, spans[-1], spans[:-1], question=question)
    assert len(found) <= 2
    assert list(found) == sorted(found)
    assert all(one in spans[:-1][-FARTHEST:] for one in found)
    return [text[one.start : one.end] for one in found]


@pytest.mark.parametrize(
    ("before", "answering", "question"),
    [
        # Pronouns.
        ("Zur Wahl standen der Elbwein und der Sandwein.", "Letzterer ist süßer.", "Welcher Wein ist süßer?"),
        ("Der Imker Falk Rüter zog nach Bremen.", "Sein Honig gewann Silber.", "Was gewann Falk Rüters Honig?"),
        ("Die Orgel von Hagensee stammt von 1702.", "Sie hat 31 Register.", "Wie viele Register hat die Orgel?"),
        ("Im Hof steht der Kran Otto.", "Nachts wird er mit Gas beheizt.", "Womit wird der Kran Otto beheizt?"),
        # Demonstratives.
        ("Der Rat lehnte den Tunnel ab.", "Dies freute die Anwohner.", "Wen freute es, dass der Tunnel nicht kommt?"),
        ("Gewonnen hat der Läufer Kofi Brandt.", "Dieser stammt aus Ulm.", "Woher stammt Kofi Brandt?"),
        # Adverbs.
        ("Der Markt zog nach Ellerbek.", "Dort stehen 40 Buden.", "Wo stehen 40 Buden?"),
        ("1911 fror der Hafen von Tönsund zu.", "Damals kamen keine Schiffe.", "Wann kamen keine Schiffe?"),
        ("Die Kita Spatzennest sammelte Altpapier.", "Dafür gab es 90 Euro.", "Was gab es für Altpapier?"),
        # Nouns.
        ("Am Montag schloss die Molkerei Gutmilch.", "Das Unternehmen hatte 80 Leute.", "Wie viele Leute hatte Gutmilch?"),
        ("Vom Kai legt die Astra ab.", "Das Schiff fasst 90 Gäste.", "Welches Schiff fasst 90 Gäste?"),
        # The name from the question is missing.
        ("Der Deich von Oland wird erhöht.", "Die Arbeiten dauern zwei Jahre.", "Wie lange wird an Olands Deich gebaut?"),
        # English.
        ("The ferry Marlin was built in Cork.", "It carries 60 cars.", "How many cars does the ferry Marlin carry?"),
        ("The council closed the pool.", "This angered the swimmers.", "Whom did the closing of the pool anger?"),
        ("The Harwell Choir meets on Mondays.", "Its leader is Joan Pym.", "Who leads the Harwell Choir?"),
        ("Orbix builds pumps in Leeds.", "The company has 70 workers.", "How many workers does Orbix have?"),
        ("Two kinds are sold, Alba and Nera.", "The latter is bitter.", "Which kind is bitter?"),
    ],
)  # fmt: skip
def test_what_a_sentence_points_back_to_is_shown_before_it(before: str, answering: str, question: str) -> None:
    assert led("Heute ist es still.", before, answering, question=question) == [before]


@pytest.mark.parametrize(
    ("answering", "question"),
    [
        ("Es regnete in Plau nur zweimal.", "Wie oft regnete es in Plau?"),
        ("Es gibt in Plau zwei Bäder.", "Wie viele Bäder gibt es in Plau?"),
        ("Es war die Köchin Rena Holm, die den Preis bekam.", "Wer bekam den Preis?"),
        ("Karten bestellen Sie bitte per Post.", "Wie bestellt man Karten?"),
        ("Diese Woche öffnet in Kaub der Keller.", "Wann öffnet der Keller in Kaub?"),
        ("In diesem Jahr feiert Kaub 700 Jahre Stadtrecht.", "Was feiert Kaub?"),
        ("Weil er krank war, fehlte der Tenor Ole Brandt bei der Premiere.", "Warum fehlte Ole Brandt?"),
        ("Der Wirt Jan Ott besteht darauf, dass bar gezahlt wird.", "Worauf besteht Jan Ott?"),
        ("Dort, wo die Mühle stand, baut Jan Ott ein Hotel.", "Was baut Jan Ott?"),
        ("Der Maler Ivo Reng zeigt seine Bilder.", "Was zeigt Ivo Reng?"),
        ("Beide Ufer der Gaude sind gesperrt.", "Welche Ufer sind gesperrt?"),
        ("Die Bäckerei Wolff verkauft Brot.", "Was verkauft die Bäckerei Wolff?"),
        ("This year the Harwell Choir sings in Bath.", "Where does the Harwell Choir sing?"),
        ("It rained in Tenby on nine days.", "On how many days did it rain in Tenby?"),
        ("Although she was ill, the singer Ada Voss performed.", "Who performed?"),
        ("The painter Ivo Reng shows his works.", "What does Ivo Reng show?"),
    ],
)
def test_a_sentence_that_stands_by_itself_needs_nothing_before_it(answering: str, question: str) -> None:
    assert led("Im Norden war der Sommer heiß.", answering, question=question) == []


def test_what_a_demonstrative_means_may_point_back_itself() -> None:
    parts = ["Die Mühle Rotbach brannte ab.", "Sie war leer.", "Dabei starb eine Katze."]
    assert led(*parts, question="Was starb in der Mühle Rotbach?") == parts[:2]


def test_of_several_before_it_the_one_is_shown_that_has_the_questions_name() -> None:
    parts = ["Auf der Alm Hinterfeld leben 30 Kühe.", "Der Käse reift im Stollen.", "Sie liegt auf 1.400 Metern."]
    assert led(*parts, question="Wie hoch liegt die Alm Hinterfeld?") == parts[:1]


def test_where_the_question_asks_for_the_name_the_nearest_is_shown_that_names_something() -> None:
    parts = ["Der Speicher Nord ist leer.", "Der Architekt Lutz Amrein zog nach Wien.", "Er starb 1931."]
    assert led(*parts, question="Wer starb 1931?") == parts[1:2]


def test_a_heading_names_it_too() -> None:
    parts = ["Hotel Seeblick", "Der Saal ist hell.", "Die Zimmer kosten 88 Euro."]
    assert led(*parts, question="Was kosten die Zimmer im Hotel Seeblick?") == parts[:1]


def test_a_name_in_a_compound_is_the_name() -> None:
    parts = ["Die Eisenbrücke von Werl ist gesperrt.", "Die Sperrung dauert bis Mai."]
    assert led(*parts, question="Wie lange dauert die Sperrung der Brücke?") == parts[:1]


def test_nothing_before_it_and_what_is_too_far_cannot_be_shown() -> None:
    asked, said = "Wie viele Register hat die Orgel von Hagensee?", "Sie hat 31 Register."
    assert led(said, question=asked) == []
    far = led("Die Orgel von Hagensee ist alt.", *["Im Dorf regnet es."] * FARTHEST, said, question=asked)
    assert far == ["Im Dorf regnet es."]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Er kostet 90 Euro.", True),
        ("Das zeigt sich im Herbst.", True),
        ("Das neue Werk steht in Kiel.", False),
        ("Damit spart der Hof Wasser.", True),
        ("Damit er schneller fährt, ist der Zug leicht.", False),
        ("Zwei Tage später öffnete das Museum.", True),
        ("Es kommt aus Peru.", False),
        ("They left in May.", True),
        ("That was in May.", True),
        ("Anna Berg sagte, sie komme wieder.", False),
        ("", False),
        ("…", False),
    ],
)
def test_words_that_point_back(text: str, points: bool) -> None:
    assert points_back(text) is points


WORDS = "Er Sie Der die Orgel Hagensee hat 31 Register . Dort , weil kostet # Das This it Chip".split()


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), min_size=1, max_size=8),
    st.text(max_size=30),
)
def test_what_is_shown_before_is_among_those_before_in_order_and_at_most_two(parts: list[str], question: str) -> None:
    assert len(led(*parts, question=question)) <= 2  # `led` checks the rest


def test_the_sentence_just_before_is_shown_though_it_points_back_itself() -> None:
    text = "In Hameln steht der Speicher Nord. Gebaut hat ihn der Architekt Lutz Amrein. Er starb 1931."
    spans = [Span(0, 34), Span(35, 76), Span(77, len(text))]
    found = context(text, spans[-1], spans[:-1], question="Wer starb 1931?")
    assert [text[one.start : one.end] for one in found] == [
        "In Hameln steht der Speicher Nord.",
        "Gebaut hat ihn der Architekt Lutz Amrein.",
    ]


def test_what_stands_above_a_heading_is_not_followed_further() -> None:
    text = "Olaf Rix leitet den Hafen. Er baut um.\n\nWerft\n\nDazu kommt ein Dock."
    spans = [Span(0, 26), Span(27, 38), Span(40, 45), Span(47, len(text))]
    found = context(text, spans[-1], spans[:-1], question="Was kommt dazu?")
    assert [text[one.start : one.end] for one in found] == ["Olaf Rix leitet den Hafen.", "Er baut um."]
    above = "Olaf Rix leitet den Hafen.\n\nUmbau\n\nEr baut um. Dazu kommt ein Dock."
    spans = [Span(0, 26), Span(28, 33), Span(35, 46), Span(47, len(above))]
    found = context(above, spans[-1], spans[:-1], question="Was kommt dazu?")
    assert [above[one.start : one.end] for one in found] == ["Er baut um."]
