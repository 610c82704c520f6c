"""Collect settings from arguments and environment variables, whose names do not contain the stages."""

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
# Read by other parts (the page, the models' cache, a vector store), or set by a cluster for a service named "rag".
_OTHERS = re.compile(r"(UI_\w+|USERS|MODEL_CACHE|STORE_TOKEN|SERVICE_\w+|PORT(_\w+)?)")


def by_name(variables: Mapping[str, str | None], names: Iterable[str]) -> dict[str, str]:
    """Return the values of environment variables, which are given by lower-case names, by the names of settings."""
    found = {name: variables.get(f"{PREFIX}{name}".lower()) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def by_stage(values: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Group settings by stage, and name each as in its stage."""
    own = {place: name for name, place in places.items()}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in places:
            found.setdefault(places[name][0], {})[name] = value
        elif isinstance(value, BaseModel | Mapping):
            # A whole stage: settings that it does not contain keep their defaults, unless they are given separately.
            given = value.model_dump() if isinstance(value, BaseModel) else value
            found[name] = {own.get((name, key), key): one for key, one in given.items()} | found.get(name, {})
        else:
            found[name] = value
    return found


def warn_of_unknown(known: Iterable[str]) -> None:
    """Warn once of each variable that looks like a setting but is none, and name the nearest setting."""
    names = [f"{PREFIX}{name.upper()}" for name in known]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in names and not _OTHERS.fullmatch(name[4:].upper()):
            _warn(name, next(iter(get_close_matches(name.upper(), names, 1, 0)), ""))


@cache
def _warn(name: str, nearest: str) -> None:
    _LOG.warning("%s is not a setting and has no effect; the most similar setting is %s.", escaped(name), nearest)
