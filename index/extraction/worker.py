"""The process that reads files: one request after the other on standard input, one answer each on standard output."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.extraction.types import Extract, ExtractionError

if TYPE_CHECKING:
    from typing import BinaryIO

MEMORY_BYTES = 2_000_000_000
PROCESSOR_SECONDS = 60  # for one file; the clock on the wall says little on a busy machine


def extract(data: bytes, kind: str) -> Extract:
    """
    Read a file's text, in this process.

    Parameters
    ----------
    data
        The file's content.
    kind
        ``html``, ``pdf`` or ``docx``.

    Raises
    ------
    ExtractionError
        There is none that could be read; says why.

    """
    # Each reader loads its library, and only that.
    if kind == "html":
        from index.extraction import web  # noqa: PLC0415

        return web.extract(data)
    if kind == "pdf":
        from index.extraction import pdf  # noqa: PLC0415

        return pdf.extract(data)
    if kind == "docx":
        from index.extraction import word  # noqa: PLC0415

        return word.extract(data)
    raise ValueError(f"no reader for {kind}")


def answer(data: bytes, kind: str) -> dict[str, Any]:
    """Return the extract of a file, or the reason why there is none, as JSON can hold it."""
    try:
        return {"extract": asdict(extract(data, kind))}
    except ExtractionError as error:
        return {"reason": error.message, "hint": error.hint, "kind": error.kind}
    except MemoryError:
        return {
            "reason": "too large to be read in the memory set aside for it.",
            "hint": "Split the file.",
            "kind": "too_large",
        }
    except RecursionError:
        return {"reason": "nested too deeply to be read.", "hint": "Save it anew, or as text.", "kind": "damaged"}
    except Exception as error:  # noqa: BLE001 - libraries fail in many ways over a file that is not what it should be
        return {
            "reason": f"damaged ({type(error).__name__}).",
            "hint": "Open it in its program and save it anew.",
            "kind": "damaged",
        }


def _bound() -> None:
    """Set limits that hold whatever a library does: memory, and no file may be written."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        for kind, most in (
            (resource.RLIMIT_AS, MEMORY_BYTES),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))


def _allow_time() -> None:
    """Give the file at hand its share of processor time; the process ends when it is used up."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + PROCESSOR_SECONDS, resource.RLIM_INFINITY))


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
        _allow_time()
        answers.write(json.dumps(answer(data, request["kind"])).encode("ascii") + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
