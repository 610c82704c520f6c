"""What all routes for programs share: the engine, the limit of questions, and the owners of files."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from index.collections.registry import ALL, ARTICLES, RESERVED, UPLOADS
from index.errors import RagError
from rag.query.filters import collections_of, without_own
from rag.types import Filter
from ui.render.failures import RequestError
from ui.server.asking import sender_of
from ui.server.owners import Owners

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from starlette.requests import Request

    from index.collections.owners import Owner
    from rag.types import AskOptions
    from ui.conversation.engine import Engine
    from ui.server.rates import QuestionLimit
    from ui.suggesting import Suggesting

_NAMELESS = "articles"
MODELS = "quellentreu"
"""Prefix of collections where programs choose a model; else one could have the same name as the articles' folder."""


@dataclass(frozen=True, slots=True)
class Service:
    """
    What answers programs.

    Parameters
    ----------
    engine
        Answers the questions.
    limit
        Limits how often somebody may ask; shared with the page, since both ask the same model.
    owners
        Identify whose own files are meant.
    shared
        Whether people other than this machine's own users can reach the app: errors then name no file of this machine.
    suggesting
        Pauses while a question is answered.
    prefix
        What comes before every path if a proxy serves the app below one of its own: ``/articles``.
    started
        Reported as the creation time of the models, in seconds since 1970.

    """

    engine: Engine
    limit: QuestionLimit
    owners: Owners = field(default_factory=Owners)
    shared: bool = False
    suggesting: Suggesting | None = None
    prefix: str = ""
    started: int = field(default_factory=lambda: int(time.time()))

    @property
    def collection(self) -> str:
        """Name of the articles for programs: the name of their folder, without its path."""
        corpus = getattr(getattr(self.engine, "settings", None), "corpus", None)
        return (corpus.resolve().name if corpus is not None else "") or _NAMELESS

    def address(self, request: Request) -> str:
        """Return the address of the app as the client knows it, with a slash at its end."""
        return f"{request.url.scheme}://{request.url.netloc}{self.prefix}/"

    def resting(self) -> AbstractContextManager[object]:
        """Return a context manager that pauses background work."""
        return self.suggesting or contextlib.nullcontext()

    def owner_of(self, request: Request) -> Owner | None:
        """Return whose own files a request may be about; None if it carries no key."""
        return self.owners.of(request)

    def admit(self, request: Request) -> None:
        """Count a question; raises `ui.server.rates.TooManyQuestionsError`."""
        self.limit.admit_sender(request)

    def options(self, request: Request, given: Mapping[str, str] | None = None) -> AskOptions:
        """
        Return the engine's options for who asks a question and what it may be answered from.

        Parameters
        ----------
        request
            The program's request.
        given
            Fields of `rag.types.Filter`.

        Raises
        ------
        RequestError
            Somebody who has no own files asks for them, or the collection does not exist.

        """
        client = ("api", sender_of(request))
        if given is None:
            return {"client": client}
        restrict = Filter(**cast("Any", given))
        names = self._names(restrict)
        if {ALL, UPLOADS}.isdisjoint(names):
            return {"client": client, "filter": restrict}
        owner = self.owner_of(request)
        if owner is not None:
            return {"client": client, "filter": restrict, "owner": owner}
        rest = without_own(restrict.collection, self.named)
        if not rest:
            raise RequestError("Own files belong to the browser that added them.", hint="Ask the articles.")
        return {"client": client, "filter": replace(restrict, collection=rest)}

    @property
    def named(self) -> tuple[str, ...]:
        """The named collections that can be asked."""
        names: Callable[[], tuple[str, ...]] = getattr(self.engine, "collection_names", tuple)
        return names()

    @property
    def models(self) -> dict[str, str]:
        """The collections as in `rag.types.Filter`, by the names that programs use."""
        return {self.collection: ARTICLES, **{f"{MODELS}/{name}": name for name in self.named}}

    def _names(self, restrict: Filter) -> tuple[str, ...]:
        try:
            names = collections_of(restrict)
        except RagError as error:
            raise RequestError("Separate the names of collections by commas: articles,news.") from error
        if {*names} - {*RESERVED, *self.named}:
            known = ", ".join((*RESERVED, *self.named))
            raise RequestError("There is no such collection.", hint=f"It is one of {known}.")
        return names
