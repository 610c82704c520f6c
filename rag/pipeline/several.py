"""Answers of several sentences: which sentences both readers keep, and how they are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.composing import rechosen
from rag.grounding.anchoring import Anchor, anchored
from rag.grounding.pointing import points_back
from rag.pipeline.stages import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.composing import Composition, Piece
    from rag.grounding.quotation import Quotation
    from rag.kinds import Kind
    from rag.pipeline.pipeline import Pipeline
    from rag.pipeline.values import Asked
    from rag.retrieval.view import View
    from rag.types import EvidenceSentence, Query

    Context = tuple[EvidenceSentence, ...]

_MARKS = " .,;:!?"
_MOST_CONTEXT = 2
_LONGEST_CHAIN = 3
_ENDED = re.compile(r"[.!?…:]\W*$")


def second_choice(
    stages: Pipeline, asked: Asked, kind: Kind, composition: Composition, before: Before
) -> Composition | None:
    """
    Choose once more, with what the language model's states say about the likeliest sentences.

    Parameters
    ----------
    stages, asked, kind
        The stages, the question with its evidence, and the question's kind.
    composition
        The small reader's choice.
    before
        Returns what has to be shown before a sentence.

    Returns
    -------
    The new choice; None if the states say nothing.

    """
    reading = stages.second_reader.read(asked.query.standalone, kind, composition.second)
    return None if reading is None else rechosen(composition, kind, asked.view, reading, before)


def confirmed(stages: Pipeline, asked: Asked, strictness: float) -> bool:
    """Tell whether the sources answer, according to the language model and the gate."""
    with stages.generator.read(asked) as pointing:
        return stages.gate.admits(asked, pointing.confirmation(), share=1.0, strictness=strictness)


def emphasised(stages: Pipeline, asked: Asked, piece: Piece) -> Piece:
    """Return an item of a list with the words that answer emphasised, if the small reader finds any in it."""
    text = piece.sentence.text
    words = words_of(stages.reader, asked.query, piece.sentence)
    if words is None or not 0 <= words[0] < words[1] <= len(text):
        return piece
    begin, end = words[0], len(text[: words[1]].rstrip(_MARKS))
    return replace(piece, words=anchored(0, text, begin, end).words) if begin < end else piece


class Before:
    """
    Finds what has to be shown before a sentence of a longer answer; looks for it once for each sentence.

    Parameters
    ----------
    stages, query, view, kind
        The stages, the question, what is searched, and the question's kind.

    """

    def __init__(self, stages: Pipeline, query: Query, view: View, kind: Kind) -> None:
        self._selector, self._view = stages.selector, view
        # Only for a question about reasons is the context chosen by what the question names: a comparison, for example,
        # names both sides, and a sentence is about one of them.
        self._query = query if kind == "explanation" else replace(query, question="", standalone="", context="")
        self._known: dict[tuple[str, int], Context] = {}
        self.in_sequence = kind == "timeline"
        """Whether groups are read one after the other: the dates of a timeline, not the sides of a comparison."""

    def __call__(self, sentence: EvidenceSentence) -> Context:
        """Return what has to be shown before a sentence, in reading order."""
        place = _place(sentence)
        if place not in self._known:
            found = tuple(self._selector.context(self._query, sentence, self._view))
            self._known[place] = _without_gap(found, self._view)
        return self._known[place]


def understandable(pieces: Sequence[Piece], before: Before) -> list[tuple[Piece, Context]]:
    """
    Return pieces with what each points back to, in an order that repeats no more than is needed.

    "Ihre Mitglieder ..." after a sentence about somebody else says something false in the source's own words. So a
    piece that points back follows the piece that it points to, if that is shown in the same group.

    Parameters
    ----------
    pieces
        In the order in which they would be shown.
    before
        Returns what each points back to.

    """
    contexts = [before(piece.sentence) for piece in pieces]
    places = {(piece.group, *_place(piece.sentence)): number for number, piece in enumerate(pieces)}
    following: dict[int | None, list[int]] = {}
    for number, (piece, context) in enumerate(zip(pieces, contexts, strict=True)):
        following.setdefault(_lead(piece, context, places), []).append(number)

    def with_following(number: int) -> list[int]:
        return [number, *(one for child in following.get(number, ()) for one in with_following(child))]

    # The likeliest piece stays first, after the piece that it points to.
    together = sorted((with_following(number) for number in following.get(None, ())), key=min)
    order = [number for some in together for number in some]
    found: list[tuple[Piece, Context]] = []
    for number in order:
        goes_on = found and (before.in_sequence or found[-1][0].group == pieces[number].group)
        above = found[-1] if goes_on else None
        found.append((pieces[number], _not_shown_yet(contexts[number], above)))
    return found


def _lead(piece: Piece, context: Context, places: Mapping[tuple[str, str, int], int]) -> int | None:
    """Return the number of the last piece that a piece points back to; None if it points to none that is shown."""
    before = [one for one in context if one.path == piece.sentence.path and one.start < piece.sentence.start]
    return next((places[key] for one in reversed(before) if (key := (piece.group, *_place(one))) in places), None)


def _not_shown_yet(context: Context, before: tuple[Piece, Context] | None) -> Context:
    """Return what has to be shown before a piece and does not stand above it yet, such as the head of a table."""
    if before is None:
        return context
    shown = {_place(one) for one in (*before[1], before[0].sentence)}
    known = [number for number, one in enumerate(context) if _place(one) in shown]
    return context[known[-1] + 1 :] if known else context


def _without_gap(context: Context, view: View) -> Context:
    """
    Return a context without gaps, if that does not take many sentences.

    If other sentences stand between the two of a context, the second may refer to the first while those between refer
    to something else. So the sentences just before the second are shown, back to one that points at nothing before it.
    """
    if len(context) < _MOST_CONTEXT or not _ENDED.search(context[0].text):  # the head of a table, or a heading
        return context
    last = context[-1]
    text = view.index.documents[last.path].text
    chain = [last]
    for one in reversed(view.index.sentences_before(last.path, last.start, _LONGEST_CHAIN - 1)):
        said = text[one.start : one.end]
        if not _ENDED.search(said):
            break
        chain.insert(0, replace(last, start=one.start, end=one.end, text=said))
        if not points_back(said):
            return tuple(chain)
    return context


def presented(stages: Pipeline, asked: Asked, piece: Piece, context: Context) -> tuple[Quotation, ...]:
    """Return the quotations of a piece and of what it points back to."""
    sentence = piece.sentence
    whole = Anchor(0, 0, len(sentence.text), 1.0, piece.words)
    of_piece = replace(asked, read=(sentence,), contexts=(context,))
    found = stages.presenter.present(of_piece, whole, "")
    return tuple(replace(one, sentence=replace(one.sentence, group=piece.group)) for one in found)


def _place(sentence: EvidenceSentence) -> tuple[str, int]:
    return sentence.path, sentence.start
