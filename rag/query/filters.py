"""Read what an answer is to be restricted to."""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING, cast, get_args

from index.errors import RagError
from index.text import spelling
from rag.limits import LONGEST_FILTER
from rag.types import Collection, Filter

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_filter(given: Filter | Mapping[str, str] | None) -> Filter | None:
    """Return a filter as such; raises `RagError` where it names what cannot be filtered by, or a day that is none."""
    if given is None:
        return None
    if isinstance(given, Filter):
        _check_source(given.source)
        return given
    if unknown := set(given) - {"source", "since", "until", "collection"}:
        hint = "Filter by source, since, until or collection."
        raise RagError(f"There is no filter {', '.join(sorted(unknown))}.", hint=hint)
    _check_source(given.get("source", ""))
    for name in ("since", "until"):
        _check_date(name, given.get(name, ""))
    collection = cast("Collection", given.get("collection", "articles"))  # looked at in `collection_of`
    return Filter(
        source=given.get("source", ""),
        since=given.get("since", ""),
        until=given.get("until", ""),
        collection=collection,
    )


def folded(text: str) -> str:
    """Return the form in which names are compared: whatever the case, and however an umlaut is put together."""
    return spelling.composed(spelling.composed(text).casefold())


@functools.lru_cache(maxsize=64)
def composed(paths: frozenset[str]) -> frozenset[str]:
    """Return paths with each umlaut as one character; some file systems take them apart."""
    return frozenset(spelling.composed(path) for path in paths)


def _check_source(name: str) -> None:
    if len(name) > LONGEST_FILTER:
        raise RagError(
            f"The source to filter by has {len(name)} characters, more than {LONGEST_FILTER}.",
            hint="Give the name of one source.",
        )


def _check_date(name: str, day: str) -> None:
    # Days are compared as texts, so the form must be this one.
    try:
        written = date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        written = None
    if written != day:
        raise RagError(f"{name}: {day} is no date.", hint="Write it as YYYY-MM-DD.")


def collection_of(restrict: Filter | None) -> Collection:
    """Return which collection a filter asks; raises `RagError` where there is none of that name."""
    collection = "articles" if restrict is None else restrict.collection
    if collection not in get_args(Collection):
        hint = f"It is one of {', '.join(get_args(Collection))}."
        raise RagError(f"There is no collection {collection}.", hint=hint)
    return collection
