"""
Which runtime runs the default language model on this machine.

OpenVINO unless something else is set: its answers are nearly the same on all processors. CTranslate2 rounds what it
multiplies to 8 bit, so that one answer in ten is another, and reads faster on some processors. Measured on the same
weights, two cores (docs/speed.md):

| | OpenVINO, prompt tokens/s | CTranslate2, prompt tokens/s |
|---|---|---|
| avx512_vnni, avx512_bf16, amx | 175 | 79 |
| avx2 alone | 28 | 55 |

Where the fastest is wanted, a processor between the two is tried once, and the result is kept beside the models.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import metadata, util
from typing import TYPE_CHECKING, Literal

from index.errors import ModelError
from index.progress import tell
from rag.inference.choosing.processor import processor_name, usable_sets
from rag.inference.devices import openvino_device
from rag.inference.weights import cache_folder, fetch_model, has_forms, resolve_llm
from rag.inference.weights.cache import write_text_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rag.inference.devices import Device
    from rag.inference.weights import ResolvedModel, Runtime

Wanted = Literal["openvino", "ctranslate2", "fastest"]

# Whose form is always there.
_ALWAYS: Runtime = "openvino"
_FILE = "runtime.json"
_FORMAT = 1
_QUICK_WITH_OPENVINO = frozenset({"avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"})
_PACKAGES: Mapping[Runtime, tuple[str, ...]] = {"openvino": ("openvino-genai",), "ctranslate2": ("ctranslate2", "gguf")}
_TRIAL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A runtime, and why.

    Parameters
    ----------
    runtime
        What runs the model; None where only a trial can tell.
    reason
        One line for people.

    """

    runtime: Runtime | None
    reason: str


def choose(wanted: Wanted, device: Device = "auto") -> Choice:
    """
    Return the runtime for this machine: as it is set, as measured for such processors, or as a trial found.

    Parameters
    ----------
    wanted
        As set.
    device
        See `rag.inference.devices`.

    Raises
    ------
    ModelError
        The one that is set is not installed.

    """
    if wanted == "openvino":
        faster = (
            "; CTranslate2 reads faster on this processor: RAG_RUNTIME=fastest" if usable_sets() == ("avx2",) else ""
        )
        return Choice("openvino", f"nearly the same answers on every machine{faster}")
    if wanted == "ctranslate2":
        if not _installed(wanted):
            raise ModelError(
                "RAG_RUNTIME is ctranslate2, which is not installed.",
                hint="Install it with `pip install 'quellentreu[ctranslate2]'`, or set RAG_RUNTIME=openvino.",
            )
        return Choice(wanted, "RAG_RUNTIME says so")
    sets = usable_sets()
    if "avx2" not in sets:
        return Choice("openvino", "for processors other than x86-64 with AVX2 nothing else was measured")
    if quick := sorted(_QUICK_WITH_OPENVINO.intersection(sets)):
        return Choice("openvino", f"it reads quickest on a processor with {quick[0]}")
    if not _installed("ctranslate2"):
        return Choice(
            "openvino",
            "CTranslate2 may read twice as fast on this processor; install it with "
            "`pip install 'quellentreu[ctranslate2]'`",
        )
    if device != "cpu" and _has_graphics_card(device):
        return Choice("openvino", "it can use the graphics card")
    if sets == ("avx2",):
        return Choice("ctranslate2", "it reads quickest on a processor with AVX2 alone")
    return _tried()


def language_model(
    name: str, wanted: Wanted = "openvino", *, device: Device = "auto", download: bool = True
) -> ResolvedModel:
    """
    Return the language model that a setting names, in the form for the runtime of this machine.

    Parameters
    ----------
    name
        See `rag.inference.weights.resolve_llm`.
    wanted
        The runtime; heeded where the model has several forms.
    device
        See `rag.inference.devices`.
    download
        Whether what is missing may be fetched, converted, and runtimes tried.

    Raises
    ------
    ModelError
        Where there is no such model or runtime, or it is missing, damaged or of another kind.

    """
    if not has_forms(name):
        return resolve_llm(name, download=download)
    runtime = _settled(name, wanted, device, may_try=download)
    try:
        return resolve_llm(name, download=download, runtime=runtime)
    except ModelError:
        if wanted != "fastest" or runtime == _ALWAYS:
            raise
        # No room for a second form, or the file that it is made of was deleted and cannot be fetched.
        return resolve_llm(name, download=download, runtime=_ALWAYS)


def fetch(name: str, wanted: Wanted = "openvino", *, device: Device = "auto", force: bool = False) -> ResolvedModel:
    """
    Bring a model onto this machine, or mend it there, in the form for the runtime of this machine.

    Parameters
    ----------
    name
        A name of the catalogue or a hub id.
    wanted, device
        As above.
    force
        Hash every file instead of trusting size and date, and replace what differs.

    Raises
    ------
    ModelError
        Where there is no such model, or it cannot be fetched or converted.

    """
    if not has_forms(name):
        return fetch_model(name, force=force)
    return fetch_model(name, force=force, runtime=_settled(name, wanted, device, may_try=True))


def _settled(name: str, wanted: Wanted, device: Device, *, may_try: bool) -> Runtime:
    choice = choose(wanted, device)
    if choice.runtime is None and may_try:
        choice = _try_both(name)
    return choice.runtime or _ALWAYS


def _try_both(name: str) -> Choice:
    """Let each runtime read once, each in a process of its own, and keep which was quickest."""
    speeds: dict[str, float] = {}
    for number, runtime in enumerate(_PACKAGES):
        model = resolve_llm(name, runtime=runtime)
        tell("Trying which runtime reads fastest (once)", number, len(_PACKAGES))
        run = [sys.executable, "-m", "rag.inference.choosing.trial", model.engine, model.location]
        done = subprocess.run(run, capture_output=True, text=True, timeout=_TRIAL_SECONDS, check=False)  # noqa: S603 - our own module
        speeds[runtime] = float(done.stdout.split()[-1]) if done.returncode == 0 else 0.0
    kept = {"format": _FORMAT, **asdict(_conditions()), "speeds": speeds}
    write_text_atomically(_file(), json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return _tried()


@dataclass(frozen=True, slots=True)
class _Conditions:
    """What a trial holds for."""

    processor: str
    sets: tuple[str, ...]
    versions: tuple[str, ...]


def _conditions() -> _Conditions:
    versions = (f"{name} {metadata.version(name)}" for names in _PACKAGES.values() for name in names)
    return _Conditions(processor_name(), usable_sets(), tuple(versions))


def _tried() -> Choice:
    """Return what a trial under these conditions found; undecided where there was none, or nothing ran in it."""
    speeds = _kept_speeds()
    if speeds is None:
        return Choice(None, "neither was tried on this processor")
    told = ", ".join(f"{name} {speed:.0f}" for name, speed in speeds.items())
    best: Runtime = "ctranslate2" if speeds["ctranslate2"] > speeds["openvino"] else "openvino"
    return Choice(best, f"it read fastest when both were tried here ({told} tokens/s)")


def _kept_speeds() -> dict[Runtime, float] | None:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
        now = json.loads(json.dumps({"format": _FORMAT, **asdict(_conditions())}))
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
