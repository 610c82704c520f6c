"""The app and the real `RAG`, with a model that never stops reading its prompt."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from tests.rag.building import synced
from tests.rag.collections.test_sharing import QUESTION, RIGHT, HeldEngine
from tests.rag.inference.test_turns import until
from ui.conversation.extension import Asked
from ui.conversation.session import follow

if TYPE_CHECKING:
    from pathlib import Path


def test_the_app_stops_a_model_that_still_reads(corpus: Path, index_dir: Path) -> None:
    engine = HeldEngine(RIGHT, reading=True)
    rag = synced(corpus, index_dir, engine)

    async def run() -> None:
        async with aclosing(follow(Asked(rag, {"client": "browser"}), QUESTION, [])) as batches:
            async for _ in batches:
                await asyncio.to_thread(engine.reading.wait, 10)
                return

    asyncio.run(run())
    until(lambda: engine.busy == 0)
    assert engine.yielded == 0
