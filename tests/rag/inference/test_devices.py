from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from index.errors import ModelError
from rag.inference.devices import openvino_device, torch_device


class Core:
    def __init__(self, **kinds: str) -> None:
        self.kinds = {name.replace("_", "."): kind for name, kind in kinds.items()}
        self.available_devices = ["CPU", *self.kinds]

    def get_property(self, name: str, key: str) -> str:
        assert key == "DEVICE_TYPE"
        return self.kinds[name]


INTEGRATED, SEPARATE = "Type.INTEGRATED", "Type.DISCRETE"


@pytest.mark.parametrize(
    ("kinds", "wanted", "device"),
    [
        ({}, "auto", "CPU"),
        ({"GPU": INTEGRATED}, "auto", "CPU"),
        ({"GPU": INTEGRATED}, "gpu", "GPU"),
        ({"GPU_0": INTEGRATED, "GPU_1": SEPARATE}, "auto", "GPU.1"),
        ({"GPU_0": INTEGRATED, "GPU_1": SEPARATE}, "gpu", "GPU.1"),
        ({"GPU": SEPARATE}, "cpu", "CPU"),
        ({"NPU": SEPARATE}, "auto", "CPU"),
    ],
)
def test_openvino_takes_a_separate_card_or_the_one_that_is_wanted(kinds: Any, wanted: Any, device: str) -> None:
    assert openvino_device(Core(**kinds), wanted) == device


@pytest.mark.parametrize(
    ("cuda", "mps", "wanted", "device"),
    [
        (False, False, "auto", "cpu"),
        (True, True, "auto", "cuda"),
        (False, True, "auto", "mps"),
        (True, False, "cpu", "cpu"),
        (True, False, "gpu", "cuda"),
    ],
)
def test_torch_takes_the_card_it_has(cuda: bool, mps: bool, wanted: Any, device: str) -> None:
    assert torch_device(_torch(cuda=cuda, mps=mps), wanted) == device


def test_a_wanted_card_that_is_not_there_is_one_line() -> None:
    for choose in (lambda: openvino_device(Core(), "gpu"), lambda: torch_device(_torch(cuda=False, mps=False), "gpu")):
        with pytest.raises(ModelError, match="RAG_DEVICE") as caught:
            choose()
        assert "\n" not in str(caught.value)


def _torch(*, cuda: bool, mps: bool) -> Any:
    return SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: cuda),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )
