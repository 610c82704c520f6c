"""A third-party format: lines in capitals, each with an exclamation mark at its end."""

from __future__ import annotations

from index.reading.extraction.types import Extract, ExtractionError


def read(data: bytes) -> Extract:
    lines = data.decode("utf-8").splitlines()
    if not all(line.endswith("!") for line in lines):
        raise ExtractionError("no shouts.", hint="End each line with an exclamation mark.")
    return Extract("\n\n".join(line.capitalize().replace("!", ".") for line in lines) + "\n", title=lines[0].title())


def broken(data: bytes) -> Extract:
    raise ValueError("no licence")
