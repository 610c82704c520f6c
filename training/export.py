"""
Write a reader in the form that comes with the package: OpenVINO's format, matrices in 8 bit.

    python -m training.export WEIGHTS [WEIGHTS ...] EMBEDDING --out rag/inference/reading

WEIGHTS is a ``reader-….safetensors`` or a ``last.pt`` of a run, EMBEDDING the folder of multilingual-e5-small. If there
are several WEIGHTS, their mean is written. The word matrix is left out: the program looks words up in its embedding
model.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from rag.inference.reading.encoding import MAX_TOKENS
from rag.inference.reading.network import INPUTS, IR_FILE, OUTPUTS
from rag.inference.weights.export.embedding import round_matrices
from training.measure import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.model import Reader


class _WithoutWords(nn.Module):
    """A reader that is given the vectors of words instead of their numbers."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self.positions: Tensor
        self.register_buffer("positions", reader.positions[:MAX_TOKENS].clone())

    def forward(
        self, vectors: Tensor, there: Tensor, second: Tensor, shared: Tensor, body: Tensor
    ) -> tuple[Tensor, ...]:
        seen = self._reader.read_states(vectors + self.positions[: vectors.shape[1]], there, second, shared, body)
        return tuple(seen)


def mean(readers: Sequence[Reader]) -> Reader:
    """
    Return a reader whose weights are the means of those of others, which began with the same network.

    Such a mean is often as good as each of them on what each is good at (Wortsman et al. 2022, "Model soups").

    Parameters
    ----------
    readers
        At least one; the first is changed in place.

    """
    states = [reader.state_dict() for reader in readers]
    first = readers[0]
    first.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return first


def export(weights: Sequence[Path], embedding: Path, out: Path, file: str = IR_FILE) -> int:
    """
    Write the network.

    Parameters
    ----------
    weights
        Files of runs; the mean of their weights is written.
    embedding
        The folder of the embedding model.
    out
        Folder for the ``.xml`` and the ``.bin`` file.
    file
        Name of the ``.xml`` file.

    Returns
    -------
    int
        Bytes of both files.

    """
    import openvino  # noqa: PLC0415 - a heavy runtime

    module = _WithoutWords(mean([load(one, embedding) for one in weights])).eval()
    rows, tokens = 2, 7
    there = torch.ones((rows, tokens), dtype=torch.bool)
    there[1, 5:] = False
    number = torch.zeros((rows, tokens), dtype=torch.int64)
    number[:, 3:] = 1
    example = (torch.zeros((rows, tokens, 384)), there, number, number, number.bool())
    with torch.no_grad():
        model = openvino.convert_model(module, example_input=example)
    for place, name in enumerate(INPUTS):
        model.inputs[place].set_names({name})
    for place, name in enumerate(OUTPUTS):
        model.outputs[place].set_names({name})
    if not round_matrices(model):
        raise SystemExit("the converter wrote no matrices that could be rounded to 8 bit")
    out.mkdir(parents=True, exist_ok=True)
    openvino.save_model(model, out / file, compress_to_fp16=False)
    return sum((out / name).stat().st_size for name in (file, Path(file).with_suffix(".bin").name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("embedding", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--file", default=IR_FILE)
    given = parser.parse_args()
    size = export(given.weights, given.embedding, given.out, given.file)
    print(f"{size / 1e6:.1f} MB")
