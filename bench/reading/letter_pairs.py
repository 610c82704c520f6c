"""
Count which letters follow each other in languages with Latin letters, and print the table of
`index.reading.extraction.pdf.characters.garbled`.

    python -m bench.reading.letter_pairs

Counts the names of languages, places, currencies and months in the Unicode CLDR, which Babel carries. Each pair gets
its share in the language in which it is most frequent: a pair that no language has shows that letters are mapped
wrongly.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from babel import Locale

from index.reading.extraction.pdf.characters.garbled import LETTERS, folded

LANGUAGES = (
    "de en fr es it nl pt pl cs sk sl hr hu ro fi et lv lt sv da nb is tr az id ms sw eu ca gl cy ga mt sq af fil vi "
    "lb uz so zu yo ha br fo"
).split()
_UNSEEN = 0.02  # added to every count, for pairs that a language does not have


def names(language: str) -> str:
    known = Locale.parse(language)
    months = [name for width in known.months.values() for forms in width.values() for name in forms.values()]
    return " ".join(
        map(str, [*known.languages.values(), *known.territories.values(), *known.currencies.values(), *months])
    )


def main() -> None:
    best: dict[str, float] = {}
    for language in LANGUAGES:
        pairs: Counter[str] = Counter()
        for word in re.findall("[a-z]+", folded(names(language))):
            framed = f" {word} "
            pairs.update(framed[place : place + 2] for place in range(len(framed) - 1))
        for first in LETTERS:
            whole = sum(pairs[first + second] for second in LETTERS) + _UNSEEN * len(LETTERS)
            for second in LETTERS:
                best[first + second] = max(best.get(first + second, 0), (pairs[first + second] + _UNSEEN) / whole)
    for first in LETTERS:
        print("".join(format(min(15, round(-math.log2(best[first + second]))), "x") for second in LETTERS))


if __name__ == "__main__":
    main()
