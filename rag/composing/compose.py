"""Choose the sentences that answer a question of a certain kind."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.composing.bearing import MOST_WEIGHED, alone, answered_by_both, likeliest, weighed, weighed_again
from rag.composing.central import central
from rag.composing.choosing import choose, timeline
from rag.composing.chronicle import dated
from rag.composing.extent import means_one_article
from rag.composing.persons import asks_for_persons, introducing
from rag.composing.pieces import MOST_PASSAGES, Candidate, Piece, articles, first_texts, near, of_article
from rag.composing.sides import absent, as_named, sides
from rag.composing.targets import Target, target, terms_of_subject
from rag.grounding.state_reader import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.storage.protocols import Chosen
    from rag.composing.bearing import Context, Read
    from rag.grounding.state_reader import StateReading
    from rag.kinds.types import Kind
    from rag.retrieval.protocol import Retriever
    from rag.retrieval.view import View
    from rag.types import EvidenceSentence, Filter, Query

COMPOSED: frozenset[Kind] = frozenset({"explanation", "list", "comparison", "summary", "timeline"})
"""The kinds that are answered by several sentences."""

# Number of nearest sentences the language model reads. An answer of these kinds usually spans several sentences: of
# nine such questions that the articles answer, the gate admits six after the model has read six sentences, eight after
# twelve; of five that they do not answer, in both cases only a comparison of things that stand nowhere, which is
# recognised without the gate.
_MOST_READ = 12
# For a list, a comparison and a timeline it reads the likeliest sentences, and at most this many characters: of 104 key
# points of 30 lists the twelve nearest sentences hold 64 in at most 1520 characters, the likeliest hold 64 in at most
# 1000, the eight nearest 52.
_MOST_CHARACTERS_READ = 1000
_MOST_PERSONS = 12
_MOST_POINTS = 6
_MOST_ARTICLES = 12
_MOST_EVENTS, _MOST_DATED_ARTICLES = 12, 24
# The articles speak of the subject of a summary or a timeline if a sentence is at least this near; "Worum geht es?" and
# "Was geschah wann?" are near to none.
_ABOUT_SOMETHING = 0.3
# For a list of people, an article counts if it is at least this near, as a share of the nearest article's nearness.
_AS_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Composition:
    """
    An answer of several sentences.

    Parameters
    ----------
    pieces
        The sentences in the order they are shown; those of one group follow each other.
    searched
        How many articles were searched, and how many there are.
    certain
        Whether the sources answer beyond doubt, as they do if a summary of an article is wanted.
    answers
        Otherwise the small reader's probability that they do; None if it was not asked, so that the gate decides.
    read
        The sentences that the language model reads to say whether the sources answer; empty for the nearest six.
    absent
        Sides of a comparison that no article names.
    second
        The sentences that are read a second time, in reading order; empty if there are none.
    candidates
        The sentences that can be chosen then: these, and those chosen before; nearest first.
    sides
        Sides of a comparison that articles name.

    """

    pieces: tuple[Piece, ...]
    searched: tuple[int, int]
    certain: bool = False
    answers: float | None = None
    read: tuple[EvidenceSentence, ...] = ()
    absent: tuple[str, ...] = ()
    second: tuple[EvidenceSentence, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    sides: tuple[str, ...] = ()

    @property
    def in_doubt(self) -> bool:
        """Whether the language model has to be asked whether the sources answer."""
        return self.answers is None and not self.certain


def compose(
    kind: Kind,
    query: Query,
    view: View,
    *,
    restrict: Filter | None,
    retriever: Retriever,
    scores: Read = lambda _query, _sentences: None,
    context: Context = alone,
) -> Composition:
    """
    Choose and order the sentences that answer a question.

    Parameters
    ----------
    kind
        One of `COMPOSED`.
    query, view, restrict
        The question, what is searched, and which documents count.
    retriever
        Finds passages.
    scores
        Returns what the small reader says about sentences; None if there is no reader.
    context
        Returns what has to be shown before a sentence.

    """
    paths = articles(view, restrict)
    candidates = near(view, query, restrict=restrict, retriever=retriever)
    read = tuple(one.sentence for one in candidates[:_MOST_READ])
    if kind == "summary":
        about = terms_of_subject(view, query.standalone, kind)
        meant = target(view, query, paths) if about and means_one_article(query.standalone) else Target(None)
        spoken_of = any(map(view.index.lexical.knows, about)) or _near_enough(candidates)
        if meant.path is None and about and spoken_of:
            likely = weighed(candidates, query, scores)
            pieces = choose(kind, view, likely.candidates, (), context)
            return _to_be_read_again(
                Composition(tuple(pieces), (len(paths), len(paths)), answers=likely.answers, read=read),
                likely.candidates,
            )
        return _summary(query, view, paths, meant, scores, certain=meant.named or not about)
    if kind == "list" and asks_for_persons(query.standalone):
        where = _articles_near(candidates)
        people = introducing([one for one in candidates if one.sentence.path in where], _MOST_PERSONS)
        if people:
            sentences = tuple(one.sentence for one in people)
            return Composition(tuple(map(Piece, sentences)), (len(where), len(paths)), read=sentences[:_MOST_READ])
    if kind == "timeline" and not terms_of_subject(view, query.standalone, kind) and not _near_enough(candidates):
        shown, looked = first_texts(view, paths, _MOST_DATED_ARTICLES)
        if events := dated(view, shown, _MOST_EVENTS):
            return Composition(tuple(timeline(view, events)), (looked, len(paths)), certain=True)
    texts = [one.sentence.text for one in candidates]
    names = [as_named(one, texts) for one in sides(query.standalone)] if kind == "comparison" else []
    missing = absent(names, view.index, paths) if names else ()
    there = tuple(name for name in names if name not in missing)
    likely = weighed(candidates, query, scores)
    pieces = choose(kind, view, likely.candidates, there, context) if there or not names else []
    looked = len(paths) if len(view.index.chunks) <= MOST_PASSAGES else len({one.sentence.path for one in candidates})
    # For an explanation without a small reader the language model reads six: after twelve the gate also admits two of
    # our own questions about the reason for something that did not happen.
    read = () if kind == "explanation" else _read(likely.candidates)
    composition = Composition(
        tuple(pieces),
        (looked, len(paths)),
        answers=likely.answers,
        read=read,
        absent=missing,
        sides=there,
    )
    return _to_be_read_again(composition, likely.candidates)


def rechosen(
    composition: Composition, kind: Kind, view: View, reading: StateReading, context: Context = alone
) -> Composition:
    """
    Choose once more, with what the language model's states say about ``composition.second``.

    Parameters
    ----------
    composition
        The choice without the states.
    kind, view
        As for `compose`.
    reading
        What the states say.
    context
        As for `compose`.

    """
    said = {(one.path, one.start): bears for one, bears in zip(composition.second, reading.bears, strict=True)}
    candidates = weighed_again(composition.candidates, said)
    answers = composition.answers
    return replace(
        composition,
        pieces=tuple(choose(kind, view, candidates, composition.sides, context)),
        answers=None if answers is None else answered_by_both(answers, reading.answers),
    )


def _to_be_read_again(composition: Composition, candidates: Sequence[Candidate]) -> Composition:
    """Add what is to be read a second time: nothing if there is no small reader or nothing was chosen."""
    if composition.answers is None or not composition.pieces:
        return composition
    numbers = chosen([one.chance for one in candidates], [one.sentence for one in candidates])
    second = tuple(candidates[number].sentence for number in numbers)
    known = {(one.path, one.start) for one in (*second, *(piece.sentence for piece in composition.pieces))}
    kept = tuple(one for one in candidates if (one.sentence.path, one.sentence.start) in known)
    return replace(composition, second=second, candidates=kept)


def _read(candidates: Sequence[Candidate]) -> tuple[EvidenceSentence, ...]:
    """Return the likeliest sentences, as many as the language model reads, nearest first."""
    ranked = [one.sentence for one in likeliest(candidates, _MOST_READ)]
    lengths = itertools.accumulate(len(one.text) for one in ranked)
    fitting = sum(length <= _MOST_CHARACTERS_READ for length in lengths)
    return tuple(sorted(ranked[: max(1, fitting)], key=lambda one: (-one.score, one.path, one.start)))


def _near_enough(candidates: Sequence[Candidate]) -> bool:
    """Tell whether a sentence is so near that the question is about something."""
    return bool(candidates) and candidates[0].sentence.score >= _ABOUT_SOMETHING


def _articles_near(candidates: Sequence[Candidate]) -> set[str]:
    """Return the articles about the subject of a question; all if it has none, as in "Wer wird genannt?"."""
    nearest = max((one.article for one in candidates), default=0.0)
    least = _AS_NEAR * nearest if nearest >= _ABOUT_SOMETHING else 0.0
    return {one.sentence.path for one in candidates if one.article >= least}


def _summary(query: Query, view: View, paths: Chosen, meant: Target, scores: Read, *, certain: bool) -> Composition:
    shown, looked = ([meant.path], 1) if meant.path is not None else first_texts(view, paths, _MOST_ARTICLES)
    count = max(1, len(shown))
    each, read_each = max(1, _MOST_POINTS // count), max(1, MOST_WEIGHED // count)
    sentences = {path: of_article(view, path) for path in shown}
    titles = view.index.title_vectors
    some = {path: central(sentences[path], titles[path], read_each) for path in shown}
    read = scores(query, [one.sentence for path in shown for one in some[path]])
    pieces: list[Piece] = []
    begin = 0
    for path in shown:
        end = begin + len(some[path])
        of_path, odds = (
            (sentences[path], None) if read is None else (some[path], [one.bears for one in read[begin:end]])
        )
        title, begin = view.index.documents[path].metadata.title, end
        pieces += [Piece(one.sentence, title) for one in central(of_path, titles[path], each, odds)]
    return Composition(tuple(pieces), (looked, len(paths)), certain=certain)
