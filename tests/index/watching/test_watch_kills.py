"""A kill of the process that follows a folder loses nothing, whatever changes in the meantime."""

from __future__ import annotations

import functools
import random
import signal
import threading
from pathlib import Path

import pytest

from index.errors import IndexMissingError
from index.storage import manifest
from index.syncing.sync import sync
from index.watching import changes, following
from index.watching.following import Following
from tests.index import killing
from tests.index.synced import current, state
from tests.rag.fakes import HashingEmbedder

pytest.importorskip("watchfiles")


def follow(corpus: Path, index: Path) -> None:
    """Follow a folder that changes all the time. It is synced anyway, here after a fraction of a second."""
    changes.STEP_MS, following.MOST_TICKS = 50, 4
    bring = functools.partial(sync, corpus, index, HashingEmbedder())
    Following(corpus, index, bring, lambda _: None, lambda _: None, threading.Event()).run()


def change(corpus: Path, chance: random.Random) -> None:
    """Change a folder as people do: write some files, rename one, and delete one."""
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(8)
        text = f"# Artikel {number}\n\nDer Dachs hat {chance.randrange(1000)} Milliarden Yuan. Er gibt sie aus.\n"
        (corpus / f"neu-{number}.md").write_text(text, encoding="utf-8")
    there = sorted(corpus.glob("neu-*.md"))
    if chance.random() < 0.5:
        chance.choice(there).rename(corpus / f"neu-{chance.randrange(8, 12)}.md")
    elif len(there) > 2:
        chance.choice(there).unlink()


@killing.may_take_long
def test_a_kill_while_a_folder_is_followed_loses_nothing(
    corpus: Path, index_dir: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    forks, chance, with_index = killing.context(), random.Random(killing.KILLS), 0
    once = killing.counted(forks, tmp_path / "once", killing.build, corpus, tmp_path / "once")
    # The last kill always comes after the first sync.
    steps = [*(chance.randint(1, 3 * once) for _ in range(killing.KILLS - 1)), 3 * once]
    for turn, step in enumerate(steps, start=1):
        process = forks.Process(target=killing.perform, args=(index_dir, step, follow, (corpus, index_dir)))
        process.start()
        while process.is_alive():
            change(corpus, chance)
            process.join(chance.uniform(0.01, 0.2))
        assert process.exitcode == -signal.SIGKILL
        try:
            state(index_dir)  # an existing index can be read
            with_index += 1
        except IndexMissingError:
            assert not (index_dir / manifest.MANIFEST).exists()
        if turn % 5 == 0 or turn == len(steps):
            sync(corpus, index_dir, embedder)
            sync(corpus, tmp_path / f"fresh-{turn}", embedder)
            assert state(index_dir) == state(tmp_path / f"fresh-{turn}")
            stores = {file.name for file in index_dir.glob("store-*")}
            assert stores == {one.store for one in current(index_dir).segments}
    print(f"{len(steps)} kills, {with_index} of them with an index")
    assert with_index
