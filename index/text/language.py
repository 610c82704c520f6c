"""Tell German from English."""

from __future__ import annotations

import functools
import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


@functools.cache
def _function_words() -> tuple[frozenset[str], frozenset[str]]:
    from bm25s.stopwords import STOPWORDS_EN, STOPWORDS_GERMAN  # noqa: PLC0415

    german = {word.casefold() for word in STOPWORDS_GERMAN} | {"wer", "wen", "wieviel", "wieviele", "gibt"}
    english = {word.casefold() for word in STOPWORDS_EN} | {
        "what",
        "which",
        "when",
        "where",
        "why",
        "how",
        "who",
        "much",
    }
    return frozenset(german - english), frozenset(english - german)


def detect(text: str) -> str:
    """
    Return ``de`` or ``en``: whichever has more function words in the text, German where neither leads.

    A language model is not needed for two languages, and a statistical detector errs on short questions.
    """
    german, english = _function_words()
    found = [word.casefold() for word in _WORD.findall(text)]
    lead = sum(word in german for word in found) - sum(word in english for word in found)
    return "en" if lead < 0 and not re.search("[äöüß]", text, re.IGNORECASE) else "de"


def is_latin(text: str) -> bool:
    """Tell whether most letters are of the Latin script, the only one that German and English use."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return not letters or latin * 2 >= len(letters)
