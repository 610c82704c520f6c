"""
Insert the previous question into a follow-up, as a clause.

"Welche davon ist länger?" after "Welche Flüsse fließen durch Kassel?" becomes "Welche der Flüsse, die durch Kassel
fließen, ist länger?"; in "Bis wann will China das?" and "Wer sagt das?" what was asked replaces "das". German puts the
finite verb of such a clause at its end; the rest of the clause stays as it was written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.language import detect
from index.text.locale import alternatives, words

if TYPE_CHECKING:
    from collections.abc import Iterator

_CAPITAL = r"[^\W\d_a-zäöüß][\w-]*"
_NAME = rf"{_CAPITAL}(?: (?:{_CAPITAL}|\d[\w.-]*))*"
_ARTICLE = alternatives("grammar.articles_definite")
_PREPOSITION = alternatives("questions.prepositions_asking", "grammar.prepositions", "rewriting.belonging")
_BEHIND = rf"(?: {_PREPOSITION} (?:{_ARTICLE} )?{_NAME})*"
# The things that a question asks for, and what it says about them. English nouns have no capital: they are recognised
# by the plural.
_LISTED = {
    "de": re.compile(
        rf"(?i:{alternatives('rewriting.which_several', language='de')}) (?P<things>(?:[a-zäöüß]+n )?{_CAPITAL}{_BEHIND})"
        r" (?P<said>[a-zäöüß]+\b.*)"
    ),
    "en": re.compile(
        rf"(?i:{alternatives('rewriting.which_several', language='en')}) (?P<things>(?:[\w-]+ ){{0,3}}?[\w-]*[a-z]s{_BEHIND})"
        r" (?P<said>[a-z]+\b.*)"
    ),
}
_OF_THEM = re.compile(
    rf"(?P<which>{alternatives('grammar.which')}|\w+ {alternatives('grammar.how_many')}) {alternatives('rewriting.of_them')}\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"(?P<before>.* |)(?P<article>{_ARTICLE}) (?P<which>{alternatives('rewriting.numbered')})", re.IGNORECASE
)
_THAT = re.compile(rf"(?P<asked>.*?) ?\b(?P<verb>\w+) (?P<subject>{_NAME}) {alternatives('rewriting.that')}")
_SAID = re.compile(rf"(?P<asked>.* ){alternatives('rewriting.that')}", re.IGNORECASE)
_CLOSED = re.compile(
    r"(?P<verb>\w+) "
    rf"(?P<rest>(?:(?:{_ARTICLE} )?{_NAME}|{alternatives('rewriting.somebody')}) .+)"
)
_ADVERB = re.compile(rf"{alternatives('rewriting.asking_adverbs')}\b", re.IGNORECASE)
_AUXILIARY = words("grammar.auxiliaries")
# A verb may follow "und", and the clause would then have two.
_JOINED = re.compile(rf" {alternatives('rewriting.joining_names')} [a-zäöüß]")
_SAYING = words("rewriting.saying")
_HOLDING = words("rewriting.holding")
_TAKEN_OFF = words("rewriting.taken_off")


def with_clause(bare: str, before: str, *, closed: bool) -> Iterator[str]:
    """
    Yield a follow-up in which what the previous question asked replaces the word that points to it.

    Parameters
    ----------
    bare
        The follow-up without opening words such as "und", and without its question mark.
    before
        The previous question, in a form that stands alone.
    closed
        Whether the previous question asks for yes or no.

    """
    language, asked = detect(before), before.rstrip(" ?!.")
    if (among := _OF_THEM.match(bare)) and (things := _listed(asked, language)):
        behind = bare[among.end() :]
        yield f"{among['which']} {things}{',' if behind and language == 'de' else ''}{behind}"
    elif (
        (numbered := _NUMBERED.fullmatch(bare))
        and not _means_several(numbered)
        and (things := _listed(asked, language))
    ):
        opening = numbered["before"] or ("Was ist " if language == "de" else "What is ")
        yield f"{opening}{numbered['article']} {numbered['which']} {things}"
    elif (closed or _ADVERB.match(asked)) and (that := _THAT.fullmatch(bare)):
        yield from _with_predicate(that, asked)
    elif (
        closed
        and language == "de"
        and (said := _SAID.fullmatch(bare))
        and said["asked"].split()[-1].casefold() in _SAYING
    ):
        yield from _with_statement(said["asked"].strip(), asked)


def _means_several(numbered: re.Match[str]) -> bool:
    """Tell whether "die anderen" is meant, not "die andere"."""
    return numbered["article"].casefold() == "die" and numbered["which"].endswith("en")


def _listed(asked: str, language: str) -> str:
    """Return the things that a question asks for as a genitive and a clause: "der Flüsse, die durch Kassel fließen"."""
    found = _LISTED[language].fullmatch(asked) if language in _LISTED else None
    if found is None or "," in found["said"]:
        return ""
    verb, *rest = found["said"].split()
    if not rest:
        return ""
    if language == "de":
        # After a singular verb its subject must follow: "hat Huawei". Otherwise one thing is asked for.
        several = verb.endswith("n") or verb == "sind"
        return f"der {found['things']}, die {_at_end(verb, rest)}" if several or rest[0][0].isupper() else ""
    # In "are Huawei selling" the subject would have to change places with its verb.
    turned = verb in _AUXILIARY and not re.fullmatch(r"[a-z]+(?:ed|en|t|ing)", rest[0])
    is_verb = found["things"].rpartition(" ")[2].casefold() in _AUXILIARY
    return "" if turned or is_verb else f"of the {found['things']} that {found['said']}"


def _with_predicate(that: re.Match[str], asked: str) -> Iterator[str]:
    """Yield "Bis wann will China die Produktion steigern?" for "Bis wann will China das?"."""
    found = re.search(
        rf"(?:^|(?<= ))(?i:{re.escape(that['verb'])}) (?:{re.escape(that['subject'])}|{_NAME}) (?P<rest>.+)", asked
    )
    if found is not None:
        yield f"{that['asked']} {that['verb']} {that['subject']} {found['rest']}".strip()


def _with_statement(opening: str, asked: str) -> Iterator[str]:
    """Yield "Wer sagt, dass Marona die Preise senkt?" for "Wer sagt das?"."""
    found = _CLOSED.fullmatch(asked)
    if found is None or "," in asked or _JOINED.search(asked):
        return
    verb, holding = found["verb"], opening.rpartition(" ")[2].casefold() in _HOLDING
    clause = _at_end(verb[0].lower() + verb[1:], found["rest"].split())
    yield f"{opening}{' es' if holding else ''}, dass {clause}"


def _at_end(verb: str, rest: list[str]) -> str:
    """Return a clause with its finite verb at the end, joined with its separable prefix."""
    if rest[-1] in _TAKEN_OFF:
        return " ".join([*rest[:-1], f"{rest[-1]}{verb}"])
    return " ".join([*rest, verb])
