"""Which of the sentences that bear on a question are shown, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.composing.bearing import likelier, likeliest, log_odds
from rag.composing.compared import comparison
from rag.composing.moments import moment
from rag.composing.pieces import Piece, paths_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.composing.moments import Moment
    from rag.composing.pieces import Candidate
    from rag.kinds.types import Kind
    from rag.retrieval.view import View

# What bears on the question with this probability is shown. All bounds are from the questions of 15 bundles of
# `training/open` that the network did not learn from (docs/kinds.md). Of 106 explanations, `key_point_recall` and
# `sentence_precision` are 0.56 and 0.52 so, 0.54 and 0.50 with three sentences, 0.57 and 0.48 with four from 0.2 on; however
# far the log odds are behind the best ones, 0.56 and 0.50.
_MOST_REASONS, _LIKELY_REASON = 3, 0.2
_LIKELY_FOURTH_REASON = 0.35
_MOST_BEHIND = 2.5
# Of 73 lists, before the language model points, 0.57 and 0.39; from 0.3 on 0.48 and 0.44.
_MOST_ITEMS, _LIKELY_ITEM = 6, 0.2
# Of 22 subjects 0.65 and 0.77, where the nearest sentences that name what others do not have 0.43 and 0.54.
_MOST_OF_SUBJECT, _LIKELY_OF_SUBJECT, _FEWEST_OF_SUBJECT = 6, 0.2, 2
# Of 37 timelines 0.64 and 0.55, in the same way 0.37 and 0.40; 0.58 and 0.59 where it counts nothing that a sentence says
# when, and 0.52 and 0.57 where three that do leave no place for others.
_MOST_MOMENTS, _LIKELY_MOMENT, _FEWEST_MOMENTS = 8, 0.2, 3
_SAYS_WHEN = 1.0  # log odds


def choose(kind: Kind, view: View, candidates: Sequence[Candidate], sides: Sequence[str]) -> list[Piece]:
    """
    Return what answers a question, in the order it is shown.

    Parameters
    ----------
    kind
        ``explanation``, ``list``, ``comparison``, ``timeline``, or ``summary`` of a subject.
    view
        Where they stand.
    candidates
        With the probability that they bear on the question.
    sides
        Of a comparison.

    """
    if kind == "comparison":
        return comparison(candidates, sides)
    if kind == "timeline":
        return _timeline(view, candidates)
    if kind == "explanation":
        return _explanation(candidates)
    if kind == "summary":
        chosen = likeliest(candidates, _MOST_OF_SUBJECT, _LIKELY_OF_SUBJECT, fewest=_FEWEST_OF_SUBJECT)
        return _in_order([Piece(one.sentence, one.sentence.title) for one in chosen])
    chosen = likeliest(candidates, _MOST_ITEMS, _LIKELY_ITEM)
    return [Piece(one.sentence, chance=one.chance) for one in chosen]


def _explanation(candidates: Sequence[Candidate]) -> list[Piece]:
    """Return reasons, the surest first, the others as one reads them."""
    likely = likeliest(candidates, _MOST_REASONS + 1, _LIKELY_REASON)
    least = (_LIKELY_REASON,) * _MOST_REASONS + (_LIKELY_FOURTH_REASON,)
    likely = [
        one
        for one, bound in zip(likely, least, strict=False)
        if one is likely[0] or (one.chance >= bound and log_odds(one) >= log_odds(likely[0]) - _MOST_BEHIND)
    ]
    chosen = [Piece(one.sentence) for one in likely]
    return [*chosen[:1], *_in_order(chosen[1:])]


def _timeline(view: View, candidates: Sequence[Candidate]) -> list[Piece]:
    dated: list[tuple[tuple[int, int, int], str, Piece]] = []
    by_date = [likelier(one, _SAYS_WHEN) if _moment(view, one) else one for one in candidates]
    chosen = likeliest(by_date, _MOST_MOMENTS, _LIKELY_MOMENT, fewest=_FEWEST_MOMENTS)
    for one in chosen:
        sentence = one.sentence
        written = view.index.documents[sentence.path].metadata.date
        named = _moment(view, one)
        if named is not None:
            words = sentence.text[named.start : named.end]
            # "Im nächsten Jahr" is another year in each article.
            label = f"{words} ({named.year})" if named.relative and written else words
            day = named.year, named.month, named.day
            dated.append((day, label, Piece(sentence, label, ((named.start, named.end),))))
        elif written:
            year, month, day_of_month = map(int, written.split("-"))
            dated.append(((year, month, day_of_month), written, Piece(sentence, written)))
        else:
            dated.append(((9999, 0, 0), "", Piece(sentence)))
    ordered = sorted(dated, key=lambda one: (one[0], one[1], one[2].sentence.path, one[2].sentence.start))
    # What has one label is one group, at its first time.
    labels = list(dict.fromkeys(label for _, label, _ in ordered))
    return [piece for wanted in labels for _, label, piece in ordered if label == wanted]


def _moment(view: View, one: Candidate) -> Moment | None:
    return moment(one.sentence.text, view.index.documents[one.sentence.path].metadata.date)


def _in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Return sentences as one reads them: articles by their nearest sentence, each article's in reading order."""
    paths = paths_of(sorted(pieces, key=lambda one: -one.sentence.score))
    return sorted(pieces, key=lambda one: (paths.index(one.sentence.path), one.sentence.start))
