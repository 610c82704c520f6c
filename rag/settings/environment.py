"""Where settings come from: arguments and environment variables, whose names say nothing of the stages."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from index.printable import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    Places = Mapping[str, tuple[str, str]]

PREFIX = "RAG_"
_LOG = logging.getLogger(__name__)
# What others read: the page, the models' cache, a vector store; and what a cluster sets by itself for a service that is called "rag".
_OTHERS = re.compile(r"(UI_\w+|USERS|MODEL_CACHE|STORE_TOKEN|SERVICE_\w+|PORT(_\w+)?)")


def by_name(variables: Mapping[str, str | None], names: Iterable[str]) -> dict[str, str]:
    """Return the values of environment variables, whose names are in small letters, by the names of settings."""
    found = {name: variables.get(f"{PREFIX}{name}".lower()) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def by_stage(values: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Return settings with those of each stage together, under their own names."""
    own = {place: name for name, place in places.items()}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in places:
            found.setdefault(places[name][0], {})[name] = value
        elif isinstance(value, BaseModel | Mapping):
            # As a whole: what is not said in it is as it is by default, but for what is said beside it.
            given = value.model_dump() if isinstance(value, BaseModel) else value
            found[name] = {own.get((name, key), key): one for key, one in given.items()} | found.get(name, {})
        else:
            found[name] = value
    return found


def warn_of_unknown(known: Iterable[str]) -> None:
    """Say of each variable that looks like a setting and is none which one comes nearest, once."""
    names = [f"{PREFIX}{name.upper()}" for name in known]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in names and not _OTHERS.fullmatch(name[4:].upper()):
            _warn(name, next(iter(get_close_matches(name.upper(), names, 1, 0)), ""))


@cache
def _warn(name: str, nearest: str) -> None:
    _LOG.warning("%s is no setting and does nothing; the nearest one is %s.", escaped(name), nearest)
