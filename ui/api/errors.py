"""Report errors in the one form that programs read: status, one line, the field, a code."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from index.errors import BusyError, CorpusError, QuestionError, RagError
from ui.render.failures import RequestError, explain
from ui.render.texts import texts_for
from ui.server.rates import TooManyQuestionsError
from ui.server.routes import problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from fastapi import FastAPI
    from starlette.requests import Request

_LOG = logging.getLogger(__name__)
_UNFORESEEN = "Something went wrong; the log says what and where."
_NOTHING = "There is nothing here."
# By the class of the error; the first match counts.
_KINDS: tuple[tuple[type[RagError], int, str], ...] = (
    (TooManyQuestionsError, 429, "rate_limit_exceeded"),
    (BusyError, 503, "busy"),
    (QuestionError, 400, "invalid_question"),
    (RequestError, 400, "invalid_request"),
    (CorpusError, 404, "not_found"),
)
_UNAVAILABLE = (503, "unavailable")


class RefusedError(Exception):
    """
    A request that cannot be answered, for a reason that a program should be told exactly.

    Parameters
    ----------
    message
        One line.
    status
        HTTP status.
    param
        The field of the request.
    code
        Error code for programs.

    """

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.param = param
        self.code = code


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it is reported: status, body, and headers in addition to those of every answer."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


def told(error: BaseException, *, shared: bool, language: str = "en") -> Told:
    """
    Return how an error is reported.

    Parameters
    ----------
    error
        A `RefusedError` or a `RagError` is explained; of any other error only the log has the kind and place.
    shared
        Whether people other than this machine's own users may read it, see `ui.render.failures.explain`.
    language
        Value of the header ``Accept-Language``.

    """
    if isinstance(error, RefusedError):
        return Told(error.status, problem(error.status, error.message, param=error.param, code=error.code), {})
    if not isinstance(error, RagError):
        place = traceback.extract_tb(error.__traceback__)
        where = f"{place[-1].filename}, line {place[-1].lineno}" if place else "no place"
        _LOG.error("a request failed: %s in %s", type(error).__name__, where)
        return Told(500, problem(500, _UNFORESEEN), {})
    status, code = next(((status, code) for kind, status, code in _KINDS if isinstance(error, kind)), _UNAVAILABLE)
    failure = explain(error, texts_for(language), shared=shared)
    words = failure.detail or f"{failure.state} {failure.remedy}".strip()
    headers = {"retry-after": str(error.seconds)} if isinstance(error, TooManyQuestionsError) else {}
    return Told(status, problem(status, words, code=code), headers)


def unfit(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the report on a request of the wrong form: the first field at fault, and what it must be."""
    first = errors[0]
    kind, message = str(first["type"]), str(first["msg"])
    # The first part tells where the field was sent: "body", "query" or "path".
    place = [str(part) for part in first["loc"][1:]]
    if kind == "json_invalid":
        return problem(400, "The request is not valid JSON.")
    if kind == "extra_forbidden":  # its name was chosen by the sender, so it is not repeated
        where = ".".join(place[:-1])
        return problem(400, f"There is no such field{f' in `{where}`' if where else ''}.", param=where or None)
    name = ".".join(place)
    if not name:
        return problem(400, "The request is not a JSON object, or it is empty.")
    words = "It is missing." if kind == "missing" else f"{message.removeprefix('Value error, ').rstrip('.')}."
    return problem(400, f"`{name}` cannot be used. {words}", param=name)


def register(api: FastAPI, *, shared: bool) -> None:
    """Let an application report all errors in this form."""

    async def say(request: Request, error: Exception) -> JSONResponse:
        said = told(error, shared=shared, language=request.headers.get("accept-language", "en"))
        return JSONResponse(said.body, said.status, said.headers)

    async def say_unfit(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
        return JSONResponse(unfit(error.errors()), 400)

    async def say_status(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        words = _NOTHING if error.status_code == 404 else "There is no such method."
        return JSONResponse(problem(error.status_code, words), error.status_code, error.headers)

    async def say_failed(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse(problem(500, _UNFORESEEN), 500)  # raised again after this, and `ui.server.safety` logs it

    api.add_exception_handler(RefusedError, say)
    api.add_exception_handler(RagError, say)
    api.add_exception_handler(RequestValidationError, say_unfit)
    api.add_exception_handler(HTTPException, say_status)
    api.add_exception_handler(Exception, say_failed)
