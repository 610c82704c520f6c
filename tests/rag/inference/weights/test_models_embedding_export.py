"""Rounding an encoder's matrices to 8 bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from openvino import opset13

from rag.inference.weights.export.embedding import round_matrices

WEIGHTS = arrays(np.float32, (3, 8), elements=st.floats(-1000, 1000, width=32))


def linear(weights: np.ndarray[Any, Any], *, transposed: bool) -> ov.Model:
    """Return a model that multiplies its input with a matrix, stored as float16 as the converter does."""
    width = weights.shape[1 if transposed else 0]
    given = opset13.parameter([-1, width], np.float32, name="given")
    constant = opset13.convert(opset13.constant(np.ascontiguousarray(weights, dtype=np.float16)), np.float32)
    return ov.Model([opset13.matmul(given, constant, False, transposed)], [given], "linear")


def stored(model: ov.Model) -> np.ndarray[Any, Any]:
    """Return the matrix that a model multiplies with, computed from the graph without a runtime."""
    product = next(node for node in model.get_ops() if node.get_type_name() == "MatMul")
    scaled = product.input_value(1).get_node().input_value(0).get_node()
    scale = np.asarray(scaled.input_value(1).get_node().data, dtype=np.float32)
    rounded = scaled.input_value(0).get_node().input_value(0).get_node()
    assert rounded.get_element_type() == ov.Type.i8
    return np.asarray(rounded.data, dtype=np.float32) * scale


@settings(deadline=None, max_examples=60)
@given(weights=WEIGHTS, transposed=st.booleans())
def test_no_weight_moves_by_more_than_half_a_step_of_its_row(weights: np.ndarray[Any, Any], transposed: bool) -> None:
    halves = weights.astype(np.float16).astype(np.float32)
    model = linear(weights if transposed else weights.T, transposed=transposed)
    assert round_matrices(model) == 1
    result = stored(model) if transposed else stored(model).T
    # A step is a 127th of the row's largest weight; the scale itself is rounded to float16's eleven bits, or to its
    # smallest number.
    step = np.abs(halves).max(axis=1, keepdims=True) / 127
    assert np.all(np.abs(result - halves) <= step * 0.57 + 127 * 6e-8)


def test_the_product_is_nearly_the_same() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(size=(16, 64)).astype(np.float32)
    given = random.normal(size=(5, 64)).astype(np.float32)
    model = linear(weights, transposed=True)
    round_matrices(model)
    result = ov.Core().compile_model(model, "CPU")([given])[0]
    np.testing.assert_allclose(result, given @ weights.T, atol=0.3)
    assert np.corrcoef(result.ravel(), (given @ weights.T).ravel())[0, 1] == pytest.approx(1, abs=1e-3)


def test_what_is_multiplied_with_something_computed_is_left_alone() -> None:
    first, second = (opset13.parameter([2, 2], np.float32) for _ in range(2))
    model = ov.Model([opset13.matmul(first, second, False, True)], [first, second], "attention")
    assert round_matrices(model) == 0


@pytest.mark.parametrize("shape", [(4,), (3, 4, 4)])
def test_what_is_no_matrix_is_left_alone(shape: tuple[int, ...]) -> None:
    given = opset13.parameter([3, 2, 4], np.float32)
    constant = opset13.constant(np.ones(shape, dtype=np.float32))
    assert round_matrices(ov.Model([opset13.matmul(given, constant, False, True)], [given], "other")) == 0
