"""Tables and escaped texts in GitHub flavoured Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.evaluation.report.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST = 300
# As entities, which are plain text everywhere; a backslash does not escape in all dialects.
_SPECIAL = {ord(character): f"&#{ord(character)};" for character in "\\`*_{}[]<>()|~&#$@!"}
_LINK = re.compile(r"://|www\.", re.IGNORECASE)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], alignment: str) -> str:
    """Return a table; ``alignment`` has one character per column: ``-`` or, for figures, ``:``."""
    lines = [heads, ["---:" if side == ":" else "---" for side in alignment], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def escaped(text: str, limit: int = _LONGEST) -> str:
    """Return a text of the set or of the model as one line of plain text, with all markup escaped."""
    entities = one_line(text, limit).translate(_SPECIAL)
    # GitHub turns bare addresses into links, too.
    return _LINK.sub(lambda match: match[0].replace(":", "&#58;").replace(".", "&#46;"), entities)
