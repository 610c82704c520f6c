"""
Take German compounds apart into words that the corpus itself uses.

The method is that of Koehn and Knight, "Empirical Methods for Compound Splitting" (EACL 2003): of all ways to
cut a word into two known ones, with a linking element or without, the one whose parts are the most frequent
by their geometric mean, if that is more than the word's own frequency. Only the corpus is asked, so that names
and technical terms of its field are known and no dictionary has to be kept.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from index.limits import LONGEST_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEAST_LETTERS = 4
_MOST_KNOWN = 65_536
_LINKS = ("", "s", "n", "en", "es", "er", "e")


class CompoundSplitter:
    """
    Splits words by the vocabulary of a corpus.

    Parameters
    ----------
    vocabulary
        Casefolded words and how often each occurs.

    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self.vocabulary = dict(vocabulary)
        self._known: dict[str, tuple[str, ...]] = {}

    @classmethod
    def learn(cls, words: Iterable[str]) -> CompoundSplitter:
        """Return a splitter for a corpus, given all of its casefolded words."""
        return cls(Counter(word for word in words if word.isalpha() and LEAST_LETTERS <= len(word) <= LONGEST_WORD))

    def split(self, word: str) -> tuple[str, ...]:
        """
        Return the two parts of a casefolded word, nothing where it is no compound of known words.

        The work grows with the square of a word's length, and no compound of two is longer than `LONGEST_WORD`;
        what is longer is neither taken apart nor remembered.

        Examples
        --------
        >>> CompoundSplitter({"chip": 5, "fertigung": 3}).split("chipfertigung")
        ('chip', 'fertigung')

        """
        if len(word) > LONGEST_WORD:
            return ()
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:  # whoever asks must not be able to fill the memory
                self._known.clear()
            found = self._known[word] = self._split(word)
        return found

    def _split(self, word: str) -> tuple[str, ...]:
        best = float(self.vocabulary.get(word, 0))
        found: tuple[str, ...] = ()
        for cut in range(LEAST_LETTERS, len(word) - LEAST_LETTERS + 1):
            tail = word[cut:]
            if tail not in self.vocabulary:
                continue
            for link in _LINKS:
                head = word[:cut].removesuffix(link)
                if len(head) < LEAST_LETTERS or len(head) != cut - len(link) or head not in self.vocabulary:
                    continue
                score = (self.vocabulary[head] * self.vocabulary[tail]) ** 0.5
                if score > best:
                    best, found = score, (head, tail)
        return found
