"""The prompt that the language model reads, in the words that the probes were made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rag.inference.generation.chat_tokens import flat
from rag.limits import PROMPT_QUESTION_AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.kinds import Kind
    from rag.types import EvidenceSentence

# The time depends on the length of the prompt, some 500 tokens. The likeliest sentences within this many characters
# hold 0.88 of the key points of 380 open questions.
MOST_CHARACTERS = 1300
MOST_SENTENCES = 16
# The probes know these words and no others, whatever language the question is in.
_KINDS: Mapping[Kind, str] = {
    "explanation": "Erklärung",
    "list": "Aufzählung",
    "comparison": "Vergleich",
    "timeline": "zeitlicher Ablauf",
    "summary": "Zusammenfassung",
}
_QUESTION = "<|im_start|>user\nFrage ({kind}): {question}\n\nWelche dieser Sätze gehören in die Antwort?\n"
_TITLE = "\n{title}\n"
_SENTENCE = "- {text}\n"
_END = "\nFrage: {question}\nSteht die Antwort darin?<|im_end|>\n<|im_start|>assistant\n"


class Prompt(NamedTuple):
    """
    A text in parts.

    Parameters
    ----------
    parts
        The parts, each turned into tokens by itself; the last one ends the text.
    sentences
        The numbers of the parts that are sentences, in the order of the sentences.

    """

    parts: tuple[str, ...]
    sentences: tuple[int, ...]


def chosen(chances: Sequence[float], sentences: Sequence[EvidenceSentence]) -> list[int]:
    """
    Return the numbers of the sentences that are read: the likeliest, as many as fit, in reading order.

    Parameters
    ----------
    chances
        The probability that each sentence bears on the question.
    sentences
        All candidates.

    """
    taken: list[int] = []
    characters = 0
    for number in sorted(range(len(sentences)), key=lambda one: -chances[one])[:MOST_SENTENCES]:
        characters += len(sentences[number].text)
        if taken and characters > MOST_CHARACTERS:
            break
        taken.append(number)
    return sorted(taken, key=lambda one: (sentences[one].path, sentences[one].start))


def prompt(question: str, kind: Kind, sentences: Sequence[EvidenceSentence]) -> Prompt:
    """
    Return the prompt.

    Parameters
    ----------
    question
        The question as it was searched for.
    kind
        A kind that is answered by several sentences.
    sentences
        The sentences in reading order.

    """
    asked = flat(question)[-PROMPT_QUESTION_AGAIN:]  # what a follow-up asks stands at its end
    parts = [_QUESTION.format(kind=_KINDS[kind], question=asked)]
    places: list[int] = []
    path = None
    for sentence in sentences:
        if sentence.path != path:
            parts.append(_TITLE.format(title=flat(sentence.title)))
            path = sentence.path
        places.append(len(parts))
        parts.append(_SENTENCE.format(text=flat(sentence.text)))
    return Prompt((*parts, _END.format(question=asked)), tuple(places))
