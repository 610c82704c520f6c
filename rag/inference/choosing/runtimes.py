"""
Choose the runtime for the default language model on this machine.

The default is OpenVINO, whose answers are nearly the same on all processors. CTranslate2 rounds the operands of
multiplications to 8 bit, so that one answer in ten differs, and reads faster on some processors. Measured on the same
weights, two cores (docs/speed.md):

| | OpenVINO, prompt tokens/s | CTranslate2, prompt tokens/s |
|---|---|---|
| avx512_vnni, avx512_bf16, amx | 175 | 79 |
| avx2 alone | 28 | 55 |

If the setting asks for the fastest, both are tried once on processors between these two, and the result is kept beside
the models.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ModelError
from index.progress import tell
from rag.inference.choosing.processor import processor_name, usable_sets
from rag.inference.devices import openvino_device
from rag.inference.weights import cache_folder, fetch_model, has_forms, resolve_llm
from rag.inference.weights.cache import write_text_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.inference.devices import Device
    from rag.inference.weights import ResolvedModel, Runtime
    from rag.settings.groups import Machine


INSTALL = "Install it with `pip install 'quellentreu[ctranslate2]'`"
_CHANGE = "set RAG_RUNTIME=openvino"
# The runtime whose form of the weights always exists.
_ALWAYS: Runtime = "openvino"
_FILE = "runtime.json"
_FORMAT = 1
_QUICK_WITH_OPENVINO = frozenset({"avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"})
_PACKAGES: Mapping[Runtime, tuple[str, ...]] = {"openvino": ("openvino-genai",), "ctranslate2": ("ctranslate2", "gguf")}
_TRIAL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The choice of a runtime, and the reason.

    Parameters
    ----------
    runtime
        The runtime that runs the model; None if only a trial can tell.
    reason
        One line for people.

    """

    runtime: Runtime | None
    reason: str


def choose(machine: Machine) -> Choice:
    """
    Return the runtime for this machine: from the settings, from measurements on such processors, or from a trial.

    Raises
    ------
    ModelError
        The runtime in the settings is not installed, or cannot use the device in the settings.

    """
    sets = usable_sets()
    if machine.runtime == "openvino":
        could = sets == ("avx2",) and _installed("ctranslate2")
        faster = "; CTranslate2 reads faster on this processor: RAG_RUNTIME=fastest" if could else ""
        return Choice("openvino", f"nearly the same answers on every machine{faster}")
    if machine.runtime == "ctranslate2":
        if not _installed("ctranslate2"):
            raise ModelError("RAG_RUNTIME is ctranslate2, which is not installed.", hint=f"{INSTALL}, or {_CHANGE}.")
        if machine.device == "gpu":
            raise ModelError(
                "CTranslate2 runs on the processor here, and RAG_DEVICE is gpu.",
                hint=f"{_CHANGE[0].upper()}{_CHANGE[1:]}.",
            )
        return Choice("ctranslate2", "RAG_RUNTIME says so")
    if "avx2" not in sets:
        return Choice("openvino", "the system does not say that the processor has AVX2, and nothing else was measured")
    if quick := sorted(_QUICK_WITH_OPENVINO.intersection(sets)):
        return Choice("openvino", f"it reads quickest on a processor with {quick[0]}")
    if not _installed("ctranslate2"):
        return Choice("openvino", f"CTranslate2 may read faster on this processor. {INSTALL}")
    if machine.device != "cpu" and _has_graphics_card(machine.device):
        return Choice("openvino", "it can use the graphics card")
    if sets == ("avx2",):
        return Choice("ctranslate2", "it reads quickest on a processor with AVX2 alone")
    return _tried(machine.threads)


def language_model(name: str, machine: Machine, *, download: bool = True) -> ResolvedModel:
    """
    Return the language model that a setting names, in the form for this machine's runtime.

    Parameters
    ----------
    name
        See `rag.inference.weights.resolve_llm`.
    machine
        Its ``runtime`` matters only if the model has several forms.
    download
        Whether missing files may be fetched and converted, and runtimes tried.

    Raises
    ------
    ModelError
        There is no such model or runtime, or it is missing, damaged or of another kind.

    """
    if not has_forms(name):
        return resolve_llm(name, download=download)
    runtime: Runtime = "ctranslate2"
    try:
        runtime = _settled(name, machine, may_try=download)
        return resolve_llm(name, download=download, runtime=runtime)
    except ModelError:
        if machine.runtime != "fastest" or runtime == _ALWAYS or _second_form(name).is_dir():
            raise
        # There is no room for a second form, or the file that it is made from was deleted and cannot be fetched.
        return resolve_llm(name, download=download, runtime=_ALWAYS)


def fetch(name: str, machine: Machine, *, force: bool = False) -> ResolvedModel:
    """
    Fetch or repair a model, in the form for this machine's runtime.

    Parameters
    ----------
    name
        A name in the catalogue or a hub id.
    machine
        See `language_model`.
    force
        Hash every file instead of trusting size and date, and replace what differs, in each form that exists.

    Raises
    ------
    ModelError
        There is no such model, or it cannot be fetched or converted.

    """
    if not has_forms(name):
        return fetch_model(name, force=force)
    if force and _second_form(name).is_dir():
        fetch_model(name, force=True, runtime="ctranslate2")
    return fetch_model(name, force=force, runtime=_settled(name, machine, may_try=True))


def _second_form(name: str) -> Path:
    return cache_folder() / name.strip() / "ctranslate2"


def _settled(name: str, machine: Machine, *, may_try: bool) -> Runtime:
    choice = choose(machine)
    if choice.runtime is None and may_try:
        choice = _try_both(name, machine.threads)
    return choice.runtime or _ALWAYS


def _try_both(name: str, threads: int) -> Choice:
    """Time each runtime once, each in its own process, and store the speeds if both ran."""
    speeds: dict[str, float] = {}
    for number, runtime in enumerate(_PACKAGES):
        model = resolve_llm(name, runtime=runtime)
        tell("Trying which runtime reads fastest (once)", number, len(_PACKAGES))
        speeds[runtime] = _speed(model, threads)
    if not all(speeds.values()):
        return Choice(_ALWAYS, "one of two runtimes could not be tried")
    kept = {"format": _FORMAT, **asdict(_conditions(threads)), "speeds": speeds}
    write_text_atomically(_file(), json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return _tried(threads)


def _speed(model: ResolvedModel, threads: int) -> float:
    """Return the tokens per second that a separate process reads; 0 if it fails or takes too long."""
    module = "rag.inference.choosing.trial"
    # -P: no modules are imported from the current folder.
    run = [sys.executable, "-P", "-m", module, model.engine, model.location, str(threads)]
    root = str(Path(__file__).resolve().parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            run, capture_output=True, text=True, timeout=_TRIAL_SECONDS, env=environment, check=True
        )
        return float(done.stdout.split()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0.0


@dataclass(frozen=True, slots=True)
class _Conditions:
    """The conditions under which the result of a trial is valid."""

    processor: str
    threads: int
    sets: tuple[str, ...]
    versions: tuple[str, ...]


def _conditions(threads: int) -> _Conditions:
    versions = (f"{name} {metadata.version(name)}" for names in _PACKAGES.values() for name in names)
    return _Conditions(processor_name(), threads, usable_sets(), tuple(versions))


def _tried(threads: int) -> Choice:
    """Return the choice from an earlier trial under these conditions; undecided if there was none."""
    speeds = _kept_speeds(threads)
    if speeds is None:
        return Choice(None, "neither was tried on this processor")
    told = ", ".join(f"{name} {speed:.0f}" for name, speed in speeds.items())
    best: Runtime = "ctranslate2" if speeds["ctranslate2"] > speeds["openvino"] else "openvino"
    return Choice(best, f"it read fastest when both were tried here ({told} tokens/s)")


def _kept_speeds(threads: int) -> dict[Runtime, float] | None:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
        now = json.loads(json.dumps({"format": _FORMAT, **asdict(_conditions(threads))}))
        if {name: kept[name] for name in now} != now:
            return None
        return {runtime: float(kept["speeds"][runtime]) for runtime in _PACKAGES}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _has_graphics_card(device: Device) -> bool:
    from openvino import Core  # noqa: PLC0415 - a heavy runtime

    return openvino_device(Core(), device) != "CPU"


def _file() -> Path:
    return cache_folder() / _FILE


def _installed(runtime: Runtime) -> bool:
    return all(util.find_spec(name.replace("-", "_")) is not None for name in _PACKAGES[runtime])
