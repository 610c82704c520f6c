"""What all clients of a server that speaks the OpenAI protocol share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import httpx

from index.errors import ModelError

if TYPE_CHECKING:
    import ssl

TIMEOUT = httpx.Timeout(connect=5.0, read=120.0, write=30.0, pool=5.0)


class Server:
    """
    Where a server is, and how to talk to it.

    Parameters
    ----------
    url
        Base of the protocol; ``/v1`` is added where the URL has no path.
    api_key
        Sent as a bearer token where not empty.
    setting
        The variable that names the server: errors say where to look.

    """

    def __init__(self, url: str, *, api_key: str, setting: str) -> None:
        base = httpx.URL(url)
        self._base = base.copy_with(path="/v1") if base.path in ("", "/") else base
        self.headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._setting = setting

    def at(self, place: str) -> httpx.URL:
        """Return the URL of a place under the base."""
        return self._base.copy_with(path=f"{self._base.path.rstrip('/')}/{place}")

    @cached_property
    def _trusted(self) -> ssl.SSLContext | bool:
        """Whom to trust, read once: it takes longer than many an answer, and without TLS it is not needed."""
        return httpx.create_ssl_context() if self._base.scheme == "https" else False

    def client(self) -> httpx.Client:
        """Return a client; to be closed."""
        return httpx.Client(timeout=TIMEOUT, headers=self.headers, verify=self._trusted)

    def async_client(self) -> httpx.AsyncClient:
        """Return the same for asyncio."""
        return httpx.AsyncClient(timeout=TIMEOUT, headers=self.headers, verify=self._trusted)

    def first_model(self) -> str:
        """
        Return the name of the first model the server lists.

        Raises
        ------
        ModelError
            It does not answer, or not so.

        """
        try:
            with self.client() as client:
                response = client.get(self.at("models"))
            self.raise_error(response)
            return str(response.json()["data"][0]["id"])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise self.unreachable(error) from error

    def raise_error(self, response: httpx.Response) -> None:
        """Raise a `ModelError` of one line where the server refused; the response has been read."""
        if response.is_error:
            said = " ".join(response.text.split())[:200]
            raise ModelError(
                f"The server at {self._public} answered {response.status_code}: {said!r}.",
                hint=f"Check {self._setting}, {self._setting_of('MODEL')} and {self._setting_of('KEY')}.",
            )

    def unreachable(self, error: Exception) -> ModelError:
        """Return the error that says that there is no such server."""
        return ModelError(
            f"The server at {self._public} does not answer as an OpenAI-compatible one: {error}.",
            hint=f"Is it running? Check {self._setting}.",
        )

    @property
    def _public(self) -> str:
        # Keys travel in the user part or the query, and an error may be shown to anyone.
        return str(self._base.copy_with(username=None, password=None, query=None)).rstrip("/")

    def _setting_of(self, what: str) -> str:
        return f"{self._setting.removesuffix('_MODEL')}_API_{what}"
