"""
Tell whether a sentence has a word that points back at something named before it.

The signs are closed classes of words and their place in the first clause: a personal pronoun there cannot mean another
noun of that clause (Chomsky 1981, principle B), while a possessive can ("Huawei zeigt seinen Chip").
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Literal

from index.text import cldr
from index.text.language import detect, is_foreign
from index.text.locale import alternatives, languages, texts, words
from index.text.spelling import composed
from index.text.stems import stem, stop_words
from rag.query.follow_up import GENERAL_NOUN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Pointer = Literal["personal", "demonstrative"]

_PERSONAL = {one: words("grammar.pronouns_personal", language=one) for one in languages()}
_POSSESSIVE = {
    one: re.compile(alternatives("grammar.possessives", "grammar.possessives_relative", language=one))
    for one in languages()
}
_ARTICLES = words("grammar.articles_definite", "grammar.articles_indefinite", "grammar.articles_indefinite_inflected")
_DEFINITE = words("grammar.articles_definite")
_DEMONSTRATIVE = re.compile(
    alternatives("grammar.demonstratives_near", "grammar.demonstratives_far", "references.demonstratives")
)
# "Dieses Jahr" means the year of writing; "im selben Jahr" means the one just named.
_OF_THE_DAY = re.compile(alternatives("grammar.demonstratives_near"))
_OPENING = re.compile(alternatives("references.opening"))
_ADVERB = re.compile(alternatives("references.adverbs"))
_ADVERB_WITHIN = words("references.adverbs_within")
_FURTHER = words("references.further")
_PREPOSITIONS = words("grammar.prepositions")
_JOINING = frozenset({"und", "and"})
_RELATIVE = words("references.relative")
_LATER = words("references.later")
_NEUTER = words("grammar.pronouns_neuter")
_EXPLETIVE = re.compile(alternatives("references.expletive"), re.IGNORECASE)
_SUBORDINATE = words("grammar.conjunctions", "grammar.conjunctions_ambiguous")
_SAYING_WHICH = words("references.saying_which")
_TOKEN = re.compile(r"\w+(?:[-‐‑]\w+)*|[,;:()–—]")
_BREAK = frozenset(",;:()–—")
_SHORTEST_CLAUSE = 2
_QUOTES = " \"'„“»«*_"


def points_back(text: str) -> bool:
    """Tell whether a sentence has a word in its first clause that refers to something before it."""
    return bool(pointers(text))


def pointers(text: str) -> frozenset[Pointer]:
    """
    Return the kinds of words that point back in the first clause of a sentence.

    A demonstrative or an adverb refers to what the sentence just before says; a personal pronoun, a possessive and a
    general noun ("das Unternehmen") refer to a thing that some sentence before names.
    """
    text = composed(text)
    clause, going_on, rest = _clauses(text)
    if not clause:
        return frozenset()
    language = detect(text)
    small = [token.casefold() for token in clause]
    found: set[Pointer] = set()
    named = False
    # "Darauf, dass ..." and "daran, ... zu" refer to what follows.
    explained = bool(rest) and (rest[0].casefold() in _SUBORDINATE or "zu" in rest)
    for place, (token, word) in enumerate(zip(clause, small, strict=True)):
        if _is_pronoun(small, place, capital=token != word, language=language) or (
            not named and (_POSSESSIVE[language].fullmatch(word) or is_general(clause, place))
        ):
            found.add("personal")
        elif _is_demonstrative(small, place, explained=explained):
            found.add("demonstrative")
        named = named or (is_noun(token, place) and stem(word) not in _times())
    # Only demonstratives count there: a pronoun may refer to what the relative clause names.
    further = [token.casefold() for token in going_on]
    if any(_is_demonstrative(further, place, explained=explained) for place in range(1, len(further))):
        found.add("demonstrative")
    if _opens(clause, small):
        found.add("demonstrative")
    elif (
        small[0] in _NEUTER
        and not is_foreign(small[0], language, "grammar.pronouns_neuter")
        and not _EXPLETIVE.match(text.lstrip(_QUOTES))
    ):
        found.add("personal")
    # "Obwohl sie erst 17 ist, gewann Marit Engström": the pronoun may refer to what follows.
    if small[0] in _SUBORDINATE and found <= {"personal"} and any(is_noun(one, 1) for one in rest):
        return frozenset()
    return frozenset(found)


def is_noun(token: str, place: int) -> bool:
    """Tell whether a token is a noun or a name; the first one of a sentence has a capital whatever it is."""
    if not token[:1].isupper() or len(token) < 2:
        return False
    return place > 0 or token.casefold() not in stop_words()


def tokens_of(text: str) -> list[str]:
    """Return words, with their hyphens, and the marks between clauses, in the composed Unicode form."""
    return _TOKEN.findall(composed(text))


def is_general(clause: Sequence[str], place: int) -> bool:
    """Tell whether a general noun ("das Unternehmen") stands at a place, and nothing after it says which."""
    if not place or clause[place - 1].casefold() not in _DEFINITE:
        return False
    if GENERAL_NOUN.fullmatch(clause[place].casefold()) is None:
        return False
    following = clause[place + 1] if place + 1 < len(clause) else ""
    return not (following[:1].isupper() or following[:1].isdigit() or following.casefold() in _SAYING_WHICH)


def _is_pronoun(small: Sequence[str], place: int, *, capital: bool, language: str) -> bool:
    word = small[place]
    if word == "es":
        return place > 0 and small[place - 1] in {"man", "er", "sie"}
    # Within a sentence, "Sie" is the polite address.
    return word in _PERSONAL[language] and (not capital or place == 0)


def _is_demonstrative(small: Sequence[str], place: int, *, explained: bool) -> bool:
    word = small[place]
    following = small[place + 1] if place + 1 < len(small) else ""
    if _ADVERB.fullmatch(word) or (word in _ADVERB_WITHIN and place > 0 and small[place - 1] not in _JOINING):
        return not explained
    if word in _FURTHER:
        return place == 0 or (place == 1 and small[0] not in _PREPOSITIONS)
    if _DEMONSTRATIVE.fullmatch(word):
        return not (_OF_THE_DAY.fullmatch(word) and stem(following) in _times())
    return word in _LATER and place > 0 and stem(small[place - 1]) in _times()


def _opens(clause: Sequence[str], small: Sequence[str]) -> bool:
    """Tell whether the first word is an adverb or a pronoun that points back."""
    first, following = small[0], clause[1] if len(clause) > 1 else ""
    if first in {"das", "that"}:  # "Das zeigt sich", not "Das Werk" and "Das neue Werk"
        return all(one.islower() for one in clause[1:3])
    if first == "damit":  # an adverb before a verb, a conjunction before anything else
        return following[:1].islower() and following not in _PERSONAL["de"] | _ARTICLES
    if first == "seitdem" and following in _PERSONAL["de"] | _ARTICLES:
        return False
    if first == "von" and following in {"hier", "dort"}:
        return True
    if first == "dort" and following == "wo":
        return False
    if first.startswith("beide") or first == "both":  # "Beide Türme der Stadtkirche" says which
        return len(small) < 3 or small[2] not in {"der", "des", "von", "vom", "of"}
    return _OPENING.fullmatch(first) is not None


def _clauses(text: str) -> tuple[list[str], list[str], list[str]]:
    """
    Return the words of the first clause, those with which it goes on after a relative clause, and those of the rest.

    "Mit Firmen, die Chips bauen, wollen diese Hersteller ..." goes on with "wollen diese Hersteller".
    """
    tokens = _TOKEN.findall(text)
    first: list[str] = []
    end = len(tokens)
    for place, token in enumerate(tokens):
        if token not in _BREAK:
            first.append(token)
        elif len(first) >= _SHORTEST_CLAUSE:
            end = place
            break
    rest = tokens[end:]
    if len(rest) > 1 and rest[0] == "," and rest[1].casefold() in _RELATIVE and "," in rest[1:]:
        behind = rest[rest.index(",", 1) + 1 :]
        going_on = list(itertools.takewhile(lambda one: one not in _BREAK, behind))
        return first, going_on, [one for one in behind[len(going_on) :] if one not in _BREAK]
    return first, [], [one for one in rest if one not in _BREAK]


@functools.cache
def _times() -> frozenset[str]:
    """Return stems of the words for spans of time in all languages: units, days and months from CLDR, and seasons."""
    return frozenset(
        stem(word.casefold()) for word in (*_units_of_time(), *cldr.months(), *texts("references.seasons"))
    )


def _units_of_time() -> Iterator[str]:
    from babel import Locale  # noqa: PLC0415 - reads its data from disk

    for language in languages():
        locale = Locale.parse(language)
        yield from locale.days["format"]["wide"].values()
        for unit, styles in locale.unit_display_names.items():
            if unit.startswith("duration-"):
                yield from (word for name in styles.values() for word in re.findall(r"[^\W\d_]{3,}", str(name)))
