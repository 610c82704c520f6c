"""
Convert a sentence-transformers folder to OpenVINO IR, once, in a separate process.

OpenVINO's converter traces the PyTorch model. Only the encoder is written, from token ids and
attention mask to the last hidden states; pooling and normalisation are a line of numpy each, see
`rag.inference.embedding.openvino`. Its matrices are stored in 8 bit: round to nearest, symmetric, one scale for each
output ("W8A8" together with the activations, which the runtime rounds at run time; Dettmers et al. 2022,
LLM.int8(), section 2). The separate process keeps PyTorch, its threads and its memory out of the program, which
does not need it afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import ModelError
from index.extras import require
from rag.inference.ir_files import IR_FILE, IR_WEIGHTS

FILES = (IR_FILE, IR_WEIGHTS)
# Largest value of a signed byte with a symmetric range: -128 is not used.
_LARGEST = 127


def export(folder: Path) -> None:
    """
    Write the IR of the model in a folder into that folder.

    Raises
    ------
    ModelError
        The model cannot be converted.

    """
    require("transformers", extra="torch", purpose="Converting the embedding model for OpenVINO, once,")
    root = str(Path(__file__).resolve().parents[4])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    run = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
        [sys.executable, "-P", "-W", "ignore", "-m", "rag.inference.weights.export.embedding", str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "HF_HUB_OFFLINE": "1"},
    )
    if run.returncode != 0 or not all((folder / name).is_file() for name in FILES):
        lines = [line.strip() for line in (run.stderr or run.stdout).splitlines() if line.strip()]
        reason = lines[-1] if lines else f"exit code {run.returncode}"
        raise ModelError(f"OpenVINO could not convert the embedding model: {reason}.", hint="Try again.")


def _export(folder: str) -> None:
    import openvino  # noqa: PLC0415 - `rag.inference.weights` has blocked its telemetry by now
    import torch  # noqa: PLC0415
    from transformers import AutoModel  # noqa: PLC0415

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False).eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    ids = torch.tensor([[0, 2, 1], [0, 0, 2]])
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    model = openvino.convert_model(Encoder(), example_input=(ids, mask))
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        # float16 for the rest, above all the word embeddings. OpenVINO rounds the whole model to it or, if parts are
        # compressed already, nothing: hence two steps.
        halves = Path(temporary) / IR_FILE
        openvino.save_model(model, halves)
        model = openvino.Core().read_model(halves)
        if not round_matrices(model):
            raise SystemExit("the converter wrote no matrices that could be rounded to 8 bit")
        openvino.save_model(model, Path(folder) / IR_FILE, compress_to_fp16=False)
        del model  # it reads from the temporary file, which is removed now


def round_matrices(model: Any) -> int:
    """
    Round the constant matrices (two dimensions) that a model multiplies by to 8 bit, in place.

    Parameters
    ----------
    model
        An `openvino.Model`.

    Returns
    -------
    Number of matrices that were rounded.

    """
    from openvino import opset13  # noqa: PLC0415

    count = 0
    for product in [node for node in model.get_ops() if node.get_type_name() == "MatMul"]:
        source = product.input_value(1).get_node()
        while source.get_type_name() == "Convert":
            source = source.input_value(0).get_node()
        if source.get_type_name() != "Constant" or len(source.get_output_shape(0)) != 2:
            continue
        weights = np.asarray(source.data, dtype=np.float32)
        inputs = 1 if product.get_attributes()["transpose_b"] else 0
        largest = np.abs(weights).max(axis=inputs, keepdims=True)
        # The scale is rounded before the division, because the file holds it in float16. Where it is 0, so is the row.
        scale = (largest / _LARGEST).astype(np.float16).astype(np.float32)
        scale[scale == 0] = 1
        rounded = np.clip(np.rint(weights / scale), -_LARGEST, _LARGEST).astype(np.int8)
        halves = opset13.convert(opset13.constant(rounded), np.float16)
        scaled = opset13.multiply(halves, opset13.constant(scale.astype(np.float16)))
        product.input(1).replace_source_output(opset13.convert(scaled, np.float32).output(0))
        count += 1
    model.validate_nodes_and_infer_types()
    return count


if __name__ == "__main__":
    _export(sys.argv[1])
