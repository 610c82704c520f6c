"""Read the filter that restricts an answer."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from index.collections.registry import ALL, ARTICLES, UPLOADS
from index.errors import RagError
from index.text import spelling
from rag.limits import LONGEST_FILTER
from rag.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def read_filter(given: Filter | Mapping[str, str] | None) -> Filter | None:
    """Return what was given as a `Filter`; raise `RagError` if a name of it is unknown or a date is not valid."""
    if given is None:
        return None
    if isinstance(given, Filter):
        _check_source(given.source)
        return replace(given, collection=",".join(_names_in(given.collection)))
    if unknown := set(given) - {"source", "since", "until", "collection"}:
        hint = "Filter by source, since, until or collection."
        raise RagError(f"There is no filter {', '.join(sorted(unknown))}.", hint=hint)
    _check_source(given.get("source", ""))
    for name in ("since", "until"):
        _check_date(name, given.get(name, ""))
    return Filter(
        source=given.get("source", ""),
        since=given.get("since", ""),
        until=given.get("until", ""),
        collection=",".join(_names_in(given.get("collection", ARTICLES))),
    )


def folded(text: str) -> str:
    """Return the form in which names are compared, whatever their case and however an umlaut is composed."""
    return spelling.composed(spelling.composed(text).casefold())


@functools.lru_cache(maxsize=64)
def composed(paths: frozenset[str]) -> frozenset[str]:
    """Return paths with each umlaut as one character; some file systems decompose them."""
    return frozenset(spelling.composed(path) for path in paths)


def _check_source(name: str) -> None:
    if len(name) > LONGEST_FILTER:
        raise RagError(
            f"The source to filter by has {len(name)} characters, more than {LONGEST_FILTER}.",
            hint="Give the name of one source.",
        )


def _check_date(name: str, day: str) -> None:
    # Days are compared as texts, so they must have exactly this form.
    try:
        written = date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        written = None
    if written != day:
        raise RagError(f"{name}: {day} is not a date.", hint="Write it as YYYY-MM-DD.")


def collections_of(restrict: Filter | None) -> tuple[str, ...]:
    """
    Return the names of the collections that a filter asks for; whether they exist is checked when they are opened.

    Returns
    -------
    The articles first, the user's own files last, each once; ``all`` stands alone.

    Raises
    ------
    RagError
        A name is empty.

    """
    return (ARTICLES,) if restrict is None else _names_in(restrict.collection)


def without_own(collection: str, named: Sequence[str]) -> str:
    """
    Return the collections to search if there is no user with own files; empty if only own files were asked for.

    Parameters
    ----------
    collection
        As in `rag.types.Filter`.
    named
        The named collections that exist; ``all`` includes them.

    """
    names = _names_in(collection)
    return ",".join((ARTICLES, *named) if names == (ALL,) else [name for name in names if name != UPLOADS])


def joined(names: Iterable[str]) -> str:
    """Return collections in the form of `rag.types.Filter`; the articles if there are none."""
    return ",".join(_names_in(",".join(names) or ARTICLES))


def _names_in(collection: str) -> tuple[str, ...]:
    if len(collection) > LONGEST_FILTER:
        raise RagError(f"The collections have more than {LONGEST_FILTER} characters.", hint="Name fewer.")
    names = dict.fromkeys(name.strip() for name in collection.split(","))
    if "" in names:
        raise RagError(
            f"There is no collection without a name in {collection!r}.", hint="Write articles, or articles,news."
        )
    if ALL in names:
        return (ALL,)
    order = {ARTICLES: 0, UPLOADS: 2}
    return tuple(sorted(names, key=lambda name: (order.get(name, 1), name)))
