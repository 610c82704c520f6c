"""The part that all clients of a server with the OpenAI protocol share."""

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
    The address of a server, and the HTTP clients to reach it.

    Parameters
    ----------
    url
        Base URL of the protocol; ``/v1`` is added if the URL has no path.
    api_key
        Sent as a bearer token if not empty.
    setting
        The environment variable that names the server; errors mention it.

    """

    def __init__(self, url: str, *, api_key: str, setting: str) -> None:
        base = httpx.URL(url)
        self._base = base.copy_with(path="/v1") if base.path in ("", "/") else base
        self.headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._setting = setting

    def at(self, place: str) -> httpx.URL:
        """Return the URL of a path under the base URL."""
        return self._base.copy_with(path=f"{self._base.path.rstrip('/')}/{place}")

    @cached_property
    def _trusted(self) -> ssl.SSLContext | bool:
        """The trusted certificates: read once, because that may take longer than an answer, and only for TLS."""
        return httpx.create_ssl_context() if self._base.scheme == "https" else False

    def client(self) -> httpx.Client:
        """Return a client, which the caller closes."""
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
            It does not answer, or not as the protocol requires.

        """
        try:
            with self.client() as client:
                response = client.get(self.at("models"))
            self.raise_error(response)
            return str(response.json()["data"][0]["id"])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise self.unreachable(error) from error

    def raise_error(self, response: httpx.Response) -> None:
        """Raise a one-line `ModelError` if the server refused; the response must have been read."""
        if response.is_error:
            said = " ".join(response.text.split())[:200]
            raise ModelError(
                f"The server at {self._public} answered {response.status_code}: {said!r}.",
                hint=f"Check {self._setting}, {self._setting_of('MODEL')} and {self._setting_of('KEY')}.",
            )

    def unreachable(self, error: Exception) -> ModelError:
        """Return the error which says that the server does not answer as expected."""
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
