"""Detect the language of texts."""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import chain
from typing import TYPE_CHECKING

from index.text import locale
from index.text.stems import library_words

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_FEWEST_WORDS = 2


@functools.cache
def _own_words() -> Mapping[str, frozenset[str]]:
    """Return the function words of each language that no other language has."""
    all_of = {
        language: library_words(language) | locale.words("language.telling", language=language)
        for language in locale.languages()
    }
    return {
        language: words - set(chain.from_iterable(others for other, others in all_of.items() if other != language))
        for language, words in all_of.items()
    }


@functools.cache
def _own_letters() -> Mapping[str, re.Pattern[str]]:
    letters = {language: locale.texts("language.letters", language) for language in locale.languages()}
    return {one: re.compile(f"[{''.join(own)}]", re.IGNORECASE) for one, own in letters.items() if own}


def detect(text: str) -> str:
    """
    Return the ISO 639-1 code of the language with the most function words in a text, German if none leads.

    Letters that only one language has count as one word more, since a name does not show the language of a question:
    neither that of "Who is Brückmann's successor?" nor that of "Wächst Do & Co?". So few languages do not need a language
    model, and a statistical detector errs on short questions.
    """
    shown = {language for language, letters in _own_letters().items() if letters.search(text)}
    counts = _counts(text)
    return max(locale.languages(), key=lambda one: (counts[one] + (one in shown), one in shown))


def is_plainly(language: str, text: str) -> bool:
    """
    Tell whether a text is clearly in a language; a name or a figure does not show that.

    Parameters
    ----------
    language
        Code of the language.
    text
        Some sentences.

    """
    counts = _counts(text)
    return detect(text) == language and counts[language] >= _FEWEST_WORDS + sum(counts.values()) - counts[language]


def _counts(text: str) -> dict[str, int]:
    """Return the number of function words of each language in a text."""
    found = [word.casefold() for word in _WORD.findall(text)]
    return {language: sum(map(words.__contains__, found)) for language, words in _own_words().items()}


def is_foreign(word: str, language: str, *sections: str) -> bool:
    """
    Tell whether a word is listed for other languages only, but is a function word of the text's language.

    Lists are read for all languages together: people mix them, and short questions do not show theirs. A word that
    means something else in the language of a text, such as Spanish "es" in a list of pronouns, does not count there.

    Parameters
    ----------
    word
        The word, casefolded.
    language
        Language of the text that contains it.
    sections
        Names of the lists, see `index.text.locale.words`.

    """
    return word in _foreign(language, sections)


@functools.cache
def _foreign(language: str, sections: tuple[str, ...]) -> frozenset[str]:
    return (locale.words(*sections) & library_words(language)) - locale.words(*sections, language=language)


def is_latin(text: str) -> bool:
    """Tell whether at least half the letters are Latin, the only script that questions may be asked in."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return not letters or latin * 2 >= len(letters)
