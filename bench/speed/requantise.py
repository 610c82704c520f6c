"""
Write a copy of a language model's OpenVINO IR with its weights in another format.

    python -m bench.speed.requantise FOLDER TARGET {i4,i8}

i4: symmetric, one scale per 128 weights, round to nearest; what is 8 bit in the source stays 8 bit (the publisher found
it worth that), one scale per row. i8: all matrices, one scale per row.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13

GROUP = 128
_SMALLEST = 100_000
# Keeps arrays alive: OpenVINO does not copy the data that a tensor is made of.
_KEPT: list[np.ndarray] = []


def main(source: Path, target: Path, kind: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    model = ov.Core().read_model(str(source / "openvino_model.xml"))
    changed = 0
    for constant in [node for node in model.get_ops() if _is_weight(node)]:
        last, weights = _dequantised(constant)
        eight = kind == "i8" or constant.get_element_type() == ov.Type.u8 or weights.shape[1] % GROUP
        new = _rows(weights) if eight else _groups(weights)
        for port in list(last.output(0).get_target_inputs()):
            port.replace_source_output(new.output(0))
        changed += 1
    model.validate_nodes_and_infer_types()
    ov.save_model(model, str(target / "openvino_model.xml"), compress_to_fp16=False)
    for file in source.glob("openvino_*tokenizer.*"):
        shutil.copyfile(file, target / file.name)
    print(f"{changed} matrices, {(target / 'openvino_model.bin').stat().st_size / 1e9:.2f} GB")


def _is_weight(node: Any) -> bool:
    return (
        node.get_type_name() == "Constant"
        and node.get_element_type() in (ov.Type.u4, ov.Type.u8)
        and len(node.get_output_shape(0)) == 3
        and node.get_output_shape(0)[2] > 1  # otherwise a zero point
        and int(np.prod(node.get_output_shape(0))) > _SMALLEST
    )


def _dequantised(constant: Any) -> tuple[Any, np.ndarray]:
    """Return the last node of a decompression chain (a matrix of 16 or 32 bit) and its values."""
    node = constant
    values = _values(constant).astype(np.float32)
    while True:
        following = [port.get_node() for port in node.output(0).get_target_inputs()]
        kind = following[0].get_type_name()
        if kind not in {"Convert", "Subtract", "Multiply", "Reshape"} or len(following) > 1:
            return node, values
        node = following[0]
        if kind in {"Subtract", "Multiply"}:
            other = node.input_value(1).get_node()
            while other.get_type_name() == "Convert":
                other = other.input_value(0).get_node()
            operand = _values(other).astype(np.float32)
            values = values - operand if kind == "Subtract" else values * operand
        elif kind == "Reshape":
            values = values.reshape([int(n) for n in node.get_output_shape(0)])


def _values(constant: Any) -> np.ndarray:
    if constant.get_element_type() != ov.Type.u4:
        return np.array(constant.data)
    packed = np.frombuffer(
        constant.get_vector_as_bytes() if hasattr(constant, "get_vector_as_bytes") else constant.data.tobytes(),
        np.uint8,
    )
    count = int(np.prod(constant.get_output_shape(0)))
    if packed.size == count:  # one value per byte already
        return packed.reshape(constant.get_output_shape(0))
    return np.stack([packed & 15, packed >> 4], axis=-1).reshape(-1)[:count].reshape(constant.get_output_shape(0))


def _rows(weights: np.ndarray) -> Any:
    scale = np.maximum(np.abs(weights).max(axis=1, keepdims=True) / 127, 1e-8)
    stored = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    converted = opset13.convert(opset13.constant(stored), np.float16)
    return opset13.convert(opset13.multiply(converted, opset13.constant(scale.astype(np.float16))), np.float32)


def _groups(weights: np.ndarray) -> Any:
    rows, columns = weights.shape
    grouped = weights.reshape(rows, columns // GROUP, GROUP)
    # This scale uses the whole range: the weight of largest magnitude becomes -8.
    at = np.abs(grouped).argmax(axis=2, keepdims=True)
    scale = np.take_along_axis(grouped, at, axis=2) / -8
    scale = np.where(np.abs(scale) < 1e-8, 1e-8, scale)
    stored = (np.clip(np.rint(grouped / scale), -8, 7).astype(np.int8) & 15).astype(np.uint8).reshape(-1)
    packed = stored[0::2] | (stored[1::2] << 4)
    _KEPT.append(packed)
    tensor = ov.Tensor(packed, ov.Shape(list(grouped.shape)), ov.Type.i4)
    converted = opset13.convert(opset13.constant(tensor), np.float16)
    scaled = opset13.multiply(converted, opset13.constant(scale.astype(np.float16)))
    return opset13.convert(opset13.reshape(scaled, np.array([rows, columns], np.int64), special_zero=False), np.float32)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
