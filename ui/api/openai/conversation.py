"""Read a list of messages as a question, the conversation before it, and a system note that is not obeyed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.api.errors import RefusedError
from ui.render.texts import DE, EN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.api.openai.requests import Message

_INSTRUCTIONS = frozenset({"system", "developer"})
_TOOLS = frozenset({"tool", "function"})
_MARKS = re.compile(r" ?(?:\[\d{1,4}\])+")
_LIST = re.compile(rf"\n\n(?:{DE.sources}|{EN.sources}):\n(?=- \[\d)")


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    What is asked.

    Parameters
    ----------
    question
        The last message of the user.
    history
        Earlier questions, each with its answer, which is empty if there was none.
    note
        The last system message, empty if there is none. It is neither searched for nor shown to the language model:
        whoever sets up a client may not dictate what the sources say.

    """

    question: str
    history: tuple[tuple[str, str], ...] = ()
    note: str = ""


def read(messages: Sequence[Message]) -> Conversation:
    """
    Split a list of messages into its parts.

    Raises
    ------
    RefusedError
        A message has a role or a part that cannot be used, or the last one is not the user's.

    """
    turns: list[tuple[str, str]] = []
    question: str | None = None
    note = ""
    for number, message in enumerate(messages):
        place = f"messages.{number}"
        if message.role in _INSTRUCTIONS:
            note = _text(message, place)
        elif message.role == "user":
            if question is not None:
                turns.append((question, ""))
            question = _text(message, place)
        elif message.role == "assistant":
            said = unmarked(_text(message, place))
            if question is not None:
                turns.append((question, said))
                question = None
            elif turns:
                turns[-1] = (turns[-1][0], f"{turns[-1][1]} {said}".strip())
        else:
            what = "Tools are not called" if message.role in _TOOLS else "There is no such role"
            raise RefusedError(f"{what}: use system, user and assistant.", param=f"{place}.role")
    if question is None:
        raise RefusedError("The last message must be the user's: it is the question.", param="messages")
    return Conversation(question, tuple(turns), note)


def unmarked(answer: str) -> str:
    """Return an answer without the numbers and the list of sources that were added when it was sent."""
    return _MARKS.sub("", _LIST.split(answer, maxsplit=1)[0])


def _text(message: Message, place: str) -> str:
    if message.content is None:
        return message.refusal or ""
    texts = []
    for number, part in enumerate(message.content):
        text = {"text": part.text, "refusal": part.refusal}.get(part.type)
        if text is None:
            raise RefusedError(
                "Only text can be read: no images, no sound, no files.", param=f"{place}.content.{number}"
            )
        texts.append(text)
    return "\n".join(texts)
