"""
Spell the numbers of a question as a text spells them.

The reader compares a question with a text token by token, and has no notion that "1,5 Millionen" and "anderthalb
Millionen" are one number: it takes another spelling for another number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.cldr import scales
from index.text.locale import alternatives
from index.text.numerals import counted, digits, spelled_out, times
from index.text.stems import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

_THOUSANDS = r"[1-9]\d{0,2}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)"
_NUMBER = re.compile(rf"(?<![\w.,])(?:{_THOUSANDS}|\d+(?:[.,]\d+)*|[^\W\d_]{{3,}})(?![^\W_])")
_SEPARATORS = re.compile(r"[ \u00a0\u202f'’]")
_COUNTED = re.compile(r"-([^\W\d_]+)")
# "2. Mal": the full stop belongs to the ordinal if a word follows.
_ORDINAL = re.compile(r"\. ([^\W\d_]+)")
_ORDINAL_WORD = re.compile(r"\w+(?:te[mnrs]?|th)|first|second|third")
# What may be a year, a version, or a number in a code.
_NO_AMOUNT = re.compile(r"1\d{3}|20\d{2}|0\d+|(?!\d{1,3}(?:\.\d{3})+(?:,\d+)?$).*\..*")
_FIGURE = re.compile(r"\d")
# "2,9 Mio. Euro": the full stop belongs to an abbreviation.
_NEXT_WORD = re.compile(r"[ \u00a0]([^\W\d_]+)(?:(?<=[A-Za-z]{3})(?<![a-z]{4})\.)?")
_ONE = re.compile(rf"(?<!\w){alternatives('numbers.one')} $", re.IGNORECASE)


def respelled(question: str, text: str) -> str:
    """
    Return a question with each number as a text spells it, if the text has the same number in another spelling.

    Parameters
    ----------
    question, text
        What is asked, and what is read with it.

    Examples
    --------
    >>> respelled("Wer gab 1,5 Millionen Euro?", "Die Stadt gab anderthalb Millionen Euro.")
    'Wer gab anderthalb Millionen Euro?'
    >>> respelled("Wer hat 1,5 Millionen Euro?", "Die Stadt gab zwei Millionen Euro.")
    'Wer hat 1,5 Millionen Euro?'

    """
    asked = list(_numbers(question))
    if not asked:
        return question
    said: dict[str, list[str]] = {}
    for value, start, end in _numbers(text):
        said.setdefault(value, []).append(text[start:end])
    for value, start, end in reversed(asked):
        spelled, spellings = question[start:end], said.get(value, [])
        # Between two words only the ending differs, and then the question's is the right one.
        others = [one for one in spellings if _FIGURE.search(spelled + one)]
        if others and spelled.casefold() not in map(str.casefold, spellings):
            question = f"{question[:start]}{others[0]}{question[end:]}"
    return question


def _numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the value of each number of a text, and where it begins and ends; a scale is part of its number."""
    behind = 0
    for found in _NUMBER.finditer(text):
        if found.start() < behind:  # a scale that is part of the number before it
            continue
        read = (_in_figures if found.group()[0].isdecimal() else _in_words)(text, found)
        if read is None:
            continue
        number, start, behind = read
        word = _NEXT_WORD.match(text, behind)
        if word and (scale := _scale(word[1])) and (scaled := times(number, scale)):
            number, behind = scaled, word.end()
        elif _NO_AMOUNT.fullmatch(found.group()):
            continue
        yield number, start, behind


def _in_figures(text: str, found: re.Match[str]) -> tuple[str, int, int]:
    """Return the value of a number in figures, with the adjective that it counts ("10-jähriges") or its full stop."""
    number, start, end = digits(_SEPARATORS.sub("", found.group())), found.start(), found.end()
    if counting := _COUNTED.match(text, end):
        return f"{number} {stem(counting[1].casefold())}", start, counting.end()
    if ordinal := _ORDINAL.match(text, end):
        return _ordinal(number, ordinal[1]), start, end + 1
    return number, start, end


def _in_words(text: str, found: re.Match[str]) -> tuple[str, int, int] | None:
    """Return the value of a number in words, or of an adjective that it begins; None if the word is neither."""
    word, start, end = found.group().casefold(), found.start(), found.end()
    number = spelled_out(word)
    if not number:
        number, counting = counted(word)
        return (f"{number} {stem(counting)}", start, end) if number else None
    if _scale(found.group()):
        one = _ONE.search(text, 0, start)
        return (number, one.start(), end) if one else None  # "Millionen" alone is no number
    following = _NEXT_WORD.match(text, end)
    if _ORDINAL_WORD.fullmatch(word):
        return (_ordinal(number, following[1]), start, end) if following else None
    # "Außer Acht": within a sentence a German number with a capital is a noun.
    return None if start and text[start].isupper() and not following else (number, start, end)


def _ordinal(number: str, counts: str) -> str:
    """Return the value of an ordinal: the second of what is another thing than the second of something else."""
    return f"{number}. {stem(counts.casefold())}"


def _scale(word: str) -> int:
    """Return the factor of a scale word or its abbreviation, 0 for any other word."""
    key = word if word in scales() else word.capitalize()
    return scales().get(key, 0)
