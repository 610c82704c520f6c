"""
A causal model in OpenVINO's stateful form, with control over its state.

OpenVINO GenAI's pipelines offer neither the probabilities of a word nor several endings of one prompt. The loop around
the model is short, and having it here makes both cheap: what was read is kept, and an ending that has been tried is
masked out. It is as fast as GenAI's pipeline on the same weights (136 and 139 prompt tokens/s, 10 and 9 new tokens/s on
two cores).

The state after a system message could be kept as well, but that gains nothing: attention over a kept state is slower
than reading everything in one go (280 tokens after 40 kept ones 2.8 s, all 320 2.3 s).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.inference.adapting.openvino import ADAPTED_STATES, STATES, angles
from rag.inference.adapting.switched import SWITCH
from rag.inference.devices import openvino_device
from rag.inference.generation.openvino_layers import parted
from rag.inference.interpreter import TURN
from rag.inference.mapped_file import MappedFile
from rag.inference.run import StoppedError, current

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.adapting import Adapters
    from rag.inference.devices import Device

    Array = NDArray[np.float32]
    Logits = NDArray[np.float32]

_POSITIONS = "logit_positions"
_LOOK_MILLISECONDS = 50


class StatefulModel:
    """
    The model and the tokens it has read.

    Parameters
    ----------
    folder
        Holds ``openvino_model.xml``: inputs ``input_ids``, ``attention_mask``, ``beam_idx`` and, if the model has
        it, ``position_ids``; output ``logits``.
    threads
        Processor threads, 0 takes all cores.
    device
        See `rag.inference.devices`.
    adapters
        Adapters for `states`, used if the model is the one that they were made with.
    writing
        Adapters for `adding`, likewise.

    """

    adding = False
    """Whether the model reads and writes with the adapters of ``writing``; to be set only after a `reset`."""

    def __init__(
        self,
        folder: Path,
        *,
        threads: int = 0,
        device: Device = "auto",
        adapters: Adapters | None = None,
        writing: Adapters | None = None,
    ) -> None:
        with TURN:
            import openvino  # noqa: PLC0415 - a heavy runtime

            core = openvino.Core()
            name = openvino_device(core, device)
            self._file = MappedFile(folder / "openvino_model.bin") if name == "CPU" else None
            model = core.read_model(str(folder / "openvino_model.xml"))
            self._gathers = _only_last_logits(model)
            parts = None if adapters is None else parted(model, adapters, writing)
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads and name == "CPU":
            options["INFERENCE_NUM_THREADS"] = threads
        self._compile: Callable[[Any], Any] = lambda part: core.compile_model(part, name, options)
        self._parts = [_Part(self._compile(part)) for part in ((parts.lower, parts.upper) if parts else (model,))]
        self._adapted: Any = parts and parts.adapted
        self.can_add = bool(parts and parts.switches)
        self._reader: _Part | None = None  # compiled when it is first needed: many ask only for facts
        self._mask: list[int] = []
        self._position = 0

    def reset(self) -> None:
        """Forget everything."""
        for part in self._parts:
            part.request.reset_state()
        self._mask = []
        self._position = 0

    def feed(self, tokens: Sequence[int]) -> Logits:
        """
        Read further tokens.

        Stopping a read under way takes some 25 ms on two cores. Reading in pieces, in order to check between them
        whether to stop, would cost more than that each time: 320 tokens take 2.4 s in one piece, 2.6 to 3.5 s in
        pieces.

        Returns
        -------
        The logits of the token that follows, shape ``(vocabulary,)``. Valid until the next call.

        Raises
        ------
        StoppedError
            The answer is not wanted any more; what has been read is then of no use, see `reset`.

        """
        logits: Logits = self._run(tokens, len(tokens) - 1)[0]
        return logits

    def feed_each(self, tokens: Sequence[int]) -> Logits:
        """
        Read further tokens, and return the logits after each token, as `feed` does for the last.

        Returns
        -------
        Logits, shape ``(tokens, vocabulary)``. Valid until the next call.

        Raises
        ------
        StoppedError
            See `feed`.

        """
        return self._run(tokens, 0)

    @property
    def has_states(self) -> bool:
        """Whether `states` can be asked for."""
        return self._adapted is not None

    def states(self, tokens: Sequence[int]) -> Array:
        """
        Read a text by itself with the lower layers and the adapted ones, see `rag.inference.adapting`.

        What was read before is forgotten; call `reset` afterwards to forget this text as well.

        Returns
        -------
        The states after the adapted layers, shape ``(tokens, width)``.

        Raises
        ------
        StoppedError
            See `feed`.

        """
        below = self._read_below(tokens)
        if self._reader is None:
            self._reader = _Part(self._compile(self._adapted))
        self._infer(self._reader, {STATES: below, **angles(len(tokens))})
        states: Array = self._reader.request.get_tensor(ADAPTED_STATES).data[0].copy()
        return states

    def states_below(self, tokens: Sequence[int]) -> Array:
        """Return the inputs of the adapted layers, from which they are trained; `reset` afterwards, as for `states`."""
        states: Array = self._read_below(tokens).data[0].copy()
        return states

    def _read_below(self, tokens: Sequence[int]) -> Any:
        self.reset()
        self._infer(self._parts[0], self._given(tokens, 0))
        return self._parts[0].request.get_tensor(STATES)

    def _run(self, tokens: Sequence[int], first: int) -> Logits:
        """Read further tokens; return the logits after each token from number ``first`` on."""
        given = self._given(tokens, first)
        for part in self._parts:
            self._infer(part, given)
            if part is not self._parts[-1]:
                given[STATES] = part.request.get_tensor(STATES)
        self._position += len(tokens)
        logits: Logits = self._parts[-1].request.get_tensor("logits").data[0, 0 if self._gathers else first :]
        return logits

    def _given(self, tokens: Sequence[int], first: int) -> dict[str, Any]:
        count = len(tokens)
        self._mask += [1] * count
        return {
            "input_ids": np.array([tokens], dtype=np.int64),
            "attention_mask": np.array([self._mask], dtype=np.int64),
            "position_ids": np.arange(self._position, self._position + count, dtype=np.int64)[None],
            "beam_idx": np.zeros(1, dtype=np.int32),
            _POSITIONS: np.arange(first, count, dtype=np.int64),
            SWITCH: np.float32(self.adding),
        }

    def _infer(self, part: _Part, given: dict[str, Any]) -> None:
        # The file is read only during the first run, which lays out the weights for the processor.
        file = self._file if part.is_new else None
        try:
            part.request.start_async({name: value for name, value in given.items() if name in part.inputs})
            self._wait(part.request, file)
        finally:
            if file:
                file.release()
        part.is_new = False

    def _wait(self, request: Any, file: MappedFile | None) -> None:
        run, stopped = current(), False
        try:
            while not stopped and not request.wait_for(_LOOK_MILLISECONDS):
                stopped = run.stopped
                if file:
                    file.release()
        except BaseException:  # Ctrl-C, too: a request that runs on would refuse the next one
            _cancel(request)
            raise
        if stopped:
            _cancel(request)
            raise StoppedError
        request.wait()

    def mark(self) -> tuple[int, int]:
        """Return how far the model has read, for `back`."""
        return len(self._mask), self._position

    def drop(self, count: int) -> None:
        """Unread the last tokens; see `back`."""
        self.back((len(self._mask) - count, self._position - count))

    def back(self, mark: tuple[int, int]) -> None:
        """Unread what came after a mark: it stays in the state, but is masked out."""
        length, self._position = mark
        self._mask = self._mask[:length] + [0] * (len(self._mask) - length)


class _Part:
    """A compiled model, or a part of one, with the names of its inputs."""

    def __init__(self, compiled: Any) -> None:
        self.request = compiled.create_infer_request()
        self.is_new = True
        self.inputs = {name for port in compiled.inputs for name in port.get_names()}


def _cancel(request: Any) -> None:
    request.cancel()
    with contextlib.suppress(RuntimeError):  # it reports that it was cancelled, as intended
        request.wait()


def _only_last_logits(model: Any) -> bool:
    """Let the model compute the logits of chosen positions only; return False if its last step is not a product."""
    from openvino import opset13  # noqa: PLC0415

    product = model.output("logits").get_node().input_value(0).get_node()
    if product.get_type_name() != "MatMul":
        return False
    positions = opset13.parameter([-1], np.int64, name=_POSITIONS)
    positions.output(0).set_names({_POSITIONS})
    chosen = opset13.gather(product.input_value(0), positions, opset13.constant(1, dtype=np.int64))
    product.input(0).replace_source_output(chosen.output(0))
    model.add_parameters([positions])
    model.validate_nodes_and_infer_types()
    return True
