"""
Look for texts on which an analysis takes disproportionately long; they are longer than those that the tests try.

    nice python -m bench.speed.growth [NAME ...]

Prints each analysis with the shapes of text on which its time grows faster than the text. All take a quarter of an
hour.
"""

from __future__ import annotations

import sys
import time

from bench.machine import described
from tests.growth import LONG, SHAPES, superlinear
from tests.index import test_linear as of_index
from tests.rag import test_linear as of_rag
from tests.ui import test_linear as of_ui


def main(names: list[str]) -> None:
    """Try the named analyses, or all."""
    print(f"{described()}\n")
    known = {name: one for module in (of_index, of_rag, of_ui) for name, one in (module.QUICK | module.SLOW).items()}
    for name in names or known:
        began = time.monotonic()
        longest = 4 * LONG if name in _quick() else LONG
        found = superlinear(known[name], before=of_index.forget, longest=longest, most=len(SHAPES))
        print(f"{name}: {'; '.join(found) or 'none'} ({time.monotonic() - began:.0f} s)", flush=True)


def _quick() -> set[str]:
    return {name for module in (of_index, of_rag, of_ui) for name in module.QUICK}


if __name__ == "__main__":
    main(sys.argv[1:])
