"""Build the adapted layers from the matrices of an OpenVINO model, which are shared, unchanged and still compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rag.inference.adapting.model import ADAPTED, HEADS, KEY_HEADS, PER_HEAD, SMALLEST, THETA, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from rag.inference.adapting.adapters import Adapter, Adapters, Matrix

STATES, COSINE, SINE, ADAPTED_STATES = "hidden_states", "cosine", "sine", "adapted_states"
LAYER_ENDS = "model.layers.self_attn.add1.layer{}"
_ATTENTION_ENDS = "model.layers.self_attn.add0.layer{}"
_ATTENTION = "ScaledDotProductAttention"
_PRODUCT_OF_GATE = "model.layers.self_attn.mlp.mul.layer{}"


class Linear(NamedTuple):
    """
    A matrix of the model.

    Parameters
    ----------
    weights
        Its values as numbers, however they are stored. Shape ``(outputs, inputs)``.
    bias
        Its bias; None if it has none.
    given
        What it is multiplied with in the model.
    given_to
        The operation that multiplies them.

    """

    weights: Any
    bias: Any
    given: Any
    given_to: Any


def adapted(nodes: Mapping[str, Any], adapters: Adapters) -> Any:
    """
    Return the adapted layers as a model of their own, which shares the constants of the whole one.

    Parameters
    ----------
    nodes
        The operations of the default language model, by name.
    adapters
        What is added to its matrices.

    Returns
    -------
    A model that turns ``hidden_states``, the states after the layer before the first adapted one, and `angles` into
    ``adapted_states``; both states have shape ``(1, tokens, width)``. None if the language model is built in another
    way.

    """
    from openvino import Model, PartialShape, opset13  # noqa: PLC0415 - a heavy runtime

    given = opset13.parameter(PartialShape([1, -1, WIDTH]), np.float32, name=STATES)
    given.output(0).set_names({STATES})
    turned = [opset13.parameter(PartialShape([-1, PER_HEAD]), np.float32, name=name) for name in (COSINE, SINE)]
    for one, name in zip(turned, (COSINE, SINE), strict=True):
        one.output(0).set_names({name})
    states: Any = given
    for layer in ADAPTED:
        found = matrices_of(nodes, layer)
        if found is None:
            return None
        matrices, norms = found
        states = _layer(states, turned, matrices, norms, {name: adapters.of[layer, name] for name in matrices})
    result = opset13.result(states)
    result.output(0).set_names({ADAPTED_STATES})
    return Model([result], [given, *turned], "adapted")


def matrices_of(nodes: Mapping[str, Any], layer: int) -> tuple[dict[Matrix, Linear], tuple[Any, Any]] | None:
    """Return a layer's matrices and the gains of its two norms; None if they are not found."""
    try:
        middle, end = nodes[_ATTENTION_ENDS.format(layer)], nodes[LAYER_ENDS.format(layer)]
        product, below = nodes[_PRODUCT_OF_GATE.format(layer)], nodes[LAYER_ENDS.format(layer - 1)]
        swish = next(node for node in _inputs(product) if node.get_type_name() == "Swish")
        found: dict[Matrix, Linear] = {
            "o": _linear(next(node for node in _inputs(middle) if node is not below and _is_product(node))),
            "gate": _linear(_inputs(swish)[0]),
            "up": _linear(next(node for node in _inputs(product) if node is not swish)),
            "down": _linear(next(node for node in _inputs(end) if _is_product(node))),
        }
        attention = _above(found["o"].given.get_node(), lambda node: node.get_type_name() == _ATTENTION)
        names: tuple[Matrix, ...] = ("q", "k", "v")
        for name, source in zip(names, _inputs(attention)[:3], strict=True):
            found[name] = _linear(_above(source, _is_product))
        norms = _gain(found["q"]), _gain(found["gate"])
        is_known = all(_is_product(one.given_to) for one in found.values()) and all(map(_is_gain, norms))
    except (KeyError, StopIteration, ValueError, RuntimeError):
        return None
    return (found, norms) if is_known and all(found[name].bias is not None for name in names) else None


def _linear(product: Any) -> Linear:
    following = [one.get_node() for one in product.output(0).get_target_inputs()]
    biases = [
        one
        for node in following
        if node.get_type_name() == "Add"
        for one in _inputs(node)
        if one is not product and one.get_output_partial_shape(0).rank.get_length() == 1
    ]
    return Linear(product.input_value(1), biases[0] if biases else None, product.input_value(0), product)


def _gain(linear: Linear) -> Any:
    """Return the gain of the norm before a matrix."""
    return linear.given.get_node().input_value(1)


def _is_gain(values: Any) -> bool:
    shape = values.get_partial_shape()
    return bool(shape.is_static and np.prod(shape.to_shape()) == WIDTH)


def _inputs(node: Any) -> list[Any]:
    return [one.get_source_output().get_node() for one in node.inputs()]


def _is_product(node: Any) -> bool:
    """Tell whether a node multiplies with a matrix of the model, which does not depend on the text."""
    return bool(node.get_type_name() == "MatMul" and node.input_value(1).get_partial_shape().is_static)


def _above(node: Any, wanted: Callable[[Any], bool]) -> Any:
    """Return the nearest wanted node among a node and those that lead to it."""
    row = [node]
    for one in row:
        if wanted(one):
            return one
        row += [other for other in _inputs(one) if other not in row]
    raise StopIteration


def angles(tokens: int) -> dict[str, NDArray[np.float32]]:
    """
    Return the rotation for each token's position, as inputs of the adapted layers.

    They are computed here, not in the layers: a processor that computes in bfloat16 would round the positions
    themselves.

    """
    steps = THETA ** (-np.arange(0, PER_HEAD, 2) / PER_HEAD)
    turns = np.arange(tokens)[:, None] * np.concatenate([steps, steps])
    return {COSINE: np.cos(turns).astype(np.float32), SINE: np.sin(turns).astype(np.float32)}


def _layer(
    states: Any,
    angles: Sequence[Any],
    matrices: Mapping[Matrix, Linear],
    norms: tuple[Any, Any],
    adapters: Mapping[Matrix, Adapter],
) -> Any:
    from openvino import opset13  # noqa: PLC0415

    def times(name: Matrix, values: Any) -> Any:
        return _times(values, matrices[name], adapters[name])

    def heads(name: Matrix, count: int) -> Any:
        parts = opset13.constant([0, 0, count, PER_HEAD], dtype=np.int64)
        return opset13.transpose(opset13.reshape(times(name, normed), parts, special_zero=True), swap)

    swap = opset13.constant([0, 2, 1, 3], dtype=np.int64)
    normed = _normed(states, norms[0])
    queries, keys = _turned(heads("q", HEADS), angles), _turned(heads("k", KEY_HEADS), angles)
    # Each pair of keys and values serves several query heads.
    serving = opset13.constant(np.repeat(np.arange(KEY_HEADS), HEADS // KEY_HEADS))
    axis = opset13.constant(1, dtype=np.int64)
    keys, values = opset13.gather(keys, serving, axis), opset13.gather(heads("v", KEY_HEADS), serving, axis)
    seen = opset13.transpose(opset13.scaled_dot_product_attention(queries, keys, values, causal=False), swap)
    joined = opset13.reshape(seen, opset13.constant([0, 0, WIDTH], dtype=np.int64), special_zero=True)
    states = opset13.add(states, times("o", joined))
    normed = _normed(states, norms[1])
    inner = opset13.multiply(opset13.swish(times("gate", normed)), times("up", normed))
    return opset13.add(states, times("down", inner))


def _times(values: Any, linear: Linear, adapter: Adapter) -> Any:
    from openvino import opset13  # noqa: PLC0415

    def small(part: Any) -> Any:
        return opset13.convert(opset13.constant(part), np.float32)

    product = opset13.matmul(values, linear.weights, False, True)  # noqa: FBT003 - which of both is turned
    if linear.bias is not None:
        product = opset13.add(product, linear.bias)
    narrow = opset13.matmul(values, small(adapter.down), False, True)  # noqa: FBT003
    return opset13.add(product, opset13.matmul(narrow, small(adapter.up), False, True))  # noqa: FBT003


def _normed(values: Any, gain: Any) -> Any:
    from openvino import opset13  # noqa: PLC0415

    squares = opset13.power(values, opset13.constant(np.float32(2)))
    mean = opset13.reduce_mean(squares, opset13.constant([-1], dtype=np.int64), keep_dims=True)
    length = opset13.sqrt(opset13.add(mean, opset13.constant(np.float32(SMALLEST))))
    return opset13.multiply(opset13.divide(values, length), gain)


def _turned(values: Any, angles: Sequence[Any]) -> Any:
    """Rotate keys or queries by their position (Su et al., "RoFormer", arXiv:2104.09864)."""
    from openvino import opset13  # noqa: PLC0415

    first, second = opset13.split(values, opset13.constant(-1, dtype=np.int64), 2).outputs()
    turned = opset13.concat([opset13.negative(second), first], -1)
    return opset13.add(opset13.multiply(values, angles[0]), opset13.multiply(turned, angles[1]))
