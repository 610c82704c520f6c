"""Consoles on which no text acts on the terminal, and which of them whoever runs the command looks at."""

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
    A console that lets no character of a text act on the terminal: all that is printed passes `render`.

    Its own movements and colours are control segments and styles, which stay. Names, which must not begin a line of
    their own, are escaped where they are put into a line.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return what is printed, with such characters as their numbers."""
        for segment in super().render(renderable, options):
            safe = segment.text if segment.control else printable.lines(segment.text)
            yield segment if safe == segment.text else Segment(safe, segment.style)

    @property
    def console(self) -> Console:
        """Itself, see `CurrentConsole`."""
        return self


# Neither "[b]" nor ":smile:" means anything in a text that is shown.
_PLAIN: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": True}


class CurrentConsole:
    """Standard output or standard error of whoever the command is run for."""

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
        # As the library has it: what a terminal says of itself counts behind these variables, and not if it can nothing.
        if client.environ.get("COLUMNS", "").isdigit() or client.environ.get("TERM", "").lower() in {"dumb", "unknown"}:
            width = height = None
        file = client.err if self._stderr else client.out
        return SafeConsole(file=file, _environ=client.environ, width=width, height=height, **_PLAIN)

    @property
    def is_terminal(self) -> bool:
        """Whether a terminal shows it."""
        return self.console.is_terminal

    def print(self, *values: RenderableType) -> None:
        """Print to it."""
        self.console.print(*values)
