"""Read what an answer is to be restricted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from index.errors import RagError
from rag.types import Collection, Filter

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_filter(given: Filter | Mapping[str, str] | None) -> Filter | None:
    """Return a filter as such; raises `RagError` where it names something that cannot be filtered by."""
    if given is None or isinstance(given, Filter):
        return given
    if unknown := set(given) - {"source", "since", "until", "collection"}:
        hint = "Filter by source, since, until or collection."
        raise RagError(f"There is no filter {', '.join(sorted(unknown))}.", hint=hint)
    collection = cast("Collection", given.get("collection", "articles"))  # looked at in `collection_of`
    return Filter(
        source=given.get("source", ""),
        since=given.get("since", ""),
        until=given.get("until", ""),
        collection=collection,
    )


def collection_of(restrict: Filter | None) -> Collection:
    """Return which collection a filter asks; raises `RagError` where there is none of that name."""
    collection = "articles" if restrict is None else restrict.collection
    if collection not in get_args(Collection):
        hint = f"It is one of {', '.join(get_args(Collection))}."
        raise RagError(f"There is no collection {collection}.", hint=hint)
    return collection
