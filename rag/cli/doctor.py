"""Check environment, models, index, memory and disk."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

from index.collections.registry import Registry
from index.errors import IndexMissingError, RagError
from index.formats import EXTRACTED, PICTURES, SUFFIXES, can_read
from index.printable import held
from index.reading.extraction.recognition.scans import INSTALL, OFF, installed
from index.storage.integrity import damages
from index.storage.left_out import left_out
from index.storage.manifest import MANIFEST
from index.storage.reader import Index
from index.storage.vectors.stores import FAISS, name_of, reach
from index.syncing.sync import free_bytes
from rag.calibrating.standing import standing
from rag.grounding.reader.factory import create_reader
from rag.inference import create_engine
from rag.inference.choosing.runtimes import choose, language_model
from rag.inference.embedding.factory import create_embedder
from rag.inference.weights import cache_folder, has_forms, resolve_embedding
from rag.retrieval.unread import by_document, noted
from rag.runtime.named_collections import told_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.protocols import Embedder
    from rag.inference.weights import ResolvedModel
    from rag.settings import Settings

# Measured with the default models: memory of the app at work, and disk for both cached models with room to convert.
# See `rag.inference.mapped_file` for what Linux saves.
NEEDED_MEMORY = (4 if sys.platform == "linux" else 5) * 10**9
NEEDED_DISK = 4 * 10**9
_PACKAGES = ("torch", "sentence-transformers", "transformers", "faiss-cpu", "openvino-genai", "gradio")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing checked: ``fine``, worth a ``note``, or ``broken``, with what to do in the message."""

    subject: str
    level: Literal["fine", "note", "broken"]
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag doctor --json` prints."""
        return {"subject": self.subject, "level": self.level, "message": self.message}


def examine(settings: Settings, *, deep: bool = False, collection: str = "") -> list[Finding]:
    """
    Return everything worth knowing; nothing is fetched, built or changed.

    Parameters
    ----------
    settings
        What to check.
    deep
        Also read every byte of the indexes and compare it with its digest. Otherwise an index is only opened, which
        leaves out the vectors of its store, because searches use those of the derived files.
    collection
        The named collection whose folder and index ``settings`` name; empty for the articles.

    """
    found = [*_environment(), *_recognition(settings), *_machine(settings), *_models(settings), *_corpus(settings)]
    found += _damages(settings) if deep else ()
    return [replace(one, message=_told_of(one.message, collection)) for one in found] if collection else found


def _told_of(message: str, collection: str) -> str:
    """Return a message about the articles, reworded for a named collection."""
    command = f"rag index --collection {collection}"
    for articles, named in (
        ("name one with --corpus or RAG_CORPUS", f"name another with `rag index FOLDER --collection {collection}`"),
        ("it is built by the first question", f"run `{command}`"),
    ):
        message = message.replace(articles, named)
    return told_of(message, collection)


def _environment() -> Iterator[Finding]:
    yield Finding("python", "fine", f"{platform.python_version()} on {platform.machine()}, {sys.platform}")
    for package in _PACKAGES:
        try:
            yield Finding(package, "fine", version(package))
        except PackageNotFoundError:
            yield Finding(package, "broken", "not installed; run `make setup` or `pip install .`")
    missing = [suffix for suffix in EXTRACTED if suffix not in PICTURES and not can_read(suffix)]
    if missing:
        advice = "pip install 'quellentreu[files]'"
        yield Finding("file formats", "note", f"{', '.join(missing)} files are left out; run `{advice}`")
    else:
        yield Finding(
            "file formats", "fine", ", ".join(suffix for suffix in (*SUFFIXES, ".zip") if suffix not in PICTURES)
        )


def _recognition(settings: Settings) -> Iterator[Finding]:
    if settings.reading.ocr == OFF:
        return
    found = installed(settings.reading.ocr)
    if found is None:
        yield Finding("text recognition", "note", f"scanned pages and pictures are not read. {INSTALL}")
    else:
        yield Finding("text recognition", "fine", f"tesseract {found.version}, {found.languages}")


def _machine(settings: Settings) -> Iterator[Finding]:
    import psutil  # noqa: PLC0415 - only here

    free = psutil.virtual_memory().available
    if free < NEEDED_MEMORY:
        advice = "close other programs or set RAG_LLM=qwen2.5-coder-0.5b"
        yield Finding("memory", "note", f"{free / 1e9:.1f} GB free, {NEEDED_MEMORY / 1e9:.0f} GB wanted; {advice}")
    else:
        yield Finding("memory", "fine", f"{free / 1e9:.1f} GB free")
    for name, folder in (("disk for models", cache_folder()), ("disk for the index", settings.index)):
        space = free_bytes(folder)
        level: Literal["fine", "note"] = "fine" if space > NEEDED_DISK else "note"
        yield Finding(name, level, f"{space / 1e9:.1f} GB free at {folder}")


def _models(settings: Settings) -> Iterator[Finding]:
    try:
        model = resolve_embedding(settings.embedding.model, download=False)
    except RagError as error:
        yield Finding("embedding model", "broken", str(error))
    else:
        yield Finding("embedding model", "fine", f"{model.name}, run by {model.engine}")
        yield _reader(create_embedder(model, settings), settings)
    try:
        model = _language_model(settings)
        choice = choose(settings.machine) if has_forms(model.name) else None
    except RagError as error:
        yield Finding("language model", "broken", str(error))
    else:
        run_by = f"{model.name}, run by {model.engine}"
        if choice is None or choice.runtime is None:
            yield Finding("language model", "fine", run_by)
        elif choice.runtime == model.engine:
            yield Finding("language model", "fine", f"{run_by}: {choice.reason}")
        else:
            advice = f"{choice.runtime} is not prepared: {choice.reason}. Prepare it with `rag models --fetch`"
            yield Finding("language model", "note", f"{run_by}; {advice}")


def _language_model(settings: Settings) -> ResolvedModel:
    return language_model(settings.generation.model, settings.machine, download=False)


def _reader(embedder: Embedder, settings: Settings) -> Finding:
    if settings.answering.reader == "off":
        return Finding("reader", "note", "switched off by RAG_READER; the language model reads every question")
    if create_reader(embedder) is None:
        return Finding("reader", "note", "none for this embedding model; the language model reads every question")
    if settings.answering.reader == "small":
        return Finding("reader", "fine", "answers without the language model if it is sure; nothing is read twice")
    return Finding("reader", "fine", "answers without the language model if it is sure")


def _corpus(settings: Settings) -> Iterator[Finding]:
    if settings.corpus.is_dir():
        yield Finding("corpus", "fine", str(settings.corpus))
    else:
        yield Finding("corpus", "broken", f"there is no folder {settings.corpus}; name one with --corpus or RAG_CORPUS")
    try:
        embedding = create_embedder(resolve_embedding(settings.embedding.model, download=False), settings)
        index = Index.open(settings.index, embedding=embedding.fingerprint, store=settings.store)
    except IndexMissingError:
        yield Finding("index", "note", f"none in {settings.index} yet; it is built by the first question")
    except RagError as error:
        yield Finding("index", "broken", str(error))
    else:
        count = held(len(index.documents), len(index.chunks))
        yield Finding("index", "fine", f"{count}, generation {index.generation}")
        try:
            yield from _unread(index, settings)
        except RagError as error:  # its content is only checked when it is read
            yield Finding("index", "broken", str(error))
        yield _bound(embedding.fingerprint, index.fingerprint, settings)
    if name_of(settings.store) != FAISS:
        yield _store(settings.store)
    yield from _collections(settings)


def _collections(settings: Settings) -> Iterator[Finding]:
    """Report for each named collection whether it can be asked."""
    try:
        found = Registry(settings.index).all()
        if not found:
            return
        embedding = create_embedder(resolve_embedding(settings.embedding.model, download=False), settings)
    except RagError as error:
        yield Finding("collections", "broken", str(error))
        return
    for one in found:
        subject, advice = f"collection {one.name}", f"run `rag index --collection {one.name}`"
        try:
            index = Index.open(one.index_dir, embedding=embedding.fingerprint, store=settings.store)
        except IndexMissingError:
            yield Finding(subject, "note", f"the indexing of {one.folder} was never finished; {advice}")
        except RagError as error:
            yield Finding(subject, "broken", f"{error.message} To repair it, {advice}.")
        else:
            count = held(len(index.documents), len(index.chunks))
            there = "" if one.folder.is_dir() else "; its folder is missing"
            level: Literal["fine", "note"] = "note" if there else "fine"
            yield Finding(subject, level, f"{count}, generation {index.generation}, {one.folder}{there}")
        for file in left_out(one.index_dir):
            yield Finding("not read", "note", f"{one.prefix}{file.path}: {file.reason}")


def _store(setting: str) -> Finding:
    try:
        reach(setting)
    except RagError as error:
        return Finding("vector store", "broken", str(error))
    return Finding("vector store", "fine", name_of(setting))


def _bound(embedding: str, index: str, settings: Settings) -> Finding:
    """Say which bound on wrong answers holds."""

    def measured() -> dict[str, str]:
        engine = create_engine(_language_model(settings), settings)
        if settings.generation.is_served:
            engine.load()  # a server tells which model it runs only when it is asked
        return {"embedding": embedding, "index": index, "llm": engine.fingerprint}

    try:
        found = standing(settings, measured)
    except RagError as error:
        return Finding("bound on wrong answers", "note", f"cannot determine whether it holds: {error}")
    level: Literal["fine", "note"] = "note" if found.state in {"changed", "damaged"} else "fine"
    return Finding("bound on wrong answers", level, found.told)


def _unread(index: Index, settings: Settings) -> Iterator[Finding]:
    """Report which files were not read, and which parts were not read of the others."""
    for file in left_out(settings.index):
        yield Finding("not read", "note", f"{file.path}: {file.reason}")
    parts = [part for document in index.noted() for part in noted(document)]
    for path, whats in by_document(parts).items():
        yield Finding("not read", "note", f"{path}: {'; '.join(whats)}")


def _damages(settings: Settings) -> Iterator[Finding]:
    own = sorted({file.parent for file in settings.uploads_folder.rglob(MANIFEST)})
    try:
        named = {one.index_dir: one.name for one in Registry(settings.index).all() if one.is_ready}
    except RagError:  # which has been reported already
        named = {}
    for subject, folder in (
        ("index, all of it", settings.index),
        *((f"collection {name}, all of it", one) for one, name in named.items()),
        *(("own files, all of it", one) for one in own),
    ):
        try:
            lines = damages(folder)
        except RagError as error:
            yield Finding(subject, "broken", str(error))
            continue
        # Indexes of users' own files are made again from the files when they are next opened.
        again = f"run `rag index --collection {named[folder]}`" if folder in named else ""
        advice = "run `rag index`" if folder == settings.index else again or "it is rebuilt when it is next used"
        for line in lines:
            yield Finding(subject, "broken", f"{line} Nothing is lost: {advice}")
        if not lines:
            yield Finding(subject, "fine", f"every byte in {folder} is as it was written")
