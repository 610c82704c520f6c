"""Add pages and the entries of feeds to a folder of articles."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from index.errors import CorpusError
from rag.adding.addresses import Addresses, web
from rag.adding.feeds import entries, is_feed
from rag.adding.fetching import Fetcher
from rag.adding.keeping import Kept, Record, digest
from rag.adding.kinds import suffix
from rag.adding.types import Entry, Page, RefusedError
from rag.limits import LARGEST_FEED, MOST_ADDRESSES, MOST_FEED_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_MAYBE_FEEDS = frozenset({"application/xml", "text/xml", "application/octet-stream", "text/plain", ""})


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What happened to an address.

    Parameters
    ----------
    url
        The address as given by the user or by a feed.
    status
        ``added``, ``updated``, ``unchanged`` or ``refused``.
    path
        Path of its file within the folder; empty if there is none.
    reason
        Why it was refused, in one line; empty if it was not.
    kind
        The same for programs, see `rag.adding.types.RefusedError`.
    feed
        The feed that names it; empty if the user did.

    """

    url: str
    status: str
    path: str = ""
    reason: str = ""
    kind: str = ""
    feed: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it for `rag add --json`."""
        return asdict(self)


def add(
    addresses: Sequence[str],
    corpus: Path,
    *,
    feed: bool = False,
    limit: int = 20,
    allow_private: bool = False,
    fetcher: Fetcher | None = None,
    told: Callable[[Outcome], None] = lambda _outcome: None,
) -> tuple[Outcome, ...]:
    """
    Fetch pages, and what feeds name, into a folder of articles.

    Parameters
    ----------
    addresses
        Addresses of pages and feeds.
    corpus
        The folder.
    feed
        Whether all of them are feeds, whatever their hosts say.
    limit
        Most entries taken from each feed, the first ones.
    allow_private
        See `rag.adding.addresses.Addresses`.
    fetcher
        Used instead of the default one.
    told
        Called with each outcome as it comes.

    Raises
    ------
    RefusedError
        One of the addresses is not a web address; nothing has been fetched.
    CorpusError
        There is no such folder, too much is asked for at once, or another process is adding to the folder.

    """
    if len(addresses) > MOST_ADDRESSES:
        raise CorpusError(f"{len(addresses)} addresses are too many.", hint=f"Name at most {MOST_ADDRESSES}.")
    if not 1 <= limit <= MOST_FEED_ENTRIES:
        raise CorpusError(f"The limit cannot be {limit} entries.", hint=f"Name 1 to {MOST_FEED_ENTRIES}.")
    wanted = list(dict.fromkeys(_checked(one) for one in addresses))
    if not corpus.is_dir():
        raise CorpusError(f"There is no folder {corpus}.", hint="Create it, or name another with --corpus.")
    outcomes: list[Outcome] = []
    lock = _alone(corpus)
    try:
        adding = _Adding(Kept(corpus), fetcher or Fetcher(Addresses(allow_private)), feed=feed, limit=limit)
        for url in wanted:
            for outcome in adding.outcomes(url):
                outcomes.append(outcome)
                told(outcome)
    finally:
        lock.release()
    return tuple(outcomes)


def _alone(corpus: Path) -> FileLock:
    """Acquire and return the lock of a folder; raise a `CorpusError` if another process has it."""
    file = lock_of(corpus)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file, timeout=0)
        lock.acquire()
    except Timeout:
        raise CorpusError(f"Another `rag add` writes to {corpus}.", hint="Wait until it is done.") from None
    except OSError as error:
        raise CorpusError(
            f"{file.parent} cannot be written to ({error.strerror or error}).",
            hint="The variable XDG_CACHE_HOME names another folder.",
        ) from error
    return lock


def lock_of(corpus: Path) -> Path:
    """Return the lock file that `rag add` holds while writing to a folder, in the user's cache, not among articles."""
    name = digest(os.fsencode(corpus.resolve()))
    return Path(user_cache_dir("quellentreu", appauthor=False)) / "adding" / f"{name}.lock"


def _checked(address: str) -> str:
    try:
        return web(address)
    except RefusedError as error:
        raise RefusedError(f"{address}: {error.message}", hint=error.hint, kind=error.kind) from error


@dataclass
class _Adding:
    kept: Kept
    fetcher: Fetcher
    feed: bool
    limit: int

    def outcomes(self, url: str) -> Iterator[Outcome]:
        """Add what an address leads to: a page, or the entries of a feed."""
        found: tuple[Entry, ...] = ()
        try:
            record, page = (None, self.fetcher.page(url, most=LARGEST_FEED)) if self.feed else self._fetched(url)
            if self.feed or (page.body is not None and _is_feed(page)):
                found = entries(page.body or b"", page.url)
            else:
                yield self._stored(Entry(url), record, page)
        except RefusedError as error:
            yield Outcome(url, "refused", reason=str(error), kind=error.kind)
        for entry in found[: self.limit]:
            yield self._entry(entry, url)

    def _entry(self, entry: Entry, feed: str) -> Outcome:
        try:
            entry = replace(entry, url=web(entry.url))
            record, page = self._fetched(entry.url)
            return replace(self._stored(entry, record, page), feed=feed)
        except RefusedError as error:
            return Outcome(entry.url, "refused", reason=str(error), kind=error.kind, feed=feed)

    def _fetched(self, url: str) -> tuple[Record | None, Page]:
        record = self.kept.of(url)
        state = "gone" if record is None else record.state()
        if record is not None and state == "changed":
            raise _changed(self.kept.shown(record.file))
        known = record.known if record is not None and state == "kept" else None
        return record, self.fetcher.page(url, known)

    def _stored(self, entry: Entry, record: Record | None, page: Page) -> Outcome:
        record = record if record is not None and record.url == page.url else self.kept.of(page.url) or record
        if page.body is None:
            assert record is not None  # noqa: S101 - only what is known is asked for in this way
            return Outcome(entry.url, "unchanged", self.kept.shown(record.file))
        ending = suffix(page)
        state = "gone" if record is None else record.state()
        if record is None:
            file = self.kept.place(page.url, ending)
        else:
            file = record.file
            shown = self.kept.shown(file)
            if state == "changed":
                raise _changed(shown)
            if not file.name.lower().endswith(ending):
                hint = f"Remove {shown} and what lies beside it first."
                raise RefusedError(f"was fetched as {shown}, and is now {ending}.", kind="type", hint=hint)
        new = Record(
            file,
            page.url,
            entry.url,
            digest(page.body),
            date=entry.date or (record.date if record else ""),
            etag=page.etag,
            last_modified=page.last_modified,
        )
        same = state == "kept" and record is not None and record.sha256 == new.sha256
        if new != record or not same:
            self.kept.write(new, None if same else page.body)
        status = "unchanged" if same else "updated" if state == "kept" else "added"
        return Outcome(entry.url, status, self.kept.shown(file))


def _changed(shown: str) -> RefusedError:
    return RefusedError(
        f"{shown} was changed here since it was fetched; it stays as it is.",
        kind="changed",
        hint="To fetch it again, move the file away.",
    )


def _is_feed(page: Page) -> bool:
    return page.media_type in _FEEDS or (page.media_type in _MAYBE_FEEDS and is_feed(page.body or b""))


def counted(outcomes: Sequence[Outcome]) -> str:
    """Return how many addresses were added, updated, unchanged and refused, in one line."""
    numbers = Counter(one.status for one in outcomes)
    return ", ".join(f"{numbers[name]} {name}" for name in ("added", "updated", "unchanged", "refused"))
