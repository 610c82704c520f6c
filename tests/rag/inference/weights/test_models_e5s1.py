"""The E5S1 reader, on a tiny file written here from the description of the layout."""

from __future__ import annotations

import json
import shutil
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from index.errors import ModelError
from rag.inference.weights import embedding_weights
from rag.inference.weights.embedding_weights import Shape, TensorEntry

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = Shape(hidden=32, layers=1, heads=2, ffn=64, vocabulary=3, positions=4, token_types=2, epsilon=1e-12)
TOKENIZER = {
    "added_tokens": [
        {"content": "<s>", "id": 0},
        {"content": "<pad>", "id": 1},
        {"content": "</s>", "id": 2},
        {"content": "<unk>", "id": 3},
        {"content": "<mask>", "id": 250001},
    ]
}


def quantise(weights: np.ndarray[Any, Any]) -> tuple[bytes, np.ndarray[Any, Any]]:
    """Pack weights as Q4_0, naively, one weight at a time; return the bytes and the values that they represent."""
    packed, meant = b"", []
    for block in weights.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 7 or 1)
        nibbles = [int(np.clip(round(float(w) / float(scale)) + 8, 0, 15)) for w in block]
        packed += struct.pack("<e", scale)
        packed += bytes(nibbles[i] | nibbles[i + 16] << 4 for i in range(16))
        meant += [(n - 8) * float(scale) for n in nibbles]
    return packed, np.array(meant, dtype=np.float32)


def write_e5s1(path: Path, *, drop: str = "", version: int = 1) -> dict[str, np.ndarray[Any, Any]]:
    """Write a file with random weights; return the weights by their BertModel names."""
    random = np.random.default_rng(7)
    expected, entries, payload = {}, [], b""
    for name, (long, dimensions) in embedding_weights.tensor_plan(SHAPE).items():
        if name == drop:
            continue
        values = random.normal(size=dimensions).astype(np.float32)
        quantised = (name.endswith(".w") and len(dimensions) == 2) or name == "emb.word"
        data = values.astype("<f4").tobytes()
        if quantised:
            data, values = quantise(values)
        expected[long] = values.reshape(dimensions)
        entries.append((name.encode(), int(quantised), values.size, len(payload), len(data)))
        payload += data
    pieces, blob, normaliser = 2, b"abc", b"\x00" * 5
    head = b"E5S1" + struct.pack("<I", version)
    head += struct.pack("<7ifi", 32, 1, 2, 64, 3, 4, 2, 1e-12, 32)
    head += struct.pack("<5i", pieces, 0, 2, 1, 3) + struct.pack("<Q", len(blob))
    head += struct.pack(f"<{pieces + 1}I", 0, 1, 3) + struct.pack(f"<{pieces}f", 0.0, -1.0) + blob
    head += struct.pack("<iI", 1, len(normaliser)) + normaliser + struct.pack("<i", len(entries))
    table_size = sum(2 + len(name) + 21 for name, *_ in entries)
    start = len(head) + table_size
    for name, dtype, elements, offset, size in entries:
        head += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", dtype, elements, start + offset, size)
    path.write_bytes(head + payload)
    return expected


def test_low_nibbles_come_first_and_are_centred_on_eight() -> None:
    block = struct.pack("<e", 0.5) + bytes([0xF0 | 0x03]) + bytes([0x88] * 15)
    weights = embedding_weights.dequantise(TensorEntry("x", 1, 32, 0, 18), np.frombuffer(block, dtype=np.uint8))
    assert weights[0] == (3 - 8) * 0.5
    assert weights[16] == (15 - 8) * 0.5
    assert not weights[1:16].any()
    assert not weights[17:].any()


def test_every_tensor_is_dequantised_under_its_bert_name(tmp_path: Path) -> None:
    expected = write_e5s1(tmp_path / "w.bin")
    shape, tensors = embedding_weights.read_tensors(tmp_path / "w.bin")
    assert (shape.hidden, shape.ffn, shape.vocabulary) == (32, 64, 3)
    assert tensors.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(tensors[name], values, err_msg=name)
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(lambda data: b"GGUF" + data[4:], "not an E5S1 file", id="other-magic"),
        pytest.param(lambda data: data[:90], "ends too early", id="cut-in-the-header"),
        pytest.param(lambda data: data[:-8], "bytes where", id="cut-in-the-last-tensor"),
        pytest.param(lambda data: data[:4] + b"\x02" + data[5:], "version 2", id="other-version"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, spoil: Any, message: str) -> None:
    path = tmp_path / "w.bin"
    write_e5s1(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ModelError, match=message):
        embedding_weights.read_tensors(path)


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    write_e5s1(tmp_path / "w.bin", drop="l0.aln.b")
    with pytest.raises(ModelError, match=r"l0\.aln\.b"):
        embedding_weights.read_tensors(tmp_path / "w.bin")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, np.ndarray[Any, Any]]]:
    """Return a converted folder and the weights that it should contain."""
    folder = tmp_path_factory.mktemp("converted")
    source, target = folder / "source", folder / "target"
    source.mkdir()
    target.mkdir()
    expected = write_e5s1(source / embedding_weights.E5_WEIGHTS)
    (source / embedding_weights.E5_TOKENIZER).write_text(json.dumps(TOKENIZER), encoding="utf-8")
    embedding_weights.convert(source, target, sources={"a": "b"})
    return target, expected


def test_the_folder_holds_all_files_and_a_record_of_them(
    written: tuple[Path, dict[str, np.ndarray[Any, Any]]],
) -> None:
    target, expected = written
    stored = load_file(target / "model.safetensors")
    assert stored.keys() == expected.keys()
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    assert (config["hidden_size"], config["vocab_size"], config["max_position_embeddings"]) == (32, 3, 4)
    record = json.loads((target / "record.json").read_text(encoding="utf-8"))
    assert set(record["files"]) == set(embedding_weights.FILES)
    assert record["sources"] == {"a": "b"}


@pytest.fixture
def converted(written: tuple[Path, object], tmp_path: Path) -> Path:
    return shutil.copytree(written[0], tmp_path / "folder")


def made_by(folder: Path, converter: str) -> None:
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    (folder / "record.json").write_text(json.dumps({**record, "converter": converter}), encoding="utf-8")


def test_a_folder_of_the_version_before_is_converted_without_the_sources(converted: Path, tmp_path: Path) -> None:
    assert not embedding_weights.is_convertible(converted, sources={"a": "b"})  # it was made by the current version
    made_by(converted, "e5s1-2")
    for name in embedding_weights.embedding_export.FILES:
        (converted / name).unlink()
    assert embedding_weights.is_convertible(converted, sources={"a": "b"})
    target = tmp_path / "target"
    target.mkdir()
    embedding_weights.convert_again(converted, target, sources={"a": "b"})
    record = json.loads((target / "record.json").read_text(encoding="utf-8"))
    assert record["converter"] == embedding_weights.CONVERTER
    assert set(record["files"]) == set(embedding_weights.FILES)
    assert (target / "model.safetensors").read_bytes() == (converted / "model.safetensors").read_bytes()


def test_weights_that_are_damaged_or_others_are_not_converted_again(converted: Path) -> None:
    made_by(converted, "e5s1-1")
    assert not embedding_weights.is_convertible(converted, sources={"a": "b"})
    made_by(converted, "e5s1-2")
    assert not embedding_weights.is_convertible(converted, sources={"a": "c"})
    assert not embedding_weights.is_convertible(converted.parent / "absent", sources={"a": "b"})
    weights = converted / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    assert not embedding_weights.is_convertible(converted, sources={"a": "b"})


def test_a_tokenizer_with_other_special_tokens_is_refused(tmp_path: Path) -> None:
    write_e5s1(tmp_path / embedding_weights.E5_WEIGHTS)
    (tmp_path / embedding_weights.E5_TOKENIZER).write_text('{"added_tokens": []}', encoding="utf-8")
    with pytest.raises(ModelError, match="special tokens"):
        embedding_weights.convert(tmp_path, tmp_path / "out", sources={})
