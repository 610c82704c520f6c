"""A Milvus server: its address, its connection, and one-line errors if it cannot be used."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from index.errors import IndexDamagedError, RagError, StoreUnavailableError
from index.extras import require
from index.storage.failures import MEND

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_VARIABLE = "RAG_STORE_TOKEN"  # noqa: S105 - the variable's name
PORT = 19530
SECONDS = 5.0
"""Time that a question waits for Milvus; writing a batch may take `WRITING_SECONDS`."""
WRITING_SECONDS = 60.0
REST_SECONDS = 20.0
"""Time that a Milvus which did not answer is left alone, so that not every one of many calls waits again."""
EARLIEST = (2, 5)
"""Earliest version. Tested were the engine of Milvus 2.5 and what speaks like 2.6 and 3.0."""
_NO_COLLECTION = 100
_REFUSED = (1400, 1401)
_FORM = "milvus://HOST:PORT/DATABASE, with ?tls=1 or ?timeout=SECONDS, or milvus:///FOLDER/FILE.db"


@dataclass(frozen=True, slots=True)
class Address:
    """
    The address of a Milvus server; holds no password.

    Parameters
    ----------
    uri
        As its client takes it: ``http://host:19530``, or the path of a file of Milvus Lite.
    database
        Name of the database; empty for the default one.
    seconds
        Time that a question waits.
    setting
        The setting that it was read from; for messages and for files.

    """

    uri: str
    database: str
    seconds: float
    setting: str

    @classmethod
    def read(cls, setting: str) -> Address:
        """
        Read an address.

        Parameters
        ----------
        setting
            ``milvus://host:19530/database?tls=1&timeout=5``, or ``milvus:///folder/file.db``.

        Raises
        ------
        RagError
            The setting is not an address of a Milvus, or holds a password.

        """
        try:
            parts = urlsplit(setting.strip())
            port, options = parts.port or PORT, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            seconds = float(options.pop("timeout", SECONDS))
            tls = {"0": False, "1": True}[options.pop("tls", "0")]
            local = not parts.netloc
            names = [name for name in parts.path.split("/") if name]
            wrong = bool(options) or not 0 < seconds <= 600 or (not parts.path if local else len(names) > 1)
            wrong = wrong or parts.scheme != "milvus" or bool(parts.fragment) or (local and parts.path[-3:] != ".db")
        except (ValueError, KeyError):
            wrong, parts = True, urlsplit("")
        if parts.username or parts.password:
            raise RagError(
                "RAG_STORE contains a user name or a password.",
                hint=f"Put USER:PASSWORD or a token into {TOKEN_VARIABLE}.",
            )
        if wrong:
            # The setting itself is not repeated, because an unreadable one may hold a password.
            raise RagError("RAG_STORE is not a valid Milvus address.", hint=f"Its form is {_FORM}.")
        if local:
            return cls(parts.path, "", seconds, setting)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return cls(f"http{'s' if tls else ''}://{host}:{port}", "".join(names), seconds, setting)

    @property
    def label(self) -> str:
        """The address as shown to people."""
        return self.uri if self.uri.startswith("/") else self.setting.partition("?")[0]


class Server:
    """
    One Milvus server. Connects with the first call; safe to share between threads.

    Parameters
    ----------
    address
        Its address.

    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client: Any = None
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._said = ""

    def call(self, work: Callable[[Any, float], Any], *, seconds: float | None = None) -> Any:
        """
        Call a function with the client.

        Parameters
        ----------
        work
            The function; it gets the client and the number of seconds that a call may take.
        seconds
            Time limit, if other than the address says.

        Raises
        ------
        StoreUnavailableError
            Milvus does not answer, or not in time, or refuses the request.
        IndexDamagedError
            Milvus has no such collection.

        """
        if time.monotonic() < self._rests_until:
            raise self._unavailable(self._said)
        try:
            return work(self._connected(), seconds or self.address.seconds)
        except RagError:
            raise
        except Exception as error:  # the client raises its own, gRPC's and Python's errors
            if getattr(error, "code", None) == _NO_COLLECTION:
                raise IndexDamagedError(
                    f"Milvus at {self.address.label} no longer has the vectors.", hint=MEND
                ) from error
            reason, passes = _reason(error, seconds or self.address.seconds)
            if not passes:
                raise StoreUnavailableError(f"Milvus at {self.address.label} {reason}.", hint=_hint(reason)) from error
            self._said, self._rests_until = reason, time.monotonic() + REST_SECONDS
            self._drop()
            raise self._unavailable(reason) from error

    def _unavailable(self, reason: str) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"Milvus at {self.address.label} {reason}.", hint="Start it, or check whether RAG_STORE names it correctly."
        )

    def _drop(self) -> None:
        # The old connection would wait longer and longer before it tries again.
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close()

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                if time.monotonic() < self._rests_until:  # another thread tried while this one waited for the lock
                    raise self._unavailable(self._said or "does not answer")
                try:
                    self._client = self._connect()
                except RagError:
                    raise
                except Exception:
                    self._rests_until = time.monotonic() + REST_SECONDS
                    raise
            return self._client

    def _connect(self) -> Any:
        made = _pymilvus().MilvusClient(
            uri=self.address.uri,
            db_name=self.address.database,
            token=os.environ.get(TOKEN_VARIABLE, ""),
            timeout=self.address.seconds,
            dedicated=True,
            # A pool shared with other connections to the same server would make this one wait after an outage.
            grpc_options={"grpc.use_local_subchannel_pool": 1},
        )
        try:
            self._check_version(made)
        except Exception:
            made.close()
            raise
        return made

    def _check_version(self, client: Any) -> None:
        try:
            told = str(client.get_server_version(timeout=self.address.seconds))
        except Exception as error:
            if _code(error) == "UNIMPLEMENTED":  # Milvus Lite before 3
                return
            raise
        found = re.search(r"(\d+)\.(\d+)", told)
        if found and (int(found[1]), int(found[2])) < EARLIEST:
            earliest = ".".join(map(str, EARLIEST))
            raise StoreUnavailableError(
                f"Milvus at {self.address.label} is version {told}; {earliest} or later is needed.",
                hint="Bring Milvus up to date, or leave RAG_STORE out.",
            )


@lru_cache(maxsize=16)
def server(address: Address) -> Server:
    """Return this process's `Server` for an address."""
    return Server(address)


def _pymilvus() -> Any:
    require("pymilvus", extra="milvus", purpose="RAG_STORE=milvus")
    # The import would load a file .env from a folder above it into this process's environment.
    before = os.environ.get("PYTHON_DOTENV_DISABLED")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # else gRPC logs each connection that ends
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    try:
        import pymilvus  # noqa: PLC0415 - two seconds
    finally:
        if before is None:
            del os.environ["PYTHON_DOTENV_DISABLED"]
        else:
            os.environ["PYTHON_DOTENV_DISABLED"] = before
    # It also logs stack traces of the errors that it raises.
    for name in ("pymilvus", "pymilvus.milvus_client", "pymilvus.bulk_writer", "milvus_lite"):
        log = logging.getLogger(name)
        log.handlers[:] = [logging.NullHandler()]
        log.propagate = False
    return pymilvus


def _code(error: BaseException | None) -> str:
    """Return the gRPC status name of an error or of the errors that caused it; empty if there is none."""
    seen: set[int] = set()  # the client raises errors whose cause is themselves
    while error is not None and id(error) not in seen:
        told = getattr(error, "code", None)
        code = told() if callable(told) else told
        if (name := getattr(code, "name", None)) is not None:
            return str(name)
        seen.add(id(error))
        error = error.__cause__
    return ""


def _reason(error: Exception, seconds: float) -> tuple[str, bool]:
    """Return the reason of an error in words, and whether it may pass by itself."""
    code, text = _code(error), str(getattr(error, "message", "") or error)
    lowered = text.lower()
    if code == "DEADLINE_EXCEEDED" or "timeout" in lowered:
        return f"did not answer within {seconds:g} s", True
    passing = ("fail connecting", "not ready", "closed channel")
    if code in {"UNAVAILABLE", "CANCELLED"} or isinstance(error, OSError) or any(one in lowered for one in passing):
        return "does not answer", True
    if "open local milvus failed" in lowered:
        return "cannot be opened: another process uses it, or its folder is missing", True
    if code in {"UNAUTHENTICATED", "PERMISSION_DENIED"} or getattr(error, "code", None) in _REFUSED:
        return "does not accept the token", False
    if code == "UNIMPLEMENTED":
        return "does not understand the request: it is another version, or not Milvus", False
    line = " ".join(text.split())[:200].rstrip(". ")
    return f"refuses ({line})", False


def _hint(reason: str) -> str:
    if "token" in reason:
        return f"Put USER:PASSWORD or a token into {TOKEN_VARIABLE}."
    return "See its log; `rag index` tries again."
