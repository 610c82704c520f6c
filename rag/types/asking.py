"""The options with which a question can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from index.collections.owners import Owner
    from rag.kinds.types import Kind
    from rag.types.questions import Filter


class AskOptions(TypedDict, total=False):
    """
    The keyword parameters of `rag.RAG.ask`, `rag.RAG.stream` and their asyncio counterparts; all are optional.

    Parameters
    ----------
    history
        Earlier (question, answer) pairs, oldest first.
    filter
        Which documents may be used: a `Filter`, or a mapping with ``source``, ``since``, ``until`` and ``collection``.
        By default all articles and none of the user's own files.
    strictness
        Required probability that the evidence contains an answer, 0 to 1. By default the value that `rag calibrate`
        found, as long as it is valid and the articles are asked, else the setting of this name.
    k
        Number of passages that evidence is picked from; by default the setting ``passages``.
    kind
        What is asked for, one of `rag.kinds.KINDS`; guessed if None.
    fresh
        Compute a new answer, even if the same question has just been asked.
    client
        Who asks, if several users share a `rag.RAG`: they get the language model in turn, however much one of them
        asks. By default each call counts as a different client.
    owner
        Whose own files to use, if the filter's ``collection`` includes such files.

    """

    history: Sequence[tuple[str, str]]
    filter: Filter | Mapping[str, str] | None
    strictness: float | None
    k: int | None
    kind: Kind | None
    fresh: bool
    client: Hashable | None
    owner: Owner
