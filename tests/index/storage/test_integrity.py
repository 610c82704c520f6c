from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.errors import IndexMismatchError
from index.storage import manifest
from index.storage.columns import files
from index.storage.integrity import damages
from tests.index.synced import alter, derived_of, reseal, store_of

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_sound_index_and_none_have_no_damage(built: Path, tmp_path: Path) -> None:
    assert damages(built) == []
    assert damages(tmp_path / "none") == []


def drop(index_dir: Path, name: str) -> None:
    (derived_of(index_dir) / name).unlink()


def overwrite(index_dir: Path) -> None:
    data = bytearray(store_of(index_dir).read_bytes())
    data[4096 : 2 * 4096] = b"\xff" * 4096
    store_of(index_dir).write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda index: alter(index, "UPDATE documents SET text = text || '.' WHERE id = 1"), ["'cambricon.md' is not as"]),
        (
            lambda index: alter(index, "UPDATE documents SET language = 'en'"),
            ["'cambricon.md' is not as", "'huawei.md' is not as", "'nvidia.txt' is not as"],
        ),
        (lambda index: alter(index, "UPDATE chunks SET vector = x'00' WHERE id = 1"), ["the vectors of 'cambricon.md'"]),
        (lambda index: alter(index, "UPDATE meta SET value = '9' WHERE key = 'generation'"), ["not the one that"]),
        (lambda index: alter(index, "CREATE TABLE other (x)"), ["not the one that"]),
        (lambda index: alter(index, "VACUUM"), ["has changed since"]),
        (lambda index: alter(index, "INSERT INTO chunks VALUES (99, 99, 1, 2, '', '', x'', x'')"), ["passages of no document"]),
        (overwrite, ["has changed since"]),
        (lambda index: store_of(index).unlink(), ["cannot be read (No such file"]),
        (lambda index: store_of(index).write_bytes(b""), ["damaged", "has changed since"]),
        (lambda index: drop(index, "columns"), ["columns is missing"]),
        (lambda index: drop(index, "lexical"), ["lexical is missing"]),
        (lambda index: (index / manifest.MANIFEST).write_text("{"), ["manifest.json is damaged"]),
        (lambda index: reseal(index, root="0" * 64), ["not the one that"]),
        (lambda index: reseal(index, digests={}), ["not one that was written"]),
    ],
)  # fmt: skip
def test_each_damage_is_named_in_one_line(built: Path, damage: Callable[[Path], object], words: list[str]) -> None:
    damage(built)
    found = damages(built)
    for line in found:
        assert "\n" not in line
        assert line.endswith(".")
    for word in words:
        assert any(word in line for line in found), (word, found)


def test_another_versions_index_is_named(built: Path) -> None:
    reseal(built, format=2)
    with pytest.raises(IndexMismatchError, match="has format 2"):
        damages(built)


def test_a_sealed_file_is_on_the_disk_to_its_last_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    file = tmp_path / "columns"
    files.write(file, {"numbers": np.arange(1000)})
    assert synced[-1:] == [file.stat().st_size]
