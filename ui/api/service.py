"""What all routes for programs share: who answers, how often, and for whom."""

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
"""What stands before the name of a collection where programs choose a model; else one might be called as a folder is."""


@dataclass(frozen=True, slots=True)
class Service:
    """
    What answers programs.

    Parameters
    ----------
    engine
        Answers the questions.
    limit
        Bounds how often somebody may ask; the page's own, since both ask the same model.
    owners
        Tell whose own files are meant.
    shared
        Others than this machine's own users can reach the app: errors then name no file of this machine.
    suggesting
        Rests while a question is answered.
    prefix
        What stands before every path, where a proxy serves the app below one of its own: ``/articles``.
    started
        Seconds since 1970; since when there is what is asked.

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
        """What programs call the articles: their folder, without where it lies."""
        corpus = getattr(getattr(self.engine, "settings", None), "corpus", None)
        return (corpus.resolve().name if corpus is not None else "") or _NAMELESS

    def address(self, request: Request) -> str:
        """Return the address of the app as who asks knows it, with a slash at its end."""
        return f"{request.url.scheme}://{request.url.netloc}{self.prefix}/"

    def resting(self) -> AbstractContextManager[object]:
        """Return what keeps background work off for as long as it is entered."""
        return self.suggesting or contextlib.nullcontext()

    def owner_of(self, request: Request) -> Owner | None:
        """Return whose own files a request may be about; None where it carries no key."""
        return self.owners.of(request)

    def admit(self, request: Request) -> None:
        """Count a question; raises `ui.server.rates.TooManyQuestionsError`."""
        self.limit.admit_sender(request)

    def options(self, request: Request, given: Mapping[str, str] | None = None) -> AskOptions:
        """
        Return whom a question comes from and what it may be answered from, as the engine takes it.

        Parameters
        ----------
        request
            Of the program.
        given
            What is to be filtered by, as `rag.types.Filter` has it.

        Raises
        ------
        RequestError
            Own files are asked for by somebody who has none, or a collection that there is not.

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
        """What is asked, as `rag.types.Filter` has it, by what programs call it."""
        return {self.collection: ARTICLES, **{f"{MODELS}/{name}": name for name in self.named}}

    def _names(self, restrict: Filter) -> tuple[str, ...]:
        try:
            names = collections_of(restrict)
        except RagError as error:
            raise RequestError("Collections are named with commas between: articles,news.") from error
        if {*names} - {*RESERVED, *self.named}:
            known = ", ".join((*RESERVED, *self.named))
            raise RequestError("There is no such collection.", hint=f"It is one of {known}.")
        return names
