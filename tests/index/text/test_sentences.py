from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.sentences import split
from tests.growth import Shape, assert_ends

GOLD = Path(__file__).parents[3].parent / "shared" / "eval" / "xquad_r_de" / "xquad_r_de.json"

# "|" marks where a sentence ends.
CASES = """
Das ist z. B. ein Test.
Das ist z.B. Herr Müller.| Er kam.
Er kam, d. h. Anna blieb.
Berlin, Hamburg u. a. Städte wachsen.| Das ist gut.
Am 3. Juni kam er.| Danach ging er.
Am 3. 6. 2024 war Wahl.| Sie verlor.
Siehe Nr. 5 der Liste.| Dort steht es.
Es kostet 5 Mio. Euro.| Das ist viel.
Es kostet 5 Mrd. US-Dollar im Jahr.
Der Umsatz lag bei 5 Mio.| Das Unternehmen wächst.
Dr. Müller und Prof. Dr. Anna Schmidt kamen.| Sie blieben.
In St. Gallen sind ca. 5 Grad bzw. Minusgrade.
Nach Art. 5 Abs. 2 Satz 1 gilt das.
Im 19. Jahrhundert war das so.| Heute nicht.
Ludwig XIV. war König.| Er starb.
So war Kaiser Wilhelm II.| Die Monarchie endete.
J. K. Rowling schrieb das Buch.| Es wurde bekannt.
George W. Bush regierte.| Dann kam Obama.
Die Version 3.5 hat 1.000 Nutzer.| Mehr nicht.
Siehe www.example.de/a.html für Details.| Dort steht mehr.
Firmen wie Booking.com und T-Online.de wachsen.
U.S. officials said so.| They left.
The U.S. Senate voted.| It passed.
Er sagte … nichts.| Dann ging er.
Er wartete...| Dann ging er.
„Das ist gut.“| Er ging.
„Das ist gut“.| Er ging.
„Was ist das?“, fragte er.| Niemand antwortete.
„Was ist das?“ fragte er laut.
»Kommen Sie!«| Sie kam.
»Gut«, sagte er.| »Sehr gut.«| Dann schwieg er.
"It works."| He left.
Das war im Jahr 2025.| Danach kam nichts.
Der Kurs stieg um 5 Prozent.| Das freut alle.
Er kam auf Platz 3.| Der Sieger jubelte.
Er kam auf Platz 3.| Bayern gewann.
Der 2. Weltkrieg endete 1945.| Europa lag in Trümmern.
Die 1. Bundesliga startet am 5. August.
Huawei und Co. schmieden Pläne.| Das gefällt nicht allen.
Er arbeitet bei der Müller GmbH & Co. KG in Bonn.
Die Firma (vgl. Abb. 3) wächst.| Sie stellt ein.
(Das ist ein Satz.)| Das ist noch einer.
Wirklich?!| Ja!| Gut.
Er wurde 80 v. Chr. geboren.| Rom war groß.
Das gilt für Äpfel, Birnen usw.| Bauern ernten sie.
Das sind 50 %.| Mehr geht nicht.
Der Sprecher, Min.-Präs. a. D. Karl Meier, kam.
Es begann am 24.12. in Wien.| Die Stadt war leer.
1. Die Firma wächst.| 2. Sie stellt ein.
Um 20.30 Uhr begann es.| Alle kamen.
Mr. Smith met Mrs. Jones at 5 p.m. in London.| They talked.
Apple Inc. said so.| The stock rose.
Das iPad ist neu.| iPhone und Mac folgen.
Sie wohnt in der Hauptstr. 5 in Köln.
Das Paket wiegt ca. 3 kg.| Es kam gestern.
Sog. Experten u. dgl. wurden gehört.
Er ist Mitglied des ADAC e. V. und des TÜV.
Das steht in Kap. 3, S. 12 ff. des Buchs.
Sie hat Vitamin C.| Das hilft.
Prof. h. c. Meier kam am 1. Mai.| Er sprach.
Der Preis beträgt 3,5.| Das ist wenig.
Es gilt § 5 Abs. 1 Nr. 3 BGB i. V. m. Art. 2 GG.
Sie kamen im Dez. 2023 an.| Dann ging alles schnell.
Das ist das Ende.[1]| Danach kam nichts.
Er sagte: „Ich komme.“| „Wann?“, fragte sie.
Die Schmidt-Bank bzw. Deren Tochter haftet.
Die EU u. a. haben reagiert.
Der FC Bayern gewann 3:1.| Müller traf.
Er las das Buch von Karl d. Gr. und lachte.
"""

ODD = "\r\n\t \x0b\x0c\x85\u2028\u2029\u200b\ufeff\u0308🎉.!?…„“»«\"'()[]#-*>1aÄßI"
texts = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=120)


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_hard_cases(case: str) -> None:
    parts = case.split("|")
    assert sentences("".join(parts)) == [part.strip() for part in parts]


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\r\r", "\n \t\n", "\u2029", "\n\u2028"])
def test_a_blank_line_ends_a_sentence(gap: str) -> None:
    assert sentences(f"ohne Punkt{gap}weiter") == ["ohne Punkt", "weiter"]


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\u2028", "\x0c"])
def test_a_line_end_does_not(gap: str) -> None:
    assert len(sentences(f"Ein Satz{gap}geht weiter. Noch einer.")) == 2


@given(texts, st.data())
def test_spans_are_ordered_trimmed_and_complete(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    spans = split(text, start=start, end=end)
    position = start
    for span in spans:
        assert position <= span.start < span.end <= end
        assert not text[position : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        position = span.end
    assert not text[position:end].strip()


@given(texts)
def test_a_part_is_split_as_if_it_stood_alone(text: str) -> None:
    inside = f"Davor. {text} Danach."
    alone = [(span.start + 7, span.end + 7) for span in split(text)]
    assert [(s.start, s.end) for s in split(inside, start=7, end=7 + len(text))] == alone


@pytest.mark.parametrize("unit", ["a. ", "a", "\n", " ", ".", "\r\n ", "z. B. ", '."', "1. "])
def test_long_runs_come_to_an_end(unit: str) -> None:
    assert_ends(split, shapes=[Shape(repr(unit), unit)])


@pytest.mark.skipif(not GOLD.exists(), reason="the shared evaluation sets are not here")
def test_gold_sentences() -> None:
    found = wanted = right = 0
    for article in json.loads(GOLD.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            gold = {len(text[:end].rstrip()) for _, end in paragraph["sentence_breaks"][:-1]}
            own = {span.end for span in split(text)[:-1]}
            found, wanted, right = found + len(own), wanted + len(gold), right + len(own & gold)
    assert right / found > 0.985
    assert right / wanted > 0.985
