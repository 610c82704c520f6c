"""Answer the calls of the tools: an assistant's questions to the articles; nothing is written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, unquote

from index.collections.registry import ALL, ARTICLES
from index.collections.uploads import PREFIX
from index.errors import CorpusError, RagError
from rag.limits import LONGEST_RESOURCE, MOST_NEAREST
from rag.mcp.forms import Answered, Article, Articles, Excerpt, Found
from rag.query.filters import collections_of, read_filter, without_own
from rag.retrieval.listing import Listing, part_of
from rag.runtime.streaming import AnswerStream, iterate
from rag.types import Filter, Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from typing import Unpack

    from index.storage.protocols import Described
    from index.types import Document
    from rag.mcp.forms import AskArguments, Asked, ListArguments, ReadArguments, SearchArguments
    from rag.types import AskOptions, Event, Hit

SCHEME = "quellentreu://articles/"
"""What the addresses of articles begin with; the path follows, percent-encoded."""


class Engine(Protocol):
    """The part of a `rag.RAG` that is needed here."""

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        """Answer a question event by event."""

    def search(self, query: str, *, k: int = 5, filter: dict[str, str] | None = None) -> Sequence[Hit]:  # noqa: A002
        """Find passages."""

    def document(self, path: str) -> Document:
        """Return a document of the articles."""

    def documents(self) -> Sequence[Document]:
        """Return all documents of the articles, by path."""


@dataclass(frozen=True, slots=True)
class Library:
    """
    The articles as an assistant uses them, without the files that users have uploaded.

    Parameters
    ----------
    engine
        Answers the questions.
    refresh
        Called before each access, so that an index updated meanwhile is seen.

    """

    engine: Engine
    refresh: Callable[[], object] = lambda: None

    async def ask(self, asked: AskArguments, client: Hashable | None = None) -> Answered:
        """Answer a question. Cancelling the task stops the language model."""
        await asyncio.to_thread(self.refresh)
        restrict = await asyncio.to_thread(self._restricted, asked)
        options: Any = {"filter": restrict, "kind": asked.kind, "strictness": asked.strictness, "client": client}
        events = self.engine.stream(asked.question, **options)
        stream = events if isinstance(events, AnswerStream) else AnswerStream(lambda: events)
        async for event in iterate(stream):
            if isinstance(event, Finished):
                answered = event.answer.to_json()
                answered["evidence"] = answered["evidence"][:MOST_NEAREST] if event.answer.abstained else []
                return Answered.model_validate(answered)
        raise RagError("The answer broke off.", hint="Ask again.")

    async def search(self, asked: SearchArguments) -> Found:
        """Find passages."""

        def find() -> Sequence[Hit]:
            self.refresh()
            return self.engine.search(asked.query, k=asked.k, filter=self._restricted(asked))

        return Found.model_validate({"hits": [hit.to_json() for hit in await asyncio.to_thread(find)]})

    async def read(self, asked: ReadArguments) -> Excerpt:
        """
        Return a part of an article.

        Raises
        ------
        CorpusError
            There is no such article.
        RagError
            It has no such characters.

        """
        document = await self._document(asked.path)
        length, end = len(document.text), asked.start if asked.end is None else asked.end
        if end < asked.start:
            raise RagError(
                f"end {end} is before start {asked.start}.", hint="Give an end that is not before the start."
            )
        if max(asked.start, end) > length:
            raise RagError(
                f"{document.path} has only {length} characters.", hint="Give a start and an end within them."
            )
        first, last = max(0, asked.start - asked.around), min(length, end + asked.around)
        # A citation is short; an assistant that names a wider range than is shown at once can read on from `end`.
        last = min(last, first + LONGEST_RESOURCE)
        about = document.metadata
        return Excerpt(
            path=document.path,
            title=about.title,
            source=about.source,
            date=about.date,
            page=document.page(first),
            start=first,
            end=last,
            length=length,
            text=document.text[first:last],
        )

    async def listed(self, asked: ListArguments) -> Articles:
        """List articles, by path."""
        restrict = read_filter(asked.filter)

        def look() -> tuple[Listing, tuple[str, ...]]:
            described = self._described(asked.collection)
            return part_of(described, restrict, offset=asked.offset, limit=asked.limit), self._named()

        part, named = await asyncio.to_thread(look)
        shown = [article_of(document) for document in part.documents]
        return Articles(total=part.total, articles=shown, next=part.next, collections=[*named])

    async def page_of(self, offset: int, limit: int) -> tuple[list[Article], int | None]:
        """Return articles from an offset on, and the offset of the rest, None at the end."""
        part = await asyncio.to_thread(lambda: part_of(self._described(), offset=offset, limit=limit))
        return [article_of(document) for document in part.documents], part.next

    async def whole(self, uri: str) -> Document:
        """
        Return the article with an address.

        Raises
        ------
        RagError
            There is no such article, or it is too long to be given whole.

        """
        if not uri.startswith(SCHEME):
            raise CorpusError("There is no such resource.", hint=f"Addresses begin with {SCHEME}.")
        document = await self._document(unquote(uri.removeprefix(SCHEME)))
        if len(document.text) > LONGEST_RESOURCE:
            raise RagError(
                f"{document.path} has more than {LONGEST_RESOURCE} characters.", hint="Read it with the tool `read`."
            )
        return document

    async def _document(self, path: str) -> Document:
        # Whose uploaded files these are cannot be known here.
        if path.startswith(PREFIX):
            raise CorpusError("There is no such article.", hint="The tool `list_articles` lists them.")

        def look() -> Document:
            self.refresh()
            return self.engine.document(path)

        return await asyncio.to_thread(look)

    def _described(self, collection: str = ARTICLES) -> Sequence[Document | Described]:
        self.refresh()
        # An engine with `listed` describes its documents without reading them.
        listed: Callable[..., Sequence[Document | Described]] = getattr(self.engine, "listed", self.engine.documents)
        if collection == ARTICLES:
            return listed()
        self._check([collection])
        return listed(collection)

    def _restricted(self, asked: Asked) -> dict[str, str]:
        """Return the filter of a question, uploaded files left out: whose these are cannot be known here."""
        names = collections_of(Filter(collection=asked.collection))
        if names == (ARTICLES,):
            return asked.filter
        named = self._named()
        if names != (ALL,):
            self._check([name for name in names if name != ARTICLES])
        return {**asked.filter, "collection": without_own(asked.collection, named)}

    def _check(self, names: Sequence[str]) -> None:
        named = self._named()
        if not {*names} <= {*named}:
            known = ", ".join((ARTICLES, *named, ALL))
            raise CorpusError("There is no such collection.", hint=f"It is one of {known}.")

    def _named(self) -> tuple[str, ...]:
        names: Callable[[], tuple[str, ...]] = getattr(self.engine, "collection_names", tuple)
        return names()


def article_of(document: Document | Described) -> Article:
    """Return a document's entry in the list."""
    about = document.metadata
    return Article(
        path=document.path,
        title=about.title,
        source=about.source,
        date=about.date,
        language=about.language,
        uri=SCHEME + quote(document.path),
    )
