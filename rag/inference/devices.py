"""Choose the device that runs a model, from one setting for all runtimes."""

from __future__ import annotations

from typing import Any, Literal

from index.errors import ModelError

Device = Literal["auto", "cpu", "gpu"]

_HINT = "Set RAG_DEVICE to auto or cpu."


def openvino_device(core: Any, wanted: Device) -> str:
    """
    Return OpenVINO's name for the device to use.

    Parameters
    ----------
    core
        ``openvino.Core``.
    wanted
        ``auto`` takes a separate graphics card if there is one: one that is part of the processor shares its memory
        and is no faster. ``gpu`` takes either.

    Raises
    ------
    ModelError
        ``gpu`` was wanted, and OpenVINO finds none.

    """
    if wanted == "cpu":
        return "CPU"
    found = [name for name in core.available_devices if name.startswith("GPU")]
    # "Type.DISCRETE", or "discrete" in older versions.
    own = [name for name in found if "discrete" in str(core.get_property(name, "DEVICE_TYPE")).lower()]
    if wanted == "auto":
        return str(own[0]) if own else "CPU"
    if not found:
        raise ModelError("OpenVINO finds no graphics card that it can use.", hint=_HINT)
    return str((own or found)[0])


def torch_device(torch: Any, wanted: Device) -> str:
    """
    Return PyTorch's name for the device to use: CUDA, else Apple's, else the processor.

    Raises
    ------
    ModelError
        ``gpu`` was wanted, and this build of PyTorch cannot use one.

    """
    if wanted == "cpu":
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    if wanted == "gpu":
        raise ModelError("This build of PyTorch finds no graphics card that it can use.", hint=_HINT)
    return "cpu"
