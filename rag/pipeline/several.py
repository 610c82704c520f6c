"""An answer of several sentences: what both readers and the language model let stand of it, and how it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.composing import parts, rechosen, repeats, settled
from rag.grounding.anchoring import Anchor
from rag.limits import LONGEST_DRAFT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.composing import Composition, Piece
    from rag.grounding.quotation import Quotation
    from rag.kinds import Kind
    from rag.pipeline.pipeline import Pipeline
    from rag.pipeline.values import Asked


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


def confirmed(stages: Pipeline, asked: Asked, composition: Composition, strictness: float) -> tuple[Piece, ...]:
    """Return what the language model lets stand: nothing where the sources do not answer, else what it points at."""
    with stages.generator.read(asked) as pointing:
        if composition.in_doubt:
            admitted = stages.gate.admits(asked, pointing.confirmation(), share=1.0, strictness=strictness)
            if not admitted:
                return ()
        if not composition.points:
            return composition.pieces
        draft = ""
        pieces = pointing.draft()
        try:
            for piece in pieces:
                draft = (draft + piece)[:LONGEST_DRAFT]
                if len(draft) == LONGEST_DRAFT or repeats(draft):
                    break
        finally:
            close(pieces)
    return settled(composition, [stages.verifier.place(part, asked) for part in parts(draft)])


def presented(stages: Pipeline, asked: Asked, piece: Piece, kind: Kind) -> tuple[Quotation, ...]:
    """Return what is shown of a piece; an explanation says what its sentences point back to."""
    sentence = piece.sentence
    context = stages.selector.context(asked.query, sentence, asked.view) if kind == "explanation" else ()
    whole = Anchor(0, 0, len(sentence.text), 1.0, piece.words)
    of_piece = replace(asked, read=(sentence,), contexts=(context,))
    found = stages.presenter.present(of_piece, whole, "")
    return tuple(replace(one, sentence=replace(one.sentence, group=piece.group)) for one in found)


def close(pieces: Iterable[str]) -> None:
    """Stop a draft: iterables need not have a way to; generators do, and it stops the model."""
    getattr(pieces, "close", lambda: None)()
