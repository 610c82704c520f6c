"""
Stages that other packages provide.

A package names them in its metadata, in the group of the stage, such as ``quellentreu.retriever``::

    [project.entry-points."quellentreu.retriever"]
    newest = "my_package:make_newest"

The callable named there is called with the `rag.settings.Settings` and returns the stage. The setting
``RAG_RETRIEVER=newest`` chooses it.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from index.errors import RagError

if TYPE_CHECKING:
    from rag.settings import Settings

STAGES = ("rewriter", "splitter", "retriever", "selector", "gate", "generator", "verifier", "presenter", "translator")
GROUP = "quellentreu"


def plugged_in(settings: Settings) -> dict[str, Any]:
    """
    Return the stages that the settings name, by the names of `rag.pipeline.Pipeline`'s fields.

    Raises
    ------
    RagError
        No installed package provides a stage of that name, or the stage cannot be loaded.

    """
    return {stage: _load(stage, name, settings) for stage in STAGES if (name := getattr(settings.stages, stage))}


def _load(stage: str, name: str, settings: Settings) -> Any:
    group = f"{GROUP}.{stage}"
    found = entry_points(group=group, name=name)
    if not found:
        known = ", ".join(sorted(one.name for one in entry_points(group=group))) or "none"
        raise RagError(
            f"RAG_{stage.upper()}={name}: no installed package provides this {stage}.",
            hint=f"Packages register theirs as entry points of the group {group}; available: {known}.",
        )
    try:
        return next(iter(found)).load()(settings)
    except Exception as error:  # whatever it is, it is that package's fault
        raise RagError(
            f"RAG_{stage.upper()}={name}: the {stage} cannot be loaded ({type(error).__name__}: {error}).",
            hint="Repair the package that provides it, or leave the setting out.",
        ) from error
