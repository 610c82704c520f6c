"""
Ask one system the questions of a run; started by run.py with the interpreter of that system's environment.

    python worker.py SYSTEM JOB.json OUTPUT.jsonl

Needs nothing but the system itself. Writes one JSON line for the index and one after each question, so that an
interrupted run continues where it stopped.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Any


def main(name: str, job_file: str, output: str) -> None:
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    started = time.perf_counter()
    system = importlib.import_module(f"systems.{name}_system").System(job)
    load_seconds = time.perf_counter() - started
    system.warm_up()  # the embedding model's first use is not counted for any system
    with Path(output).open("a", encoding="utf-8") as lines:
        started, spent = time.perf_counter(), time.process_time()
        passages = system.index()
        write(
            lines,
            kind="index",
            passages=passages,
            seconds=time.perf_counter() - started,
            processor_seconds=time.process_time() - spent,
            load_seconds=load_seconds,
            versions={package: version(package) for package in system.packages},
        )
        system.ready()
        for question in job["questions"]:
            write(lines, kind="answer", id=question["id"], **ask(system, question["question"], job["server"]))


def ask(system: Any, question: str, server: str) -> dict[str, Any]:
    started = time.perf_counter()
    system.retrieve(question)
    retrieval = time.perf_counter() - started
    served(server)  # drops what was logged before this question
    first: list[tuple[float, float]] = []
    spent = processor_seconds(server)
    started = time.perf_counter()

    def on_token() -> None:
        if not first:
            first.append((time.perf_counter() - started, processor_seconds(server) - spent))

    answer = system.ask(question, on_token)
    total = time.perf_counter() - started
    calls = served(server)
    return {
        "retrieval_seconds": retrieval,
        "first_token_seconds": first[0][0] if first else None,
        "total_seconds": total,
        "first_token_processor_seconds": first[0][1] if first else None,
        "processor_seconds": processor_seconds(server) - spent,
        "prompt_tokens": sum(call["prompt_tokens"] for call in calls) if calls else answer.pop("prompt_tokens", 0),
        "model_calls": len(calls) if calls else answer.pop("model_calls", 0),
        **answer,
    }


def processor_seconds(server: str) -> float:
    """
    Return the processor time that this process and the server have spent.

    It is the steadier measure on a machine that does other work as well, since it leaves out waiting.
    """
    return time.process_time() + (fetched(f"{server}/processor") if server else 0.0)


def served(server: str) -> list[dict[str, Any]]:
    """Return what the server was asked since the last call; nothing if there is no server."""
    if not server:
        return []
    calls: list[dict[str, Any]] = fetched(f"{server}/log")
    return calls


def fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=600) as response:
        return json.load(response)


def write(lines: Any, **record: Any) -> None:
    lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    lines.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(*sys.argv[1:])
