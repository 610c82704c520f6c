"""
Measure this project against LlamaIndex, Haystack and txtai: same articles, questions, weights and machine, one run.

    python bench/peers/run.py --limit 12 --engine llama_cpp own [--system haystack ...] [--output FOLDER]

Run it with this project's own environment. Each peer gets an environment of its own under --environments, from the
pinned requirements beside this file, at its first use. Everything runs one after another, and offline: before each
system the bare runtime is measured (calibration), then the system indexes the articles and answers. Writes one JSON
file per engine and system. An interrupted run continues where it stopped; another folder or --fresh begins anew.
table.py makes the table and the plot.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from sampling import sample
from server import CONTEXT_TOKENS, NAME, weights

from rag.evaluation.datasets import load
from rag.inference.weights.cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SYSTEMS = ("quellentreu", "txtai", "llamaindex", "haystack")
ENGINES = ("own", "llama_cpp")
# The libraries' defaults have no bound that stops a model which repeats itself; no right answer is that long.
MAX_TOKENS = 256
TIMEOUT_SECONDS = 1800
# Switches off all network requests of the libraries: the run is offline.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "false",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "TOKENIZERS_PARALLELISM": "false",
    "NO_PROXY": "127.0.0.1,localhost",
}


def main() -> None:
    arguments = _arguments()
    questions = sample(load(ROOT / "corpus/questions.jsonl").questions, limit=arguments.limit, seed=arguments.seed)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for engine in arguments.engine:
        for system in arguments.system:
            file = arguments.output / f"{engine}-{system}.json"
            measure(engine, system, questions, file, arguments)


def measure(engine: str, system: str, questions: Sequence[Any], file: Path, arguments: argparse.Namespace) -> None:
    """Measure one system on one engine, or the questions that are left."""
    ids = [question.id for question in questions]
    result: dict[str, Any] = {
        "engine": engine,
        "system": system,
        "questions": ids,
        "seed": arguments.seed,
        "commit": commit(),
    }
    if file.exists() and not arguments.fresh:
        earlier = json.loads(file.read_text(encoding="utf-8"))
        if other := next((key for key in result if earlier.get(key) != result[key]), None):
            sys.exit(f"{file} holds another run (its {other} differs): name another --output, or give --fresh.")
        result = earlier
    answers: dict[str, Any] = result.setdefault("answers", {})
    if len(answers) == len(ids):
        print(f"{engine} / {system}: done already")
        return
    python = environment(system, arguments.environments)
    print(f"{engine} / {system}: {len(ids) - len(answers)} questions", flush=True)
    with serving(engine) as (address, server):
        result.setdefault("calibration", []).append(calibrate(address))
        if system == "quellentreu":  # its engine runs in its own process
            stop(server)
        job = {
            "corpus": str(ROOT / "corpus"),
            "embedding_model": str(cache_folder() / "multilingual-e5-small"),
            "native_model": NAME if engine == "own" else str(weights()),
            "tokenizer": str(cache_folder() / NAME / "openvino"),
            "model": NAME,
            "server": "" if system == "quellentreu" else address,
            "context_tokens": CONTEXT_TOKENS,
            "max_tokens": MAX_TOKENS,
            "timeout_seconds": TIMEOUT_SECONDS,
            "questions": [{"id": one.id, "question": one.question} for one in questions if one.id not in answers],
        }
        for record, memory in worked(python, system, job, server):
            if record.pop("kind") == "index":
                result.setdefault("index", record)
            else:
                answers[record["id"]] = record
                print(f"  {record['id']} {record['total_seconds']:.1f} s: {record['text'][:90]!r}", flush=True)
            result["peak_memory_bytes"] = max(result.get("peak_memory_bytes", 0), memory)
            result["machine"] = machine()
            write(file, result)


def worked(python: Path, system: str, job: dict[str, Any], server: psutil.Process) -> Iterator[tuple[Any, int]]:
    """Run a worker and yield its lines, each with the peak memory of worker and server so far, in bytes."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        task, output, log = Path(folder, "job.json"), Path(folder, "output.jsonl"), Path(folder, "log")
        task.write_text(json.dumps(job), encoding="utf-8")
        variables = {**os.environ, **OFFLINE, "PYTHONPATH": str(ROOT if system == "quellentreu" else "")}
        with log.open("w", encoding="utf-8") as errors:
            worker = subprocess.Popen(
                [str(python), str(HERE / "worker.py"), system, str(task), str(output)],
                env=variables,
                cwd=folder,
                stdout=errors,
                stderr=errors,
            )
        try:
            roots = [psutil.Process(worker.pid), server]
            peak, seen, running = 0, 0, True
            while running:
                running = worker.poll() is None
                peak = max(peak, resident(roots))
                lines = output.read_text(encoding="utf-8").splitlines(keepends=True) if output.exists() else []
                while seen < len(lines) and lines[seen].endswith("\n"):
                    yield json.loads(lines[seen]), peak
                    seen += 1
                time.sleep(0.2)
        finally:
            if worker.poll() is None:
                worker.terminate()
                worker.wait()
        if worker.returncode:
            sys.exit(f"{system} ended with {worker.returncode}:\n{log.read_text(encoding='utf-8')[-4000:]}")


def resident(roots: Sequence[psutil.Process]) -> int:
    """Return the resident memory of processes and their children, in bytes."""
    total = 0
    for root in roots:
        try:
            total += sum(one.memory_info().rss for one in (root, *root.children(recursive=True)))
        except psutil.NoSuchProcess:
            continue
    return total


@contextmanager
def serving(engine: str) -> Iterator[tuple[str, psutil.Process]]:
    """Run the server of an engine and yield its address and process."""
    command = [sys.executable, str(HERE / "server.py"), engine]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=variables, text=True) as process:
        server = psutil.Process(process.pid)
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            while address and not address.startswith("http://"):  # a runtime may print something first
                address = process.stdout.readline().strip()
            if not address:
                sys.exit(f"The server of {engine} did not start.")
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield address, server
        finally:
            stop(server)


def stop(process: psutil.Process) -> None:
    if process.is_running():
        process.terminate()
        process.wait(30)


def calibrate(address: str) -> dict[str, float]:
    """Measure how many tokens a second the bare runtime reads and writes, on the beginning of one article."""
    text = (ROOT / "corpus/cambricon-sammelt-geld-fuer-ki-chips.md").read_text(encoding="utf-8")[:1200]
    ask(address, "Sag Hallo.", 4)  # the first use allocates memory
    ask(address, f"Fasse zusammen:\n{text}", 24)
    with urllib.request.urlopen(f"{address}/log", timeout=60) as response:
        call = json.load(response)[-1]
    return {
        "prompt_tokens_per_second": 1000 * call["read_tokens"] / call["prompt_ms"],
        "new_tokens_per_second": 1000 * call["new_tokens"] / call["new_ms"],
        "load_average": os.getloadavg()[0],
    }


def ask(address: str, text: str, most: int) -> None:
    body = {
        "model": NAME,
        "messages": [{"role": "user", "content": text}],
        "max_tokens": most,
        "temperature": 0.0,
        "cache_prompt": False,
    }
    request = urllib.request.Request(
        f"{address}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        response.read()


def environment(system: str, folder: Path) -> Path:
    """Return the interpreter of a system's environment, made at first use; this project uses the current one."""
    if system == "quellentreu":
        return Path(sys.executable)
    pins = HERE / f"requirements-{system}.txt"
    python, mark = folder / system / "bin/python", folder / system / "installed.txt"
    if not (mark.exists() and mark.read_bytes() == pins.read_bytes()):
        print(f"Making the environment of {system} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder / system)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, "torch==2.13.0"], check=True)  # first, so that a CPU build on disk is taken
        subprocess.run([*install, "-r", str(pins)], check=True)
        mark.write_bytes(pins.read_bytes())
    return python


def commit() -> str:
    """Return the state of this project that is measured; empty outside a checkout."""
    run = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return run.stdout.strip()


def machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "processor": platform.machine(), "system": platform.system()}


def write(file: Path, result: dict[str, Any]) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(file)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=12, help="questions, a quarter of them unanswerable")
    parser.add_argument("--seed", type=int, default=0, help="of that draw")
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--system", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--output", type=Path, default=ROOT / ".rag/peers", help="folder of the JSON files")
    parser.add_argument(
        "--environments", type=Path, default=Path(tempfile.gettempdir()) / "peers", help="folder of the environments"
    )
    parser.add_argument("--fresh", action="store_true", help="ask all anew")
    return parser.parse_args()


if __name__ == "__main__":
    main()
