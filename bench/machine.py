"""
Print what the processor can do, or run a command as on a processor that has AVX2 and nothing newer.

    python -m bench.machine
    python -m bench.machine MODULE [ARGUMENT ...]

The first prints the instruction sets that decide how quick the models are. The second runs a module, for instance
``rag.cli.main eval SET --fresh``, with oneDNN's own limit on instruction sets (ONEDNN_MAX_CPU_ISA). The limit alone
makes OpenVINO fail: it still chooses bfloat16 and 8-bit products by what the processor has, and oneDNN then refuses
them, so both are switched off as well. A real AVX2 processor can use 8-bit products of its own and is quicker than
this: see docs/speed.md.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from rag.inference.choosing.processor import LIMIT, instruction_sets

# CTranslate2 needs two more: its own limit, and that of the library that computes its products.
_LIMITS = {LIMIT: "AVX2", "CT2_FORCE_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
_OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}


def described() -> str:
    """Return a line for the head of a benchmark: instruction sets, cores, and the limit if there is one."""
    limit = f", limited to {os.environ[LIMIT]}" if LIMIT in os.environ else ""
    return f"{' '.join(instruction_sets()) or 'unknown instruction sets'}, {os.cpu_count()} cores{limit}"


def limit_to_avx2() -> None:
    """Limit OpenVINO to AVX2 and float32; call this before OpenVINO is imported."""
    os.environ.update(_LIMITS)
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
