"""What the language model's states are of the questions of bundles, and what the small reader says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from index.text.language import detect
from rag.composing.bearing import weighed
from rag.composing.pieces import near
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
    from training.open.bundles import Asked, Bundle


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


def _rows(rag: RAG, models: RAG, engine: OpenVinoEngine, bundle: Bundle, asked: Asked) -> dict[str, NDArray[Any]]:
    query, view = Query(asked.question, asked.question, detect(asked.question)), rag._view()
    retriever, reader = rag._pipeline.retriever, models._pipeline.reader
    found = near(view, query, restrict=None, retriever=retriever)
    likely = weighed(found, query, lambda asked, sentences: bearings_of(reader, asked, sentences))
    sentences = [one.sentence for one in likely.candidates]
    read = chosen([one.chance for one in likely.candidates], sentences)
    given = prompt(query.standalone, asked.kind, [sentences[number] for number in read])
    states = engine.states(given.parts)
    if states is None or likely.answers is None:
        raise RuntimeError("The probes are made with the default models.")
    points = [[any(is_at(bundle, key, one) for key in point) for point in asked.points] for one in sentences]
    return {
        "kind": np.array(asked.kind),
        "sentences": np.array([pooled(states[number]) for number in given.sentences], dtype=np.float16),
        "whole": pooled(states[-1][-1:]).astype(np.float16),
        "read": np.array(read),
        "chances": np.array([one.chance for one in likely.candidates]),
        "answers": np.array(likely.answers),
        "points": np.array(points, dtype=bool).reshape(len(sentences), len(asked.points)),
    }
