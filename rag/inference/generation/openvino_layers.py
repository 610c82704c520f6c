"""
Cut a causal model in two, and build from its middle layers some that read instead of writing.

The middle layers say best what a model has read; the words that the upper ones lead to are not needed for that. The
lower and the upper part together are the model, in the same memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.inference.adapting.model import ADAPTED, LAYERS
from rag.inference.adapting.openvino import LAYER_ENDS, STATES, adapted
from rag.inference.adapting.switched import switched

if TYPE_CHECKING:
    from rag.inference.adapting import Adapters

_NUMBER = re.compile(r"\d+")


class Parts(NamedTuple):
    """
    A model that was cut.

    Parameters
    ----------
    lower
        The lower part; its only output is ``hidden_states``, shape ``(1, tokens, width)``.
    upper
        The upper part; it has an input of that name besides the model's own.
    adapted
        The adapted layers, see `rag.inference.adapting.openvino`.
    switches
        Whether the upper part has the input of `rag.inference.adapting.switched`.

    """

    lower: Any
    upper: Any
    adapted: Any
    switches: bool


def parted(model: Any, adapters: Adapters, writing: Adapters | None = None) -> Parts | None:
    """
    Cut a model below the layers that are adapted.

    Parameters
    ----------
    model
        An OpenVINO model in the stateful form; it is changed.
    adapters
        What is added to the layers of the default model that read.
    writing
        What can be added to the layers of the upper part.

    Returns
    -------
    The parts; None if the model's layers are built or named differently from those of the default model, or are of
    another number. The model is then left unchanged.

    """
    from openvino import Model, opset13  # noqa: PLC0415 - a heavy runtime

    nodes = {node.get_friendly_name(): node for node in model.get_ordered_ops()}
    seam, last = nodes.get(LAYER_ENDS.format(ADAPTED.start - 1)), LAYER_ENDS.format(LAYERS - 1)
    if seam is None or last not in nodes or LAYER_ENDS.format(LAYERS) in nodes:
        return None
    # A model tells how much has been read by the length of its first layer's memory: the upper part by that of its own.
    memories = {node.get_variable_id(): node for node in nodes.values() if node.get_type_name() == "ReadValue"}
    above = {_part(node): node for node in memories.values() if _layer(node) == ADAPTED.start}
    below = [node for node in memories.values() if _layer(node) < ADAPTED.start]
    reading = adapted(nodes, adapters)
    if reading is None or not all(_part(node) in above for node in below):
        return None
    switch = None if writing is None else switched(nodes, writing)
    states = seam.output(0)
    sinks = model.get_sinks()
    # A copy: its nodes stay as they are when those of the upper part are changed.
    lower = Model(
        [opset13.result(states)], [one for one in sinks if _layer(one) < ADAPTED.start], model.get_parameters(), "lower"
    ).clone()
    lower.output(0).set_names({STATES})
    given = opset13.parameter(states.get_partial_shape(), states.get_element_type(), name=STATES)
    given.output(0).set_names({STATES})
    _replace(states, given.output(0))
    for node in below:
        _replace(node.output(0), above[_part(node)].output(0))
    results = [output.get_node() for output in model.outputs]
    inputs = [*model.get_parameters(), given, *([] if switch is None else [switch])]
    upper = Model(results, [one for one in sinks if _layer(one) >= ADAPTED.start], inputs, "upper")
    return Parts(lower, upper, reading, switch is not None)


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
