"""The windows that are read for a question, and the loss on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from rag.grounding.reader.windows import windows
from training.batches import collate

if TYPE_CHECKING:
    from random import Random

    from rag.grounding.reader.windows import Window
    from rag.inference.reading.encoding import Encoder
    from training.model import Reader
    from training.open.gathering import Example

# Up to this share of the sentences that do not answer is left out, a random share each time, so that windows differ.
_LEFT_OUT = 0.5
# Share of the answerable questions from which all that answers is left out: what remains is near but does not answer.
_WITHOUT_ANSWER = 0.1
_WINDOWS_WITHOUT = 3
_RANKING_WEIGHT = 0.5
_WINDOW_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Drawn:
    """Some windows of a question, and whether each of their sentences belongs in the answer."""

    windows: tuple[Window, ...]
    bears: tuple[bool, ...]


def draw(example: Example, rng: Random) -> Drawn:
    """
    Leave some sentences out, and take all windows that hold part of the answer, and a few others.

    For one in ten of the answerable questions, all that answers is left out.
    """
    without = rng.random() < _WITHOUT_ANSWER and not all(example.bears)
    share = rng.uniform(0, _LEFT_OUT)
    kept = [number for number, bears in enumerate(example.bears) if (not without if bears else rng.random() > share)]
    kept = kept or [number for number, bears in enumerate(example.bears) if not bears]
    bears = tuple(example.bears[number] for number in kept)
    joined = windows(example.question, [example.sentences[number] for number in kept])
    holding = [one for one in joined if any(bears[number] for number, _, _ in one.members)]
    others = [one for one in joined if one not in holding]
    rng.shuffle(others)
    return Drawn((*holding, *others[: _WINDOWS_WITHOUT if holding else _WINDOWS_WITHOUT + 1]), bears)


def loss(reader: Reader, encoder: Encoder, drawn: Drawn, *, frozen: int) -> Tensor:
    """
    Return the loss of one question.

    Parameters
    ----------
    reader, encoder
        The network and its tokenizer.
    drawn
        What is read.
    frozen
        As for `Reader.forward`.

    Returns
    -------
    The sum of three losses: on each sentence's log odds (the mean over its tokens) of belonging in the answer; on how
    far each sentence that belongs ranks before all others; on each window's log odds of holding part of the answer.

    """
    encoded = encoder.encode(drawn.windows)
    with torch.autocast("cpu", torch.bfloat16):
        seen = reader(*collate(encoded), frozen=frozen)
    odds: list[Tensor] = []
    bears: list[bool] = []
    holds: list[bool] = []
    for row, (window, tokens) in enumerate(zip(drawn.windows, encoded, strict=True)):
        of_window = []
        for number, start, end in window.members:
            inside = tokens.within(start, end)
            if inside:
                first = tokens.body[0]
                odds.append(seen.inside[row, first + inside[0] : first + inside[-1] + 1].mean())
                of_window.append(drawn.bears[number])
        bears += of_window
        holds.append(any(of_window))
    said, wanted = torch.stack(odds), torch.tensor(bears)
    result = functional.binary_cross_entropy_with_logits(said, wanted.float())
    held = functional.binary_cross_entropy_with_logits(seen.answers, torch.tensor(holds).float())
    result = result + _WINDOW_WEIGHT * held
    if bool(wanted.any()) and not bool(wanted.all()):
        ranked = functional.softplus(torch.logsumexp(said[~wanted], 0) - said[wanted]).mean()
        result = result + _RANKING_WEIGHT * ranked
    return result
