"""Load the network that comes with the package into PyTorch, to train it further."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.model import Reader, load_embedding

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_PART = re.compile(r"__module\._reader\.(.+?)/aten::(linear|layer_norm)/(MatMul|Add|Multiply_1)$")
_TABLES = ("second", "shared")
_OF_CONSTANTS = frozenset({"Constant", "Convert", "Multiply", "Reshape"})


def restore(network: Path, embedding: Path) -> Reader:
    """
    Read a network that `training.export` wrote.

    Parameters
    ----------
    network
        Its ``.xml`` file; the ``.bin`` lies beside it.
    embedding
        The folder of the embedding model, which has the vectors of words and positions.

    Returns
    -------
    The network, its matrices rounded to 8 bit.

    Raises
    ------
    KeyError
        If the file holds another architecture.

    """
    import openvino  # noqa: PLC0415 - a heavy runtime

    found: dict[str, NDArray[np.float32]] = {}
    for node in openvino.Core().read_model(str(network)).get_ops():
        name = node.get_friendly_name()
        if part := _PART.match(name):
            module, kind, operation = part.groups()
            constants = [_value(one) for one in _inputs(node) if _is_constant(one)]
            is_matrix = kind == "linear" and operation == "MatMul"
            is_weight = is_matrix or operation == "Multiply_1"
            found[f"{module}.{'weight' if is_weight else 'bias'}"] = constants[0] if is_matrix else constants[0].ravel()
        for table in _TABLES:
            if name == f"self._reader.{table}.weight":
                found[f"{table}.weight"] = _value(node)
    reader = Reader()
    load_embedding(reader, embedding)
    state = reader.state_dict()
    reader.load_state_dict({name: torch.from_numpy(found[name]).view_as(state[name]) for name in state})
    return reader


def _inputs(node: Any) -> list[Any]:
    return [value.get_node() for value in node.input_values()]


def _is_constant(node: Any) -> bool:
    kind = node.get_type_name()
    return kind == "Constant" or (kind in _OF_CONSTANTS and all(map(_is_constant, _inputs(node))))


def _value(node: Any) -> NDArray[np.float32]:
    """Return the value of a constant: 8-bit integers times the scale of their row."""
    kind = node.get_type_name()
    if kind == "Constant":
        return np.array(node.get_data(), dtype=np.float32)
    if kind == "Multiply":
        first, second = map(_value, _inputs(node))
        return first * second
    return _value(_inputs(node)[0])
