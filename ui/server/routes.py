"""
The table of routes for programs: the checks in front of the app let these through and check them.

The table is read from the application that answers the routes, so that a route added there is known here, and in the
tests that try every route, without being named twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route as StarletteRoute
from starlette.routing import compile_path

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from starlette.routing import BaseRoute

PROGRAMS = ("/v1", "/api")
"""Path prefixes for programs; refusals under them have the form that programs read, whether a route exists or not."""
# Error types of the OpenAI protocol by status; any other status is the request's own fault.
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 404: "not_found", 413: "request_too_large", 429: "rate_limit_exceeded"}
_SERVER = 500


@dataclass(frozen=True, slots=True)
class Route:
    """
    A route for programs.

    Parameters
    ----------
    path
        As in the application, with names in braces for variable parts.
    pattern
        Matches it.
    methods
        HTTP methods, in capitals.

    """

    path: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


@dataclass(frozen=True, slots=True)
class Routes:
    """
    All routes for programs.

    Parameters
    ----------
    table
        The routes; empty by default.

    """

    table: tuple[Route, ...] = ()

    @classmethod
    def of(cls, routes: Iterable[BaseRoute]) -> Routes:
        """Read the table from an application's routes."""
        found = []
        for one in routes:
            if not isinstance(one, StarletteRoute):
                raise TypeError(f"{one} is no plain route, so that nothing could stand before it")
            found.append(Route(one.path, compile_path(one.path)[0], frozenset(one.methods or ())))
        return cls(tuple(found))

    def methods(self, path: str) -> frozenset[str]:
        """Return the methods of all routes that a path matches; empty if it matches none."""
        return frozenset(method for one in self.table if one.pattern.fullmatch(path) for method in one.methods)


def is_for_programs(path: str) -> bool:
    """Tell whether an address is for programs, whether a route exists or not."""
    return any(path == root or path.startswith(f"{root}/") for root in PROGRAMS)


def problem(status: int, message: str, *, param: str | None = None, code: str | None = None) -> dict[str, object]:
    """
    Return a refusal in the form of the OpenAI protocol.

    Parameters
    ----------
    status
        HTTP status; determines the type, and the code if none is given.
    message
        One line that repeats nothing from the request.
    param
        The field of the request that cannot be used.
    code
        Error code for programs.

    """
    kind = "server_error" if status >= _SERVER else _TYPES.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}}


def refusal(path: str, status: int, words: str) -> tuple[bytes, str]:
    """Return body and content type of a refusal, in the form that clients of this path read."""
    if is_for_programs(path):
        return json.dumps(problem(status, words), ensure_ascii=False).encode(), "application/json"
    return f"{words}\n".encode(), "text/plain; charset=utf-8"
