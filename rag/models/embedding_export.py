"""
Turn a sentence-transformers folder into OpenVINO IR, once, in a process of its own.

OpenVINO's converter traces the PyTorch model. What is written is the bare encoder, from token ids and
attention mask to the last hidden states; pooling and normalisation are a line of numpy each, see
`index.openvino_embedding`. The process apart keeps PyTorch, its threads and its memory out of the program,
which needs it no more after that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from index.errors import ModelError
from index.openvino_embedding import IR_FILE, IR_WEIGHTS

FILES = (IR_FILE, IR_WEIGHTS)


def export(folder: Path) -> None:
    """
    Write the IR of the model in a folder into that folder.

    Raises
    ------
    ModelError
        Where the model cannot be converted.

    """
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    run = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
        [sys.executable, "-W", "ignore", "-m", "rag.models.embedding_export", str(folder)],
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
    import openvino  # noqa: PLC0415 - `rag.models` has blocked its telemetry by now
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
    # float16 halves the file; the processor rounds to bfloat16 or computes in float32 with either.
    openvino.save_model(openvino.convert_model(Encoder(), example_input=(ids, mask)), Path(folder) / IR_FILE)


if __name__ == "__main__":
    _export(sys.argv[1])
