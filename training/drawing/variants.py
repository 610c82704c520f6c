"""Reword German sentences: variants that their source carries, and variants that it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.drawing.swaps import swapped
from training.drawing.wording import ANTONYMS, EQUALS, HEDGES, NEGATED, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_FRONTED = re.compile(
    r"(?P<lead>(?:Im Jahre? |Seit |Um |Ab |Bis |Ende |Anfang |Mitte )\d{3,4}"
    r"|(?:Am|Vom|Seit dem|Ab dem|Bis zum) \d{1,2}\. [A-ZÄÖÜ]\w+(?: \d{4})?"
    r"|(?:In|Im|Nach|Während|Seit|Bei|Mit) (?:(?:der|dem|den|diesem|dieser) )?[A-ZÄÖÜ][\w-]+) "
    r"(?P<verb>wurden?|w[aä]ren?|war|ist|sind|hat|haben|hatten?|kam|kamen|gab|gibt|begann|erhielt|lebten?|bestand|besteht"
    r"|liegt|lag|entstand(?:en)?|\w+ten?) "
    r"(?P<subject>er|sie|es|man|(?:der|die|das|ein|eine|seine?|ihre?|diese[rs]?) [A-ZÄÖÜ][\w-]+|[A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+)*)"
    r" (?P<rest>[^,;:]+[.])"
)
_BRACKETS = re.compile(r"\s*\([^()]{2,120}\)")
_RELATIVE = re.compile(
    r", (?:der|die|das|dem|den|deren|dessen|welche[rs]?|wobei|wodurch|während|obwohl|weil|da|indem) [^,;:()]{8,140},(?= )"
)
_TAIL = re.compile(
    r"(?:, (?:wobei|während|obwohl|obgleich|weil|da|sodass|so dass|aber|jedoch|doch|sondern|der|die|das|deren|dessen|was|um) "
    r"|; | – | und (?=(?:ist|war|wurde|hat|hatte|wird|kann) )).{8,}$"
)
_LEAD_IN = re.compile(
    r"^(?:Außerdem|Zudem|Ferner|Dabei|Allerdings|Jedoch|Darüber hinaus|Weiterhin) (?P<verb>\w+) (?P<subject>er|sie|es|man) "
)
_GROUPED = re.compile(r"\b(\d{1,3})\.(\d{3})\b(?!\.?\d)")
_DATE = re.compile(
    r"\b(\d{1,2})\. (Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember) (\d{4})\b"
)
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_SMALL = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()
_COPULA = re.compile(r"\b(ist|sind|war|waren|wurde|wurden|wird|werden|kann|konnte|konnten|hat|hatte)\b(?! nicht| kein)")
_QUALIFIED = re.compile(r"\s*\b(?:" + "|".join(HEDGES) + r")\b(?=\s)")
_ENTITY_PAIR = re.compile(r"[A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+)*")


@dataclass(frozen=True)
class Variant:
    """A variant of a sentence of the source, and the kind of change."""

    text: str
    kind: str


def true_variants(sentence: str) -> list[Variant]:
    """
    List ways of saying the same or less than a German sentence.

    Parameters
    ----------
    sentence
        One sentence with its full stop.

    Returns
    -------
    list[Variant]
        Without the sentence itself; may be empty.

    """
    makers: list[tuple[str, Callable[[str], str]]] = [
        ("order", _reordered),
        ("brackets", lambda text: _BRACKETS.sub("", text)),
        ("relative", lambda text: _RELATIVE.sub("", text, count=1)),
        ("clause", lambda text: _TAIL.sub(".", text, count=1)),
        ("lead", _without_lead),
        ("synonym", _reworded),
        ("number", _renumbered),
        ("date", _redated),
    ]
    found: dict[str, Variant] = {}
    for kind, make in makers:
        _add(found, sentence, make(sentence), kind)
    # What was reordered or cut can be reworded as well.
    for variant in list(found.values()):
        _add(found, sentence, _reworded(_renumbered(variant.text)), variant.kind + "+synonym")
    return list(found.values())


def false_variants(sentence: str, document: str, rng: Random) -> list[Variant]:
    """
    List ways of saying something else with nearly the same words.

    Parameters
    ----------
    sentence
        One sentence of `document`.
    document
        Source of the names, numbers and dates that are put in.
    rng
        Chooses among them.

    Returns
    -------
    list[Variant]
        At most one of each kind; may be empty.

    """
    found: dict[str, Variant] = {}
    for kind, text in swapped(sentence, document, rng):
        _add(found, sentence, text, kind)
    makers: list[tuple[str, Callable[[str], str]]] = [
        ("unit", lambda text: _replaced(text, UNITS, rng)),
        ("antonym", lambda text: _replaced(text, ANTONYMS, rng)),
        ("negation", lambda text: _negated(text, rng)),
        ("hedge", lambda text: _capital(_QUALIFIED.sub("", text, count=1).strip())),
        ("role", lambda text: _roles_changed(text, rng)),
    ]
    for kind, make in makers:
        _add(found, sentence, make(sentence), kind)
    return [variant for variant in found.values() if variant.text not in document]


def fused(first: str, second: str) -> str | None:
    """
    Join the subject of one sentence to what another sentence says.

    Parameters
    ----------
    first, second
        Two sentences of a document.

    Returns
    -------
    str | None
        None if a finite verb is not found in both, or if the subjects do not fit.

    """
    parts = [_COPULA.search(text) for text in (first, second)]
    if parts[0] is None or parts[1] is None:
        return None
    subject, said = first[: parts[0].start()].strip(), second[parts[1].start() :]
    other = second[: parts[1].start()].strip()
    same_number = (parts[0].group() in _PLURAL) == (parts[1].group() in _PLURAL)
    if not same_number or subject == other or not 0 < len(subject.split()) <= 6 or "," in subject:
        return None
    if not 0 < len(other.split()) <= 8 or _PRONOUN.match(subject) or _PRONOUN.match(other):
        return None
    return f"{subject} {said}"


_PLURAL = frozenset({"sind", "waren", "wurden", "werden", "konnten", "haben", "hatten"})
_PRONOUN = re.compile(r"(?:Er|Sie|Es|Dies\w*|Das|Dabei|Dort|Hier|Da|Dann)\b")


def _add(found: dict[str, Variant], sentence: str, text: str, kind: str) -> None:
    text = " ".join(text.split())
    if text != " ".join(sentence.split()) and len(text) >= 20 and len(text.split()) >= 4:
        found.setdefault(text, Variant(text, kind))


def _reordered(text: str) -> str:
    match = _FRONTED.fullmatch(text)
    if not match:
        return text
    lead, verb, subject, rest = match["lead"], match["verb"], match["subject"], match["rest"]
    lowered = lead if lead.startswith(("Ende", "Anfang", "Mitte")) else lead[0].lower() + lead[1:]
    return f"{_capital(subject)} {verb} {lowered} {rest}"


def _without_lead(text: str) -> str:
    match = _LEAD_IN.match(text)
    return f"{_capital(match['subject'])} {match['verb']} {text[match.end() :]}" if match else text


def _reworded(text: str) -> str:
    for one, other in EQUALS:
        for old, new in ((one, other), (other, one)):
            changed = re.sub(rf"\b{re.escape(old)}\b", new, text)
            if changed == text and old[0].islower():
                changed = re.sub(rf"^{re.escape(_capital(old))}\b", _capital(new), text)
            if changed != text:
                text = changed
                break
    return text


def _renumbered(text: str) -> str:
    changed = _GROUPED.sub(r"\1\2", text)
    changed = re.sub(r"(?<=\d) ?%", " Prozent", changed) if "%" in changed else changed.replace(" Prozent", " %")
    for value, word in enumerate(_SMALL[2:], start=2):
        figure = re.sub(rf"\b{word}\b(?= [A-ZÄÖÜ])", str(value), changed)
        if figure != changed:
            return figure
        spelled = re.sub(rf"(?<![\d.,–-])\b{value}\b(?= [A-ZÄÖÜ])(?! (?:Uhr|Prozent))", word, changed)
        if spelled != changed and not text.startswith(str(value)):
            return spelled
    return changed


def _redated(text: str) -> str:
    return _DATE.sub(lambda m: f"{int(m[1]):02d}.{_MONTHS.index(m[2]) + 1:02d}.{m[3]}", text)


def _replaced(text: str, pairs: tuple[tuple[str, str], ...], rng: Random) -> str:
    hits = []
    for one, other in pairs:
        for old, new in ((one, other), (other, one)):
            hits += [(m.start(), m.end(), new) for m in re.finditer(rf"\b{re.escape(old)}\b", text)]
    if not hits:
        return text
    start, end, new = rng.choice(sorted(hits))
    return text[:start] + new + text[end:]


def _negated(text: str, rng: Random) -> str:
    without = re.sub(r"\b(?:nicht|nie|niemals) (?!nur\b|zuletzt\b)", "", text, count=1)
    if without != text:
        return without
    changed = _replaced(text, NEGATED, rng) if rng.random() < 0.4 else text
    if changed != text:
        return changed
    match = _COPULA.search(text)
    return text[: match.end()] + " nicht" + text[match.end() :] if match else text


def _roles_changed(text: str, rng: Random) -> str:
    names = [m for m in _ENTITY_PAIR.finditer(text) if m.start() > 0 and len(m.group()) > 3]
    pairs = [
        (a, b)
        for a in names
        for b in names
        if a.end() + 4 < b.start()
        and a.group() != b.group()
        and not re.search(r"\b(?:und|oder|sowie|bzw)\b|^,|=", text[a.end() : b.start()])
        and _before(text, a.start()) == _before(text, b.start())
    ]
    if not pairs:
        return text
    a, b = rng.choice(pairs)
    return text[: a.start()] + b.group() + text[a.end() : b.start()] + a.group() + text[b.end() :]


def _before(text: str, start: int) -> str:
    words = text[:start].split()
    return words[-1].casefold() if words else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
