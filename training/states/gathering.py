"""What the language model's states are of the questions of bundles, and what the small reader says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from index.text.language import detect
from rag.composing.bearing import weighed
from rag.composing.pieces import near
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.grounding.state_reader.probe import pooled
from rag.grounding.state_reader.prompt import chosen, prompt
from rag.pipeline.stages import bearings_of
from rag.types import Query
from training.open.gathering import indexed, is_at

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from rag import RAG
    from rag.inference.generation.openvino import OpenVinoEngine
    from rag.kinds import Kind
    from rag.types import EvidenceSentence
    from training.open.bundles import Asked, Bundle

KINDS_OF_SETS = ("explanation", "list", "comparison", "timeline")
QUESTIONS_IN_A_FILE = 8


def gather(bundle: Bundle, folder: Path, models: RAG, engine: OpenVinoEngine) -> None:
    """
    Write the rows of a bundle's open questions, save for summaries of one article, to ``NAME.npz``.

    Parameters
    ----------
    bundle
        One that the small reader did not learn from: elsewhere it is too sure.
    folder
        Where rows, articles and indexes are kept.
    models
        Lends its embedding model.
    engine
        The language model.

    """
    rag = indexed(bundle, folder / "bundles", models._the_embedder())
    kept: dict[str, NDArray[Any]] = {}
    asked = [one for one in bundle.questions if one.article is None]
    for number, one in enumerate(asked):
        for name, values in _rows(rag, models, engine, bundle, one).items():
            kept[f"{number}.{name}"] = values
    np.savez(folder / f"{bundle.name}.npz", **kept)  # type: ignore[arg-type]


def gather_set(file: Path, folder: Path, rag: RAG, engine: OpenVinoEngine) -> None:
    """
    Write what is said of the whole of each open question of a set, to ``set-NAME-NUMBER.npz``.

    Parameters
    ----------
    file
        A set in the native form, for tuning, on the articles of ``rag``. What it lacks an answer for lies further from its
        articles than in the bundles.
    folder
        Where rows are kept.
    rag
        With the default models.
    engine
        The language model.

    """
    asked = [one for one in prepare(rag, load(file)).questions if one.kind in KINDS_OF_SETS and not one.history]
    for begin in range(0, len(asked), QUESTIONS_IN_A_FILE):
        kept: dict[str, NDArray[Any]] = {}
        for number, one in enumerate(asked[begin : begin + QUESTIONS_IN_A_FILE]):
            found = _read(rag, rag, engine, one.question, cast("Kind", one.kind))
            kept |= {f"{number}.{name}": values for name, values in found.whole().items()}
            kept[f"{number}.points"] = np.zeros((0, int(one.answerable)), dtype=bool)
        np.savez(folder / f"set-{file.stem}-{begin // QUESTIONS_IN_A_FILE}.npz", **kept)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Found:
    """What both readers say of a question."""

    kind: Kind
    sentences: list[EvidenceSentence]
    chances: list[float]
    answers: float
    read: list[int]
    states: list[NDArray[np.float32]]

    def whole(self) -> dict[str, NDArray[Any]]:
        """Return what is said of the whole, and nothing of sentences."""
        return {
            "kind": np.array(self.kind),
            "sentences": np.zeros((0, self.states[-1].shape[-1]), dtype=np.float16),
            "whole": self.states[-1].astype(np.float16),
            "read": np.zeros(0, dtype=np.int64),
            "chances": np.zeros(0),
            "answers": np.array(self.answers),
        }


def _read(rag: RAG, models: RAG, engine: OpenVinoEngine, question: str, kind: Kind) -> _Found:
    query, view = Query(question, question, detect(question)), rag._view()
    retriever, reader = rag._pipeline.retriever, models._pipeline.reader
    found = near(view, query, restrict=None, retriever=retriever)
    likely = weighed(found, query, lambda asked, sentences: bearings_of(reader, asked, sentences))
    sentences, chances = [one.sentence for one in likely.candidates], [one.chance for one in likely.candidates]
    read = chosen(chances, sentences)
    given = prompt(query.standalone, kind, [sentences[number] for number in read])
    states = engine.states(given.parts)
    if states is None or likely.answers is None:
        raise RuntimeError("The probes are made with the default models.")
    ends = [pooled(states[number]) for number in given.sentences]
    return _Found(kind, sentences, chances, likely.answers, read, [*ends, pooled(states[-1][-1:])])


def _rows(rag: RAG, models: RAG, engine: OpenVinoEngine, bundle: Bundle, asked: Asked) -> dict[str, NDArray[Any]]:
    found = _read(rag, models, engine, asked.question, asked.kind)
    points = [[any(is_at(bundle, key, one) for key in point) for point in asked.points] for one in found.sentences]
    return {
        **found.whole(),
        "sentences": np.array(found.states[:-1], dtype=np.float16),
        "read": np.array(found.read),
        "chances": np.array(found.chances),
        "points": np.array(points, dtype=bool).reshape(len(found.sentences), len(asked.points)),
    }
