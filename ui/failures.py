"""What went wrong, in the words of the page's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import RagError

if TYPE_CHECKING:
    from ui.texts import Texts

# By the name of the error's class or of one it descends from; the texts are fields of `Texts`.
_WORDS = {
    "BusyError": ("busy_error", "busy_remedy"),
    "TooManyQuestionsError": ("limit_error", "limit_remedy"),
    "ModelError": ("model_error", "model_remedy"),
    "QuestionError": ("question_error", "question_remedy"),
    "IndexMissingError": ("index_error", "index_remedy"),
    "IndexDamagedError": ("index_error", "index_remedy"),
    "IndexMismatchError": ("index_mismatch_error", "index_mismatch_remedy"),
    "CorpusError": ("corpus_error", "corpus_remedy"),
    "FeedbackError": ("feedback_error", "feedback_remedy"),
    "PrivateFeedbackError": ("feedback_private_error", "feedback_private_remedy"),
    "NarrowedFeedbackError": ("feedback_narrowed_error", "feedback_narrowed_remedy"),
    "UntestableFeedbackError": ("feedback_untestable_error", "feedback_untestable_remedy"),
}


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
        The error in its own words, which are English; empty where they must not be shown.

    """

    state: str
    remedy: str
    detail: str = ""


def explain(error: BaseException, texts: Texts) -> Failure:
    """
    Say an error in words.

    Parameters
    ----------
    error
        A `RagError` is explained by its kind and quoted; of anything else nothing is shown, the log has it.
    texts
        Language of the page.

    """
    if not isinstance(error, RagError):
        return Failure(texts.error, texts.unexpected)
    for kind in type(error).__mro__:
        if kind.__name__ in _WORDS:
            state, remedy = _WORDS[kind.__name__]
            return Failure(getattr(texts, state), getattr(texts, remedy), str(error))
    return Failure(texts.error, "", str(error))
