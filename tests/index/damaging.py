"""Damage an index in random places, and check that the damage is noticed or harmless."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import RagError
from index.storage import manifest
from index.storage.integrity import damages
from index.syncing.sync import sync
from tests.index.synced import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rag.fakes import HashingEmbedder

NOTES = {".lock", manifest.PLACE, manifest.SEEN}  # files that do not affect what is read
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Bench:
    """An index and its previous generation, the states of both, and the corpus that they were built from."""

    corpus: Path
    index: Path
    older: Path
    work: Path
    state: dict[str, Any]
    older_state: dict[str, Any]
    after_change: dict[str, Any]


def run(bench: Bench, embedder: HashingEmbedder, seed: int) -> Counter[str]:
    """Damage one place and return counts of the outcomes."""
    chance = random.Random(seed)
    index = bench.work / "index"
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(bench.index, index)
    files = sorted(file for file in index.rglob("*") if file.is_file() and file.name not in NOTES)
    file = chance.choice(files)
    kind = chance.choice(sorted(KINDS))
    before = file.read_bytes()
    KINDS[kind](file, chance, bench.older / file.relative_to(index), bench)
    came: Counter[str] = Counter({"damaged": 1})
    if file.is_file() and file.read_bytes() == before:
        came["as it was"] += 1
    newer = False
    where = f"seed {seed}: {kind} of {file.relative_to(index)}"
    try:
        found = state(index)
    except RagError as error:
        assert "\n" not in str(error), where
        assert "rag index CORPUS" in str(error), where
        # A changed digit can make the index look like one of a newer version, which is only overwritten on request.
        newer = "--rebuild" in str(error)
        assert not newer or "has format" in str(error), where
        came["noticed when opened"] += 1
    else:
        # An older manifest is not damage if all its segments still exist: the index is then the previous generation.
        back = kind == "older" and file.name == manifest.MANIFEST and found == bench.older_state
        assert back or found == bench.state, f"{where}: opened with another content"
        came["as it was"] += back
        came["harmless when opened"] += 1
        if newer:
            with pytest.raises(RagError, match="has format"):
                sync(bench.corpus, index, embedder)
            came["refused by a sync"] += 1
            return came
    if not came["as it was"]:
        assert damages(index) or not (index / "manifest.json").exists(), f"{where}: unseen by the deep look"
    change = chance.random() < 0.5
    corpus = bench.work / "corpus" if change else bench.corpus
    sync(corpus, index, embedder)
    expected = bench.after_change if change else bench.state
    assert state(index) == expected, f"{where}: not as a fresh build"
    assert not damages(index), where
    came["mended by a sync"] += 1
    return came


def _bytes(file: Path, chance: random.Random, _: Path, __: Bench) -> None:
    data = bytearray(file.read_bytes())
    for _ in range(chance.choice((1, 1, 2, 16))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    file.write_bytes(data)


def _bit(file: Path, chance: random.Random, _: Path, __: Bench) -> None:
    data = bytearray(file.read_bytes())
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)


def _digit(file: Path, chance: random.Random, _: Path, __: Bench) -> None:
    data = bytearray(file.read_bytes())
    digits = [place for place, byte in enumerate(data) if byte in b"0123456789"]
    if digits:
        data[chance.choice(digits)] = chance.choice(b"0123456789")
    file.write_bytes(data)


def _page(file: Path, chance: random.Random, _: Path, bench: Bench) -> None:
    data = bytearray(file.read_bytes())
    page = chance.randrange(len(data) // PAGE + 1)
    length = len(data[page * PAGE : (page + 1) * PAGE])
    others = next(bench.index.glob("store-*.sqlite")).read_bytes()
    other = chance.randrange(len(others) // PAGE)
    with_what = (bytes(length), chance.randbytes(length), others[other * PAGE : (other + 1) * PAGE][:length])
    data[page * PAGE : page * PAGE + length] = chance.choice(with_what)
    file.write_bytes(data)


def _truncated(file: Path, chance: random.Random, _: Path, __: Bench) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(len(data) + 1)])


def _longer(file: Path, chance: random.Random, _: Path, __: Bench) -> None:
    file.write_bytes(file.read_bytes() + chance.randbytes(chance.choice((1, PAGE))))


def _empty(file: Path, _: random.Random, __: Path, ___: Bench) -> None:
    file.write_bytes(b"")


def _removed(file: Path, _: random.Random, __: Path, ___: Bench) -> None:
    file.unlink()


def _older(file: Path, _: random.Random, older: Path, bench: Bench) -> None:
    """Replace a file by the same file of the previous generation."""
    names = {"store-": "store-*.sqlite", "derived-": "derived-*"}
    parts = older.relative_to(bench.older).parts
    for beginning, pattern in names.items():
        if parts[0].startswith(beginning):
            older = next(bench.older.glob(pattern)).joinpath(*parts[1:])
    if older.exists():
        shutil.copyfile(older, file)


def _swapped(file: Path, chance: random.Random, _: Path, bench: Bench) -> None:
    """Replace a file by another file of the index."""
    others = sorted(one for one in bench.index.rglob("*") if one.is_file() and one.name not in NOTES)
    shutil.copyfile(chance.choice(others), file)


KINDS: dict[str, Callable[[Path, random.Random, Path, Bench], None]] = {
    "bytes": _bytes,
    "bit": _bit,
    "digit": _digit,
    "page": _page,
    "truncated": _truncated,
    "longer": _longer,
    "empty": _empty,
    "removed": _removed,
    "older": _older,
    "swapped": _swapped,
}


def make(folder: Path, corpus: Path, embedder: HashingEmbedder) -> Bench:
    """Make an index of two generations, and keep a copy of the first."""
    (corpus / "lang.md").write_text(
        "# Werl\n\n"
        + "".join(f"Der Turm von Werl hat {number} Stufen aus rotem Sandstein. " for number in range(100, 160)),
        encoding="utf-8",
    )
    index, older = folder / "made", folder / "older"
    sync(corpus, older, embedder)
    shutil.copytree(older, index)
    (corpus / "spät.md").write_text("# Nachtrag\n\nAm 4. Mai kamen 250 Dachse hinzu.\n", encoding="utf-8")
    (corpus / "nvidia.txt").unlink()
    sync(corpus, index, embedder)
    work = folder / "work"
    work.mkdir()
    changed = work / "corpus"
    shutil.copytree(corpus, changed)
    (changed / "spät.md").write_text("# Nachtrag\n\nAm 5. Mai kamen 260 Dachse hinzu.\n", encoding="utf-8")
    (changed / "huawei.md").rename(changed / "hersteller.md")
    (changed / "cambricon.md").unlink()
    (changed / "neu.md").write_text("# Neu\n\nEin neuer Satz über Nvidia und den Dollar.\n", encoding="utf-8")
    sync(changed, folder / "after", embedder)
    return Bench(corpus, index, older, work, state(index), state(older), state(folder / "after"))


def overwrite(bench: Bench, embedder: HashingEmbedder, page: int, seed: int) -> str:
    """Overwrite one page of the store, sync the index, and return whether opening it noticed the damage."""
    index = bench.work / "index"
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(bench.index, index)
    store = next(index.glob("store-*.sqlite"))
    with store.open("r+b") as stream:
        stream.seek(page * PAGE)
        stream.write(random.Random(seed).randbytes(PAGE))
    try:
        assert state(index) == bench.state
        came = "harmless"
    except RagError:
        came = "noticed"
    sync(bench.work / "corpus", index, embedder)
    assert state(index) == bench.after_change, page
    return came
