"""Explain what went wrong in the language of the page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import RagError

if TYPE_CHECKING:
    from ui.render.texts import Texts

_LOG = logging.getLogger(__name__)
# By the name of the error's class or one of its base classes; the texts are fields of `Texts`.
_WORDS = {
    "BusyError": ("busy_error", "busy_remedy"),
    "StoppingError": ("stopping_error", "stopping_remedy"),
    "TooManyQuestionsError": ("limit_error", "limit_remedy"),
    "ModelError": ("model_error", "model_remedy"),
    "GoneError": ("gone_error", "gone_remedy"),
    "GoneCollectionError": ("gone_collection_error", "gone_collection_remedy"),
    "QuestionError": ("question_error", "question_remedy"),
    "IndexMissingError": ("index_error", "index_remedy"),
    "IndexDamagedError": ("index_error", "index_remedy"),
    "IndexMismatchError": ("index_mismatch_error", "index_mismatch_remedy"),
    "StoreUnavailableError": ("store_error", "store_remedy"),
    "CorpusError": ("corpus_error", "corpus_remedy"),
    "FeedbackError": ("feedback_error", "feedback_remedy"),
    "PrivateFeedbackError": ("feedback_private_error", "feedback_private_remedy"),
    "NarrowedFeedbackError": ("feedback_narrowed_error", "feedback_narrowed_remedy"),
    "UntestableFeedbackError": ("feedback_untestable_error", "feedback_untestable_remedy"),
}
# The messages of these are about the request alone. Those of all others may name files and folders of the server.
_ABOUT_THE_REQUEST = frozenset({"BusyError", "TooManyQuestionsError", "QuestionError", "RequestError", "StoppingError"})


class RequestError(RagError):
    """What a browser or a program sent cannot be used; the message reveals nothing about the server."""


class GoneError(RequestError):
    """The one article to be asked no longer exists."""


class GoneCollectionError(RequestError):
    """A collection to be asked no longer exists."""


@dataclass(frozen=True, slots=True)
class Failure:
    """
    A failure as the page shows it.

    Parameters
    ----------
    state
        What happened.
    remedy
        What to do about it.
    detail
        The error's own message, which is English; empty if it must not be shown.

    """

    state: str
    remedy: str
    detail: str = ""


def explain(error: BaseException, texts: Texts, *, shared: bool) -> Failure:
    """
    Explain an error in words.

    Parameters
    ----------
    error
        A `RagError` is explained by its kind and quoted; any other error is not shown, it is in the log.
    texts
        Language of the page.
    shared
        Whether people other than this machine's own users may read it: then only messages that cannot name the
        machine's files are quoted, and the rest goes to the log.

    """
    if not isinstance(error, RagError):
        return Failure(texts.error, texts.unexpected)
    kinds = [kind.__name__ for kind in type(error).__mro__]
    quoted = not shared or not _ABOUT_THE_REQUEST.isdisjoint(kinds)
    if not quoted:
        _LOG.warning("%s: %s", type(error).__name__, error)
    detail = str(error) if quoted else ""
    # The error is about a file that was sent, so the remedy for the folder of articles does not apply.
    if said := getattr(texts, f"refused_{kind}", "") if (kind := getattr(error, "kind", "")) else "":
        return Failure(said, "", detail)
    for kind in kinds:
        if kind in _WORDS:
            state, remedy = _WORDS[kind]
            return Failure(getattr(texts, state), getattr(texts, remedy), detail)
    return Failure(texts.error, "" if quoted else texts.unexpected, detail)
