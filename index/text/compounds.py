"""
Split German compounds into words that the corpus itself uses.

The method is that of Koehn and Knight, "Empirical Methods for Compound Splitting" (EACL 2003): of all ways to
split a word into two known ones, with or without a linking element, it takes the one whose parts have the highest
geometric mean of frequencies, if that exceeds the word's own frequency. Only the corpus is used, so that names
and technical terms of its field are known and no dictionary has to be maintained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from index.limits import LONGEST_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAST_LETTERS = 4
_MOST_KNOWN = 65_536
_LINKS = ("", "s", "n", "en", "es", "er", "e")


class Counts(Protocol):
    """A vocabulary that can be queried for many words at once."""

    def counts(self, words: Sequence[str]) -> Sequence[int]:
        """Return how often casefolded words occur."""


class CompoundSplitter:
    """
    Splits words by the vocabulary of a corpus.

    Parameters
    ----------
    vocabulary
        Casefolded words and how often each occurs, or an object that returns these counts.

    """

    def __init__(self, vocabulary: Mapping[str, int] | Counts) -> None:
        self._counts = (
            (lambda words: [vocabulary.get(word, 0) for word in words])
            if isinstance(vocabulary, Mapping)
            else vocabulary.counts
        )
        self._known: dict[str, tuple[str, ...]] = {}

    @classmethod
    def learn(cls, words: Iterable[str]) -> CompoundSplitter:
        """Return a splitter for a corpus, given all of its casefolded words."""
        return cls(Counter(filter(cls.learns, words)))

    @staticmethod
    def learns(word: str) -> bool:
        """Tell whether a word can be a compound or part of one."""
        return word.isalpha() and LEAST_LETTERS <= len(word) <= LONGEST_WORD

    def split(self, word: str) -> tuple[str, ...]:
        """
        Return the two parts of a casefolded word; empty if it is not a compound of known words.

        The work grows with the square of a word's length, and no compound of two words is longer than
        `LONGEST_WORD`; a longer word is neither split nor cached.

        Examples
        --------
        >>> CompoundSplitter({"chip": 5, "fertigung": 3}).split("chipfertigung")
        ('chip', 'fertigung')

        """
        if len(word) > LONGEST_WORD:
            return ()
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:  # users' queries must not be able to fill the memory
                self._known.clear()
            found = self._known[word] = self._split(word)
        return found

    def _split(self, word: str) -> tuple[str, ...]:
        cuts = range(LEAST_LETTERS, len(word) - LEAST_LETTERS + 1)
        if not cuts:
            return ()
        own, *tails = self._counts([word, *(word[cut:] for cut in cuts)])
        ways = [
            (head, word[cut:], often)
            for cut, often in zip(cuts, tails, strict=True)
            if often > 0
            for link in _LINKS
            if len(head := word[:cut].removesuffix(link)) == cut - len(link) >= LEAST_LETTERS
        ]
        best = float(own)
        found: tuple[str, ...] = ()
        for (head, tail, often), heads in zip(ways, self._counts([way[0] for way in ways]), strict=True):
            if (score := (heads * often) ** 0.5) > best:
                best, found = score, (head, tail)
        return found
