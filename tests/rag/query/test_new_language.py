"""A language is added with a folder: here Spanish, which the rules do not know."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from index.text import locale

ROOT = Path(__file__).parents[3]
SPANISH = {
    "language": """
        stop_words = "STOPWORDS_SPANISH"
        numerals = "es"
        locales = ["es"]
        scale_widths = ["long"]
        letters = "ñ¿¡"
        telling = "qué quién cuándo dónde cómo cuál cuántos cuántas"
        empty = "qué quién cuándo dónde cómo cuál cuántos cuántas"
    """,
    "numbers": """
        beginnings = "cero un dos tres tre cuat cua cin sei ses sie set och nue nov die ve vein on do qui cien mil"
        no_numerals = "un una uno"
    """,
    "grammar": """
        articles_definite = "el la los las"
        who = "quién quiénes"
        which = "cuál cuáles"
        question_words = ["qué", "cuándo", "dónde", "cómo", "cuánt[oa]s?"]
        pronouns_personal = "él ella ellos ellas"
    """,
    "questions": """
        going_on = "y pero entonces"
        joining = "y"
        newest = ["últim[oa]s? noticias?"]
    """,
    "references": """
        opening = "entonces"
    """,
}
ASKED = """
import json, sys
from pathlib import Path
from index.text import locale
locale.FOLDER = Path(sys.argv[1])
from index.text.language import detect
from index.text.normal_forms import analysed
from index.text.numerals import spelled_out
from index.text.stems import stop_words
from rag.grounding.pointing import points_back
from rag.prompts import ANSWER
from rag.query.condense import condense
from rag.query.decompose import decompose
from rag.query.follow_up import is_follow_up
from rag.retrieval.recency import asks_for_newest

history = [("¿Quién fundó la empresa Cambricon?", "Chen Tianshi.")]
two = condense("¿Quién fundó la empresa Cambricon, y cuándo empezó a vender chips?", [], max_chars=300)
print(json.dumps({
    "languages": locale.languages(),
    "detected": [detect(text) for text in json.loads(sys.argv[2])],
    "numerals": [spelled_out(word) for word in ("veintiuno", "doce", "zwölf", "twelve", "una")],
    "terms": [form for item in analysed("el 3 de marzo") for form in (item.term, *item.forms)],
    "parts": [part.question for part in decompose(two)],
    "follows": [is_follow_up(text) for text in (
        "¿Y cuándo?", "¿Qué es la fotosíntesis de las plantas?", "Und wann?", "Was plant der Konzern Cambricon?"
    )],
    "points": [points_back(text) for text in ("Es una empresa de chips.", "Es steht leer.", "Sie steht leer.")],
    "standalone": condense("¿Y cuándo?", history, max_chars=300).standalone,
    "newest": [asks_for_newest(text) for text in ("¿Cuáles son las últimas noticias?", "¿Qué es un chip?")],
    "stops": sorted({"los", "cuándo", "der", "the"} - stop_words()),
    "prompt": ANSWER["es"] == ANSWER["de"],
}))
"""
QUESTIONS = [
    "¿Cuándo se fundó la empresa?",
    "Quien fue el primer presidente de la empresa",
    "Wann wurde die Firma gegründet?",
    "Wer ist der Chef von Cambricon?",
    "When was the company founded?",
    "Nvidia H20",
]


NUMBER_WORDS = {"language": 'numerals = "es"', "numbers": SPANISH["numbers"]}


def said_with(spanish: dict[str, str], folder: Path) -> dict[str, Any]:
    """Return the output of a new process with Spanish lists; a process reads its lists only once."""
    for language in locale.languages():
        shutil.copytree(locale.FOLDER / language, folder / language)
    (folder / "es").mkdir()
    for name, text in spanish.items():
        (folder / "es" / f"{name}.toml").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(folder), json.dumps(QUESTIONS)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return said_with(SPANISH, tmp_path_factory.mktemp("locale"))


def test_number_words_can_be_added_alone(tmp_path: Path) -> None:
    found = said_with(NUMBER_WORDS, tmp_path)
    assert found["numerals"] == ["21", "12", "12", "12", ""]
    assert found["detected"][2:] == ["de", "de", "en", "de"]
    assert found["follows"][2:] == [True, False]
    assert found["points"][1:] == [True, True]


def test_it_is_told_from_the_others(found: dict[str, Any]) -> None:
    assert found["languages"] == ["de", "en", "es"]
    assert found["detected"] == ["es", "es", "de", "de", "en", "de"]


def test_its_numbers_in_words_are_read(found: dict[str, Any]) -> None:
    assert found["numerals"] == ["21", "12", "12", "12", ""]


def test_its_months_are_found_by_those_of_the_default_language(found: dict[str, Any]) -> None:
    assert {"3", "marz"} <= set(found["terms"])  # the term of "März"


def test_its_questions_are_taken_apart(found: dict[str, Any]) -> None:
    assert len(found["parts"]) == 2
    assert found["parts"][1].startswith("Cuándo empezó")


def test_a_question_that_goes_on_is_preceded_by_the_one_before(found: dict[str, Any]) -> None:
    # "es" is a pronoun in German, but means "is" in Spanish.
    assert found["follows"] == [True, False, True, False]
    assert found["standalone"] == "¿Quién fundó la empresa Cambricon? (Chen, Tianshi) ¿Y cuándo?"
    assert found["points"] == [False, True, True]


def test_it_asks_for_the_latest(found: dict[str, Any]) -> None:
    assert found["newest"] == [True, False]


def test_its_function_words_are_not_searched_for(found: dict[str, Any]) -> None:
    assert found["stops"] == []


def test_what_it_lacks_is_the_default_languages(found: dict[str, Any]) -> None:
    assert found["prompt"]
