"""
Tell where a sentence turns round what its source says: a negation more or less, "steigt" for "sinkt".

The words of such a sentence all stand in the source, so that no comparison of words finds it. This one looks for
few and certain signs; a relation that is turned round in other ways ("A kauft B", "B kauft A") passes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.lexical import stem, stop_words, words

if TYPE_CHECKING:
    from collections.abc import Sequence

# Below this number of words an answer is a phrase, and what holds for it is in the source's own clause.
_LEAST_WORDS = 4
_NEGATION = re.compile(
    r"\b(?:nicht|nichts|kein\w*|nie|niemals|niemand\w*|nirgend\w*|weder|ohne|no|not|never|none|nobody|nothing|neither|without|"
    r"cannot|\w+n[’']t)\b",
    re.IGNORECASE,
)
# "Nicht nur A, sondern auch B" denies nothing.
_NO_NEGATION = re.compile(r"\b(?:nicht (?:nur|allein|zuletzt)|not only|not least|no doubt)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[,;:()–—]|\b(?:und|aber|sondern|doch|weil|während|obwohl|and|but|because|while|although)\b", re.IGNORECASE
)
# Word beginnings; each pair excludes the other.
_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})", re.IGNORECASE), re.compile(rf"\b(?:{other})", re.IGNORECASE))
    for one, other in (
        (
            r"(?:an|ge)?st(?:eig|ieg)|zunahm|zunehm|zugenommen|wachsen|wächst|wuchs|gewachsen|erhöh|vergrößer|rising|rose\b|grow|grew",
            r"sink|sank|gesunken|fällt\b|fiel\b|fallen\b|gefallen\b|abnahm|abnehm|abgenommen|schrumpf|geschrumpft|gesenkt|senk|fell\b",
        ),
        (r"verdoppel|erhöh|vergrößer|increas", r"halbier|verringer|verkleiner|reduzier|senk|decreas|declin"),
        (r"(?<!nicht )mehr\b|more\b", r"weniger\b|less\b|fewer\b"),
        (r"höher|higher", r"niedriger|geringer|lower"),
        (r"größer|larger|bigger", r"kleiner|smaller"),
        (r"schneller|faster", r"langsamer|slower"),
        (r"teurer|dearer|more expensive", r"billiger|günstiger|preiswerter|cheaper"),
        (r"stärker|stronger", r"schwächer|weaker"),
        (r"besser|better", r"schlechter|worse"),
        (r"früher|earlier", r"später|later"),
        (r"erlaub|gestatte|genehmig|allow|permit", r"verbiete|verbot|untersag|forbid|forbad|ban\b|bans\b|banned"),
        (r"gewinn\w*\b|gewann|profit", r"verlust|verlier|verlor|loss|lost\b|lose\b"),
    )
)


def turned_round(sentence: str, sources: Sequence[str]) -> bool:
    """
    Tell whether a sentence denies what its sources say, or says the opposite.

    Parameters
    ----------
    sentence
        One sentence of an answer.
    sources
        The sentences it was attributed to, in its language.

    """
    if not sources or len(sentence.split()) < _LEAST_WORDS:
        return False
    denied = [_denies(text) for text in sources]
    if _denies(sentence):
        return not any(denied)
    if not any(denied) and any(_is_opposite(sentence, sources, *pair) for pair in _OPPOSITES):
        return True
    return all(_denies(_nearest_clause(sentence, text)) for text in sources)


def _is_opposite(sentence: str, sources: Sequence[str], one: re.Pattern[str], other: re.Pattern[str]) -> bool:
    said = bool(one.search(sentence)), bool(other.search(sentence))
    held = any(one.search(text) for text in sources), any(other.search(text) for text in sources)
    return said in {(True, False), (False, True)} and held == said[::-1]


def _denies(text: str) -> bool:
    return bool(_NEGATION.search(_NO_NEGATION.sub(" ", text)))


def _nearest_clause(sentence: str, text: str) -> str:
    """Return the part of a source sentence that shares most words with the sentence, the longer of equals."""
    said = _content(sentence)
    parts = [part for part in _CLAUSE.split(text) if part.strip()] or [text]
    return max(parts, key=lambda part: (len(said & _content(part)), len(part)))


def _content(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in stop_words()}
