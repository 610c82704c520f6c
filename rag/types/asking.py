"""What a question can be asked with, besides its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from index.collections.owners import Owner
    from rag.kinds.types import Kind
    from rag.types.questions import Filter


class AskOptions(TypedDict, total=False):
    """
    The keyword parameters of `rag.RAG.ask` and `rag.RAG.stream` and of their twins for asyncio; none is needed.

    Parameters
    ----------
    history
        Earlier (question, answer) pairs, oldest first.
    filter
        Which documents count: a `Filter`, or a mapping with ``source``, ``since``, ``until`` and ``collection``.
        Without, all articles and none of the user's own files.
    strictness
        0 to 1, how likely the evidence must be to hold an answer; without, that of `rag calibrate` as long as it
        holds and the articles are asked, else the setting of this name.
    k
        Number of passages that evidence is picked from; without, the setting ``passages``.
    kind
        What is asked for, one of `rag.kinds.KINDS`; guessed where None.
    fresh
        Answer anew, also where the same has just been asked.
    client
        Who asks, where several users share a `rag.RAG`: each gets the language model in turn, however much another
        asks. By default each call counts as somebody else's.
    owner
        Whose own files are meant, where the filter's ``collection`` asks for some.

    """

    history: Sequence[tuple[str, str]]
    filter: Filter | Mapping[str, str] | None
    strictness: float | None
    k: int | None
    kind: Kind | None
    fresh: bool
    client: Hashable | None
    owner: Owner
