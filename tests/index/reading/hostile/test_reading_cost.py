"""Reading a file takes time in proportion to its size, whatever its structure, and stays within its time limit."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from index.reading.extraction.process.isolation import BrokenOffError, Reader
from index.reading.extraction.process.limits import UPLOADS, Share
from index.reading.extraction.process.worker import answer, load
from index.reading.extraction.types import ExtractionError
from tests.files import needs_files
from tests.hostile_files import DOCX, HTML, PDF

pytestmark = needs_files

# Reading four times as much takes 4 times as long in linear time, and 16 times as long in quadratic time.
MOST_GROWTH = 6.5
RUNS = 3
# Set by hand: how many times larger than usual the files are.
EFFORT = int(os.environ.get("RAG_TEST_EFFORT", "1"))

SHAPES = [
    pytest.param(kind, make, count * EFFORT, id=f"{kind}: {name}")
    for kind, shapes in (("html", HTML), ("pdf", PDF), ("docx", DOCX))
    for name, (make, count) in shapes.items()
]
# The files that are read fastest in linear time. The test makes them sixteen times as large, so quadratic time would
# exceed the limit.
CHEAP = {
    "html": (
        "half a colour",
        "a style of fonts",
        "rules of a sheet",
        "brackets of a sheet",
        "nested tables",
        "tables in cells",
        "empty paragraphs",
        "dates",
        "data of the head",
        "half entities",
        "a long word",
    ),
    "pdf": ("pages", "white letters", "shapes", "things below things"),
    "docx": ("runs", "text boxes", "a long word", "rows"),
}
# In linear time each takes less than a second. The limit on the clock is generous, because the machine may be busy.
PATIENT = replace(UPLOADS, seconds=Share(10, 0, 10), patience=100)


@pytest.mark.parametrize("kind", CHEAP)
def test_a_hostile_file_is_read_soon(kind: str) -> None:
    shapes = {"html": HTML, "pdf": PDF, "docx": DOCX}[kind]
    with Reader(PATIENT) as reader:
        for name in CHEAP[kind]:
            make, count = shapes[name]
            try:
                reader.extract(make(16 * count), kind)
            except ExtractionError as error:  # a file without visible text, such as white letters
                assert not isinstance(error, BrokenOffError), name


def seconds(data: bytes, kind: str) -> float:
    began = time.process_time()
    answer(data, kind)
    return time.process_time() - began


@pytest.mark.growth
@pytest.mark.parametrize(("kind", "make", "count"), SHAPES)
def test_a_file_four_times_as_large_takes_about_four_times_as_long(
    kind: str, make: Callable[[int], bytes], count: int
) -> None:
    load(kind)
    answer(make(10), kind)
    small, large = make(count), make(4 * count)
    gc.collect()
    short, long = seconds(small, kind), seconds(large, kind)
    for _ in range(RUNS):
        if long <= MOST_GROWTH * max(short, 0.002):  # shorter times are too imprecise to compare
            return
        short, long = min(short, seconds(small, kind)), min(long, seconds(large, kind))
    assert long <= MOST_GROWTH * max(short, 0.002), f"{len(small)} bytes: {short:.3f} s, {len(large)}: {long:.3f} s"
