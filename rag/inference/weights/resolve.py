"""
Find the model that a name in the settings stands for.

A name is looked up in this order: a name in the catalogue; a URL; a folder or file; a repository on the hub. A folder
with the same name as a catalogue model must be written as a path (``./multilingual-e5-small``).
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from index.errors import ModelError
from index.progress import tell
from rag.inference.weights import install
from rag.inference.weights.cache import RECORD, cache_folder, sha256_of, write_text_atomically
from rag.inference.weights.catalogue import CATALOGUE
from rag.inference.weights.types import ResolvedModel

if TYPE_CHECKING:
    from rag.inference.weights.types import Engine, Kind, Runtime

_HUB_ID = re.compile(r"(?P<repository>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(@(?P<revision>[\w./-]+))?")
_PATH_STARTS = ("/", "./", "../", "~", ".\\", "..\\")
# Files that determine how a model answers. Documentation does not, nor does our own record.
_DECIDING = {".safetensors", ".bin", ".gguf", ".xml", ".json", ".model", ".txt", ".jinja"}
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")
# Copies of the same weights for other frameworks, which would multiply the download.
_OTHER_FRAMEWORKS = ["*.onnx*", "onnx/*", "*.h5", "*.msgpack", "*.ot", "*.tflite", "coreml/*", "original/*"]
_WORDS = {"embedding": "embedding model", "llm": "language model"}
_ONE = {"embedding": "an embedding model", "llm": "a language model"}


def resolve_embedding(name_or_path: str, *, download: bool = True) -> ResolvedModel:
    """
    Return the embedding model that a setting names, ready to load.

    Parameters
    ----------
    name_or_path
        A name in the catalogue, a folder, a hub id (``org/name``, ``org/name@revision``), or the URL of an
        OpenAI-compatible server.
    download
        Whether missing files may be fetched.

    Raises
    ------
    ModelError
        There is no such model, or it is missing, damaged or of another kind.

    """
    return _resolve("embedding", name_or_path, download=download)


def has_forms(name: str) -> bool:
    """Tell whether a setting names a model that several runtimes can run, each with its own form of the weights."""
    model = CATALOGUE.get(name.strip())
    return model is not None and model.conversion == "openvino"


def resolve_llm(name: str, *, download: bool = True, runtime: Runtime = "openvino") -> ResolvedModel:
    """
    Return the language model that a setting names.

    Parameters
    ----------
    name
        A name in the catalogue, a folder (OpenVINO IR or transformers), a ``.gguf`` file, a hub id
        (``org/name``, ``org/name@revision``), or the URL of an OpenAI-compatible server.
    download
        Whether missing files may be fetched.
    runtime
        Runtime whose form is wanted, if `has_forms`.

    Raises
    ------
    ModelError
        There is no such model, or it is missing, damaged or of another kind.

    """
    if has_forms(name):
        return install.require_model(CATALOGUE[name.strip()], download=download, runtime=runtime)
    return _resolve("llm", name, download=download)


def fetch_model(name: str, *, force: bool = False, runtime: Runtime = "openvino") -> ResolvedModel:
    """
    Fetch or repair a model of the catalogue, or fetch a repository from the hub.

    Parameters
    ----------
    name
        A name in the catalogue or a hub id.
    force
        For the catalogue: hash every file instead of trusting size and date, and replace what differs.
    runtime
        Runtime whose form is wanted, if `has_forms`.

    Raises
    ------
    ModelError
        There is no such model, or it cannot be fetched.

    """
    match = _HUB_ID.fullmatch(name)
    if name in CATALOGUE or match is None:
        return install.fetch_model(name, force=force, runtime=runtime)
    folder = _hub_folder(match["repository"], match["revision"], download=True)
    kind: Kind = "embedding" if (folder / "modules.json").is_file() else "llm"
    return _hub_model(kind, name, match["repository"], folder)


def _resolve(kind: Kind, name: str, *, download: bool) -> ResolvedModel:
    name = name.strip()
    if name in CATALOGUE:
        model = CATALOGUE[name]
        if model.kind != kind:
            raise ModelError(f"{name} is not {_ONE[kind]}.", hint=_known(kind))
        return install.require_model(model, download=download)
    if name.lower().startswith(("http://", "https://")):
        return _server(kind, name)
    path = Path(name).expanduser()
    if name and path.exists():
        return _local(kind, name, path.absolute())
    match = _HUB_ID.fullmatch(name)
    if name.startswith(_PATH_STARTS) or name.lower().endswith(".gguf"):
        raise ModelError(f"There is no file or folder {name}.", hint=_known(kind))
    if match is None:
        raise ModelError(f"There is no {_WORDS[kind]} {name!r}.", hint=_known(kind))
    folder = _hub_folder(match["repository"], match["revision"], download=download)
    return _hub_model(kind, name, match["repository"], folder)


def _known(kind: Kind) -> str:
    """Return a hint on what could be named instead."""
    names = ", ".join(model.name for model in CATALOGUE.values() if model.kind == kind)
    if kind == "embedding":
        return f"Known: {names}; or name a folder, a hub id (org/name) or a server's URL."
    return f"Known: {names}; or name a folder, a .gguf file, a hub id (org/name) or a server's URL."


def _server(kind: Kind, url: str) -> ResolvedModel:
    """Return a model on a server with OpenAI's protocol."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise ModelError(f"The URL of the {_WORDS[kind]} has no host or no valid port.")
    place = f"[{host}]" if ":" in host else host
    netloc = place if port is None else f"{place}:{port}"
    # Keys travel in the user part or the query; neither may reach a log or an answer.
    public = urlunsplit((parts.scheme, netloc, parts.path, "", parts.fragment))
    return ResolvedModel(name=public, engine="openai", location=url, fingerprint=public)


def _local(kind: Kind, name: str, path: Path) -> ResolvedModel:
    """Return a model that the user keeps in a folder or file."""
    engine, location = _engine_of(kind, path)
    fingerprint = f"{path.name}@{_digest(location)[:12]}"
    return ResolvedModel(name=name, engine=engine, location=str(location), fingerprint=fingerprint)


def _engine_of(kind: Kind, path: Path) -> tuple[Engine, Path]:
    """Return the engine that can run a file or folder, and the path that it needs."""
    if path.is_dir():
        ggufs = sorted(path.glob("*.gguf"))
        configured = (path / "config.json").is_file()
        if kind == "embedding" and (configured or (path / "modules.json").is_file()):
            return "sentence_transformers", path
        if kind == "llm" and (path / "openvino_model.xml").is_file():
            return "openvino", path
        if kind == "llm" and configured and any(path.glob("*.safetensors")):
            return "transformers", path
        if kind == "llm" and len(ggufs) == 1:
            return "llama_cpp", ggufs[0]
        if kind == "llm" and configured and any(path.glob("*.bin")):
            return "transformers", path
        raise ModelError(f"The folder {path} contains no {_WORDS[kind]} that can be loaded.", hint=_known(kind))
    if kind == "llm" and path.suffix.lower() == ".gguf":
        with path.open("rb") as stream:
            magic = stream.read(4)
        if magic != b"GGUF":
            raise ModelError(f"{path} is not a GGUF file (its first four bytes are others).")
        return "llama_cpp", path
    raise ModelError(f"The file {path} is not {_ONE[kind]} that can be loaded.", hint=_known(kind))


def _digest(path: Path) -> str:
    """
    Return a SHA-256 over the files that determine what a local model does.

    Hashes are remembered by path, size and time, so that a start need not read gigabytes for a fingerprint.
    """
    files = [path]
    if path.is_dir():
        files = sorted(
            file
            for pattern in ("*", "*/*")
            for file in path.glob(pattern)
            if file.is_file() and file.suffix in _DECIDING and file.name != RECORD
        )
    store = cache_folder() / "digests.json"
    try:
        known = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    total = hashlib.sha256()
    fresh = {}
    for file in files:
        status = file.stat()
        stamp = [status.st_size, status.st_mtime_ns]
        entry = known.get(str(file)) if isinstance(known, dict) else None
        if not (isinstance(entry, list) and entry[:2] == stamp and len(entry) == 3):
            entry = [*stamp, sha256_of(file)]
            fresh[str(file)] = entry
        name = file.name if file == path else file.relative_to(path).as_posix()
        total.update(f"{name}\0{entry[2]}\n".encode())
    if fresh:
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            write_text_atomically(store, json.dumps({**known, **fresh}, indent=1))
        except OSError:
            pass  # if the cache cannot be written to, the next start takes longer, nothing else
    return total.hexdigest()


def _hub_model(kind: Kind, name: str, repository: str, folder: Path) -> ResolvedModel:
    """Return the model of a repository whose snapshot is in ``folder``, which is named after the commit."""
    engine, location = _engine_of(kind, folder)
    return ResolvedModel(
        name=name, engine=engine, location=str(location), fingerprint=f"{repository}@{folder.name[:12]}"
    )


def _hub_folder(repository: str, revision: str | None, *, download: bool) -> Path:
    """Return the snapshot of a repository in the hub library's own cache; download it if allowed."""
    import httpx  # noqa: PLC0415 - with the next one most of a second, for hub ids only
    from huggingface_hub import errors, snapshot_download  # noqa: PLC0415

    try:
        folder = Path(snapshot_download(repository, revision=revision, local_files_only=True))
        if any(any(folder.glob(pattern)) for pattern in _WEIGHTS):
            return folder
        absent = "only parts of it are in the hub's cache"
    except (OSError, ValueError, errors.RevisionResolutionError):
        absent = "it is not in the hub's cache"
    wanted = repository if revision is None else f"{repository}@{revision}"
    if not download:
        raise ModelError(f"The model {wanted} is not here: {absent}.", hint=f"Fetch it: rag models --fetch {wanted}")
    tell(f"Fetching {wanted} from the hub", 0, 0)
    try:
        return Path(snapshot_download(repository, revision=revision, ignore_patterns=_OTHER_FRAMEWORKS))
    except (OSError, ValueError, httpx.HTTPError, errors.RevisionResolutionError) as error:
        lines = str(error).strip().splitlines()
        reason = lines[0].rstrip(".") if lines else "no reason given"
        raise ModelError(
            f"The model {wanted} could not be fetched from the hub: {reason}.",
            hint=f"From the package index come: {', '.join(CATALOGUE)}.",
        ) from error
