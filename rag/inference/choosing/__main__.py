"""``python -m rag.inference.choosing [NAME ...]``: fetch and convert the default models, or those named."""

from __future__ import annotations

import sys
import time

from index.errors import RagError
from index.printable import escaped, one_line
from index.progress import told
from rag.inference.choosing.runtimes import fetch
from rag.inference.weights import DEFAULT_EMBEDDING, DEFAULT_LLM
from rag.settings import load_settings

_TERMINAL_SECONDS = 0.25
_LOG_SECONDS = 5.0


class ProgressLines:
    """
    Shows progress on standard error: one line rewritten on a terminal, a line now and then in a log.

    Every new description is shown at once.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._description = ""
        self._shown = 0.0

    def __call__(self, description: str, done: int, total: int, /) -> None:
        """Show one state, if the last one was shown long enough ago."""
        now = time.monotonic()
        fresh = description != self._description
        if not fresh and now - self._shown < (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS):
            return
        if fresh:
            self.finish()
        self._description, self._shown = description, now
        text = one_line(description)
        if total > 0:
            text += f" {min(done, total) / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        # The trailing blanks wipe what a longer text left behind.
        sys.stderr.write(f"\r{text:<78}" if self._terminal else f"{text}\n")
        sys.stderr.flush()

    def finish(self) -> None:
        """End the line that is being rewritten."""
        if self._terminal and self._description:
            sys.stderr.write("\n")
        self._description = ""


def main(names: list[str]) -> int:
    """Fetch models; return the exit code."""
    progress = ProgressLines()
    for name in names or [DEFAULT_EMBEDDING, DEFAULT_LLM]:
        start = time.monotonic()
        try:
            with told(progress):
                model = fetch(name, load_settings().machine)
        except RagError as error:
            progress.finish()
            sys.stderr.write(f"{error}\n")
            return 1
        except KeyboardInterrupt:
            progress.finish()
            sys.stderr.write("Interrupted; the same command goes on where it stopped.\n")
            return 130
        progress.finish()
        sys.stderr.write(f"{model.name}: ready in {time.monotonic() - start:.0f} s, {escaped(str(model.location))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
