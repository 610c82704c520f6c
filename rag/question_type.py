"""What kind of answer a question asks for, and whether a text can be one."""

from __future__ import annotations

import re
from typing import Literal

from index.lexical import stem, words
from rag.language import detect
from rag.quantities import quantities

AnswerType = Literal["number", "time"]

_NUMBER = re.compile(
    r"\b(?:wie\s*viel\w*|wievielt\w*|wievielfach\w*|welche[rns]? (?:summe|quote|anteil|zahl|anzahl|preis|prozentsatz)|"
    r"how (?:many|much)|what (?:share|percentage|number|amount))\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:(?:bis|seit|ab|von)?\s*wann|(?:in|bis|seit|ab|zu) welche[mns] (?:jahr|monat|tag|datum)\w*|(?:by |in )?(?:what|which) year|"
    r"when)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = re.compile(
    r"hälfte|drittel|viertel|\w*doppel\w*|\w*fach\w*|\w+mal\b|einzige\w*|\b(?:ein|eine|einen|kein\w*|half|third|quarter|double|"
    r"twice|triple|one|none)\b",
    re.IGNORECASE,
)
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


def satisfies(text: str, wanted: AnswerType | None) -> bool:
    """Tell whether a text holds something of the kind."""
    if wanted is None or any(character.isdigit() for character in text):
        return True
    if wanted == "time":
        return bool(_TIME_WORDS.search(text))
    return bool(_NUMBER_WORDS.search(text) or quantities(text, detect(text)))


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
