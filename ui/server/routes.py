"""
The routes for programs: what stands before the app lets through, and checks, whatever is in this table.

It is read from the application that answers them, so that a route which is added there is known here, and in the tests
that knock at every route, without being named twice.
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
"""What begins so is for programs; refusals there have the form that these read, whether there is a route or not."""
# Of the OpenAI protocol, by status; what is not named here is the request's own fault.
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
        As the application has it, with names in braces for what may vary.
    pattern
        Matches it.
    methods
        Of HTTP, in capitals.

    """

    path: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


@dataclass(frozen=True, slots=True)
class Routes:
    """
    All of them.

    Parameters
    ----------
    table
        None by default.

    """

    table: tuple[Route, ...] = ()

    @classmethod
    def of(cls, routes: Iterable[BaseRoute]) -> Routes:
        """Read them from an application's own."""
        found = []
        for one in routes:
            if not isinstance(one, StarletteRoute):
                raise TypeError(f"{one} is no plain route, so that nothing could stand before it")
            found.append(Route(one.path, compile_path(one.path)[0], frozenset(one.methods or ())))
        return cls(tuple(found))

    def methods(self, path: str) -> frozenset[str]:
        """Return the methods of all routes that a path belongs to; none where it belongs to none."""
        return frozenset(method for one in self.table if one.pattern.fullmatch(path) for method in one.methods)


def is_for_programs(path: str) -> bool:
    """Tell whether an address is one of those for programs, be there a route or not."""
    return any(path == root or path.startswith(f"{root}/") for root in PROGRAMS)


def problem(status: int, message: str, *, param: str | None = None, code: str | None = None) -> dict[str, object]:
    """
    Return a refusal in the form of the OpenAI protocol.

    Parameters
    ----------
    status
        Of HTTP; says the type, and the code where none is given.
    message
        One line that repeats nothing of the request.
    param
        The field of the request that cannot be used.
    code
        For programs.

    """
    kind = "server_error" if status >= _SERVER else _TYPES.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status)}}


def refusal(path: str, status: int, words: str) -> tuple[bytes, str]:
    """Return body and content type of a refusal, as whoever asks there reads it."""
    if is_for_programs(path):
        return json.dumps(problem(status, words), ensure_ascii=False).encode(), "application/json"
    return f"{words}\n".encode(), "text/plain; charset=utf-8"
