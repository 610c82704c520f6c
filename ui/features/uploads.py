"""The panel of the user's own files: adding, listing and removing them, and whether they are asked."""

# Gradio reads the handlers' annotations to find the request, so their evaluation is not postponed here.
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import gradio as gr
from gradio.components import Component
from pydantic import Field, ValidationError

from index.collections.file_names import safe_name
from index.collections.owners import Owner
from index.collections.registry import ALL, ARTICLES, RESERVED, UPLOADS, is_name
from index.collections.uploads import Upload
from index.errors import CorpusError, RagError
from index.formats import PICTURES, SUFFIXES, can_read, suffix_of
from rag.query.filters import collections_of, joined, without_own
from rag.retrieval.unread import listed
from rag.types import Filter
from ui.conversation.engine import Engine
from ui.conversation.extension import Asked, Function, Panel
from ui.conversation.handlers import texts_of
from ui.conversation.records import Sent
from ui.features.inbox import PART_BYTES, Inbox, Transfer
from ui.people.person import person_of
from ui.render.failures import GoneCollectionError, explain
from ui.render.texts import Texts

if TYPE_CHECKING:
    from rag.runtime.owned_collections import OwnedUploads

_MARK = "@collection"  # the page's script replaces it with the choice, see `app.sending`
_LONGEST = 1_000


class _Keyed(Sent):
    key: str = Field(max_length=_LONGEST)


class _Begun(_Keyed):
    name: str = Field(max_length=_LONGEST)
    size: int = Field(ge=0)


class _Part(_Keyed):
    token: str = Field(max_length=_LONGEST)
    data: str = Field(max_length=PART_BYTES * 4 // 3 + 4)


class _Look(_Keyed):
    token: str = Field(max_length=_LONGEST)


class _Named(_Keyed):
    name: str = Field(max_length=_LONGEST)


_Read = TypeVar("_Read", bound=_Keyed)


class OwnFiles(Panel):
    """
    Files of each user's own, as `rag.runtime.owned_collections.OwnedUploads` keeps them.

    They are sent in small parts as JSON, never through the server's own uploads, which would serve them raw under
    an address of their own. What is shown of a file is the text read from it, escaped like any article.

    Parameters
    ----------
    engine
        Has the collections as ``owned_uploads``.

    """

    name: ClassVar[str] = "uploads"
    title: ClassVar[str] = "own_files"
    changing: ClassVar[frozenset[str]] = frozenset(
        {"own_file_begin", "own_file_part", "own_file_remove", "own_files_clear"}
    )
    """Functions that change files; if the files belong to everybody, only editors may call them."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._owned: OwnedUploads = engine.owned_uploads  # type: ignore[attr-defined]
        self._inbox = Inbox(self._owned.get, self._shared)
        # Known only to those who can read this server's answers; other sites could make a browser send something
        # here, but cannot read the answers.
        self._key = secrets.token_urlsafe(16)

    @classmethod
    def suits(cls, engine: Engine) -> bool:
        """Tell whether an engine has own files and the settings allow them, or it has named collections."""
        owned = getattr(engine, "owned_uploads", None)
        return owned is not None and (owned.limits.files > 0 or bool(_named(engine)))

    def build(self) -> Sequence[Component]:
        """Make the element in which the page's script draws the panel, and the one that carries the choice."""
        gr.HTML('<div id="q-own"></div>', apply_default_css=False, js_on_load=None)
        return (gr.Textbox(_MARK, visible=False),)

    def narrow(self, asked: Asked, *values: Any, request: gr.Request) -> Asked:
        """Ask the collection that was chosen; choices of other panels are kept."""
        if asked.single:  # an article, which would never be found in own files
            return asked
        names, named = self._chosen(values[0] if values else ALL), _named(self.engine)
        owner = self.owners.of(request)
        if owner is None and names == (UPLOADS,):
            raise CorpusError("There are no files of your own.", hint="Add some first, or ask the articles.")
        choice = joined(names)
        if {ALL, UPLOADS}.isdisjoint(names):
            owner = None
        elif owner is None or (names != (UPLOADS,) and not self._owned.get(owner).list()):
            choice, owner = without_own(choice, named), None
        if choice == ARTICLES:
            return asked
        given = asked.options.get("filter") or Filter()
        restrict = given if isinstance(given, Filter) else Filter(**given)
        restrict = replace(restrict, collection=choice)
        options = {**asked.options, "filter": restrict}
        return replace(asked, options=options if owner is None else {**options, "owner": owner})

    def _chosen(self, choice: Any) -> tuple[str, ...]:
        """Return the names of the collections that were chosen; all if the choice cannot be read."""
        try:
            names = collections_of(Filter(collection=choice))
        except (RagError, AttributeError, TypeError):
            return (ALL,)
        unknown = {*names} - {*RESERVED, *_named(self.engine)}
        if any(map(is_name, unknown)):
            raise GoneCollectionError("A collection that was chosen is not there any more.", hint="Choose another.")
        return (ALL,) if unknown else names

    def functions(self) -> Sequence[Function]:
        """Return the functions that the panel's script calls."""
        return (
            self.own_files,
            self.own_file_begin,
            self.own_file_part,
            self.own_file_look,
            self.own_file_remove,
            self.own_files_clear,
        )

    def own_files(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Return the files, what is accepted, and the key that the other functions require."""
        del data
        texts = texts_of(request)
        files: list[dict[str, Any]] = []
        problem = ""
        try:
            owner = self.owners.of(request)
            files = [] if owner is None else [_shown(upload, texts) for upload in self._owned.get(owner).list()]
        except RagError as error:
            failure = explain(error, texts, shared=True)
            problem = f"{failure.state} {failure.remedy}"
        limits = self._owned.limits
        return {
            "files": files,
            "error": problem,
            "collections": list(_named(self.engine)),
            "key": self._key,
            "part": PART_BYTES,
            "accept": ",".join(suffix for suffix in SUFFIXES if suffix not in PICTURES or can_read(suffix)),
            "most": limits.files,
            "megabytes": limits.file_bytes // 1_000_000,
            "shared": self.owners.shared,
            "fixed": not self.owners.may_change(request),
            "days": 0 if self.owners.shared else self._owned.shared_limits.days,
        }

    def own_file_begin(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Announce a file; return the token for its parts, or why it is not accepted."""
        texts = texts_of(request)
        try:
            wish = self._read(_Begun, data)
            name = safe_name(wish.name)
            if not suffix_of(name):
                raise CorpusError(f"{name}: unknown ending.", kind="unknown_type")
            if wish.size == 0:
                raise CorpusError(f"{name}: empty file.", kind="no_text")
            return {"token": self._inbox.begin(name, wish.size, self._owner(request), _by(request))}
        except RagError as error:
            return {"refused": _reason(error, texts)}

    def own_file_part(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Take a part of a file."""
        try:
            part = self._read(_Part, data)
            return {"come": self._inbox.part(part.token, part.data, self._owner(request))}
        except RagError as error:
            return {"refused": _reason(error, texts_of(request))}

    def own_file_look(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Return how far a file is."""
        texts = texts_of(request)
        try:
            transfer = self._inbox.look(self._read(_Look, data).token, self._owner(request))
        except RagError as error:
            return {"refused": _reason(error, texts)}
        if transfer.error is not None:
            return {"refused": _reason(transfer.error, texts)}
        added = None if transfer.upload is None else _shown(transfer.upload, texts)
        return {"added": added, "done": transfer.done, "total": transfer.total}

    def own_file_remove(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Remove a file."""
        return self._change(data, request, all_of_them=False)

    def own_files_clear(self, data: Any, request: gr.Request) -> dict[str, Any]:
        """Remove all files."""
        return self._change(data, request, all_of_them=True)

    def _change(self, data: Any, request: gr.Request, *, all_of_them: bool) -> dict[str, Any]:
        texts = texts_of(request)
        try:
            if all_of_them:
                self._read(_Keyed, data)
                self._owned.get(self._owner(request)).clear()
                self.owners.note("files removed", _by(request), "*")
            else:
                wish = self._read(_Named, data)
                collection = self._owned.get(self._owner(request))
                if wish.name in {upload.name for upload in collection.list()}:  # otherwise it is gone already
                    collection.remove(wish.name)
                    self.owners.note("file removed", _by(request), wish.name)
        except RagError as error:
            failure = explain(error, texts, shared=True)
            return {"error": f"{failure.state} {failure.remedy}"}
        return {}

    def _shared(self, transfer: Transfer) -> None:
        self.owners.note("file shared", transfer.by, transfer.upload.name if transfer.upload else transfer.name)

    def _owner(self, request: gr.Request) -> Owner:
        """Return whose files are to be changed."""
        owner = self.owners.of(request)
        if owner is None:
            raise CorpusError("The request carries no key.", hint="Let the browser keep cookies.", kind="no_key")
        return owner

    def _read(self, model: type[_Read], data: Any) -> _Read:
        """Check what a browser sent, and that it comes from this page."""
        try:
            read = model.model_validate(data)
        except ValidationError as error:
            raise CorpusError("What the page sent cannot be read.", kind="broken_off") from error
        if not secrets.compare_digest(read.key.encode(), self._key.encode()):
            raise CorpusError("The page is older than the program.", kind="stale")
        return read


def _named(engine: Engine) -> tuple[str, ...]:
    """Return the named collections; if they cannot be listed, the error is reported when one of them is asked."""
    names: Callable[[], tuple[str, ...]] = getattr(engine, "collection_names", tuple)
    try:
        return names()
    except RagError:
        return ()


def _by(request: gr.Request) -> str:
    person = person_of(request)
    return "" if person is None else person.name


def _shown(upload: Upload, texts: Texts) -> dict[str, Any]:
    return {
        "document": upload.path,
        "name": upload.name,
        "title": upload.title,
        "size": upload.size,
        "pages": upload.pages,
        "unread": texts.library_unread.format(parts=listed(upload.unread, texts.language)) if upload.unread else "",
    }


def _reason(error: RagError, texts: Texts) -> str:
    """Explain in one line, in the language of the page, why a file was not accepted."""
    kind = error.kind if isinstance(error, CorpusError) else ""
    known = getattr(texts, f"refused_{kind}", "") if kind else ""
    if known:
        return str(known)
    failure = explain(error, texts, shared=True)
    return f"{failure.state} {failure.remedy}".strip()
