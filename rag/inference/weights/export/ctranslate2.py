"""
Convert a GGUF file of the Qwen2 family to CTranslate2's format, 8 bit by row, once.

CTranslate2's own converter loads the model in float32 through transformers and takes 9 GB. Here only one tensor at a
time is in memory in float32; the rest is in 8 bit, as it is written. The rounding is that of CTranslate2: symmetric,
one scale for each output.
"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.progress import tell
from rag.inference.weights.cache import sha256_of, sync_file, write_record

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CONVERTER = "ctranslate2 "
FILES = ("model.bin", "config.json", "vocabulary.json")
_ARCHITECTURE = "qwen2"
_HIGHEST = 127.0
_INSTALL = "Install it with `pip install 'quellentreu[ctranslate2]'`."


def convert(
    gguf: Path,
    target: Path,
    *,
    sources: dict[str, str],
    expected_size: int = 0,
) -> None:
    """
    Write the model of a GGUF file, and its record, into an empty folder.

    Parameters
    ----------
    gguf
        The model.
    target
        An empty folder.
    sources
        SHA-256 of the GGUF file by its name, for the record.
    expected_size
        Approximate size of the output, for the progress.

    Raises
    ------
    ModelError
        A package is not installed, or the file holds a model of another family.

    """
    try:
        import gguf as reading  # noqa: PLC0415 - an extra
        from ctranslate2.specs import common_spec, transformer_spec  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ModelError(f"CTranslate2 cannot be used: {error}.", hint=_INSTALL) from error
    file = _File(reading.GGUFReader(gguf), reading.quants.dequantize)
    if (family := file.field("general.architecture")) != _ARCHITECTURE:
        raise ModelError(f"{gguf.name} holds a model of the family {family}; only {_ARCHITECTURE} can be converted.")
    heads, heads_kv = file.field("qwen2.attention.head_count"), file.field("qwen2.attention.head_count_kv")
    layers = file.field("qwen2.block_count")
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        layers,
        heads,
        activation=common_spec.Activation.SWISH,
        pre_norm=True,
        ffn_glu=True,
        rms_norm=True,
        rotary_dim=0,
        rotary_interleave=False,
        rotary_base=file.field("qwen2.rope.freq_base"),
        num_heads_kv=None if heads_kv == heads else heads_kv,
    )
    _fill(spec.decoder, file, expected_size)
    spec.register_vocabulary(file.field("tokenizer.ggml.tokens"))
    spec.config.bos_token = file.token("bos")
    spec.config.eos_token = file.token("eos")
    spec.config.unk_token = ""
    spec.config.layer_norm_epsilon = file.field("qwen2.attention.layer_norm_rms_epsilon")
    spec.validate()
    spec.optimize()  # one array under two names is written once
    spec.save(str(target))
    for name in FILES:
        sync_file(target / name)
    version = metadata.version("ctranslate2")
    digests = {name: sha256_of(target / name) for name in FILES}
    write_record(target, converter=f"{CONVERTER}{version}", sources=sources, files=digests)


class _File:
    """A GGUF file: its fields and its tensors."""

    def __init__(self, reader: Any, dequantize: Any) -> None:
        self._reader = reader
        self._dequantize = dequantize
        self._tensors = {one.name: one for one in reader.tensors}

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def field(self, name: str) -> Any:
        """Return the value of a field."""
        return self._reader.fields[name].contents()

    def token(self, name: str) -> str:
        """Return a special token."""
        return str(self.field("tokenizer.ggml.tokens")[self.field(f"tokenizer.ggml.{name}_token_id")])

    def floats(self, name: str) -> NDArray[np.float32]:
        """Return a tensor in float32; the first axis of a matrix is its outputs."""
        tensor = self._tensors[name]
        found: NDArray[np.float32] = self._dequantize(tensor.data, tensor.tensor_type).astype(np.float32, copy=False)
        return found


def _fill(decoder: Any, file: _File, expected_size: int) -> None:
    """Put the tensors of a file where CTranslate2 expects them."""
    decoder.scale_embeddings = False
    words = _rounded(file.floats("token_embd.weight"))
    _set(decoder.embeddings, words)
    _set(decoder.projection, _rounded(file.floats("output.weight")) if "output.weight" in file else words)
    decoder.layer_norm.gamma = file.floats("output_norm.weight")
    for number, layer in enumerate(decoder.layer):
        tell(
            "Converting the language model to CTranslate2 (once)",
            expected_size * number // len(decoder.layer),
            expected_size,
        )
        name = f"blk.{number}."
        attention, network = layer.self_attention, layer.ffn
        attention.layer_norm.gamma = file.floats(f"{name}attn_norm.weight")
        network.layer_norm.gamma = file.floats(f"{name}ffn_norm.weight")
        # Queries, keys and values are computed by one product.
        parts = [f"{name}attn_{one}" for one in "qkv"]
        _set(attention.linear[0], _rounded(np.concatenate([file.floats(f"{one}.weight") for one in parts])))
        attention.linear[0].bias = np.concatenate([file.floats(f"{one}.bias") for one in parts])
        _set(attention.linear[1], _rounded(file.floats(f"{name}attn_output.weight")))
        _set(network.linear_0, _rounded(file.floats(f"{name}ffn_gate.weight")))
        _set(network.linear_0_noact, _rounded(file.floats(f"{name}ffn_up.weight")))
        _set(network.linear_1, _rounded(file.floats(f"{name}ffn_down.weight")))


def _set(linear: Any, rounded: tuple[NDArray[np.int8], NDArray[np.float32]]) -> None:
    linear.weight, linear.weight_scale = rounded


def _rounded(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a matrix in 8 bit, and for each row the factor that its numbers were multiplied by."""
    largest = np.abs(matrix).max(axis=1)
    scale = (_HIGHEST / np.where(largest == 0, _HIGHEST, largest)).astype(np.float32)
    return np.rint(matrix * scale[:, None]).astype(np.int8), scale
