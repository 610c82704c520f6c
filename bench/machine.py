"""
Say what the processor can do, and let a command compute as on a processor with AVX2 and no more.

    python -m bench.machine
    python -m bench.machine MODULE [ARGUMENT ...]

The first prints the instruction sets that decide how quick the models are. The second runs a module, for instance
``rag.cli.main eval SET --fresh``, with oneDNN's own limit on instruction sets (ONEDNN_MAX_CPU_ISA). The limit alone
makes OpenVINO fail: it still chooses bfloat16 and 8-bit products for what the processor has, and oneDNN then refuses
them. So both are switched off as well. A processor that has AVX2 alone can use 8-bit products of its own and is
quicker than this: see docs/speed.md.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

# What makes a difference to products of matrices, weakest first.
_TELLING = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
_LIMIT = "ONEDNN_MAX_CPU_ISA"
_OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}


def instruction_sets() -> tuple[str, ...]:
    """Return which of the telling instruction sets the processor has; empty where the system does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    flags = next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())
    return tuple(one for one in _TELLING if one in flags)


def described() -> str:
    """Return a line for the head of a benchmark: instruction sets, cores, and the limit where there is one."""
    limit = f", limited to {os.environ[_LIMIT]}" if _LIMIT in os.environ else ""
    return f"{' '.join(instruction_sets()) or 'unknown instruction sets'}, {os.cpu_count()} cores{limit}"


def limit_to_avx2() -> None:
    """Let OpenVINO compute with AVX2 alone, in float32; to be called before it is imported."""
    os.environ[_LIMIT] = "AVX2"
    import openvino

    compiled = openvino.Core.compile_model

    def compile_model(core: Any, model: Any, device: str, options: dict[str, Any] | None = None) -> Any:
        return compiled(core, model, device, {**(options or {}), **_OPTIONS})

    openvino.Core.compile_model = compile_model


if __name__ == "__main__":
    if len(sys.argv) > 1:
        limit_to_avx2()
        print(described(), file=sys.stderr)
        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        print(described())
