"""What kind of answer a question asks for, and whether a text can be one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from index.lexical import stem, words
from rag.language import detect
from rag.quantities import Dimension, dimensions, quantities

if TYPE_CHECKING:
    from collections.abc import Sequence

AnswerType = Literal["number", "time"]

_NUMBER = re.compile(
    r"\b(?:wie\s*viel\w*|wievielt\w*|wievielfach\w*|welche[rns]? (?:summe|quote|anteil|zahl|anzahl|preis|prozentsatz)|"
    r"how (?:many|much)|what (?:share|percentage|number|amount))\b",
    re.IGNORECASE,
)
# What a question wants to have measured. Where it leaves that open ("Wie hoch ist ...?"), any number will do.
_MEASURED: dict[Dimension, re.Pattern[str]] = {
    "share": re.compile(
        r"\b(?:wie\s*viel prozent|welche[nrs]? (?:\w*quote|\w*anteil|prozentsatz|zinssatz)\b|"
        r"wie (?:hoch|groß) (?:ist|sind|war|wird) (?:der|die) (?:\w*quote|\w*anteil|prozentsatz|zinssatz)\b|"
        r"(?:what|which) (?:share|percentage|proportion)\b|(?:how many|what) percent)",
        re.IGNORECASE,
    ),
    "money": re.compile(
        r"\b(?:wie teuer\b|was kostet\w*|wie\s*viel (?:geld\b|kostet\w*)|welche[nrs]? (?:geld|kauf)(?:summe|betrag|preis)\b|"
        r"wie hoch (?:ist|sind|war|waren|wird) (?:der|die|das) "
        r"(?:\w*preis|\w*kosten|\w*umsatz|\w*gewinn|\w*budget|\w*miete|gehalt|\w*lohn)\b|"
        r"how much (?:money|(?:does|do|did|will)\b.*\bcost)|how expensive)",
        re.IGNORECASE,
    ),
    "length": re.compile(
        r"\bwie weit\b(?=.*\b(?:entfernt|auseinander)\b)|\bwie weit ist (?:es )?(?:von )?[\w-]+ (?:von|bis|nach) [\w-]+\W*$|"
        r"\bwie lang (?:ist|sind|war|waren|wird) (?:der|die|das)\b|\bhow far\b(?=.*\b(?:away|apart)\b)|"
        r"\bhow far is (?:it )?(?:from )?[\w-]+ (?:from|to) [\w-]+\W*$|\bhow long (?:is|are|was|were) the\b",
        re.IGNORECASE,
    ),
    "duration": re.compile(r"\b(?:wie lange|how long (?:did|does|do|will|has|have))\b", re.IGNORECASE),
    "mass": re.compile(r"\b(?:wie\s*viel wieg\w*|how much (?:does|do|did) .*\bweigh)\b", re.IGNORECASE),
}
# "Zwei Stunden entfernt" says how far it is, "drei Viertel der Zeit" how long, "ein Drittel des Preises" how much.
_ALSO: dict[Dimension, frozenset[Dimension]] = {
    "length": frozenset({"duration"}),
    "duration": frozenset({"share"}),
    "money": frozenset({"share"}),
}
_TIME = re.compile(
    r"\b(?:(?:bis|seit|ab|von)?\s*wann|(?:in|bis|seit|ab|zu) welche[mns] (?:jahr|monat|tag|datum)\w*|(?:by |in )?(?:what|which) year|"
    r"when)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"hälfte|drittel|viertel|\w*doppel\w*|\w*fach\w*|\w+mal\b|\b(?:half|third|quarter|double|twice|triple|kostenlos|kostenfrei|"
    r"gratis|umsonst|free)\b",
    re.IGNORECASE,
)
_ONE = re.compile(r"einzige\w*|\b(?:ein|eine|einen|kein\w*|one|none)\b", re.IGNORECASE)
_TIME_WORDS = re.compile(
    r"jahr|monat|woche|\btag\b|tage|heute|gestern|morgen|jahrhundert|januar|februar|märz|april|\bmai\b|juni|juli|august|"
    r"september|oktober|november|dezember|frühling|sommer|herbst|winter|beginn|ende\b|anfang|year|month|week|day|today|"
    r"january|february|march|\bmay\b|june|july|october|december|spring|summer|autumn|end of|nachdem|während|after|during",
    re.IGNORECASE,
)
# "Warum ist X aus Y ausgetreten?" takes it for granted that X did: the last word is what happened.
_WHY = re.compile(r"^\W*(?:warum|weshalb|wieso|why)\s+(?:hat|haben|hatte\w*|ist|sind|war\w*|wurde\w*)\b", re.IGNORECASE)


QUESTION_WORD = (
    r"(?:wer|was|wann|wo|wie(?:viel\w*)?|warum|wieso|weshalb|welche[rnsm]?|wem|wen|wessen|"
    r"wo(?:für|ran|rin|mit|durch|rauf|hin|her|zu|von)|who|what|which|when|where|why|how|whose|whom)"
)
_ASKING = re.compile(rf"\b{QUESTION_WORD}\b", re.IGNORECASE)


def expected(question: str) -> AnswerType | None:
    """Return the kind of answer that a question asks for, None where any will do."""
    if _TIME.search(question):
        return "time"
    return "number" if _NUMBER.search(question) else None


def measured(question: str) -> Dimension | None:
    """Return what a question wants to have measured, None where it leaves that open."""
    return next((dimension for dimension, asked in _MEASURED.items() if asked.search(question)), None)


def fits(text: str, question: str) -> bool:
    """
    Tell whether a text can be what a question asks for, as far as numbers and times go.

    Of what is measured, a text without a number may be an answer ("kostenlos", "unbefristet"), and so may a number
    without a unit. One whose numbers all measure something else is none: money is no share, and square kilometres are
    no distance.
    """
    wanted = expected(question)
    dimension = measured(question)
    language = detect(text)
    if dimension is not None:
        if any(dimension in one for one in dimensions(text, language, with_one=True)):
            return True
        if _measures_else(text, dimension, dimensions(text, language)):
            return False
    # "FP8" has a digit and is no share.
    if wanted is None or (dimension != "share" and any(character.isdigit() for character in text)):
        return True
    if wanted == "time":
        return bool(_TIME_WORDS.search(text))
    if _PARTS.search(text) or quantities(text, language):
        return True
    return dimension is None and bool(_ONE.search(text))  # an article is no share


def _measures_else(text: str, dimension: Dimension, numbers: Sequence[frozenset[Dimension]]) -> bool:
    allowed = {dimension} | _ALSO.get(dimension, frozenset())
    if not numbers or any(not one or one & allowed for one in numbers):
        return False
    return not _PARTS.search(text) and not (dimension == "duration" and _TIME_WORDS.search(text))


def is_open(question: str) -> bool:
    """Tell whether a question asks for more than yes or no."""
    return bool(_ASKING.search(question))


def presupposed_event(question: str) -> str:
    """
    Return the stem of what a question for a reason takes for granted, empty where it does not.

    Only the German perfect and passive are read, whose participle ends the sentence. The prefix "ge" is
    left out, so that "gestoppt" is found in "Stopp" and "stoppte".
    """
    if not _WHY.search(question):
        return ""
    last = stem((words(question) or [""])[-1])
    core = re.sub(r"^(\w{2,3}?)?ge(?=\w{4})", lambda match: match.group(1) or "", last)
    return core.rstrip("t") if len(core) > 4 else ""
