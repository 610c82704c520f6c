"""
Find names in the articles' sentences, and which of them are mentioned together.

German writes every noun with a capital letter, so a capital says little. A name stands alone where a noun would need an
article: after a preposition ("von Huawei") and before a singular verb ("Huawei liefert"). A word that does both, and
hardly ever has an article, is taken for a name. In a language that capitalises only names, a capital within a sentence
is enough.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.text.locale import texts, words
from index.text.stems import stop_words
from rag.exploring.samples import Remembered, first_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.storage.reader import Index

_TOKEN = re.compile(r"[^\W\d_](?:[\w-]*\w)?|\d[\w.,]*|[^\w\s]")
_ADJECTIVE = re.compile(r"[a-zäöüß]{3,}(?<!t)(?:e|em|es|er)")
_INNER_CAPITALS = re.compile(r"[A-Z]{3,}|[A-Z]\w*[a-z][A-Z]\w*")
_MOST_WITH_ARTICLE = 0.2
_LEAST_BARE = 2
_LEAST_JOINED = 2
_ARTICLES = words("grammar.articles_definite", "grammar.articles_indefinite", "grammar.articles_indefinite_inflected")
_DETERMINERS = _ARTICLES | words("about.determiners")
_BARE_BEHIND = words("about.before_names")
_SINGULAR = (words("suggestions.opening") | words("suggestions.doing")) - words("suggestions.opening_plural")
_VERB_LIKE = re.compile(r"[a-zäöüß]{2,}t")
_NO_VERB = words("suggestions.no_verb")
_NO_NAME = words("about.no_names")
_AND = words("about.joining_names")


@dataclass(frozen=True, slots=True)
class Names:
    """
    Names, and pairs of them.

    Parameters
    ----------
    frequent
        Names, most frequent first.
    pairs
        Pairs of names joined by "and" somewhere, most frequent first: they are of one sort and can be compared.

    """

    frequent: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Seen:
    """How often each word occurs in which position."""

    all: Counter[str] = field(default_factory=Counter)
    bare: Counter[str] = field(default_factory=Counter)
    subject: Counter[str] = field(default_factory=Counter)
    with_article: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)
    joined: Counter[tuple[str, str]] = field(default_factory=Counter)


def names_of(index: Index) -> Names:
    """Return the names in the first sentences of the articles; made once per generation."""
    return _REMEMBERED.of(index)


def names_in(sentences: Iterable[tuple[str, str]]) -> Names:
    """
    Find the names in sentences.

    Parameters
    ----------
    sentences
        Text and language (ISO 639-1) of each.

    Examples
    --------
    >>> names_in([("Bosch will mit Siemens bauen.", "de"), ("Laut Bosch hat Siemens Zeit.", "de")]).frequent
    ('Bosch',)

    """
    seen = _Seen()
    for text, language in sentences:
        _read(_TOKEN.findall(text), seen, only_names="nouns" not in texts("language.capitals", language))
    names = {word for word in seen.all if _is_name(word, seen)}
    joined: Counter[tuple[str, str]] = Counter()
    for (one, other), number in seen.joined.items():
        joined[min(one, other), max(one, other)] += number if one != other else 0
    for pair, number in joined.items():
        if number >= _LEAST_JOINED and not names.isdisjoint(pair) and all(_stands_bare(word, seen) for word in pair):
            names.update(pair)  # a word repeatedly joined with a name is a name too
    pairs = sorted(
        filter(names.issuperset, joined), key=lambda pair: (-joined[pair], -seen.all[pair[0]] - seen.all[pair[1]], pair)
    )
    return Names(tuple(sorted(names, key=lambda word: (-seen.all[word], word))), tuple(pairs))


def _read(tokens: list[str], seen: _Seen, *, only_names: bool) -> None:
    for place, word in enumerate(tokens):
        if not word[0].isupper():
            if word[0].islower():
                seen.small[word.casefold()] += 1
            continue
        if len(word) < 2 or word.casefold() in _NO_NAME or (word[1:].islower() and word.casefold() in stop_words()):
            continue
        before = tokens[place - 1].casefold() if place else ""
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        seen.all[word] += 1
        if place and not before[0].isalpha() and before not in {",", "-"}:
            before = ""  # after a colon or a quotation mark, as at the beginning
        if before in _DETERMINERS or (
            before not in _BARE_BEHIND and _ADJECTIVE.fullmatch(tokens[place - 1] if before else "")
        ):
            seen.with_article[word] += 1
        elif only_names and before:
            seen.bare[word] += 1
            seen.subject[word] += 1
        elif before in _BARE_BEHIND:
            seen.bare[word] += 1
        elif not before and (after in _SINGULAR or (_VERB_LIKE.fullmatch(after) and after not in _NO_VERB)):
            seen.subject[word] += 1
        if after in _AND and place + 2 < len(tokens) and tokens[place + 2][0].isupper():
            behind = tokens[place + 3] if place + 3 < len(tokens) else ""
            if not behind[:1].isupper():  # otherwise it is the first word of a longer name
                seen.joined[word, tokens[place + 2]] += 1
                seen.bare[word] += 1


def _is_name(word: str, seen: _Seen) -> bool:
    alone = seen.subject[word] or seen.all[f"{word}s"] or _INNER_CAPITALS.fullmatch(word)
    return bool(alone) and seen.bare[word] + seen.subject[word] >= _LEAST_BARE and _stands_bare(word, seen)


def _stands_bare(word: str, seen: _Seen) -> bool:
    return seen.with_article[word] <= _MOST_WITH_ARTICLE * seen.all[word] and not seen.small[word.casefold()]


def _names(index: Index) -> Names:
    return names_in(first_sentences(index))


_REMEMBERED = Remembered(_names)
