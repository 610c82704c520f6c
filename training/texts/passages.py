"""Windows of passages, and copies of them without some of their sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.sentences import split

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

    from index.types import Span


# Characters of a window: short ones are quick, long ones are what the product reads.
SIZES = (240, 340, 460, 700)


@dataclass(frozen=True)
class Window:
    """
    Some sentences of a passage, and the answer's place in them.

    Attributes
    ----------
    text
        The sentences with what stands between them.
    answer
        Start and end of the answer in ``text``, in characters; None if there is none.

    """

    text: str
    answer: tuple[int, int] | None = None


def window(text: str, *, size: int, rng: Random, answer: tuple[int, int] | None = None) -> Window:
    """
    Choose neighbouring sentences of at most about `size` characters.

    Parameters
    ----------
    text
        A passage.
    size
        Characters; a single longer sentence, or one that holds the answer, is kept whole.
    rng
        Decides how much stands before the answer, or where the window begins.
    answer
        Start and end of what must be inside, in characters of `text`.

    Returns
    -------
    Window
        With the answer's place in it.

    """
    if len(text) <= size:
        return Window(text, answer)
    spans = split(text)
    if not spans:
        return Window(text, answer)
    first, last = _touched(spans, answer) if answer else (None, None)
    if first is None or last is None:
        first = last = rng.randrange(len(spans))
    while spans[last].end - spans[first].start < size:
        before, after = first > 0, last < len(spans) - 1
        if not before and not after:
            break
        back = before and (not after or rng.random() < 0.5)
        new_first, new_last = (first - 1, last) if back else (first, last + 1)
        if spans[new_last].end - spans[new_first].start > size:
            break
        first, last = new_first, new_last
    return _kept(text, spans, range(first, last + 1), answer)


def part(passage: Window, rng: Random) -> tuple[Window, Window] | None:
    """
    Make a copy that still answers and one that no longer does, of the same number of sentences.

    The second lacks the sentences that the answer touches, the first as many others of about their length, so
    that neither the number of sentences nor the length tells one from the other.

    Parameters
    ----------
    passage
        A window with its answer.
    rng
        Chooses among the sentences that may go.

    Returns
    -------
    tuple[Window, Window] | None
        The copy that answers and the one that does not; None where there are too few sentences, or where the
        answer's words stand in another sentence as well.

    """
    if passage.answer is None:
        return None
    spans = split(passage.text)
    first, last = _touched(spans, passage.answer)
    if first is None or last is None:
        return None
    gone = range(first, last + 1)
    others = [i for i in range(len(spans)) if i not in gone]
    if len(others) <= len(gone):
        return None
    without = _kept(passage.text, spans, others, None)
    words = passage.text[slice(*passage.answer)].casefold().strip()
    if not words or words in without.text.casefold():
        return None
    length = sum(spans[i].end - spans[i].start for i in gone)
    tries = [rng.sample(others, len(gone)) for _ in range(3)]
    dropped = min(tries, key=lambda some: abs(sum(spans[i].end - spans[i].start for i in some) - length))
    stays = [i for i in range(len(spans)) if i not in dropped]
    return _kept(passage.text, spans, stays, passage.answer), without


def without_sentence(text: str, chosen: int, rng: Random) -> tuple[str, str] | None:
    """
    Make a copy with sentence `chosen` but without another, and a copy without `chosen`.

    Parameters
    ----------
    text
        A passage.
    chosen
        Number of the sentence, from 0.
    rng
        Chooses the other sentence.

    Returns
    -------
    tuple[str, str] | None
        The two copies, of the same number of sentences; None where the passage has fewer than three.

    """
    spans = split(text)
    if len(spans) < 3 or chosen >= len(spans):
        return None
    other = rng.choice([i for i in range(len(spans)) if i != chosen])
    kept = [_kept(text, spans, [i for i in range(len(spans)) if i != gone], None).text for gone in (other, chosen)]
    return kept[0], kept[1]


def _touched(spans: list[Span], answer: tuple[int, int]) -> tuple[int | None, int | None]:
    touched = [i for i, span in enumerate(spans) if span.start < answer[1] and answer[0] < span.end]
    return (touched[0], touched[-1]) if touched else (None, None)


def _kept(text: str, spans: list[Span], stays: Collection[int], answer: tuple[int, int] | None) -> Window:
    parts: list[str] = []
    length, moved = 0, None
    previous: int | None = None
    for i in sorted(stays):
        span = spans[i]
        if previous is not None:
            # The gap before a sentence stays with it: a blank, or the line break of a paragraph.
            gap = text[spans[i - 1].end : span.start] or " "
            parts.append(gap)
            length += len(gap)
        if answer and moved is None and answer[0] < span.end:
            moved = length + max(0, answer[0] - span.start)
        parts.append(text[span.start : span.end])
        length += span.end - span.start
        previous = i
    joined = "".join(parts)
    if answer is None or moved is None:
        return Window(joined)
    end = moved + answer[1] - answer[0]
    if joined[moved:end] != text[answer[0] : answer[1]]:
        return Window(joined)
    return Window(joined, (moved, end))
