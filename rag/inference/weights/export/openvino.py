"""
Convert a GGUF file to OpenVINO IR, once, in a separate process.

``openvino-genai`` reads GGUF itself, but takes 14 to 30 seconds each time; the IR that it can save while doing so
loads in about two. It writes the IR beside the GGUF file, hence the link into a temporary folder. The process is
separate because the conversion needs several gigabytes of memory, and a native library may crash. The GGUF file stays
in the cache: transformers and llama.cpp read it, and a damaged IR is repaired from it. It may be deleted to save
space; the IR runs without it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from index.errors import ModelError
from index.progress import tell
from rag.inference.weights.cache import folder_size, sha256_of, sync_file, write_record

CONVERTER = "openvino-genai "
FILES = tuple(f"openvino_{part}.{kind}" for part in ("model", "tokenizer", "detokenizer") for kind in ("xml", "bin"))
_POLL_SECONDS = 0.25
_HINT = "Try again, or choose another model with RAG_LLM (a .gguf file needs the extra 'gguf')."


def convert(
    gguf: Path,
    target: Path,
    *,
    sources: dict[str, str],
    expected_size: int = 0,
) -> None:
    """
    Write the IR of a GGUF file, and its record, into an empty folder.

    Parameters
    ----------
    gguf
        The model.
    target
        An empty folder on the disk of the GGUF file.
    sources
        SHA-256 of the GGUF file by its name, for the record.
    expected_size
        Approximate size of the IR, for the progress.

    Raises
    ------
    ModelError
        openvino-genai is not installed, or cannot read the file.

    """
    try:
        version = metadata.version("openvino-genai")
    except metadata.PackageNotFoundError as error:
        raise ModelError("openvino-genai is not installed.", hint=_HINT) from error
    linked = target / "model.gguf"
    _link(gguf, linked)
    log = target / "export.log"
    code = _run(linked, log, expected_size, target)
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    linked.unlink()
    log.unlink()
    if code != 0 or not all((target / name).is_file() for name in FILES):
        reason = next((line.strip() for line in reversed(lines) if line.strip()), f"exit code {code}")
        raise ModelError(f"OpenVINO could not convert {gguf.name}: {reason}", hint=_HINT)
    for name in FILES:
        sync_file(target / name)
    digests = {name: sha256_of(target / name) for name in FILES}
    write_record(target, converter=f"{CONVERTER}{version}", sources=sources, files=digests)


def _link(source: Path, link: Path) -> None:
    """Link a file under another path; copy it only if the disk does not allow links."""
    for way in (os.link, os.symlink):
        with contextlib.suppress(OSError):
            way(source, link)
            return
    shutil.copyfile(source, link)


def _run(gguf: Path, log: Path, expected_size: int, target: Path) -> int:
    """Convert in a subprocess and watch the files grow; return its exit code."""
    # The subprocess must find this very package, even if it is not installed but only on sys.path.
    root = str(Path(__file__).resolve().parents[4])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    linked_size = gguf.stat().st_size
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-P", "-m", "rag.inference.weights.export.openvino", str(gguf)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            while process.poll() is None:
                written = max(0, folder_size(target) - linked_size)
                tell("Converting the language model to OpenVINO (once)", written, expected_size)
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    return process.returncode


def _export(gguf: str) -> None:
    """Read a GGUF file with openvino-genai and write the IR beside it; this is all that the subprocess does."""
    # `rag.inference.weights` has been imported by now and has blocked OpenVINO's telemetry; see
    # `rag.inference.weights.offline`.
    import openvino_genai  # noqa: PLC0415

    openvino_genai.LLMPipeline(gguf, "CPU", enable_save_ov_model=True)


if __name__ == "__main__":
    _export(sys.argv[1])
