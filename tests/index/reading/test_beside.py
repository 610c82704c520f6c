"""Metadata from the file beside an article reaches the index, except for values that cannot be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.reading.beside import ENDING
from index.reading.documents import find, load
from index.reading.extraction.process.isolation import Reader
from index.reading.gathering import gather


def described(folder: Path, text: str, about: str | bytes, name: str = "a.txt") -> tuple[str, str]:
    (folder / name).write_text(text, encoding="utf-8")
    beside = folder / f"{name}{ENDING}"
    beside.write_bytes(about if isinstance(about, bytes) else about.encode())
    metadata = load(folder / name, folder).metadata
    with Reader() as reader:
        gathered = gather(folder, reader)
    assert [one.metadata for one in gathered.documents] == [metadata]
    assert [one.name for one in find(folder).files] == [name]
    return metadata.url, metadata.date


def test_address_and_day_are_those_beside_the_file(tmp_path: Path) -> None:
    about = "---\nurl: https://example.org/a\ndate: '2025-05-08'\n...\n"
    assert described(tmp_path, "Ein Text.", about) == ("https://example.org/a", "2025-05-08")


def test_the_day_of_the_text_goes_before_and_its_address_behind(tmp_path: Path) -> None:
    text = "---\ntitle: T\ndate: 2024-01-02\nurl: https://elsewhere.org/\n---\nEin Text."
    about = "---\nurl: https://example.org/a\ndate: '2025-05-08'\n---\n"
    assert described(tmp_path, text, about, "a.md") == ("https://example.org/a", "2024-01-02")


@pytest.mark.parametrize(
    "about",
    [
        "", "nonsense", "---\nurl: javascript:alert(1)\ndate: 9999-99-99\n---\n", "---\n- a\n---\n", b"\xff\xfe\0",
        "---\na: &a [x, x]\nb: &b [*a, *a]\nurl: *b\n---\n", "---\nurl: http://a:b@example.org/\ndate: 3000-01-01\n---\n",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_left_out(about: str | bytes, tmp_path: Path) -> None:
    assert described(tmp_path, "Ein Text.", about) == ("", "")
