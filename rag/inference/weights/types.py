"""The frozen values that leave `rag.inference.weights`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["embedding", "llm"]
Engine = Literal["sentence_transformers", "openvino", "ctranslate2", "llama_cpp", "transformers", "openai"]
Runtime = Literal["openvino", "ctranslate2"]
"""What can run the default language model: each wants its weights in a form of its own."""


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """
    A model that can be loaded now.

    Parameters
    ----------
    name
        As in the catalogue, or as the user wrote it (of a URL: without credentials).
    engine
        What runs it.
    location
        A folder or file, or the URL of an OpenAI-compatible server. A hub id has been resolved to the
        folder of its snapshot, so that loading needs no hub. A URL is whole, credentials included.
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
    What `rag models` says about one model of the catalogue.

    Parameters
    ----------
    name, kind, licence
        As in the catalogue.
    source
        Whose model it is and how it travels.
    default
        Whether the program uses it when nothing is set.
    present
        Whether everything the engine needs lies in the cache.
    verified
        True or False after the files were compared with their SHA-256 in this call; None where they were
        not read, because they are missing or because size and date are those of an earlier verification.
    bytes_on_disk
        What it takes up, leftovers of an interrupted fetch included.
    path
        Its folder in the cache, whether it exists or not.
    problem
        What is missing or damaged, in one line; empty where all is well.
    vouched
        Who says what the files must be: the ``catalogue`` (files as they were fetched), this ``program`` (it knows what
        the conversion makes), or only the ``record`` beside them (made on this machine, and unchanged since). Empty
        where there are none, or damaged ones.

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
