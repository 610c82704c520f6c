"""A PDF is skipped if its letters are mapped to wrong characters, but not for names, codes or other languages."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.reading.extraction.pdf import extract
from index.reading.extraction.pdf.characters.garbled import is_garbled
from index.reading.extraction.types import ExtractionError
from tests.files import lines, make_pdf, needs_files

pytestmark = needs_files
GERMAN = (
    "Der Tierpark in Auheim hat im Jahr 2022 drei neue Gehege gebaut. Die Kosten lagen bei zwei Millionen Euro und wurden "
    "gedeckt. Im Winter bleiben die Affen in ihrem warmen Haus, und die Besucher sehen ihnen durch eine Scheibe zu."
)


def shifted(text: str, by: int) -> str:
    return "".join(chr((ord(one) - 32 + by) % 95 + 32) if one.isascii() else one for one in text)


def permuted(text: str, seed: int) -> str:
    letters = list(string.ascii_lowercase)
    random.Random(seed).shuffle(letters)
    table = dict(zip(string.ascii_lowercase, letters, strict=True))
    table |= {one.upper(): other.upper() for one, other in table.items()}
    return text.translate(str.maketrans(table))


def by_first_use(text: str) -> str:
    """Return a text as a file encodes it that numbers its letters in the order of their first use."""
    known: dict[str, str] = {}
    return "".join(one if one == " " else known.setdefault(one, chr(33 + len(known))) for one in text)


def private(text: str) -> str:
    return "".join(one if one == " " else chr(0xE000 + ord(one)) for one in text)


@pytest.mark.parametrize("by", [1, 2, 3, 5, 8, 29, 66])
def test_shifted_letters_are_gibberish(by: int) -> None:
    assert is_garbled(shifted(GERMAN, by))


@pytest.mark.parametrize("seed", range(12))
def test_letters_put_for_others_are_gibberish(seed: int) -> None:
    assert is_garbled(permuted(GERMAN * 2, seed))


def test_other_gibberish() -> None:
    assert is_garbled(by_first_use(GERMAN))
    assert is_garbled(private(GERMAN))


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        GERMAN.upper(),
        "The zoo built three new enclosures in 2022, which cost two million euros and were paid for by the town council.",
        "Le parc zoologique a construit trois nouveaux enclos, qui ont coûté deux millions d'euros à la ville d'Auheim.",
        "W Szczebrzeszynie chrząszcz brzmi w trzcinie i Szczebrzeszyn z tego słynie, że chrząszcz brzmi w trzcinie tam.",
        "Az állatkert három új kifutót épített, amelyek kétmillió euróba kerültek, és a város fizette ki őket tavasszal.",
        "Eläintarha rakensi kolme uutta aitausta, jotka maksoivat kaksi miljoonaa euroa ja jotka kaupunki maksoi kokonaan.",
        "Sở thú đã xây dựng ba chuồng mới với chi phí hai triệu euro và được thành phố chi trả toàn bộ trong năm nay rồi.",
        "В зоопарке построили три новых вольера, которые стоили два миллиона евро и были оплачены городом в этом году.",
        "动物园新建了三个围栏，耗资两百万欧元，由市政府支付。冬天，猴子们待在温暖的房子里，游客可以透过玻璃看到它们。",
        "Krzysztof Brzęczyszczykiewicz, Łękołody\nGrzegorz Wszczęsny, Chrząszczyżewoszyce\nMstislav Rostropovič, Zdzisław Szwed",
        "12,50 17,30 22,10 8,90 45,00 " * 20,
        "KX-4711-B QRT-223 ZZX-99 WPL-10 HJ-17-Q " * 10,
        "AEG BMW VW KfW GmbH LKW PKW StVO BGB HGB ZPO NRW BW " * 4,
        "Einleitung ................ 3 Ergebnisse .............. 7 Schluss ................ 12 " * 3,
        'for (int i = 0; i < n; i++) { if (x[i] != y[i]) return -1; } printf("%d\\n", n); ' * 3,
        "",
        "Xqzw",
    ],
)
def test_what_is_no_gibberish(text: str) -> None:
    assert not is_garbled(text)


@settings(max_examples=100)
@given(st.text(max_size=400))
def test_any_text_is_judged(text: str) -> None:
    assert is_garbled(text) in {True, False}


def wrapped(text: str) -> list[str]:
    return [text[place : place + 80] for place in range(0, len(text), 80)]


def test_a_garbled_pdf_is_left_out_with_a_reason() -> None:
    with pytest.raises(ExtractionError) as caught:
        extract(make_pdf([lines(*wrapped(shifted(GERMAN, 8)))]))
    assert caught.value.kind == "garbled"
    assert "gibberish" in caught.value.message
    assert "OCR" in caught.value.hint


@pytest.mark.parametrize("times", [1, 3])
def test_a_garbled_page_is_left_out_and_named(times: int) -> None:
    good = ["Hier steht ein guter Text, der lesbar ist und bleibt.", "Und noch einer."]
    found = extract(make_pdf([lines(*good), lines(*wrapped(shifted(GERMAN, 3)) * times), lines(*good)]))
    assert "Gehege" not in found.text
    assert found.text.count("lesbar") == 2
    assert found.unread == ("page 2: with letters that are mapped to wrong characters",)
