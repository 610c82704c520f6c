"""
A kill of the process that follows a folder loses nothing, whatever changes meanwhile.

`RAG_KILLS=1 python -m pytest tests/index/watching/test_watch_kills.py -s` kills sixty times, otherwise three times.
"""

from __future__ import annotations

import functools
import os
import random
import threading
import time
from pathlib import Path

import pytest

from index.errors import IndexMissingError
from index.storage import manifest
from index.syncing.sync import sync
from index.watching.following import Following
from tests.index import killing
from tests.index.synced import current, state
from tests.rag.fakes import HashingEmbedder

pytest.importorskip("watchfiles")
TIMES = 60 if os.environ.get("RAG_KILLS") == "1" else 3


def follow(corpus: Path, index: Path) -> None:
    bring = functools.partial(sync, corpus, index, HashingEmbedder())
    Following(corpus, index, bring, lambda _: None, lambda _: None, threading.Event()).run()


def change(corpus: Path, chance: random.Random) -> None:
    """Change a folder as people do: some files written, one renamed, one gone."""
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(8)
        text = f"# Artikel {number}\n\nDer Dachs hat {chance.randrange(1000)} Milliarden Yuan. Er gibt sie aus.\n"
        (corpus / f"neu-{number}.md").write_text(text, encoding="utf-8")
    there = sorted(corpus.glob("neu-*.md"))
    if chance.random() < 0.5:
        chance.choice(there).rename(corpus / f"neu-{chance.randrange(8, 12)}.md")
    elif len(there) > 2:
        chance.choice(there).unlink()


def test_a_kill_while_a_folder_is_followed_loses_nothing(
    corpus: Path, index_dir: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    forks, chance, syncs, ready = killing.context(), random.Random(TIMES), 0, 60.0
    for turn in range(TIMES):
        process = forks.Process(target=follow, args=(corpus, index_dir))
        process.start()
        began, until = time.monotonic(), chance.uniform(0.5, 2.5) * ready
        while time.monotonic() - began < until:
            change(corpus, chance)
            time.sleep(chance.uniform(0.05, 0.9))
            if turn == 0 and (index_dir / manifest.MANIFEST).exists():  # as long as it takes on this machine
                ready = time.monotonic() - began
                break
        process.kill()
        process.join(killing.PATIENCE)
        try:
            state(index_dir)  # what there is can be read
            syncs += 1
        except IndexMissingError:
            assert not (index_dir / manifest.MANIFEST).exists()
        if turn % 5 == 4 or turn == TIMES - 1:
            sync(corpus, index_dir, embedder)
            sync(corpus, tmp_path / f"fresh-{turn}", embedder)
            assert state(index_dir) == state(tmp_path / f"fresh-{turn}")
            stores = {file.name for file in index_dir.glob("store-*")}
            assert stores == {one.store for one in current(index_dir).segments}
    print(f"{TIMES} kills, {syncs} of them with an index")
    assert syncs
