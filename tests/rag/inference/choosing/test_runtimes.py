"""The runtime of the language model is chosen by setting, processor or trial, and replaced if it cannot run."""

from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import ModelError
from rag.inference.choosing import processor, runtimes
from rag.inference.weights import DEFAULT_LLM, ResolvedModel
from rag.settings.groups import Machine

if TYPE_CHECKING:
    from pathlib import Path

BETWEEN = ("avx2", "avx_vnni")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a fake machine: its instruction sets, installed runtimes and available forms of the weights."""
    found = SimpleNamespace(sets=("avx2",), installed={"openvino", "ctranslate2"}, missing=set(), speeds={}, trials=[])
    found.failure = subprocess.CalledProcessError(1, "trial")

    def resolve(name: str, *, download: bool = True, runtime: Any = "openvino") -> ResolvedModel:
        if runtime in found.missing:
            raise ModelError("No room.")
        return ResolvedModel(name, runtime, f"/models/{runtime}", runtime)

    def run(command: list[str], **_: Any) -> Any:
        assert "-P" in command
        runtime = command[command.index("rag.inference.choosing.trial") + 1]
        found.trials.append(runtime)
        speed = found.speeds.get(runtime)
        if not speed:
            raise found.failure
        return SimpleNamespace(stdout=f"Loading\n{speed}\n")

    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path))
    monkeypatch.setattr(runtimes, "usable_sets", lambda: found.sets)
    monkeypatch.setattr(runtimes, "_installed", lambda runtime: runtime in found.installed)
    monkeypatch.setattr(runtimes, "_has_graphics_card", lambda device: device == "gpu")
    monkeypatch.setattr(runtimes, "resolve_llm", resolve)
    monkeypatch.setattr(subprocess, "run", run)
    return found


def on(runtime: Any = "fastest", device: Any = "auto") -> Machine:
    return Machine(runtime=runtime, device=device)


def engine(*, wanted: Any = "fastest", device: Any = "auto", download: bool = True) -> str:
    return runtimes.language_model(DEFAULT_LLM, on(wanted, device), download=download).engine


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ((), "openvino"),
        (("avx2",), "ctranslate2"),
        (("avx2", "avx512f", "avx512_vnni"), "openvino"),
        (("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8"), "openvino"),
    ],
)
def test_the_processor_decides(machine: Any, sets: tuple[str, ...], expected: str) -> None:
    machine.sets = sets
    assert engine() == expected
    assert not machine.trials


def test_a_setting_goes_before_the_processor(machine: Any) -> None:
    assert engine(wanted="openvino") == "openvino"
    assert "RAG_RUNTIME=fastest" in runtimes.choose(on("openvino")).reason
    machine.sets = ("avx2", "avx512_vnni")
    assert engine(wanted="ctranslate2") == "ctranslate2"
    assert "RAG_RUNTIME" not in runtimes.choose(on("openvino")).reason


def test_a_runtime_that_is_not_installed(machine: Any) -> None:
    machine.installed = {"openvino"}
    assert engine() == "openvino"
    assert "quellentreu[ctranslate2]" in runtimes.choose(on()).reason
    with pytest.raises(ModelError, match="RAG_RUNTIME is ctranslate2") as caught:
        engine(wanted="ctranslate2")
    assert "RAG_RUNTIME=openvino" in str(caught.value)


def test_a_graphics_card_is_openvinos(machine: Any) -> None:
    assert engine(device="gpu") == "openvino"
    assert engine(device="cpu") == "ctranslate2"
    with pytest.raises(ModelError, match="RAG_DEVICE is gpu"):
        engine(wanted="ctranslate2", device="gpu")


def test_a_processor_between_the_known_ones_is_tried_once(machine: Any) -> None:
    machine.sets = BETWEEN
    machine.speeds = {"openvino": 40.0, "ctranslate2": 61.5}
    assert runtimes.choose(on()).runtime is None
    assert engine(download=False) == "openvino"
    assert not machine.trials
    assert [engine(), engine()] == ["ctranslate2", "ctranslate2"]
    assert machine.trials == ["openvino", "ctranslate2"]
    assert "openvino 40, ctranslate2 62" in runtimes.choose(on()).reason


@pytest.mark.parametrize(
    "failure",
    [subprocess.CalledProcessError(1, "trial"), subprocess.TimeoutExpired("trial", 300), OSError("no memory")],
)
def test_a_trial_that_fails_decides_nothing_and_is_not_kept(machine: Any, failure: Exception) -> None:
    machine.sets = BETWEEN
    machine.speeds, machine.failure = {"openvino": 3.0}, failure
    assert [engine(), engine()] == ["openvino", "openvino"]
    assert machine.trials == ["openvino", "ctranslate2"] * 2
    assert runtimes.choose(on()).runtime is None


def test_a_trial_holds_for_a_number_of_threads(machine: Any) -> None:
    machine.sets = BETWEEN
    machine.speeds = {"openvino": 40.0, "ctranslate2": 61.5}
    assert engine() == "ctranslate2"
    assert runtimes.choose(Machine(runtime="fastest", threads=1)).runtime is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: json.dumps({**json.loads(text), "processor": "another"}),
        lambda text: json.dumps({**json.loads(text), "speeds": {"openvino": "quick"}}),
        lambda text: "[]",
    ],
)
def test_a_trial_of_another_machine_or_a_damaged_one_is_made_again(machine: Any, tmp_path: Path, spoil: Any) -> None:
    machine.sets = BETWEEN
    machine.speeds = {"openvino": 40.0, "ctranslate2": 61.5}
    engine()
    (file,) = tmp_path.glob("*.json")
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert runtimes.choose(on()).runtime is None
    assert engine() == "ctranslate2"
    assert len(machine.trials) == 4


def test_where_the_second_form_cannot_be_made_the_first_one_answers(machine: Any) -> None:
    machine.missing = {"ctranslate2"}
    assert engine() == "openvino"
    with pytest.raises(ModelError, match="No room"):
        engine(wanted="ctranslate2")
    machine.sets = BETWEEN  # a trial would need the second form
    assert engine() == "openvino"
    machine.missing = {"openvino", "ctranslate2"}
    with pytest.raises(ModelError, match="No room"):
        engine()


def test_a_second_form_that_is_damaged_is_not_passed_over(machine: Any, tmp_path: Path) -> None:
    (tmp_path / DEFAULT_LLM / "ctranslate2").mkdir(parents=True)
    machine.missing = {"ctranslate2"}
    with pytest.raises(ModelError):
        engine()


def test_mending_by_force_mends_both_forms(machine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(runtimes, "fetch_model", lambda _, *, force, runtime: fetched.append(runtime))
    runtimes.fetch(DEFAULT_LLM, on("openvino"), force=True)
    (tmp_path / DEFAULT_LLM / "ctranslate2").mkdir(parents=True)
    runtimes.fetch(DEFAULT_LLM, on("openvino"), force=True)
    assert fetched == ["openvino", "ctranslate2", "openvino"]


def test_models_of_one_form_are_left_to_their_engine(machine: Any) -> None:
    machine.missing = {"ctranslate2"}
    assert runtimes.language_model("./my.gguf", on()).engine == "openvino"  # the engine that `resolve` names


def test_onednns_limit_holds_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "instruction_sets", lambda: ("avx2", "avx512f", "avx512_vnni"))
    monkeypatch.delenv(processor.LIMIT, raising=False)
    assert processor.usable_sets() == ("avx2", "avx512f", "avx512_vnni")
    monkeypatch.setenv(processor.LIMIT, "avx2")
    assert processor.usable_sets() == ("avx2",)
