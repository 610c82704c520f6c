"""
Check the bodies of requests: each body is read whole, checked, and passed on as it was understood.

Gradio looks up functions and components by the numbers that a request names, and answers an unknown number or a value
of the wrong kind with an error of its own that shows the request. Here each kind of request has a form, and a request
that does not fit is answered with one plain line. Only what was checked is passed on.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import gradio as gr
from gradio.components.api_component import Api
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ui.limits import (
    BODIES_AT_ONCE,
    BODIES_PER_ADDRESS,
    LONGEST_BODY,
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_QUESTION_BODY,
    LONGEST_SMALL_BODY,
    MOST_VALUES,
)
from ui.server.asking import address_in
from ui.server.routes import Routes, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/gradio_api"
CHAT = "chat"
_AT_ONCE_BYTES = 100_000  # a longer body is checked in a thread, so that others are answered meanwhile
_NAME = rf"^[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}$"
Name = Annotated[str, Field(pattern=_NAME)]
_JOIN = f"{API}/queue/join"
_NO_OBJECT = "The request is not a JSON object."
_TOO_LONG = "The request is too long."
_NO_FUNCTION = "There is no such function."
_Reader = Callable[[dict[str, Any]], BaseModel]


class OddError(Exception):
    """
    A request that cannot be used.

    Parameters
    ----------
    words
        The reason, in one line that repeats nothing from the request.
    status
        HTTP status.

    """

    def __init__(self, words: str, status: int = 422) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class _Values(_Form):
    data: Annotated[list[Any], Field(max_length=MOST_VALUES)]


class _Asked(_Values):
    session_hash: Name | None = None


class _Joined(_Values):
    session_hash: Name
    fn_index: int
    trigger_id: int | None = None


class _Cancelled(_Form):
    session_hash: Name
    fn_index: int
    event_id: Name


class _Reset(_Form):
    event_id: Name


class _Called(_Form):
    session_hash: Name
    component_id: int
    fn_name: Annotated[str, Field(max_length=LONGEST_NAME)]
    data: Any = None


@dataclass(frozen=True, slots=True)
class Known:
    """
    The numbers and names that a request may use.

    Parameters
    ----------
    queued, direct
        Functions by number, those that wait in a queue and those that do not, each with what its values must be:
        ``text``, ``text or nothing``, or empty if the server has the value and the request's does not count.
    named
        The same for functions that programs call by name.
    served
        Components by number, each with the names of its functions.
    triggers
        Numbers of the components that trigger a function.

    """

    queued: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    direct: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    served: Mapping[int, frozenset[str]] = field(default_factory=dict)
    triggers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, app: gr.Blocks) -> Known:
        """Read the numbers and names from an app."""
        queued: dict[int, tuple[str, ...]] = {}
        direct: dict[int, tuple[str, ...]] = {}
        named: dict[str, tuple[str, ...]] = {}
        for number, function in app.fns.items():
            kinds = tuple(_kind(component) for component in function.inputs)
            (queued if function.queue else direct)[number] = kinds
            if function.api_visibility == "public" and function.api_name:
                named[str(function.api_name)] = kinds
        served = {
            number: frozenset(function.__name__ for function in getattr(block, "server_fns", ()))
            for number, block in app.blocks.items()
        }
        return cls(
            queued,
            direct,
            named,
            {number: names for number, names in served.items() if names},
            frozenset(app.blocks),
        )


def _kind(component: Any) -> str:
    if isinstance(component, gr.State):
        return ""
    return "text" if isinstance(component, Api) else "text or nothing"


def _checked_values(values: list[Any], kinds: tuple[str, ...]) -> list[Any]:
    if len(values) != len(kinds):
        raise OddError(f"The list `data` must have {len(kinds)} values.")
    checked = []
    for number, (value, kind) in enumerate(zip(values, kinds, strict=True), start=1):
        if kind and not (isinstance(value, str) or (value is None and kind != "text")):
            raise OddError(f"Value {number} of the list `data` must be text.")
        checked.append(value if kind else None)
    return checked


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise OddError("The request has a number that is too large.")
    return number


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise OddError("The request has a number that is too large.")
    return int(digits)


def _no_number(_: str) -> float:
    raise OddError("The request has a value that is not a number.")


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body, parse_float=_finite, parse_int=_whole, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise OddError("The request is not valid JSON.", 400) from error
    if not isinstance(read, dict):
        raise OddError(_NO_OBJECT, 400)
    return read


def _written(form: BaseModel) -> bytes:
    return _encoded(form.model_dump(exclude_none=True) | {"data": getattr(form, "data", None)})


def _encoded(read: dict[str, Any]) -> bytes:
    # Half a surrogate pair, left by a script that cut a text, becomes a question mark of the same length.
    return json.dumps(read, ensure_ascii=False).encode("utf-8", "replace")


class Bodies:
    """
    An ASGI middleware that checks bodies.

    Parameters
    ----------
    app
        Receives the checked requests.
    known
        The functions and components that can be called.
    routes
        Those for programs; their handlers have forms of their own, and get valid JSON in any case.
    unread
        Paths whose bodies are counted like all others but passed on unchanged.

    """

    def __init__(
        self, app: ASGIApp, *, known: Known, routes: Routes | None = None, unread: frozenset[str] = frozenset()
    ) -> None:
        self._app, self._unread = app, unread
        self._known = known
        self._routes = routes or Routes()
        self._held: Counter[str] = Counter()
        self._forms: dict[str, tuple[int, _Reader]] = {
            _JOIN: (LONGEST_QUESTION_BODY, self._join),
            f"{API}/call/{CHAT}": (LONGEST_QUESTION_BODY, self._chat),
            f"{API}/run/predict": (LONGEST_SMALL_BODY, self._predict),
            f"{API}/cancel": (LONGEST_SMALL_BODY, self._cancel),
            f"{API}/reset": (LONGEST_SMALL_BODY, _Reset.model_validate),
            f"{API}/component_server": (LONGEST_BODY, self._call),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read and check the body of a request, and pass the request on."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        path = scope["path"].rstrip("/")
        programs, unread = bool(self._routes.methods(path)), path in self._unread
        if path not in self._forms and not programs and not unread:
            await _refuse(send, path, 405, "Nothing can be sent there.", allow="GET, HEAD, OPTIONS")
            return
        most, form = (LONGEST_QUESTION_BODY, None) if programs or unread else self._forms[path]
        address, held = address_in(scope), _Held(self._held)
        try:
            _check_headers(dict(scope["headers"]), most)
            body = await _read(receive, most, lambda size: held.add(address, size))
            if body is None:  # nobody is waiting for an answer
                return
            if unread:
                await self._app(scope, again(body, receive), send)
                return
            large = len(body) > _AT_ONCE_BYTES
            passed = await asyncio.to_thread(_check, body, form) if large else _check(body, form)
            kept = [item for item in scope["headers"] if item[0] not in {b"content-type", b"content-length"}]
            headers = [*kept, (b"content-type", b"application/json"), (b"content-length", str(len(passed)).encode())]
            await self._app({**scope, "headers": headers}, again(passed, receive), send)
        except OddError as error:
            if error.status == 422 and path == _JOIN:  # Gradio's Python client shows only messages of this form
                said = {"__type__": "validate", "is_valid": False, "parameter_name": "data", "message": error.words}
                await say(send, 422, json.dumps({"detail": [said]}), "application/json")
            else:
                await _refuse(send, path, 400 if programs and error.status == 422 else error.status, error.words)
        finally:
            held.free()

    def _join(self, read: dict[str, Any]) -> BaseModel:
        return self._filled(_Joined.model_validate(read), self._known.queued)

    def _predict(self, read: dict[str, Any]) -> BaseModel:
        form = _Joined.model_validate(read)
        if form.fn_index in self._known.queued:
            raise OddError("This function is asked through the queue.", 404)
        return self._filled(form, self._known.direct)

    def _filled(self, form: _Joined, functions: Mapping[int, tuple[str, ...]]) -> BaseModel:
        if form.fn_index not in functions:
            raise OddError(_NO_FUNCTION, 404)
        if form.trigger_id is not None and form.trigger_id not in self._known.triggers:
            raise OddError("There is no such component.", 404)
        form.data = _checked_values(form.data, functions[form.fn_index])
        return form

    def _chat(self, read: dict[str, Any]) -> BaseModel:
        form = _Asked.model_validate(read)
        form.data = _checked_values(form.data, self._known.named[CHAT])
        return form

    def _cancel(self, read: dict[str, Any]) -> BaseModel:
        form = _Cancelled.model_validate(read)
        if form.fn_index not in self._known.queued:
            raise OddError(_NO_FUNCTION, 404)
        return form

    def _call(self, read: dict[str, Any]) -> BaseModel:
        form = _Called.model_validate(read)
        if form.fn_name not in self._known.served.get(form.component_id, ()):
            raise OddError(_NO_FUNCTION, 404)
        return form


def _check(body: bytes, form: _Reader | None) -> bytes:
    read = _parsed(body)
    try:
        return _encoded(read) if form is None else _written(form(read))
    except RecursionError as error:
        raise OddError("The request is nested too deeply.", 400) from error
    except ValidationError as error:
        # A location consists of the form's own field names and of item numbers, and of nothing that was sent.
        place = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"][:1])
        raise OddError(f"`{place}` is missing or has the wrong type.") from error


def _check_headers(headers: Mapping[bytes, bytes], most: int) -> None:
    kind = headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    if kind != b"application/json":
        raise OddError("The request must be JSON (Content-Type: application/json).", 415)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > LONGEST_NUMBER or int(length) > most):
        raise OddError(_TOO_LONG, 413)


class _Held:
    """Counts the bytes of a request that are in memory, together with those of all others."""

    def __init__(self, every: Counter[str]) -> None:
        self._every = every
        self._mine: Counter[str] = Counter()

    def add(self, address: str, size: int) -> None:
        self._every[address] += size
        self._mine[address] += size
        if self._every[address] > BODIES_PER_ADDRESS or self._every.total() > BODIES_AT_ONCE:
            raise OddError("Too much is being sent at once. Try again in a moment.", 429)

    def free(self) -> None:
        self._every.subtract(self._mine)
        for address in self._mine:
            if self._every[address] <= 0:
                del self._every[address]


async def _read(receive: Receive, most: int, count: Callable[[int], None]) -> bytes | None:
    """Read a body to its end; return None if the sender goes away."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        count(len(part))
        if size > most:
            raise OddError(_TOO_LONG, 413)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """Return a channel that delivers a body already read once more, and then whatever else arrives."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def say(send: Send, status: int, words: str, kind: str = "text/plain; charset=utf-8", *, allow: str = "") -> None:
    """Answer with one line; `allow` names methods that can be used instead."""
    await _send(send, status, f"{words}\n".encode(), kind, allow)


async def _refuse(send: Send, path: str, status: int, words: str, *, allow: str = "") -> None:
    """Refuse in one line, in the form that clients of this path read."""
    body, kind = refusal(path, status, words)
    await _send(send, status, body, kind, allow)


async def _send(send: Send, status: int, body: bytes, kind: str, allow: str = "") -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if allow:
        headers.append((b"allow", allow.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
