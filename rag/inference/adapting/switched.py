"""Add small matrices to those of a model that writes, and a switch that turns them on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rag.inference.adapting.openvino import matrices_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.inference.adapting.adapters import Adapter, Adapters

SWITCH = "adapters_switch"


def switched(nodes: Mapping[str, Any], adapters: Adapters) -> Any:
    """
    Add small matrices to a model.

    Parameters
    ----------
    nodes
        The operations of the default language model, by name; they are changed.
    adapters
        What is added to its matrices.

    Returns
    -------
    An input named `SWITCH`, which has to be added to the model: 1 adds what the small matrices give, with 0 the model
    computes what it did before. None if the model is built in another way; it is then left unchanged.

    """
    from openvino import opset13  # noqa: PLC0415 - a heavy runtime

    found = {layer: matrices_of(nodes, layer) for layer in {layer for layer, _ in adapters.of}}
    switch = opset13.parameter([], np.float32, name=SWITCH)
    switch.output(0).set_names({SWITCH})
    beside = []
    for (layer, matrix), adapter in adapters.of.items():
        of_layer = found[layer]
        if of_layer is None:
            return None
        beside.append((of_layer[0][matrix], adapter))
    for linear, adapter in beside:
        _add(linear.given_to, linear.given, adapter, switch)
    return switch


def _add(product: Any, given: Any, adapter: Adapter, switch: Any) -> None:
    from openvino import opset13  # noqa: PLC0415

    def small(part: Any) -> Any:
        return opset13.convert(opset13.constant(part), np.float32)

    following = list(product.output(0).get_target_inputs())
    narrow = opset13.multiply(opset13.matmul(given, small(adapter.down), False, True), switch)  # noqa: FBT003
    both = opset13.add(product, opset13.matmul(narrow, small(adapter.up), False, True))  # noqa: FBT003
    for one in following:
        one.replace_source_output(both.output(0))
