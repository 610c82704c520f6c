"""An answer of several sentences: what both readers let stand of it, and how it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.composing import rechosen
from rag.grounding.anchoring import Anchor, anchored
from rag.pipeline.stages import words_of

if TYPE_CHECKING:
    from rag.composing import Composition, Piece
    from rag.grounding.quotation import Quotation
    from rag.kinds import Kind
    from rag.pipeline.pipeline import Pipeline
    from rag.pipeline.values import Asked


_MARKS = " .,;:!?"


def second_choice(stages: Pipeline, asked: Asked, kind: Kind, composition: Composition) -> Composition | None:
    """
    Choose once more with what the language model's states say of the likeliest sentences.

    Parameters
    ----------
    stages, asked, kind
        Who is asked, and what.
    composition
        What the small reader has chosen.

    Returns
    -------
    None where they say nothing.

    """
    reading = stages.second_reader.read(asked.query.standalone, kind, composition.second)
    return None if reading is None else rechosen(composition, kind, asked.view, reading)


def confirmed(stages: Pipeline, asked: Asked, strictness: float) -> bool:
    """Tell whether the sources answer, by the language model."""
    with stages.generator.read(asked) as pointing:
        return stages.gate.admits(asked, pointing.confirmation(), share=1.0, strictness=strictness)


def emphasised(stages: Pipeline, asked: Asked, piece: Piece) -> Piece:
    """Return an item of a list with the words that answer set off, where the small reader finds some in it."""
    text = piece.sentence.text
    words = words_of(stages.reader, asked.query, piece.sentence)
    if words is None or not 0 <= words[0] < words[1] <= len(text):
        return piece
    begin, end = words[0], len(text[: words[1]].rstrip(_MARKS))
    return replace(piece, words=anchored(0, text, begin, end).words) if begin < end else piece


def presented(stages: Pipeline, asked: Asked, piece: Piece, kind: Kind) -> tuple[Quotation, ...]:
    """Return what is shown of a piece; an explanation says what its sentences point back to."""
    sentence = piece.sentence
    context = stages.selector.context(asked.query, sentence, asked.view) if kind == "explanation" else ()
    whole = Anchor(0, 0, len(sentence.text), 1.0, piece.words)
    of_piece = replace(asked, read=(sentence,), contexts=(context,))
    found = stages.presenter.present(of_piece, whole, "")
    return tuple(replace(one, sentence=replace(one.sentence, group=piece.group)) for one in found)
