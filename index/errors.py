"""Errors that say, in one line, what was wrong, where, and what to do."""

from __future__ import annotations

from index.printable import one_line


class RagError(Exception):
    """
    Base of every error this project raises for bad input or a bad environment.

    Parameters
    ----------
    message
        What was wrong and where, in one line.
    hint
        What to do about it, usually a command.

    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        # Messages name files, which anyone may have named; they go to terminals and logs.
        self.message = one_line(message)
        self.hint = one_line(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class CorpusError(RagError):
    """
    The corpus is missing or empty, or one of its files cannot be used.

    Parameters
    ----------
    message, hint
        As for `RagError`.
    kind
        Machine-readable reason why a file cannot be used: ``wrong_type``, ``damaged``, ``encrypted``, ``scanned``,
        ``garbled`` (its letters are mapped to wrong characters),
        ``no_text``, ``too_large``, ``too_long`` (to read), ``bomb``, ``missing_extra``,
        ``no_recognition`` (a picture, while text recognition is not installed); for a user's own files also
        ``unknown_type``, ``known`` (the same file is there already), ``full`` or ``off``. Why a page cannot be shown:
        ``no_page``, ``page_gone``, ``page_changed`` or ``page_failed``. Empty if none of these fits.

    """

    def __init__(self, message: str, *, hint: str = "", kind: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class EmptiedError(CorpusError):
    """The folder no longer holds any articles, and an index that holds some is not emptied without being asked."""


class IndexMissingError(RagError):
    """No index has been built yet in the given folder."""


class IndexReadOnlyError(RagError):
    """The index lies where nothing can be written; it can still be read."""


class IndexDamagedError(RagError):
    """The index files contradict their manifest or cannot be read."""


class IndexMismatchError(RagError):
    """
    The index was made with another embedding model or format.

    Parameters
    ----------
    message, hint
        As for `RagError`.
    earlier
        Whether an earlier version made it; the next sync then rebuilds it.

    """

    def __init__(self, message: str, *, hint: str = "", earlier: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.earlier = earlier


class StoreUnavailableError(RagError):
    """
    The external vector store does not answer, or refuses a request.

    The index holds the vectors, too, and answers from these meanwhile.
    """


class ModelError(RagError):
    """Weights are missing, damaged, or of a kind that no engine here can run."""


class QuestionError(RagError):
    """The question is empty, too long, or not text."""


class BusyError(RagError):
    """
    The queue of waiting questions is full; the error is temporary.

    Parameters
    ----------
    waiting
        Number of questions that wait.

    """

    def __init__(self, *, waiting: int) -> None:
        one = waiting == 1
        super().__init__(
            f"The language model is busy: {waiting} question{' is' if one else 's are'} already waiting.",
            hint="Try again in a moment.",
        )
        self.waiting = waiting
