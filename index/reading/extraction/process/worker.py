"""The process that reads files: it takes requests on standard input and writes one answer each to standard output."""

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

_NO_MEMORY = 2  # libxml2's code for lack of memory, which comes as a syntax error
_TOO_LARGE = {
    "reason": "too large to be read in the memory set aside for it.",
    "hint": "Split the file.",
    "kind": "too_large",
}


def load(kind: str) -> None:
    """Load only the library that reads a format, so that loading does not count towards the file's limits."""
    with contextlib.suppress(ImportError):
        for name in LIBRARIES.get(kind.split(" ", maxsplit=1)[0], ()):
            importlib.import_module(name)


def load_for_pages() -> None:
    """Load the libraries that show pages, for the same reason."""
    with contextlib.suppress(ImportError):
        for name in ("pypdfium2", "PIL.PngImagePlugin", "index.reading.extraction.pages.show"):
            importlib.import_module(name)


def answer(data: bytes, kind: str, page: dict[str, Any] | None = None) -> dict[str, Any]:
    """
    Return the extract of a file, or the reason why there is none, in a form that JSON can hold.

    Parameters
    ----------
    data, kind
        The file, and one of `index.formats.KINDS`.
    page
        From `index.reading.extraction.pages.protocol.asked`, if a page of a PDF is wanted rather than the text.

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
        return {"reason": "nested too deeply to be read.", "hint": "Save it again, or as text.", "kind": "damaged"}
    except Exception as error:  # noqa: BLE001 - libraries fail in many ways over a file that is not what it should be
        return {
            "reason": f"damaged ({type(error).__name__}).",
            "hint": "Open it in its program and save it again.",
            "kind": "damaged",
        }


def _bound() -> None:
    """Set limits that hold whatever a library does: no file may be written, and a crash leaves no core dump."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415 - not on Windows

        for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (0, 0))


def _allow(processor_seconds: int, memory_bytes: int) -> None:
    """
    Give the current file its share of processor time and memory; when the time is used up, the process ends.

    Only on Linux does the system bound memory; elsewhere the requesting process watches how much is in use.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + processor_seconds, resource.RLIM_INFINITY))
        if in_use := _in_use():
            resource.setrlimit(resource.RLIMIT_AS, (in_use + memory_bytes, resource.RLIM_INFINITY))


def _in_use() -> int:
    """Return the bytes of address space that this process has, 0 if the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - read before each file
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def main() -> None:
    """Serve requests until standard input ends."""
    requests: BinaryIO = sys.stdin.buffer
    # Output of libraries must not get between the answers.
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
