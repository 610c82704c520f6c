"""Send one request to one machine, with limits on bytes and seconds, and without following redirects."""

from __future__ import annotations

import socket
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from rag.adding.types import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.adding.addresses import Target

_CONNECT = 15.0  # seconds
_SILENCE = 20.0  # seconds without a byte
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Reply:
    """
    A machine's response.

    Parameters
    ----------
    status
        HTTP status code.
    headers
        By name in lower case.
    body
        Its bytes, decompressed; empty unless the status is one of success.

    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(target: Target, headers: Mapping[str, str], *, most: int, seconds: float) -> Reply:
    """
    Request an address from the machine that its host was resolved to.

    Parameters
    ----------
    target
        The address and the machines.
    headers
        Sent with the request.
    most
        Most bytes of the body, compressed and decompressed.
    seconds
        Most seconds from the beginning to the last byte.

    Raises
    ------
    RefusedError
        The machine cannot be reached, or its answer is unreadable, too large or too slow.

    """
    end = _End(seconds)
    # No proxy from the environment: it would resolve the name itself.
    with httpx.Client(trust_env=False, timeout=httpx.Timeout(_SILENCE, connect=_CONNECT)) as client:
        try:
            with end:
                response = _connected(client, target, headers, end)
                try:
                    reply = Reply(response.status_code, _small(response), _body(response, most))
                finally:
                    response.close()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            if end.passed:
                raise _too_long(seconds) from None
            if isinstance(error, httpx.TimeoutException):
                raise RefusedError("the host does not answer in time.", kind="too_long") from None
            why = str(error) or type(error).__name__
            raise RefusedError(f"the connection failed ({why[:200]}).", kind="connection") from None
    if end.passed:  # a body without a stated length seems complete even if it was cut off
        raise _too_long(seconds)
    return reply


def _connected(client: httpx.Client, target: Target, headers: Mapping[str, str], end: _End) -> httpx.Response:
    """Send the request to the first of a host's machines that can be reached."""
    url = httpx.URL(target.url)
    *others, last = target.machines
    for machine in (*others, last):
        asked = client.build_request(
            "GET",
            url.copy_with(host=machine),
            headers={**headers, "Host": url.netloc.decode("ascii"), "Accept-Encoding": "gzip"},
            # The certificate must still be for the host's name.
            extensions={"sni_hostname": url.raw_host.decode("ascii"), "trace": end.trace},
        )
        try:
            return client.send(asked, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if machine == last or end.passed:
                raise
    raise AssertionError  # the last one returns or raises


def _small(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value[:1000] for name, value in response.headers.items()}


def _body(response: httpx.Response, most: int) -> bytes:
    if not response.is_success:
        return b""
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    packing = response.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if packing not in {"identity", "gzip", "x-gzip"}:
        raise RefusedError(f"packed in a way that was not asked for ({packing[:40]}).", kind="type")
    unpack = zlib.decompressobj(_GZIP) if packing != "identity" else None
    body = bytearray()
    read = 0
    for piece in response.iter_raw():
        read += len(piece)
        try:
            body += piece if unpack is None else unpack.decompress(piece, most + 1 - len(body))
        except zlib.error:
            raise RefusedError("packed, and damaged.", kind="connection") from None
        if read > most or len(body) > most or (unpack is not None and unpack.unconsumed_tail):
            raise _too_large(most)
    if unpack is not None and (not unpack.eof or unpack.unused_data):
        raise RefusedError("packed, and damaged.", kind="connection")
    return bytes(body)


def _too_long(seconds: float) -> RefusedError:
    return RefusedError(f"took longer than {seconds:.0f} s; broken off.", kind="too_long")


def _too_large(most: int) -> RefusedError:
    return RefusedError(f"larger than {most / 1e6:g} MB.", kind="too_large")


class _End:
    """
    Cuts a connection when its time is up, whatever is being waited for, even a header that comes byte by byte.

    Parameters
    ----------
    seconds
        Time from entering the context.

    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Note the connection once it is open; see the extension `trace` of httpcore."""
        if event != "connection.connect_tcp.complete":
            return
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            # A handle of our own, because encryption takes over the other one.
            self._connection = info["return_value"].get_extra_info("socket").dup()
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        with self._lock:
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
