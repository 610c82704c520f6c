"""
Cut a causal model in two: its lower layers, and those above them, which lead to words.

What a model has read of a text is best told by the states of its middle layers, which the lower half computes in half
the time. Both halves together are the model, in the same memory.
"""

from __future__ import annotations

import re
from typing import Any

LOWER_LAYERS = 14
"""Of the 28 layers of the default model."""

STATES = "hidden_states"
_LAYER_ENDS = "model.layers.self_attn.add1.layer{}"
_NUMBER = re.compile(r"\d+")


def halves(model: Any) -> tuple[Any, Any] | None:
    """
    Return the two halves of a model.

    Parameters
    ----------
    model
        Of OpenVINO, in the stateful form; it is taken apart.

    Returns
    -------
    The lower half, whose only output is ``hidden_states``, shape ``(1, tokens, width)``; the upper one, which has an
    input of that name besides the model's own. None where the model's layers are not named as those of the default
    model, or have another number; it is left as it was.

    """
    from openvino import Model, opset13  # noqa: PLC0415 - a heavy runtime

    nodes = {node.get_friendly_name(): node for node in model.get_ordered_ops()}
    seam, last = nodes.get(_LAYER_ENDS.format(LOWER_LAYERS - 1)), _LAYER_ENDS.format(2 * LOWER_LAYERS - 1)
    if seam is None or last not in nodes or _LAYER_ENDS.format(2 * LOWER_LAYERS) in nodes:
        return None
    # How much has been read is told by the lengths of the first layer's memory: in the upper half by its own.
    memories = {node.get_variable_id(): node for node in nodes.values() if node.get_type_name() == "ReadValue"}
    above = {_part(node): node for node in memories.values() if _layer(node) == LOWER_LAYERS}
    below = [node for node in memories.values() if _layer(node) < LOWER_LAYERS]
    if not all(_part(node) in above for node in below):
        return None
    states = seam.output(0)
    sinks = model.get_sinks()
    # A copy: its nodes stay when those of the upper half are changed.
    lower = Model(
        [opset13.result(states)], [one for one in sinks if _layer(one) < LOWER_LAYERS], model.get_parameters(), "lower"
    ).clone()
    lower.output(0).set_names({STATES})
    given = opset13.parameter(states.get_partial_shape(), states.get_element_type(), name=STATES)
    given.output(0).set_names({STATES})
    _replace(states, given.output(0))
    for node in below:
        _replace(node.output(0), above[_part(node)].output(0))
    results = [output.get_node() for output in model.outputs]
    upper = Model(
        results, [one for one in sinks if _layer(one) >= LOWER_LAYERS], [*model.get_parameters(), given], "upper"
    )
    return lower, upper


def _layer(memory: Any) -> int:
    """Return the layer of an operation that reads or writes a layer's keys or values."""
    found = _NUMBER.search(memory.get_variable_id())
    return int(found[0]) if found else -1


def _part(memory: Any) -> str:
    """Return ``key`` or ``value``."""
    return str(memory.get_variable_id()).rpartition(".")[2]


def _replace(old: Any, new: Any) -> None:
    for target in old.get_target_inputs():
        if target.get_node().get_type_name() != "Result":
            target.replace_source_output(new)
