"""What reading a file may cost, by its size; see `index.reading.extraction.process.isolation` for who sees to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """
    How much of something a file gets: a floor, so much more for each megabyte, and a ceiling.

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
    What one file may cost.

    Parameters
    ----------
    processor_seconds
        Time of a processor.
    wall_seconds
        Time on the clock. A reader waits for nothing, so that only a machine that is very busy, or a library that
        hangs, needs more.
    memory_bytes
        On top of what the process has when it begins with the file.

    """

    processor_seconds: int
    wall_seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What files may cost.

    Parameters
    ----------
    seconds
        Of a processor.
    megabytes
        Of memory.
    patience
        Seconds on the clock for each second of a processor.
    page
        What text recognition may cost, a page. The program that does it is bounded likewise, for itself.

    """

    seconds: Share
    megabytes: Share
    patience: float = 5.0
    page: Allowance = Allowance(60, 150.0, 1_000_000_000)

    def of(self, size: int, kind: str = "") -> Allowance:
        """Return what a file of ``size`` bytes may cost; see `index.reading.extraction.readers.extract` for its kind."""
        if kind.startswith("ocr "):
            return self.page
        seconds = max(1, round(self.seconds.of(size)))
        return Allowance(seconds, self.patience * seconds, round(self.megabytes.of(size) * 1e6))


# Of the files that people have, PDFs cost most: 6 s and 25 MB a megabyte (two cores, 2026). Machines may be slower.
CORPUS = Limits(seconds=Share(6, 30, 60), megabytes=Share(256, 60, 2000))
# What strangers may send costs less.
UPLOADS = Limits(seconds=Share(3, 15, 45), megabytes=Share(192, 40, 1000), page=Allowance(40, 130.0, 700_000_000))
# One page of a PDF, read and drawn: 0.2 s of an ordinary one. The file is held whole, and somebody waits.
PAGES = Limits(seconds=Share(5, 0.5, 15), megabytes=Share(256, 10, 800), patience=3.0)
