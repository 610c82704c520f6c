"""Exchange names, numbers and dates of a sentence for others from the same document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_YEAR = re.compile(r"(?<![\d.,])(?:1[0-9]\d\d|20[0-4]\d)(?![\d,]|\.\d)")
_NUMBER = re.compile(r"(?<![\d.,\w])\d+(?:[.,]\d+)*(?![\w,]|\.\d)")
_MONTH = re.compile(r"\b(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b")
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_NUMERAL = re.compile(
    r"\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|hundert|tausend)\b"
)
_NUMERALS = "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig".split()
# A name or noun behind a word that tells its case and role: "in Berlin", "durch die Armee".
_NAMED = re.compile(
    r"\b(?P<lead>(?:in|aus|nach|bei|von|vom|zum|zur|im|am|für|durch|gegen|mit|über|unter|an|auf|als|der|die|das|dem|den|des|ein|eine|einen|einem|einer))"
    r" (?P<name>[A-ZÄÖÜ][\w'-]+(?: (?:von |van |de )?[A-ZÄÖÜ][\w'-]+){0,3})"
)


def swapped(sentence: str, document: str, rng: Random) -> Iterator[tuple[str, str]]:
    """
    Exchange one thing of a German sentence at a time.

    Parameters
    ----------
    sentence
        One sentence.
    document
        Where others of the same kind are looked for first.
    rng
        Chooses.

    Yields
    ------
    tuple[str, str]
        The kind (``year``, ``number``, ``month``, ``numeral``, ``entity``) and the changed sentence, which
        differs from `sentence` in that one thing.

    """
    years = _others(_YEAR, sentence, document)
    if hit := _chosen(_YEAR, sentence, rng):
        old = int(hit.group())
        near = str(old + rng.choice([-1, 1]) * rng.randint(1, 30))
        yield "year", _put(sentence, hit, rng.choice(years) if years and rng.random() < 0.6 else near)
    if hit := _chosen(_NUMBER, sentence, rng):
        numbers = [n for n in _others(_NUMBER, sentence, document) if not _YEAR.fullmatch(n)]
        if not _YEAR.fullmatch(hit.group()):
            other = rng.choice(numbers) if numbers and rng.random() < 0.5 else _near(hit.group(), rng)
            yield "number", _put(sentence, hit, other)
    if hit := _chosen(_MONTH, sentence, rng):
        yield "month", _put(sentence, hit, rng.choice([m for m in _MONTHS if m != hit.group()]))
    if hit := _chosen(_NUMERAL, sentence, rng):
        yield "numeral", _put(sentence, hit, rng.choice([n for n in _NUMERALS if n != hit.group()]))
    yield from _entities(sentence, document, rng)


def other_year(text: str, document: str, rng: Random) -> str | None:
    """
    Change a year of a question to one that a passage does not name.

    Parameters
    ----------
    text
        The question.
    document
        The passage.
    rng
        Chooses.

    Returns
    -------
    str | None
        None where the question has no year.

    """
    hit = _chosen(_YEAR, text, rng)
    if hit is None:
        return None
    near = [str(int(hit.group()) + by) for by in range(-40, 41) if by and str(int(hit.group()) + by) not in document]
    return _put(text, hit, rng.choice(near))


def _entities(sentence: str, document: str, rng: Random) -> Iterator[tuple[str, str]]:
    here = [m for m in _NAMED.finditer(sentence) if len(m["name"]) > 2]
    rng.shuffle(here)
    for hit in here:
        others = sorted(
            {
                m["name"]
                for m in _NAMED.finditer(document)
                if m["lead"] == hit["lead"] and m["name"] not in sentence and hit["name"] not in m["name"]
            }
        )
        if others:
            # Names of equally many words are preferred.
            alike = [name for name in others if name.count(" ") == hit["name"].count(" ")]
            new = rng.choice(alike or others)
            yield "entity", sentence[: hit.start("name")] + new + sentence[hit.end("name") :]
            return


def _chosen(pattern: re.Pattern[str], text: str, rng: Random) -> re.Match[str] | None:
    hits = list(pattern.finditer(text))
    return rng.choice(hits) if hits else None


def _others(pattern: re.Pattern[str], sentence: str, document: str) -> list[str]:
    own = {m.group() for m in pattern.finditer(sentence)}
    return sorted({m.group() for m in pattern.finditer(document)} - own)


def _near(number: str, rng: Random) -> str:
    """Change one digit to another, but never the first digit to 0."""
    places = [i for i, sign in enumerate(number) if sign.isdigit()]
    place = rng.choice(places[: max(1, len(places) - 1)])
    digits = [d for d in "0123456789" if d != number[place] and not (d == "0" and place == places[0])]
    return number[:place] + rng.choice(digits) + number[place + 1 :]


def _put(text: str, hit: re.Match[str], new: str) -> str:
    return text[: hit.start()] + new + text[hit.end() :]
