"""The processor's features that determine how fast the models are."""

from __future__ import annotations

import functools
import os
import platform
from pathlib import Path

# The instruction sets that the runtimes have kernels for, weakest first. Others make no difference to the speed.
TELLING = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
LIMIT = "ONEDNN_MAX_CPU_ISA"


@functools.cache
def instruction_sets() -> tuple[str, ...]:
    """Return which sets of `TELLING` the processor has; empty if the system does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    flags = next((set(line.partition(":")[2].split()) for line in text.split("\n") if line.startswith("flags")), set())
    return tuple(one for one in TELLING if one in flags)


def usable_sets() -> tuple[str, ...]:
    """Return the sets that the runtimes may use: a limit of oneDNN to AVX2 counts as if there were AVX2 alone."""
    found = instruction_sets()
    return tuple(one for one in found if one == "avx2") if os.environ.get(LIMIT, "").upper() == "AVX2" else found


def processor_name() -> str:
    """Return the processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
