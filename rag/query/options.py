"""Check the options that a question is asked with."""

from __future__ import annotations

from index.errors import RagError
from rag.kinds.types import KINDS
from rag.limits import MOST_PASSAGES
from rag.types import AskOptions


def check_options(options: AskOptions) -> None:
    """
    Check the options of a question, except for the filter; see `rag.query.filters.read_filter`.

    Raises
    ------
    TypeError
        An option does not exist.
    RagError
        The value of an option cannot be used.

    """
    if unknown := sorted(options.keys() - AskOptions.__annotations__.keys()):
        raise TypeError(f"no such parameter of a question: {', '.join(unknown)}")
    strictness, k, kind = options.get("strictness"), options.get("k"), options.get("kind")
    if strictness is not None and not 0 <= strictness <= 1:
        raise RagError(f"Strictness cannot be {strictness}.", hint="Give a number from 0 to 1.")
    if k is not None and not 1 <= k <= MOST_PASSAGES:
        raise RagError(f"k cannot be {k}.", hint=f"Give a number from 1 to {MOST_PASSAGES}.")
    if kind is not None and kind not in KINDS:
        raise RagError(f"There is no kind {kind!r} of question.", hint=f"Name one of {', '.join(KINDS)}.")
