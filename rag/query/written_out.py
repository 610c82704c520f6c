"""
The prompt for a model that has been trained to write out follow-ups, and which of its sentences are used.

The trained layers (`rag.inference.adapting.switched`) know the words of this prompt and no others, whatever language
the conversation is in. Names, figures and negations must be the conversation's, as far as the model has read it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.locale import alternatives, words
from index.text.stems import stem, stop_words
from rag.inference.generation.chat_tokens import flat
from rag.limits import LONGEST_REWRITTEN
from rag.query.condense import ABSTENTIONS
from rag.query.follow_up import is_follow_up

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MOST_TOKENS = 48
_TURN = "Frage: {question}\nAntwort: {answer}\n"
_PROMPT = (
    "<|im_start|>user\n{turns}Folgefrage: {question}\nWelche Frage ist gemeint?<|im_end|>\n<|im_start|>assistant\n"
)
_MOST_TURNS, _LONGEST_QUESTION, _LONGEST_ANSWER = 3, 200, 300
_WORD = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(rf"(?<!\w){alternatives('rewriting.negations')}(?!\w)", re.IGNORECASE)
# A word is derived from one that was said if it contains that or is its beginning, and both are at least this long.
_SHORTEST = 4
_OPENINGS = words("rewriting.openings")
# A question begins with a word that asks, or with a verb.
_VERB = re.compile(r"\w+(?:t|e|en)")


def prompt(question: str, history: Sequence[tuple[str, str]]) -> str:
    """
    Return what the model reads.

    Parameters
    ----------
    question
        The follow-up.
    history
        Earlier (question, answer) pairs, oldest first.

    """
    turns = "".join(_TURN.format(question=asked, answer=answer) for asked, answer in _read(history))
    return _PROMPT.format(turns=turns, question=flat(question))


def is_of(sentence: str, question: str, history: Sequence[tuple[str, str]]) -> bool:
    """
    Tell whether a sentence may replace a follow-up.

    It must be one question that stands alone and was not asked before, keep the follow-up's negation, and have no name,
    figure or negation that the conversation lacks.

    Parameters
    ----------
    sentence
        What the model wrote.
    question
        The follow-up.
    history
        See `prompt`.

    """
    conversation = " ".join([question, *(text for turn in _read(history) for text in turn)])
    asked = {_bare(question), *(_bare(before) for before, _ in history)}
    is_one = len(sentence) <= LONGEST_REWRITTEN and sentence.find("?") == len(sentence) - 1 > 0
    if not is_one or "\n" in sentence or _bare(sentence) in asked or is_follow_up(sentence):
        return False
    negated, may_be, must_be = (bool(_NEGATION.search(text)) for text in (sentence, conversation, question))
    if (negated and not may_be) or (must_be and not negated):
        return False
    if not set(_FIGURE.findall(sentence)) <= set(_FIGURE.findall(conversation)):
        return False
    known = {stem(word.casefold()) for word in _WORD.findall(conversation)}
    first, *others = _WORD.findall(sentence) or [""]
    opens = first.casefold() in stop_words() or _VERB.fullmatch(first) or _is_known(first, known)
    return bool(opens) and all(_is_known(word, known) for word in others if word[0].isupper())


def repeats(sentence: str, question: str) -> bool:
    """
    Tell whether a sentence is the question itself, perhaps without an opening such as "Und".

    Parameters
    ----------
    sentence
        What the model wrote.
    question
        The question that was taken for a follow-up.

    Examples
    --------
    >>> repeats("Wer leitet die Werft?", "Und wer leitet die Werft?"), repeats("Wer leitet sie?", "Wer leitet sie?")
    (True, False)

    """
    written, asked = (_WORD.findall(text.casefold()) for text in (sentence, question))
    opening = asked[: len(asked) - len(written)]
    same = bool(written) and asked[len(opening) :] == written and set(opening) <= _OPENINGS
    return same and not is_follow_up(sentence)


def _read(history: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the turns as the model reads them; an abstention becomes an empty answer, as it names nothing."""
    return [
        (flat(asked)[:_LONGEST_QUESTION], "" if answer in ABSTENTIONS else flat(answer)[:_LONGEST_ANSWER])
        for asked, answer in history[-_MOST_TURNS:]
    ]


def _is_known(word: str, known: Collection[str]) -> bool:
    """Tell whether a word is derived from one that was said: "Prozessor" of "Prozessoren", "Chipverbot" of "Verbot"."""
    root = stem(word.casefold())
    return root in known or any(
        len(one) >= _SHORTEST and len(root) >= _SHORTEST and (one in root or one.startswith(root)) for one in known
    )


def _bare(text: str) -> str:
    return " ".join(text.casefold().rstrip(" ?!.").split())
