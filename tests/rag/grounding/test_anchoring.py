from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.anchoring import anchor, foreseen, second_place, settled_beginning, words_that_answer
from rag.grounding.clause import marked_cuts
from rag.types import EvidenceSentence

SMIC = "Auch SMIC selbst wächst: Der Hersteller plant, seine Fertigung von 7-nm-Chips bis 2026 zu verdoppeln."


def evidence(*texts: str, scores: tuple[float, ...] = ()) -> list[EvidenceSentence]:
    return [
        EvidenceSentence("a.md", 1000 * number, 1000 * number + len(text), text, "Titel", score)
        for number, (text, score) in enumerate(zip(texts, scores or (0.5,) * len(texts), strict=True))
    ]


def place(draft: str, found_in: list[EvidenceSentence], question: str = "Was?") -> int:
    found = anchor(draft, found_in, question=question)
    assert found is not None
    return found.sentence


def emphasised(draft: str, text: str, question: str = "Was?") -> list[str]:
    return [text[start:end] for start, end in words_that_answer(draft, text, question=question)]


def test_the_words_say_where_the_answer_stands() -> None:
    found = anchor("bis 2026", evidence("Das Wetter ist gut.", SMIC, "Es regnet."), question="Bis wann?")
    assert found is not None
    assert (found.sentence, found.start, found.end, found.share) == (1, 0, len(SMIC), 1.0)


def test_of_sentences_that_hold_the_words_the_nearest_is_shown() -> None:
    texts = evidence("Im Jahr 2026 war Wahl.", SMIC, scores=(0.2, 0.8))
    assert place("2026", texts, "Bis wann will SMIC verdoppeln?") == 1
    assert place("2026", list(reversed(texts)), "Bis wann will SMIC verdoppeln?") == 0


def test_words_and_nearness_are_weighed_together() -> None:
    near = evidence("SMIC liefert Chips.", "Bis 2026 wird in Werl gebaut.", scores=(0.6, 0.5))
    assert place("2026", near, "Bis wann?") == 1
    far = evidence("SMIC liefert Chips.", "Bis 2026 wird in Werl gebaut.", scores=(0.6, 0.2))
    assert place("2026", far, "Bis wann?") == 0


def test_words_of_the_question_do_not_say_where_the_answer_stands() -> None:
    texts = evidence("SMIC plant viel.", SMIC, scores=(0.55, 0.5))
    assert place("SMIC plant 2026", texts, "Was plant SMIC?") == 1
    # If the draft has no other words, the answer is one of the things that the question names.
    assert place("SMIC", evidence("Huawei liefert Chips.", "SMIC liefert Masken."), "Huawei oder SMIC?") == 1


def test_a_draft_that_stands_nowhere_points_at_the_nearest_and_is_not_there() -> None:
    for draft in ("Schuhe", ""):
        found = anchor(draft, evidence(SMIC, "Es regnet.", scores=(0.3, 0.6)), question="Was?")
        assert found is not None
        assert (found.sentence, found.share, found.words) == (1, 0.0, ())
    assert anchor("Schuhe", [], question="Was?") is None


def test_words_may_stand_in_what_a_sentence_points_back_to() -> None:
    named, pointing, other = evidence(
        "Zur Wahl stand der Elbwein.", "Er ist süß.", "Der Rhein ist lang.", scores=(0.5, 0.2, 0.3)
    )
    found = anchor("Elbwein", [pointing, other], question="Was ist süß?", contexts=[[named], []])
    assert found is not None
    assert (found.sentence, found.share) == (0, 1.0)


def test_a_sentence_is_as_near_as_what_it_points_back_to() -> None:
    named, pointing, other = evidence("Die Orgel ist alt.", "Sie hat 31 Register.", "31 Leute.", scores=(0.6, 0.1, 0.4))
    found = anchor("31", [named, pointing, other], question="?", contexts=[[], [named], []])
    assert found is not None
    assert found.sentence == 1


@pytest.mark.parametrize(
    ("draft", "text", "words"),
    [
        ("2026", SMIC, ["2026"]),
        ("Biren, Huawei und Metax", "Ihm gehören laut Reuters Hersteller wie Biren, Huawei und Metax an.", ["Biren, Huawei und Metax"]),
        ("12,5", "Im Jahr stieg der Umsatz von Huawei um 12,5 %, sonst sank er.", ["12,5 %"]),
        ("4 Milliarden Euro", "Für 2024: −4 Milliarden Euro betrug der Gewinn im Norden.", ["−4 Milliarden Euro"]),
        ("90", "Der Eintritt kostet am Wochenende 90 €, sonst weniger.", ["90 €"]),
        ("Staaten", "Es gilt für alle Nicht-EU-Staaten ab sofort und ohne Ausnahme.", ["Nicht-EU-Staaten"]),
        ("Produktion", "Die Chipproduktion ruht seit Mai in allen drei Werken.", ["Chipproduktion"]),
        ("CO2", "Die Anlage spart 30 Tonnen CO₂ im Jahr, sagt der Betreiber.", ["CO₂"]),
        ("Hammer; Zange", "Verkauft wurden Hammer; die Zange blieb leider liegen, heißt es.", ["Hammer", "Zange"]),
        ("fünf", unicodedata.normalize("NFD", "Das Büro eröffnete gestern fünf Häuser in Köln."), [unicodedata.normalize("NFD", "fünf")]),
    ],
)  # fmt: skip
def test_the_words_that_answer_are_emphasised_with_their_signs(draft: str, text: str, words: list[str]) -> None:
    assert emphasised(draft, text) == words


@pytest.mark.parametrize(
    ("draft", "text", "words"),
    [
        ("vier Hallen", "In Lhasa stehen 4 Hallen für Server.", ["4 Hallen"]),
        ("4 Hallen", "In Lhasa stehen vier Hallen für Server.", ["vier Hallen"]),
        ("1.000 Euro", "Das Rad kostet im Laden 1000 Euro, ohne Licht.", ["1000 Euro"]),
        ("13", "In Lhasa stehen dreizehn Hallen für Server.", ["dreizehn"]),
    ],
)
def test_number_words_and_figures_are_one_number(draft: str, text: str, words: list[str]) -> None:
    assert emphasised(draft, text) == words


def test_nearly_all_of_a_sentence_is_not_emphasised() -> None:
    assert emphasised("Die Hütte Sonneck", "Die Hütte Sonneck.") == []


@pytest.mark.parametrize("verdict", ["Ja, der", "Nein, der", "ja:", "Yes, the", "No. The"])
def test_yes_and_no_do_not_say_where_it_stands(verdict: str) -> None:
    texts = evidence("Nein, sagte er: ja, yes und no.", "Im Mai kam der Ascend 910C nach China.")
    found = anchor(f"{verdict} Ascend 910C", texts, question="Gibt es einen neuen Chip?")
    assert found is not None
    assert (found.sentence, found.share) == (1, 1.0)
    assert emphasised(f"{verdict} Ascend 910C", texts[1].text) == ["Ascend 910C"]


def test_a_word_that_begins_like_no_is_a_word() -> None:
    assert emphasised("Januar", "Im Januar ruht die Arbeit am Deich.") == ["Januar"]
    assert emphasised("Norwegen", "Das Holz kommt aus Norwegen und Polen.") == ["Norwegen"]


CHOIR = ("Den Chor leitet Ortrun Vogl.", "Das Orchester leitet Hanno Zierer.", "Es regnet.")


def second(draft: str, texts: list[EvidenceSentence], question: str = "Wer leitet?") -> int | None:
    first = anchor(draft, texts, question=question)
    assert first is not None
    found = second_place(draft, first, texts, question=question)
    return None if found is None else found.sentence


def test_what_the_first_place_lacks_may_stand_in_a_second() -> None:
    texts = evidence(*CHOIR, scores=(0.8, 0.7, 0.1))
    assert second("Ortrun Vogl und Hanno Zierer", texts) == 1


@pytest.mark.parametrize(
    ("draft", "scores"),
    [
        ("Ortrun Vogl", (0.8, 0.7, 0.1)),  # the first sentence has all words
        ("Ortrun Vogl und Zierer", (0.8, 0.7, 0.1)),  # one word is not enough
        ("Ortrun Vogl und Hanno Meier", (0.8, 0.7, 0.1)),  # no other sentence has all remaining words
        ("Ortrun Vogl und Hanno Zierer", (0.8, 0.5, 0.1)),  # the second is far from the question
        ("Hut Schuh Hose Hemd Rock Mantel Schal Ortrun Vogl Hanno Zierer", (0.8, 0.7, 0.1)),  # the list is too long
    ],
)
def test_there_is_no_second_place(draft: str, scores: tuple[float, ...]) -> None:
    assert second(draft, evidence(*CHOIR, scores=scores)) is None


@pytest.mark.parametrize(
    ("scores", "number"),
    [((0.2, 0.7, 0.3), 1), ((0.6, 0.62, 0.1), None), ((0.5,), 0), ((), None), ((-0.4, -0.9, 0.2), 2)],
)
def test_a_place_is_foreseen_where_one_sentence_is_far_nearer(scores: tuple[float, ...], number: int | None) -> None:
    found = foreseen(evidence(*CHOIR[: len(scores)], scores=scores))
    assert (found and found.sentence) == number


def test_what_a_sentence_points_back_to_counts_for_its_nearness() -> None:
    sentences = evidence(*CHOIR, scores=(0.8, 0.2, 0.1))
    assert foreseen(sentences, [(), (), ()]) == anchor("", sentences[:1], question="")
    assert foreseen(sentences, [(), (sentences[0],), ()]) is None


@pytest.mark.parametrize(
    ("draft", "begun"),
    [("der Ascend 91", "der Ascend "), ("der Ascend ", "der Ascend "), ("Ascend", ""), ("", ""), ("der \n", "")],
)
def test_a_draft_tells_something_from_its_first_whole_word_of_its_own(draft: str, begun: str) -> None:
    assert settled_beginning(draft, "Was kam im Mai?") == begun


def test_words_of_the_question_tell_nothing() -> None:
    assert settled_beginning("Im Mai kam ", "Was kam im Mai?") == ""


@given(st.text(max_size=60), st.text(max_size=20))
def test_later_pieces_do_not_change_what_has_been_told(draft: str, piece: str) -> None:
    begun = settled_beginning(draft, "Was?")
    assert draft.startswith(begun)
    assert settled_beginning(draft + piece, "Was?").startswith(begun)


def test_a_long_sentence_is_shown_as_the_statement_that_answers() -> None:
    tail = "und so weiter in vielen Worten, die nur dazu da sind, dass der ganze Satz am Ende länger als kurz ist."
    text = f"Die Fähre kostet höchstens 12 Euro; der Bus fährt alle 30 Minuten {tail}"
    found = anchor("12 Euro", evidence(text), question="Was kostet die Fähre?")
    assert found is not None
    assert marked_cuts(text, found.start, found.end) == "Die Fähre kostet höchstens 12 Euro …"
    assert text[slice(*found.words[0])] == "12 Euro"


TEXTS = st.one_of(
    st.text(max_size=120), st.lists(st.sampled_from(f"{SMIC} ; ja vier 4 % der".split()), max_size=40).map(" ".join)
)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.text(max_size=40))
def test_a_place_lies_in_its_sentence_and_holds_its_words(draft: str, texts: list[str], question: str) -> None:
    found = anchor(draft, evidence(*texts), question=question)
    assert (found is None) == (not texts)
    if found is None:
        return
    text = texts[found.sentence]
    assert 0 <= found.start <= found.end <= len(text)
    assert 0 <= found.share <= 1
    assert all(found.start <= start < end <= found.end for start, end in found.words)
    assert all(one[1] < other[0] for one, other in pairwise(found.words))


def test_soft_hyphens_stand_within_words() -> None:
    text = "In Erfurt entsteht eine Halb\u00adleiter\u00adfabrik mit 340 Menschen."
    assert place("eine Halbleiterfabrik", evidence("Das Wetter ist gut.", text), "Was entsteht?") == 1
    assert emphasised("Halbleiterfabrik", text) == ["Halb\u00adleiter\u00adfabrik"]
