"""Limits on time and memory for reading a file; `index.reading.extraction.process.isolation` enforces them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """
    How much of a resource a file gets: a floor, an amount for each megabyte, and a ceiling.

    Parameters
    ----------
    floor, ceiling
        The least and the most.
    each
        What each megabyte (10 to the 6 bytes) adds to the floor.

    """

    floor: float
    each: float
    ceiling: float

    def of(self, size: int) -> float:
        """Return the share of a file of ``size`` bytes."""
        return min(self.ceiling, self.floor + self.each * size / 1e6)


@dataclass(frozen=True, slots=True)
class Allowance:
    """
    Limits for one file.

    Parameters
    ----------
    processor_seconds
        Processor time.
    wall_seconds
        Time on the clock. A reader waits for nothing, so only a very busy machine, or a library that hangs, needs more.
    memory_bytes
        Memory on top of what the process has when it begins with the file.

    """

    processor_seconds: int
    wall_seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Limits for files by their size.

    Parameters
    ----------
    seconds
        Processor time.
    megabytes
        Memory.
    patience
        Seconds on the clock for each second of processor time.
    page
        Limits for text recognition of one page. They apply to the recognition program in the same way, separately.

    """

    seconds: Share
    megabytes: Share
    patience: float = 5.0
    page: Allowance = Allowance(60, 150.0, 1_000_000_000)

    def of(self, size: int, kind: str = "") -> Allowance:
        """Return the limits for a file of ``size`` bytes; see `index.reading.extraction.readers.extract` for kinds."""
        if kind.startswith("ocr "):
            return self.page
        seconds = max(1, round(self.seconds.of(size)))
        return Allowance(seconds, self.patience * seconds, round(self.megabytes.of(size) * 1e6))


# Of the files that people have, PDFs cost most: 6 s and 25 MB per megabyte (two cores, 2026). Machines may be slower.
CORPUS = Limits(seconds=Share(6, 30, 60), megabytes=Share(256, 60, 2000))
# Files that strangers may send get less.
UPLOADS = Limits(seconds=Share(3, 15, 45), megabytes=Share(192, 40, 1000), page=Allowance(40, 130.0, 700_000_000))
# One page of a PDF, read and drawn: an ordinary one takes 0.2 s. The whole file is in memory, and a person is waiting.
PAGES = Limits(seconds=Share(5, 0.5, 15), megabytes=Share(256, 10, 800), patience=3.0)
