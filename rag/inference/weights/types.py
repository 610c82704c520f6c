"""The immutable values that `rag.inference.weights` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["embedding", "llm"]
Engine = Literal["sentence_transformers", "openvino", "ctranslate2", "llama_cpp", "transformers", "openai"]
Runtime = Literal["openvino", "ctranslate2"]
"""The runtimes that can run the default language model; each needs its own form of the weights."""


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """
    A model that can be loaded now.

    Parameters
    ----------
    name
        As in the catalogue, or as the user wrote it (a URL without credentials).
    engine
        The engine that runs it.
    location
        A folder or file, or the URL of an OpenAI-compatible server. A hub id has been resolved to the
        folder of its snapshot, so that loading does not need the hub. A URL is complete, credentials included.
    fingerprint
        Changes exactly when the weights do: name and SHA-256, hub id and revision, or the URL without
        credentials.
    licence
        SPDX identifier, or ``unknown``.

    """

    name: str
    engine: Engine
    location: str
    fingerprint: str
    licence: str = "unknown"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """
    What `rag models` reports about one model of the catalogue.

    Parameters
    ----------
    name, kind, licence
        As in the catalogue.
    source
        Its publisher, and the packages that carry its files.
    default
        Whether the program uses it by default.
    present
        Whether everything that the engine needs is in the cache.
    verified
        Result of comparing the files with their SHA-256 in this call; None if they were not read, because they are
        missing or because size and date are those of an earlier verification.
    bytes_on_disk
        Space that it takes up, leftovers of an interrupted fetch included.
    path
        Its folder in the cache, whether it exists or not.
    problem
        What is missing or damaged, in one line; empty if nothing is.
    vouched
        What confirms that the files are right: the ``catalogue`` (files as they were fetched), this ``program`` (which
        knows the results of the conversion), or only the ``record`` beside them (made on this machine and unchanged
        since). Empty if there are no files, or damaged ones.

    """

    name: str
    kind: Kind
    licence: str
    source: str
    default: bool
    present: bool
    verified: bool | None
    bytes_on_disk: int
    path: Path
    problem: str = ""
    vouched: Literal["catalogue", "program", "record", ""] = ""
