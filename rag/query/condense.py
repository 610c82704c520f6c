"""Make a follow-up question understandable on its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.errors import QuestionError
from index.limits import LONGEST_WORD
from index.storage.lexical import words
from index.text.language import detect, is_latin
from index.text.locale import alternatives, each
from index.text.stems import stem, stop_words
from rag.kinds import classify
from rag.limits import HISTORY_TURNS, LATEST_TURNS, LONGEST_EARLIER_ANSWER, MOST_NAMED, STANDALONE_QUESTIONS
from rag.query.follow_up import content_words, is_follow_up
from rag.query.leaning import leans
from rag.types import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

ABSTENTIONS = frozenset(each("prompts.abstention").values())
"""What is said if there is no answer; it names nothing."""
# What the program says about things that it does not do names nothing that a follow-up could refer to, either.
_NOT_DONE = tuple(each("talk.other").values())
# German capitalises nouns and names alike; a number says nothing without what it counts, and neither does its unit.
_NAME = re.compile(r"(?<![\w-])[^\W\d_a-zäöüß][^\W\d_][\w-]*")
_MEASURE = re.compile(alternatives("numbers.measures"))
# Nobody asks a follow-up to thanks. Of 270 questions in the sets, talk and others, the form alone misjudges none.
_SURE_OF_TALK = 0.7
_TALKS = frozenset({"talk", "other"})
_SHORTEST_TALK, _LONGEST_TALK = 2, 200


def condense(question: str, history: Sequence[tuple[str, str]], *, max_chars: int) -> Query:
    """
    Check a question and make it stand alone.

    A follow-up ("Und wann?", "Wie heißt ihr Chef?") is preceded by the previous question, on which it depends, and by
    what the answer to that named, which "ihr" may mean. Any other question is left unchanged, so that a change of topic
    brings nothing along. What precedes is cut at the end of a word to at most ``max_chars`` characters, so that the
    whole has at most twice as many, however long the history.

    Parameters
    ----------
    question
        What was typed.
    history
        Earlier (question, answer) pairs, oldest first; the last three count, apart from thanks and greetings.
    max_chars
        Most characters of a question.

    Returns
    -------
    The question in the form that is searched for.

    Raises
    ------
    QuestionError
        The question is empty, too long, not valid text, or in a script that neither German nor English uses.

    """
    asked = " ".join(question.split())
    if asked != _valid(asked):
        raise QuestionError("The question has invalid characters.", hint="Write it in UTF-8.")
    if not any(character.isalnum() for character in asked):
        raise QuestionError("The question is empty.", hint="Ask in a sentence.")
    if len(asked) > max_chars:
        raise QuestionError(
            f"The question has {len(asked)} characters, more than {max_chars}.", hint="Ask a shorter one."
        )
    if not is_latin(asked):
        raise QuestionError("The question is neither German nor English.", hint="Ask in one of the two.")
    turns = _told(
        tuple(
            (_earlier(str(question), max_chars), _valid(str(answer)[:LONGEST_EARLIER_ANSWER]))
            for question, answer in tuple(history)[-LATEST_TURNS:]
        )
    )
    language = detect(asked)
    # "Wie viel davon aus China?" may look like talk, but what rules take for a follow-up is none.
    if not turns or (_is_talk(asked) and not is_follow_up(asked)) or not leans(asked):
        return Query(asked, asked, language, turns)
    if not content_words(asked) or len(asked.split()) < 3:
        language = detect(turns[-1][0])  # "Ascend?" has no language of its own
    return Query(asked, f"{_antecedent(turns, max_chars - 1)} {asked}".strip(), language, turns)


def _told(turns: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the last turns that a question can depend on; an answer that names nothing is replaced by an empty one."""
    told = [(asked, "" if answer.startswith(_NOT_DONE) else answer) for asked, answer in turns if not _is_talk(asked)]
    return tuple(told)[-HISTORY_TURNS:]


def _is_talk(question: str) -> bool:
    if not _SHORTEST_TALK <= len(question) <= _LONGEST_TALK:
        return False
    guess = classify(question)
    return guess.kind in _TALKS and guess.probability >= _SURE_OF_TALK


def longest_standalone(max_chars: int) -> int:
    """Return the most characters of a question that was made to stand alone, given those of a typed one."""
    return STANDALONE_QUESTIONS * max_chars


def _antecedent(turns: Sequence[tuple[str, str]], most: int) -> str:
    # Go back to the last question that stood alone: in "A? Und B? Und C?" each depends on A.
    found = [turns[-1][0]]
    for question, _ in reversed(turns[:-1]):
        if not leans(found[0]):
            break
        found.insert(0, question)
    text = cut(" ".join(" ".join(question.split()) for question in found), most)
    named = [] if turns[-1][1] in ABSTENTIONS else _named(turns[-1][1], beside=text)
    while named and len(text) + len(", ".join(named)) + 3 > most:
        named.pop()
    return f"{text} ({', '.join(named)})" if named else text


def cut(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters, cut at the end of a word if possible."""
    if len(text) <= most:
        return text
    return text[: most + 1].rpartition(" ")[0] or text[:most]


def _earlier(question: str, most: int) -> str:
    question = _valid(question)
    return question if len(question) <= most else cut(" ".join(question.split()), most)


def _valid(text: str) -> str:
    """Return a text without lone surrogates, which are not characters: arguments that are not UTF-8 contain them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _named(answer: str, *, beside: str) -> list[str]:
    """Return the first nouns and names of an answer that the question lacks."""
    # Of 30 questions with a turn before them, 26 find their article first with up to eight names from the answer, 24
    # without.
    known = {stem(word) for word in words(beside)}
    found: dict[str, str] = {}
    for match in _NAME.finditer(answer):
        word = match.group()
        if len(word) > LONGEST_WORD:
            continue
        term = stem(word.casefold())
        if term not in known and word.casefold() not in stop_words() and not _MEASURE.fullmatch(word.casefold()):
            found.setdefault(term, word)
    return list(found.values())[:MOST_NAMED]
