"""Make a follow-up question understandable on its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.errors import QuestionError
from index.lexical import stem, stop_words, words
from rag.language import detect, is_latin
from rag.quantities import is_measure
from rag.types import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

HISTORY_TURNS = 3
# Of 30 questions with a turn before them, 26 find their article first with up to eight names of the answer, 24 without.
MOST_NAMED = 8
# German writes nouns and names alike; a number says nothing without what it counts.
_NOUN = re.compile(r"(?<![\w-])[^\W\d_a-zäöüß][^\W\d_][\w-]*")
# Words that point back at what was said before, at the start of a question or anywhere in it.
_OPENING = re.compile(
    r"^\W*(?:und|oder|aber|also|warum(?= (?:das|nicht|denn)\b|\W*$)|wieso|wann(?=\W*$)|wo(?=\W*$)|wer(?=\W*$)|and|but|or|"
    r"then|so|what about|how about|why(?=\W*$)|when(?=\W*$)|where(?=\W*$))\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:er|sie|(?<!gibt )es(?! gibt)|ihn|ihm|ihr|ihre[mnrs]?|"
    # "sein" is also the verb: "Bis wann will China autark sein?"
    r"sein(?!\W*$|\W*[,;:]|\s+(?:soll\w*|will|woll\w*|wird|werden|kann|könn\w*|muss|müss\w*|dürf\w*|möcht\w*)\b)|seine[mnrs]?|"
    r"deren|dessen|dort|davon|dafür|damit|daran|darüber|dazu|"
    r"dagegen|diese[mnrs]?|jene[mnrs]?|letztere[nrs]?|erstere[nrs]?|"
    r"he|she|him|her|his|its|they|them|their|there|this|that|these|those|it)\b",
    re.IGNORECASE,
)
# So does a general noun with the definite article, where no name says which.
_GENERAL = re.compile(
    r"\b(?:d(?:er|ie|as|en|em|es)|the) (?:firmen?|unternehmens?|konzerns?|behörden?|herstellers?|anbieters?|chips?|modells?|"
    r"allianz|bündniss?e?s?|projekts?|plans?|company|firm|agency|maker|chip|model|alliance)\b",
    re.IGNORECASE,
)
# "sie" and "es" of a question that names its subject ("Was plant Tencent, damit sie ...") point within it.
_MANY_CONTENT_WORDS = 5


def condense(question: str, history: Sequence[tuple[str, str]], *, max_chars: int) -> Query:
    """
    Check a question and make it stand alone.

    A follow-up ("Und wann?", "Wie heißt ihr Chef?") is preceded by the question before it, which is what
    it leans on, and by what the answer to that named, which "ihr" may mean; any other question is left as it is, so that a change of topic drags nothing along.

    Parameters
    ----------
    question
        What was typed.
    history
        Earlier (question, answer) pairs, oldest first; the last three count.
    max_chars
        Longest question.

    Returns
    -------
    The question as it is to be searched for.

    Raises
    ------
    QuestionError
        It is empty, too long, or written in a script that is neither German's nor English's.

    """
    asked = " ".join(question.split())
    if not any(character.isalnum() for character in asked):
        raise QuestionError("The question is empty.", hint="Ask in a sentence.")
    if len(asked) > max_chars:
        raise QuestionError(
            f"The question has {len(asked)} characters, more than {max_chars}.", hint="Ask a shorter one."
        )
    if not is_latin(asked):
        raise QuestionError("The question is neither German nor English.", hint="Ask in one of the two.")
    turns = tuple((str(q), str(a)) for q, a in history)[-HISTORY_TURNS:]
    language = detect(asked)
    if not turns or not is_follow_up(asked):
        return Query(asked, asked, language, turns)
    if not _content(asked) or len(asked.split()) < 3:
        language = detect(turns[-1][0])  # "Ascend?" has no language of its own
    return Query(asked, f"{_antecedent(turns)} {asked}", language, turns)


def is_follow_up(question: str) -> bool:
    """Tell whether a question leans on what was said before."""
    if _OPENING.search(question) or not _content(question):
        return True
    pointing = _POINTING.search(question) or _GENERAL.search(question)
    return bool(pointing) and len(_content(question)) < _MANY_CONTENT_WORDS


def _antecedent(turns: Sequence[tuple[str, str]]) -> str:
    # Back to the last question that stood alone: in "A? Und B? Und C?" each leans on A.
    found = [turns[-1][0]]
    for question, _ in reversed(turns[:-1]):
        if not is_follow_up(found[0]):
            break
        found.insert(0, question)
    text = " ".join(" ".join(question.split()) for question in found)
    named = _named(turns[-1][1], beside=text)
    return f"{text} ({', '.join(named)})" if named else text


def _named(answer: str, *, beside: str) -> list[str]:
    """Return the first nouns and names of an answer that the question does not have."""
    known = {stem(word) for word in words(beside)}
    found: dict[str, str] = {}
    for match in _NOUN.finditer(answer):
        word = match.group()
        term = stem(word.casefold())
        if term not in known and word.casefold() not in stop_words() and not is_measure(word.casefold()):
            found.setdefault(term, word)
    return list(found.values())[:MOST_NAMED]


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in stop_words()]
