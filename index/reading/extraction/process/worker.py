"""The process that reads files: one request after the other on standard input, one answer each on standard output."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from index.blocks import packed
from index.reading.extraction.pages.protocol import answered, wanted_of
from index.reading.extraction.readers import LIBRARIES, extract
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from typing import BinaryIO

_NO_MEMORY = 2  # what libxml2 says then, as an error of syntax
_TOO_LARGE = {
    "reason": "too large to be read in the memory set aside for it.",
    "hint": "Split the file.",
    "kind": "too_large",
}


def load(kind: str) -> None:
    """Load the library that reads a format, and only that: what this costs is not the file's."""
    with contextlib.suppress(ImportError):
        for name in LIBRARIES.get(kind.split(" ", maxsplit=1)[0], ()):
            importlib.import_module(name)


def load_for_pages() -> None:
    """Load what shows pages, likewise."""
    with contextlib.suppress(ImportError):
        for name in ("pypdfium2", "PIL.PngImagePlugin", "index.reading.extraction.pages.show"):
            importlib.import_module(name)


def answer(data: bytes, kind: str, page: dict[str, Any] | None = None) -> dict[str, Any]:
    """
    Return the extract of a file, or the reason why there is none, as JSON can hold it.

    Parameters
    ----------
    data, kind
        The file, and one of `index.formats.KINDS`.
    page
        From `index.reading.extraction.pages.protocol.asked`, where not the text but a page of a PDF is wanted.

    """
    try:
        if page is not None:
            from index.reading.extraction.pages.show import show  # noqa: PLC0415 - costs time, which most files need not pay

            return {"page": answered(show(data, wanted_of(page)))}
        found = extract(data, kind)
        blocks = packed(found.blocks) if found.blocks else ""
        return {"extract": {**asdict(replace(found, blocks=())), "blocks": blocks}}
    except ExtractionError as error:
        if getattr(error.__cause__, "code", None) == _NO_MEMORY:
            return _TOO_LARGE
        return {"reason": error.message, "hint": error.hint, "kind": error.kind}
    except MemoryError:
        return _TOO_LARGE
    except RecursionError:
        return {"reason": "nested too deeply to be read.", "hint": "Save it anew, or as text.", "kind": "damaged"}
    except Exception as error:  # noqa: BLE001 - libraries fail in many ways over a file that is not what it should be
        return {
            "reason": f"damaged ({type(error).__name__}).",
            "hint": "Open it in its program and save it anew.",
            "kind": "damaged",
        }


def _bound() -> None:
    """Set limits that hold whatever a library does: no file may be written, none is left of a crash."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - not on Windows

        for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (0, 0))


def _allow(processor_seconds: int, memory_bytes: int) -> None:
    """
    Give the file at hand its share of processor time and memory; without time the process ends.

    Memory is bounded by the system on Linux alone; elsewhere the process that asked looks at how much is in use.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + processor_seconds, resource.RLIM_INFINITY))
        if in_use := _in_use():
            resource.setrlimit(resource.RLIMIT_AS, (in_use + memory_bytes, resource.RLIM_INFINITY))


def _in_use() -> int:
    """Return the bytes of address space that this process has, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - read before each file
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def main() -> None:
    """Serve requests until standard input ends."""
    requests: BinaryIO = sys.stdin.buffer
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    logging.disable(logging.CRITICAL)
    _bound()
    while header := requests.readline():
        request = json.loads(header)
        data = requests.read(request["bytes"])
        page = request.get("page")
        load(request["kind"]) if page is None else load_for_pages()
        _allow(request["processor_seconds"], request["memory_bytes"])
        answers.write(json.dumps(answer(data, request["kind"], page)).encode("ascii") + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
