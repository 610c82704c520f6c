"""Consoles on which no text acts on the terminal, and the choice of the one for whoever runs the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.segment import Segment

from index import printable
from rag.cli.resident import streams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType


class SafeConsole(Console):
    """
    A console that lets no character of a text act on the terminal: everything printed passes through `render`.

    Its own cursor movements and colours are control segments and styles, which stay. Names, which must not start a new
    line, are escaped where they are put into a line.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return what is printed, with such characters replaced by their numbers."""
        for segment in super().render(renderable, options):
            safe = segment.text if segment.control else printable.lines(segment.text)
            yield segment if safe == segment.text else Segment(safe, segment.style)

    @property
    def console(self) -> Console:
        """Itself, see `CurrentConsole`."""
        return self


# Neither "[b]" nor ":smile:" has a special meaning in a text that is shown.
_PLAIN: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": True}


class CurrentConsole:
    """Standard output or standard error of whoever the command runs for."""

    def __init__(self, *, stderr: bool) -> None:
        self._stderr = stderr
        self._own = SafeConsole(stderr=stderr, **_PLAIN)

    @property
    def console(self) -> Console:
        """The console of this thread."""
        client = streams.client()
        if client is None:
            return self._own
        width, height = client.size or (None, None)
        # As in the library: these variables take precedence over the terminal's size, and a dumb terminal's is ignored.
        if client.environ.get("COLUMNS", "").isdigit() or client.environ.get("TERM", "").lower() in {"dumb", "unknown"}:
            width = height = None
        file = client.err if self._stderr else client.out
        return SafeConsole(file=file, _environ=client.environ, width=width, height=height, **_PLAIN)

    @property
    def is_terminal(self) -> bool:
        """Whether it is shown on a terminal."""
        return self.console.is_terminal

    def print(self, *values: RenderableType) -> None:
        """Print to it."""
        self.console.print(*values)
