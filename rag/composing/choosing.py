"""Choose which of the sentences that bear on a question are shown, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.composing.bearing import alone, worth_showing
from rag.composing.compared import comparison
from rag.composing.moments import day_written, moment
from rag.composing.pieces import Piece, paths_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.composing.bearing import Context
    from rag.composing.pieces import Candidate
    from rag.kinds.types import Kind
    from rag.retrieval.view import View


def choose(
    kind: Kind, view: View, candidates: Sequence[Candidate], sides: Sequence[str], context: Context = alone
) -> list[Piece]:
    """
    Return the sentences that answer a question, in the order they are shown.

    Parameters
    ----------
    kind
        ``explanation``, ``list``, ``comparison``, ``timeline``, or ``summary`` of a subject.
    view
        What was searched.
    candidates
        Sentences with the probability that each bears on the question.
    sides
        The names of the sides of a comparison.
    context
        Returns what has to be shown before a sentence.

    """
    chosen = worth_showing(candidates, context=context)
    if kind == "comparison":
        return comparison(chosen, candidates, sides)
    if kind == "timeline":
        return timeline(view, chosen)
    if kind == "explanation":
        return _explanation([Piece(one.sentence) for one in chosen])
    if kind == "summary":
        return _in_order([Piece(one.sentence, one.sentence.title) for one in chosen])
    return [Piece(one.sentence) for one in chosen]


def timeline(view: View, chosen: Sequence[Candidate]) -> list[Piece]:
    """Return sentences in the order of the times they name, or otherwise of the dates of their articles."""
    placed: list[tuple[tuple[int, int, int], str, Piece]] = []
    for one in chosen:
        sentence = one.sentence
        written = day_written(view, sentence.path)
        named = moment(sentence.text, written)
        if named is not None:
            words = sentence.text[named.start : named.end]
            # "Im nächsten Jahr" means another year in each article.
            label = f"{words} ({named.year})" if named.shows_year and written else words
            day = named.year, named.month, named.day
            placed.append((day, label, Piece(sentence, label, ((named.start, named.end),))))
        elif written:
            year, month, day_of_month = map(int, written.split("-"))
            placed.append(((year, month, day_of_month), written, Piece(sentence, written)))
        else:
            placed.append(((9999, 0, 0), "", Piece(sentence)))
    ordered = sorted(placed, key=lambda one: (one[0], one[1], one[2].sentence.path, one[2].sentence.start))
    # Sentences of the same year with the same label form one group, which stands at its first time.
    groups = list(dict.fromkeys((day[0], label) for day, label, _ in ordered))
    return [piece for wanted in groups for day, label, piece in ordered if (day[0], label) == wanted]


def _explanation(chosen: Sequence[Piece]) -> list[Piece]:
    """Return reasons: the surest first, the others in reading order."""
    return [*chosen[:1], *_in_order(chosen[1:])]


def _in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Return sentences ordered by article, the one with the nearest sentence first, each article's in reading order."""
    paths = paths_of(sorted(pieces, key=lambda one: -one.sentence.score))
    return sorted(pieces, key=lambda one: (paths.index(one.sentence.path), one.sentence.start))
