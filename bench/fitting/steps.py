"""The command line of a fit with two steps: gather rows from a set, fit weights on files of rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run(usage: str | None, gather: Callable[[Path, Path], None], fit: Callable[[list[Path]], None]) -> None:
    """Do the step that the arguments name; print the usage if they name none."""
    given = [Path(one) for one in sys.argv[2:]]
    if sys.argv[1:2] == ["gather"] and len(given) == 2:
        gather(*given)
    elif sys.argv[1:2] == ["fit"] and given:
        fit(given)
    else:
        sys.exit(usage)
