"""
Find what a sentence points back to, so that it can be shown with it.

"Er kostet 90 Euro." answers nothing for a reader who does not know what "er" is. Shown as an answer, such a sentence is
preceded by the one that names it. Two signs tell that it is needed. A word in the first clause points back: a personal
pronoun there cannot mean another noun of that clause (Chomsky 1981, principle B), while a possessive can ("Huawei zeigt
seinen Chip"). Or the question names something that the sentence lacks and a sentence or heading before it has: "Das
Mittel muss gekühlt werden." These signs decide what is shown beside an answer, never whether there is one.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.stems import stem, stop_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.types import Span

# How far back the sentence that names things is looked for, in sentences.
FARTHEST = 6
# A shorter stem may stand in any word.
_PART = 4

_PERSONAL = frozenset("er ihn ihm sie ihnen he him she they them".split())
_ARTICLES = frozenset("der die das den dem des ein eine einen einem einer eines the a an".split())
_POSSESSIVE = re.compile(r"(?:sein|ihr)(?:e[mnrs]?)?|his|her|its|their|dessen|deren")
# What these mean stands in the sentence just before.
_DEMONSTRATIVE = re.compile(
    r"dies(?:e[mnrs]?)?|jene[mnrs]?|letztere[mnrs]?|erstere[mnrs]?|selbe[mnrs]?|derselben?|dieselben?|dasselbe|"
    r"demselben|genannten?|this|these|those|same|latter|former"
)
# At the beginning only: further on, "dort" may mean a place of the same sentence.
_OPENING = re.compile(
    r"dort|hier|damals|seitdem|seither|zuvor|danach|daraufhin|stattdessen|deshalb|deswegen|daher|trotzdem|"
    r"zudem|außerdem|hier(?:bei|durch|für|mit|von|zu)|there|then|beide[mnrs]?|both|auch"
)
# Anywhere in the first clause, unless a clause follows that says what they mean ("darauf, dass").
_ADVERB = re.compile(r"da(?:bei|durch|für|gegen|nach|neben|ran|raus|rin|rüber|runter|von|zu|zwischen)")
_LATER = frozenset("später danach darauf zuvor vorher davor later earlier before after afterwards".split())
# "Es" and "it" that mean nothing: "es gibt", "es regnete", "es war X, der".
_EXPLETIVE = re.compile(
    r"es (?:gibt|gab|gäbe|handelt|geht|ging|heißt|hieß|kam|kommt|folgt|folgte|fehlt|fehlte|gilt|galt|dauert|dauerte|"
    r"regnet|regnete|schneit|schneite)\b|(?:es|it) (?:war|ist|was|is)\b.*,|it (?:takes|took|rains|rained|snows|snowed)\b",
    re.IGNORECASE,
)
SUBORDINATE = frozenset(
    "als bevor bis da damit dass ehe falls nachdem ob obgleich obwohl seit sobald sodass solange sowie während weil wenn "
    "after although as because before if since though until when while whereas".split()
)
_WHICH = re.compile(r"\b(?:welche[mnrs]?|which|what)\s+([^\W\d_]+)", re.IGNORECASE)
# Without a name, a genitive or another addition behind it.
_DEFINITE = re.compile(
    r"\b(?i:der|die|das|den|dem|des|the) ([^\W\d_]{3,})\b(?! (?:[^\W\d_a-zäöüß]|\d|(?:der|des|von|vom|aus|of|in)\b))"
)
_ASKS_FOR_IT = re.compile(r"\W*(?:\w+ )?(?:wer|wen|wem|welche[mnrs]?|who|whom|which)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"\W*(?:der|die|das|den|dem|des|the)\b", re.IGNORECASE)
_TOKEN = re.compile(r"[\w\u0300-\u036f]+(?:[-‐‑][\w\u0300-\u036f]+)*|[,;:()–—]")
_BREAK = frozenset(",;:()–—")
_SHORTEST_CLAUSE = 2
_QUOTES = " \"'„“»«*_"


@dataclass(frozen=True, slots=True, order=True)
class Lead:
    """
    A sentence to be shown before another.

    Parameters
    ----------
    span
        Where it stands.
    needed
        How much of it a reader needs at least, from its beginning, in characters.

    """

    span: Span
    needed: int


def points_back(text: str) -> bool:
    """Tell whether a sentence, German or English, has a word in its first clause that means something before it."""
    return bool(_pointers(text))


def context(text: str, sentence: Span, before: Sequence[Span], *, question: str) -> tuple[Lead, ...]:
    """
    Return what a reader needs before a sentence to know what it is about.

    Parameters
    ----------
    text
        The document's text.
    sentence
        What is to be shown.
    before
        Sentences and headings before it, in reading order.
    question
        What was asked.

    Returns
    -------
    At most two of those before, in reading order. A demonstrative or an adverb means the sentence just before, and, where
    that points back itself, what that means. Any other word means what the question names, or, where the question
    asks for it ("Wer ...?", "Welche ...?") or names nothing that is missing, the nearest sentence that does not
    point back. Nothing where no word points back and nothing of the question is missing.

    """
    shown = text[sentence.start : sentence.end]
    near = [(span, text[span.start : span.end]) for span in list(reversed(before))[:FARTHEST]]
    pointers = _pointers(shown) or _unnamed(shown, question)
    if not near:
        return ()
    if "demonstrative" in pointers:
        span, said = near[0]
        further = [_lead(near[1:])] if points_back(said) and near[1:] else []
        return (*further, Lead(span, len(said)))
    # "Das Mittel muss gekühlt werden": a definite subject that a sentence before it has introduced.
    if not pointers and not _ARTICLE.match(shown):
        return ()
    asked = set() if pointers and _ASKS_FOR_IT.match(question) else _names(question)
    missing = {name for name in asked if not _has(shown, name)}
    for span, said in near:
        if any(_has(said, name) for name in missing):
            return (Lead(span, _last_of(missing, said)),)
    return (_lead(near),) if pointers else ()


def _lead(near: Sequence[tuple[Span, str]]) -> Lead:
    """Return the nearest sentence that does not point back, the nearest of all where all do; whole."""
    span, said = next((one for one in near if not points_back(one[1])), near[0])
    return Lead(span, len(said))


def _last_of(names: set[str], text: str) -> int:
    return max(match.end() for match in _TOKEN.finditer(text) if any(_has(match.group(), name) for name in names))


def _has(text: str, name: str) -> bool:
    """Tell whether a text has a name, or a compound of it ("Stadtbrücke" for "Brücke")."""
    return any(name == word or (len(name) >= _PART and name in word) for word in _stems(text))


def _unnamed(shown: str, question: str) -> set[str]:
    """Tell whether a question asks which one of a kind, and the sentence says no more than "the" one."""
    kinds = {stem(match.group(1).casefold()) for match in _WHICH.finditer(question)}
    for match in _DEFINITE.finditer(shown):
        if stem(match.group(1).casefold()) in kinds:
            return {"personal"}
    return set()


def _pointers(text: str) -> set[str]:
    """Return the kinds of words that point back: "personal", "demonstrative"."""
    clause, rest = _clauses(text)
    if not clause:
        return set()
    words = [token.casefold() for token in clause]
    found: set[str] = set()
    named = False
    for place, (token, word) in enumerate(zip(clause, words, strict=True)):
        following = words[place + 1] if place + 1 < len(words) else ""
        personal = word in _PERSONAL and (token == word or place == 0)
        personal = personal or (word == "es" and place > 0 and words[place - 1] in {"man", "er", "sie"})
        if personal or (_POSSESSIVE.fullmatch(word) and not named):
            found.add("personal")
        elif (
            (_ADVERB.fullmatch(word) and not (rest and rest[0].casefold() in SUBORDINATE))
            or (_DEMONSTRATIVE.fullmatch(word) and stem(following) not in _times())
            or (word in _LATER and place and stem(words[place - 1]) in _times())
        ):
            found.add("demonstrative")
        named = named or _is_noun(token, place)
    if _opens(clause, words) or (words[0] in {"es", "it"} and not _EXPLETIVE.match(text.lstrip(_QUOTES))):
        found.add("demonstrative" if words[0] not in {"es", "it"} else "personal")
    # "Obwohl sie erst 17 ist, gewann Marit Engström": the pronoun may mean what comes after.
    if words[0] in SUBORDINATE and found <= {"personal"} and any(map(_is_noun, rest, range(1, len(rest) + 1))):
        return set()
    return found


def _clauses(text: str) -> tuple[list[str], list[str]]:
    """Return the words of the first clause and those of the rest."""
    tokens = [match.group() for match in _TOKEN.finditer(text)]
    first: list[str] = []
    for place, token in enumerate(tokens):
        if token in _BREAK:
            if len(first) >= _SHORTEST_CLAUSE:
                return first, [one for one in tokens[place:] if one not in _BREAK]
        else:
            first.append(token)
    return first, []


def _opens(clause: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether the first word is an adverb or a pronoun that points back."""
    first, following = words[0], clause[1] if len(clause) > 1 else ""
    if first in {"das", "that"}:  # "Das zeigt sich", not "Das Werk" and "Das neue Werk"
        return all(one.islower() for one in clause[1:3])
    if first == "damit":  # an adverb before a verb, a conjunction before anything else
        return following[:1].islower() and following not in _PERSONAL | _ARTICLES
    if first == "seitdem" and following in _PERSONAL | _ARTICLES:
        return False
    if first == "von" and following in {"hier", "dort"}:
        return True
    if first in {"dort", "there"} and following in {"wo", "where"}:
        return False
    if first.startswith("beide") or first == "both":  # "Beide Türme der Stadtkirche" says which
        return len(words) < 3 or words[2] not in {"der", "des", "von", "vom", "of"}
    return _OPENING.fullmatch(first) is not None


def _is_noun(token: str, place: int) -> bool:
    """Tell whether a token is a noun or a name that a pronoun can mean."""
    if not token[:1].isupper() or len(token) < 2:
        return False
    return place > 0 or token.casefold() not in stop_words()


def _names(question: str) -> set[str]:
    """Return stems of the nouns and names of a question."""
    tokens = [match.group() for match in _TOKEN.finditer(question)]
    return {stem(token.casefold()) for place, token in enumerate(tokens) if place and _is_noun(token, place)}


def _stems(text: str) -> set[str]:
    return {
        stem(part.casefold()) for match in _TOKEN.finditer(text) for part in (match.group(), *match.group().split("-"))
    }


@functools.cache
def _times() -> frozenset[str]:
    """Return stems of the words for spans of time, of both languages, from CLDR: "dieses Jahr" points to no sentence."""
    return frozenset(stem(word.casefold()) for word in _units_of_time())


def _units_of_time() -> Iterator[str]:
    from babel import Locale  # noqa: PLC0415 - reads its data from disk

    for language in ("de", "en"):
        for unit, styles in Locale.parse(language).unit_display_names.items():
            if unit.startswith("duration-"):
                yield from (word for name in styles.values() for word in re.findall(r"[^\W\d_]{3,}", str(name)))
