"""Gather what the language model's lower layers compute for the questions of bundles and their candidate sentences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from index.text.language import detect
from rag.composing.bearing import weighed
from rag.composing.pieces import near
from rag.grounding.state_reader.prompt import chosen, prompt
from rag.pipeline.stages import bearings_of
from rag.types import Query
from training.adapting.default_model import halved
from training.open.gathering import indexed, is_at

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG
    from rag.inference.generation.openvino import OpenVinoEngine
    from rag.kinds import Kind
    from rag.types import EvidenceSentence
    from training.open.bundles import Bundle


@dataclass(frozen=True, slots=True)
class Found:
    """
    The candidate sentences for an answer.

    Parameters
    ----------
    question
        As it was searched for.
    sentences, chances
        The nearest sentences, and the small reader's probability that each bears on the question.
    answers
        The small reader's probability that the articles answer.
    read
        Numbers of the sentences that the language model reads.

    """

    question: str
    sentences: list[EvidenceSentence]
    chances: list[float]
    answers: float
    read: list[int]


def found(rag: RAG, models: RAG, question: str) -> Found:
    """
    Search as the program does for an answer of several sentences.

    Parameters
    ----------
    rag
        The program on the articles.
    models
        Provides the small reader.
    question
        A question that stands alone.

    """
    query, view = Query(question, question, detect(question)), rag._view()
    retriever, reader = rag._pipeline.retriever, models._pipeline.reader
    likely = weighed(
        near(view, query, restrict=None, retriever=retriever),
        query,
        lambda asked, sentences: bearings_of(reader, asked, sentences),
    )
    if likely.candidates and likely.answers is None:
        raise RuntimeError("The default embedding model is wanted, and its small reader.")
    sentences, chances = [one.sentence for one in likely.candidates], [one.chance for one in likely.candidates]
    return Found(query.standalone, sentences, chances, likely.answers or 0.0, chosen(chances, sentences))


def gather(bundle: Bundle, folder: Path, models: RAG, engine: OpenVinoEngine) -> None:
    """
    Write the input of the adapted layers for a bundle's open questions, except for summaries of one article.

    Parameters
    ----------
    bundle
        Any, even one that the small reader learnt from: the adapted layers do not see what the small reader says.
    folder
        Receives one file per question, ``NAME-NUMBER.npz``, see `training.states.learning.Example`. A megabyte and a
        half each.
    models
        Provides the embedding model and the small reader.
    engine
        The language model.

    """
    rag = indexed(bundle, folder / "bundles", models._the_embedder())
    for number, asked in enumerate(one for one in bundle.questions if one.article is None):
        file = folder / f"{bundle.name}-{number}.npz"
        if file.exists():
            continue
        some = found(rag, models, asked.question)
        if not some.read:
            continue
        sentences = [some.sentences[one] for one in some.read]
        states, spans = _read(engine, some.question, asked.kind, sentences)
        bears = [any(is_at(bundle, key, one) for point in asked.points for key in point) for one in sentences]
        kept = {
            "states": states,
            "sentences": spans,
            "bears": np.array(bears),
            "answerable": np.array(bool(asked.points)),
        }
        unfinished = file.with_suffix(".tmp")
        with unfinished.open("wb") as stream:
            np.savez(stream, **kept)  # type: ignore[arg-type]
        unfinished.rename(file)


def _read(
    engine: OpenVinoEngine, question: str, kind: Kind, sentences: list[EvidenceSentence]
) -> tuple[np.ndarray, np.ndarray]:
    given = prompt(question, kind, sentences)
    with engine.lock:
        model = engine._loaded()
        parts = [engine.tokens(part) for part in given.parts]
        states = model.states_below([token for part in parts for token in part])
        model.reset()
        engine.forget()
    ends = list(accumulate(map(len, parts)))
    spans = [(ends[part] - len(parts[part]), ends[part]) for part in given.sentences]
    return halved(states), np.array(spans).reshape(-1, 2)
