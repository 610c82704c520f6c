"""
Train the network that tells what a question asks for.

    python -m training.asking.kinds --out FOLDER --facts qa.jsonl.xz [--check tests/data/kinds_check.jsonl]

The embedding model's layers, except for the lowest four, are trained further on the questions that `training.kinds`
learns from. The network is written to FOLDER in OpenVINO's format, as `rag.inference.asking.kinds` reads it.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import torch
import typer
from torch import Tensor, nn
from torch.nn import functional

from rag.inference.asking.kinds import INPUT, IR_FILE, MAX_TOKENS, OUTPUT, PROMPT
from rag.inference.reading.encoding import PAD
from rag.inference.weights.export.embedding import round_matrices
from rag.kinds import KINDS
from rag.kinds.frames import Labelled, filled, labelled, written
from training.kinds import extractive, further
from training.model import WIDTH, Reader, load_embedding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

    from rag.kinds import Kind

EMBEDDING = Path.home() / ".cache/quellentreu/multilingual-e5-small"
FROZEN = 4  # lower layers that stay as they are in the embedding model
BATCH = 32
EPOCHS = 3.0
RATE = 1.5e-4
WARM_UP = 60  # steps
SMOOTHING = 0.05
FRAME, FACT = 0.1, 0.3  # how often a question from a frame or an extractive set is drawn, relative to a written one
_LOWER_CASE, _NO_MARK, _TYPING_ERROR = 0.12, 0.1, 0.08


class Weighted(NamedTuple):
    """A question and how often it is drawn."""

    question: Labelled
    weight: float


class KindReader(nn.Module):
    """Twelve layers over a question, and a head over the mean of its tokens and its first token."""

    def __init__(self, embedding: Path | None = None) -> None:
        super().__init__()
        reader = Reader()
        if embedding is not None:
            load_embedding(reader, embedding)
        self.words: Tensor
        self.positions: Tensor
        self.register_buffer("words", reader.words, persistent=False)
        self.register_buffer("positions", reader.positions[:MAX_TOKENS].clone())
        self.first_norm, self.layers = reader.first_norm, reader.layers
        self.head = nn.Sequential(nn.Linear(2 * WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, len(KINDS)))

    def forward(self, vectors: Tensor, there: Tensor) -> Tensor:
        """
        Return scores of the kinds.

        Parameters
        ----------
        vectors
            Word vectors, (questions, tokens, width).
        there
            True where a token is not padding, (questions, tokens).

        Returns
        -------
        Shape (questions, kinds), in 32 bits.

        """
        mask = there[:, None, None, :]
        states = self.first_norm(vectors + self.positions[: vectors.shape[1]])
        for number, layer in enumerate(self.layers):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= FROZEN):
                states = layer(states, mask)
        states = states.float()
        with torch.autocast("cpu", enabled=False):
            weights = there[..., None].float()
            mean = (states * weights).sum(1) / weights.sum(1)
            result: Tensor = self.head(torch.cat([mean, states[:, 0]], -1))
        return result


class _OneQuestion(nn.Module):
    """The network as the program uses it: one question at a time, without padding."""

    def __init__(self, reader: KindReader) -> None:
        super().__init__()
        self._reader = reader

    def forward(self, vectors: Tensor) -> Tensor:
        result: Tensor = self._reader(vectors, torch.ones(vectors.shape[:2], dtype=torch.bool))
        return result


def train(
    embedding: Path, tokenizer: Tokenizer, questions: Sequence[Weighted], *, steps: int, seed: int = 0
) -> KindReader:
    """
    Learn from questions.

    Parameters
    ----------
    embedding
        Folder of the embedding model, whose layers are trained further.
    tokenizer
        Its tokenizer.
    questions
        Drawn by their weights.
    steps
        Number of batches.
    seed
        Decides what is drawn.

    """
    torch.manual_seed(seed)
    draw = random.Random(seed)
    reader = KindReader(embedding)
    learnt = [*reader.layers[FROZEN:].parameters(), *reader.head.parameters()]
    optimizer = torch.optim.AdamW(learnt, lr=RATE, weight_decay=0.01, betas=(0.9, 0.98))
    weights = [one.weight for one in questions]
    begun, losses = time.monotonic(), 0.0
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * max(0.02, 1.0 - step / steps)
        drawn = [one.question for one in draw.choices(questions, weights=weights, k=BATCH)]
        ids = _ids(tokenizer, [_varied(one.question, draw) for one in drawn])
        wanted = torch.tensor([KINDS.index(one.kind) for one in drawn])
        with torch.autocast("cpu", torch.bfloat16):
            said = reader(reader.words[ids].float(), ids != PAD)
        loss = functional.cross_entropy(said, wanted, label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        losses += float(loss.detach())
        if (step + 1) % 100 == 0:
            minutes = (time.monotonic() - begun) / 60
            print(
                json.dumps({"step": step + 1, "loss": round(losses / 100, 3), "minutes": round(minutes, 1)}), flush=True
            )
            losses = 0.0
    return reader.eval()


def export(reader: KindReader, folder: Path) -> int:
    """Write the network, its matrices in 8 bit; return the bytes of its files."""
    import openvino  # noqa: PLC0415 - a heavy runtime

    with torch.no_grad():
        model = openvino.convert_model(_OneQuestion(reader).eval(), example_input=torch.zeros((1, 7, WIDTH)))
    model.inputs[0].set_names({INPUT})
    model.outputs[0].set_names({OUTPUT})
    if not round_matrices(model):
        raise SystemExit("the converter wrote no matrices that could be rounded to 8 bit")
    folder.mkdir(parents=True, exist_ok=True)
    openvino.save_model(model, folder / IR_FILE, compress_to_fp16=False)
    return sum((folder / name).stat().st_size for name in (IR_FILE, Path(IR_FILE).with_suffix(".bin").name))


def guesses(reader: KindReader, tokenizer: Tokenizer, questions: Sequence[Labelled]) -> list[Kind]:
    """Return the likeliest kind of each question."""
    found: list[Kind] = []
    with torch.no_grad():
        for one in questions:
            ids = _ids(tokenizer, [one.question])
            found.append(KINDS[int(reader(reader.words[ids].float(), ids != PAD).argmax())])
    return found


def _ids(tokenizer: Tokenizer, questions: Sequence[str]) -> Tensor:
    rows = [tokenizer.encode(PROMPT + one).ids[:MAX_TOKENS] for one in questions]
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def _varied(question: str, draw: random.Random) -> str:
    """Now and then write a question as people type: in lower case, without its final mark, two letters swapped."""
    if draw.random() < _LOWER_CASE:
        question = question.lower()
    if draw.random() < _NO_MARK:
        question = question.rstrip("?!. ")
    if draw.random() < _TYPING_ERROR and len(question) > 2:
        place = draw.randrange(len(question) - 1)
        question = question[:place] + question[place + 1] + question[place] + question[place + 2 :]
    return question


def main(
    out: Annotated[Path, typer.Option(help="Folder for the network.")],
    facts: Annotated[Path, typer.Option(help="qa.jsonl.xz of questions whose answer is one span.")],
    embedding: Annotated[Path, typer.Option(help="Folder of the embedding model.")] = EMBEDDING,
    check: Annotated[list[Path] | None, typer.Option(help="JSONL of questions never trained on.")] = None,
) -> None:
    """Train, write the network, and print how often the kind is right."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - a heavy library

    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(embedding / "tokenizer.json"))
    questions = [
        *(Weighted(one, 1.0) for one in (*written(), *further())),
        *(Weighted(one, FRAME) for one in filled()),
        *(Weighted(one, FACT) for one in extractive(facts)),
    ]
    steps = int(EPOCHS * sum(one.weight for one in questions) / BATCH)
    print(json.dumps({"questions": len(questions), "steps": steps}), flush=True)
    reader = train(embedding, tokenizer, questions, steps=steps)
    print(f"{export(reader, out) / 1e6:.1f} MB")
    for file in check or ():
        asked = labelled(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
        right = np.mean(
            [guess == one.kind for guess, one in zip(guesses(reader, tokenizer, asked), asked, strict=True)]
        )
        print(f"{file.name}: right for {right:.3f} of {len(asked)}")


if __name__ == "__main__":
    typer.run(main)
