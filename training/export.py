"""
Write a reader in the form that comes with the package: OpenVINO's format, matrices in 8 bit.

    python -m training.export WEIGHTS EMBEDDING --out rag/inference/reading

WEIGHTS is a ``reader-….safetensors`` or a ``last.pt`` of a run, EMBEDDING the folder of multilingual-e5-small. The word
matrix is left out: the program looks words up in its embedding model.
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


def export(weights: Path, embedding: Path, out: Path, file: str = IR_FILE) -> int:
    """
    Write the network.

    Parameters
    ----------
    weights
        A file of a run.
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

    module = _WithoutWords(load(weights, embedding)).eval()
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
    parser.add_argument("weights", type=Path)
    parser.add_argument("embedding", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--file", default=IR_FILE)
    given = parser.parse_args()
    size = export(given.weights, given.embedding, given.out, given.file)
    print(f"{size / 1e6:.1f} MB")
