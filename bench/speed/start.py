"""
Time the start of the program, each time in a new interpreter, medians of N runs.

    python -m bench.speed.start [N]

Prints seconds for `import rag`, `rag search` in a shell, the page of `rag ui`, and its first answer (counted from the
start of the process). The page counts as shown when the server has sent all of it. Index and models must exist.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request

from bench.machine import described

QUESTION = "Wie viel Geld will Cambricon aufnehmen?"
MAIN = "import sys; from rag.cli.main import main; sys.argv[0] = 'rag'; main()"
LOCAL = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def run(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=LOCAL)
    return time.perf_counter() - began


def app() -> tuple[float, float]:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "ui"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=LOCAL,
    ) as process:  # fmt: skip
        try:
            address = next(line.strip() for line in process.stderr or () if re.match(r"http://", line))
            with _OPENER.open(address, timeout=30) as response:
                assert b"Quellentreu" in response.read()
            shown = time.perf_counter() - began
            request = urllib.request.Request(
                f"{address.rstrip('/')}/gradio_api/call/chat",
                json.dumps({"data": [QUESTION]}).encode(),
                {"Content-Type": "application/json"},
            )
            with _OPENER.open(request, timeout=30) as response:
                event = json.load(response)["event_id"]
            with _OPENER.open(f"{request.full_url}/{event}", timeout=120) as response:
                said = response.read().decode()
            assert "event: complete" in said, said[-300:]
            answered = time.perf_counter() - began
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            process.wait(20)
    return shown, answered


def main(runs: int) -> None:
    print(f"{described()}\n")
    figures = {"import rag": [], "rag search": [], "page": [], "first answer": []}  # type: ignore[var-annotated]
    for _ in range(runs):
        figures["import rag"].append(run("-c", "import rag"))
        figures["rag search"].append(run("-c", MAIN, "search", "Ascend 910C"))
        shown, answered = app()
        figures["page"].append(shown)
        figures["first answer"].append(answered)
    nothing = statistics.median(run("-c", "pass") for _ in range(3))
    print(f"an interpreter that does nothing: {nothing:.2f} s; load of the machine: {os.getloadavg()[0]:.1f}")
    for name, seconds in figures.items():
        print(f"{name:14} median {statistics.median(seconds):5.2f} s   of {', '.join(f'{s:.2f}' for s in seconds)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
