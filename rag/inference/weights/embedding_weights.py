"""
Turn the E5S1 file (4-bit weights of multilingual-e5-small) into a sentence-transformers folder.

This is done once, in numpy; the encoder is then also written in OpenVINO's format, in 8 bit, see
`rag.inference.weights.export.embedding`. The tokenizer is the publisher's unchanged ``tokenizer.json``; the copy of it
inside the E5S1 file is skipped. Layout of that file, little-endian: ``E5S1``, u32 version, seven i32 dimensions, f32
epsilon, i32 block size; the tokenizer; then i32 the number of tensors and for each a name, u8 type (0 = f32, 1 = Q4_0),
u32 elements, u64 offset and u64 bytes.
"""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.progress import tell
from rag.inference.weights.cache import check_files, read_record, sha256_of, sync_file, write_record
from rag.inference.weights.catalogue import E5_TOKENIZER, E5_WEIGHTS
from rag.inference.weights.export import embedding as embedding_export

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float32]
    ByteArray = npt.NDArray[np.uint8]

CONVERTER = "e5s1-3"
# Earlier versions of this converter that wrote the same weights and differ only in the IR.
_SAME_WEIGHTS = ("e5s1-2",)
WEIGHTS = "model.safetensors"
_FOLDER = (
    WEIGHTS,
    "config.json",
    E5_TOKENIZER,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
)
FILES = (*_FOLDER, *embedding_export.FILES)
_MAGIC = b"E5S1"
_F32, _Q4_0 = 0, 1
_Q4_0_BLOCK = 32
_Q4_0_BYTES = 18
# Ids that multilingual-e5's tokenizer.json and its training agree on (XLM-RoBERTa's).
_SPECIAL_TOKENS = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 250001}


@dataclass(frozen=True, slots=True)
class Shape:
    """Dimensions of the network, as the file states them."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """Position of a tensor in the file, and its encoding."""

    name: str
    dtype: int
    elements: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class E5S1:
    """The header of an E5S1 file: the network's shape and the table of its tensors."""

    shape: Shape
    tensors: tuple[TensorEntry, ...]


class _Cursor:
    """Reads consecutive values from a buffer."""

    def __init__(self, buffer: ByteArray) -> None:
        self._buffer = buffer
        self._position = 0

    def skip(self, size: int) -> None:
        self._position += size

    def bytes(self, size: int) -> bytes:
        start = self._position
        self._position += size
        return self._buffer[start : start + size].tobytes()

    def unpack(self, layout: str) -> tuple[Any, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self.bytes(struct.calcsize(layout)))


def read_header(buffer: ByteArray) -> E5S1:
    """
    Read the shape and the table of tensors of an E5S1 file.

    Raises
    ------
    ModelError
        The bytes are not an E5S1 file, or one that ends too early.

    """
    cursor = _Cursor(buffer)
    try:
        if cursor.bytes(4) != _MAGIC:
            raise ModelError("The weights are not an E5S1 file (its first four bytes are others).")
        (version,) = cursor.unpack("I")
        shape = Shape(*cursor.unpack("7if"))
        (block,) = cursor.unpack("i")
        if version != 1 or block != _Q4_0_BLOCK:
            raise ModelError(f"E5S1 version {version} with blocks of {block} weights is not known here.")
        (pieces, _bos, _eos, _pad, _unk) = cursor.unpack("5i")
        (blob,) = cursor.unpack("Q")
        cursor.skip(4 * (pieces + 1) + 4 * pieces + blob)
        (_entries, normaliser) = cursor.unpack("iI")
        cursor.skip(normaliser)
        (count,) = cursor.unpack("i")
        tensors = []
        for _ in range(count):
            (length,) = cursor.unpack("H")
            name = cursor.bytes(length).decode("ascii")
            tensors.append(TensorEntry(name, *cursor.unpack("BIQQ")))
    except (struct.error, UnicodeDecodeError) as error:
        raise ModelError("The E5S1 file ends too early or is damaged in its header.") from error
    return E5S1(shape=shape, tensors=tuple(tensors))


def dequantise(entry: TensorEntry, buffer: ByteArray) -> FloatArray:
    """
    Return a tensor's weights as float32, flat.

    Q4_0 packs 32 weights into an f16 scale and 16 bytes: the low nibbles are the weights 0 to 15, the high
    ones 16 to 31, and a weight is (nibble - 8) * scale.
    """
    raw = buffer[entry.offset : entry.offset + entry.size]
    if entry.dtype == _F32:
        expected = 4 * entry.elements
    elif entry.dtype == _Q4_0:
        expected = entry.elements // _Q4_0_BLOCK * _Q4_0_BYTES
    else:
        raise ModelError(f"Tensor {entry.name} has the unknown type {entry.dtype}.")
    if raw.size != entry.size or entry.size != expected:
        raise ModelError(f"Tensor {entry.name} has {raw.size} bytes where {expected} were expected.")
    if entry.dtype == _F32:
        return np.frombuffer(raw.tobytes(), dtype="<f4").astype(np.float32)
    blocks = raw.reshape(-1, _Q4_0_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.empty((blocks.shape[0], _Q4_0_BLOCK), dtype=np.float32)
    np.subtract(nibbles & 0x0F, 8.0, out=weights[:, :16], dtype=np.float32)
    np.subtract(nibbles >> 4, 8.0, out=weights[:, 16:], dtype=np.float32)
    weights *= scales
    return weights.reshape(-1)


def tensor_plan(shape: Shape) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return for each tensor's name in the file its name and shape in a Hugging Face ``BertModel``."""
    hidden, ffn = shape.hidden, shape.ffn
    plan: dict[str, tuple[str, tuple[int, ...]]] = {
        "emb.word": ("embeddings.word_embeddings.weight", (shape.vocabulary, hidden)),
        "emb.pos": ("embeddings.position_embeddings.weight", (shape.positions, hidden)),
        "emb.type": ("embeddings.token_type_embeddings.weight", (shape.token_types, hidden)),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (hidden,)),
        "emb.ln.b": ("embeddings.LayerNorm.bias", (hidden,)),
    }
    linear = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", ffn, hidden),
        "fo": ("output.dense", hidden, ffn),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(shape.layers):
        prefix = f"encoder.layer.{layer}."
        for short, (long, rows, columns) in linear.items():
            plan[f"l{layer}.{short}.w"] = (f"{prefix}{long}.weight", (rows, columns))
            plan[f"l{layer}.{short}.b"] = (f"{prefix}{long}.bias", (rows,))
        for short, long in norms.items():
            plan[f"l{layer}.{short}.w"] = (f"{prefix}{long}.weight", (hidden,))
            plan[f"l{layer}.{short}.b"] = (f"{prefix}{long}.bias", (hidden,))
    return plan


def read_tensors(weights: Path) -> tuple[Shape, dict[str, FloatArray]]:
    """
    Dequantise every tensor of an E5S1 file under its ``BertModel`` name.

    Raises
    ------
    ModelError
        A tensor is missing, superfluous, or not of the size that the network needs.

    """
    buffer: ByteArray = np.memmap(weights, dtype=np.uint8, mode="r")
    header = read_header(buffer)
    plan = tensor_plan(header.shape)
    names = {entry.name for entry in header.tensors}
    if names != set(plan):
        odd = sorted(names ^ set(plan))
        raise ModelError(f"The E5S1 file lacks tensors or has too many, {odd[0]} among them.")
    tensors: dict[str, FloatArray] = {}
    for done, entry in enumerate(header.tensors):
        if done % 16 == 0:
            tell("Dequantising the embedding model", entry.offset, int(buffer.size))
        name, dimensions = plan[entry.name]
        if entry.elements != int(np.prod(dimensions)):
            raise ModelError(f"Tensor {entry.name} has {entry.elements} weights, not {dimensions}.")
        tensors[name] = dequantise(entry, buffer).reshape(dimensions)
    return header.shape, tensors


def convert(source: Path, target: Path, *, sources: dict[str, str]) -> None:
    """
    Write a sentence-transformers folder.

    Parameters
    ----------
    source
        Folder with the E5S1 file and ``tokenizer.json``.
    target
        An empty folder on the same disk as its final place.
    sources
        SHA-256 of the source files, for the record.

    Raises
    ------
    ModelError
        A source file does not have the expected form.

    """
    # Imported here because safetensors' numpy half is needed by this function alone.
    from safetensors.numpy import save_file  # noqa: PLC0415

    tokenizer = source / E5_TOKENIZER
    _check_special_tokens(tokenizer)
    shape, tensors = read_tensors(source / E5_WEIGHTS)
    tell("Writing the embedding model", 0, 0)
    # float32: a scale times a nibble does not fit float16's mantissa. Half the disk space is not worth a second
    # rounding.
    save_file(tensors, target / WEIGHTS, metadata={"format": "pt"})
    shutil.copyfile(tokenizer, target / E5_TOKENIZER)
    for name, content in _configuration(shape).items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    # safetensors makes files that only the owner can read; a cache may be shared.
    shutil.copymode(target / "config.json", target / WEIGHTS)
    _export(target, sources)


def is_convertible(folder: Path, *, sources: dict[str, str]) -> bool:
    """Tell whether a folder made by an earlier version of this program is complete but for the present version's IR."""
    record = read_record(folder)
    if record is None or record.converter not in _SAME_WEIGHTS:
        return False
    expected = {name: sources.get(name, "") for name in _FOLDER}
    found = check_files(folder, expected, sources=sources, converter=record.converter, verify=True)
    return found.state == "intact"


def convert_again(folder: Path, target: Path, *, sources: dict[str, str]) -> None:
    """Write the files of a folder that `is_convertible`, and a new IR, to ``target``; nothing is downloaded."""
    for name in _FOLDER:
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(folder / name, target / name)
    _export(target, sources)


def _export(target: Path, sources: dict[str, str]) -> None:
    """Add the IR to a folder, and the record of all files."""
    tell("Converting the embedding model to OpenVINO (once)", 0, 0)
    embedding_export.export(target)
    for name in FILES:
        sync_file(target / name)
    digests = {name: sha256_of(target / name) for name in FILES}
    write_record(target, converter=CONVERTER, sources=sources, files=digests)


def _check_special_tokens(tokenizer: Path) -> None:
    """Refuse a tokenizer whose special tokens are not where the weights expect them."""
    try:
        added = json.loads(tokenizer.read_text(encoding="utf-8"))["added_tokens"]
        found = {str(token["content"]): int(token["id"]) for token in added}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{tokenizer.name} of the embedding model cannot be read: {error}") from error
    if found != _SPECIAL_TOKENS:
        raise ModelError(f"{tokenizer.name} has other special tokens than the embedding model: {found}")


def _configuration(shape: Shape) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """Return the small JSON files that make the folder loadable by name, by path."""
    tokens = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    module = "sentence_transformers.models"
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "attention_probs_dropout_prob": 0.0,
            "classifier_dropout": None,
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.0,
            "hidden_size": shape.hidden,
            "initializer_range": 0.02,
            "intermediate_size": shape.ffn,
            "layer_norm_eps": shape.epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": _SPECIAL_TOKENS["<pad>"],
            "position_embedding_type": "absolute",
            "type_vocab_size": shape.token_types,
            "use_cache": False,
            "vocab_size": shape.vocabulary,
        },
        # PreTrainedTokenizerFast uses tokenizer.json unchanged; XLM-RoBERTa's class would build its own
        # normaliser instead.
        "tokenizer_config.json": {
            **tokens,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "special_tokens_map.json": dict(tokens),
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{module}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}.Normalize"},
        ],
        # The file has no pooler, and mean pooling needs none: without this, one with random weights would be added.
        "sentence_bert_config.json": {
            "max_seq_length": shape.positions,
            "do_lower_case": False,
            "model_kwargs": {"add_pooling_layer": False},
        },
        # No default prompt: the caller puts "query: " or "passage: " before the text.
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }
