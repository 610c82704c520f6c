"""Identify the state of the code and the kind of machine, so that answers of one are not taken for another's."""

from __future__ import annotations

import functools
import os
import platform
from importlib import metadata
from typing import TYPE_CHECKING

from index.errors import ModelError
from rag.calibrating.code import code_fingerprint
from rag.inference.choosing.processor import instruction_sets
from rag.inference.devices import openvino_device

if TYPE_CHECKING:
    from rag.inference.devices import Device

# Environment variables with which a user limits the instruction sets.
_LIMITS = ("ONEDNN_MAX_CPU_ISA", "CT2_FORCE_CPU_ISA", "OV_CPU_MAX_ISA", "ATEN_CPU_CAPABILITY")
_RUNTIMES = {
    "openvino": ("openvino-genai",),
    "ctranslate2": ("ctranslate2", "openvino-genai"),
    "llama.cpp": ("xllamacpp",),
    "transformers": ("transformers", "torch"),
}
# Runtimes that run on one device only, whatever is set.
_PLACES = {"ctranslate2": "CPU"}
__all__ = ["MACHINE", "code_fingerprint", "instructions", "machine"]

MACHINE = ("runtime", "precision", "instructions")
"""The fingerprints that say on what kind of machine a language model computed."""


@functools.cache
def machine(engine: str, device: Device = "auto") -> dict[str, str]:
    """
    Return what a language model's figures depend on besides its weights.

    Parameters
    ----------
    engine
        Fingerprint of the engine, which ends with the runtime's name.
    device
        As in the settings.

    Returns
    -------
    ``runtime`` with its version and device, ``precision`` of its arithmetic, and ``instructions`` of the processor. A
    server does not tell the first two.

    """
    name = engine.rpartition("+")[2]
    versions = [f"{package} {_version(package)}" for package in _RUNTIMES.get(name, ())]
    place, precision = _openvino(device) if name == "openvino" else (_PLACES.get(name, device), "as the runtime has it")
    runtime = f"{', '.join(versions)} on {place}" if versions else "unknown"
    return dict(zip(MACHINE, (runtime, precision, instructions()), strict=True))


@functools.cache
def instructions() -> str:
    """Return the kind of processor and those of its instruction sets that change figures."""
    limits = [f"{name}={os.environ[name]}" for name in _LIMITS if os.environ.get(name)]
    return " ".join([platform.machine(), *instruction_sets(), *limits])


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "?"


def _openvino(wanted: Device) -> tuple[str, str]:
    """Return the device, and the precision that its kernels compute in by default."""
    try:
        import openvino  # noqa: PLC0415 - a heavy runtime

        core = openvino.Core()
        device = openvino_device(core, wanted)
        return device, str(core.get_property(device, "INFERENCE_PRECISION_HINT").to_string())
    except (ImportError, RuntimeError, AttributeError, ModelError):
        return wanted, "unknown"
