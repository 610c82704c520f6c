"""Embed the texts of all senders in turn, however many one of them has sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from index.protocols import Vectors


class Turns:
    """
    Limits how much is embedded at once.

    The requests of one sender are answered one after the other, each in parts, and between two parts other senders have
    their turn.

    Parameters
    ----------
    most
        Number of parts that are embedded at once.

    """

    def __init__(self, most: int) -> None:
        self._all = asyncio.Semaphore(most)
        self._own: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def parts(
        self, sender: str, texts: Sequence[str], size: int, embed: Callable[[Sequence[str]], Awaitable[Vectors]]
    ) -> AsyncGenerator[Vectors]:
        """
        Yield the vectors of texts.

        Parameters
        ----------
        sender
            Who sends them.
        texts
            The texts to embed.
        size
            Number of texts in each part.
        embed
            Embeds one part.

        """
        own = self._own.get(sender)
        if own is None:
            own = self._own[sender] = asyncio.Lock()
        async with own:
            for first in range(0, len(texts), size):
                async with self._all:
                    found = await embed(texts[first : first + size])
                yield found
