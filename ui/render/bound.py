"""What the foot of the page says about wrong answers: the measured bound, or that none was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.calibrating.types import Standing
    from ui.render.texts import Texts


def bound_text(standing: Standing, texts: Texts) -> str:
    """
    Return the sentence, as plain text.

    Parameters
    ----------
    standing
        See `rag.RAG.calibration`. Of a question set only the size is shown, not the name: others may read the page.
    texts
        Language of the page.

    """
    known = standing.calibration
    if standing.state in {"changed", "damaged"}:
        return texts.bound_changed
    if known is None or standing.state != "holds":
        return texts.bound_none
    sentence = texts.bound_false_answers if known.on == "false_answers" else texts.bound_wrong_citations
    most, percent = (_number(figure, texts) for figure in (known.most, known.percent))
    return sentence.format(size=known.questions, most=most, percent=percent)


def _number(figure: str, texts: Texts) -> str:
    return figure.replace(".", ",") if texts.language == "de" else figure
