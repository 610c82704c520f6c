"""
Compare the runtimes on the same weights and the same prompts, each in a process of its own.

    python -m bench.speed.bakeoff SET [--limit 60] [--engines u4,i4,i8,llama.cpp,ctranslate2] --folder FOLDER

SET is a SQuAD file or a native set; its answerable questions are drawn with seed 0, evidence is found once, and each
engine reads exactly the prompts of the product. F1 is that of the model's own words, before any check. Engines: u4 (the
IR as it is converted), i4 and i8 (requantised from it, see requantise.py), llama.cpp (the GGUF file), ctranslate2, and,
if it is named, transformers (the GGUF file in float32: 9 GB, minutes to load; it needs the packages gguf and
accelerate, which this project does not depend on). Prints a table in Markdown; u4 is the machine's calibration for all
others. Peak memory is that of the process, Python included.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machine import described
from rag import RAG, prompts
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring import metrics
from rag.inference import Message
from rag.inference.weights import cache_folder, resolve_llm
from rag.query.condense import condense
from rag.retrieval.evidence import READ, nearest
from rag.types import Filter

MODEL = "qwen2.5-coder-1.5b"
ENGINES = ("u4", "i4", "i8", "llama.cpp", "ctranslate2", "transformers")
LONG = "Schreibe einen langen Text über die Geschichte der Stadt Nürnberg."


def gather(file: Path, limit: int) -> list[dict[str, Any]]:
    prepared = prepare(RAG(), load(file))
    questions = [one for one in prepared.questions if one.answerable and one.answers]
    tasks = []
    for question in random.Random(0).sample(questions, min(limit, len(questions))):
        query = condense(question.question, question.history, max_chars=1000)
        allowed = prepared.restricted.get(question.id)
        evidence = prepared.rag._pipeline.find(
            query,
            prepared.rag._view(),
            restrict=Filter(paths=allowed) if allowed else None,
            k=prepared.rag.settings.retrieval.passages,
        )
        messages = [[one.role, one.content] for one in prompts.prefix(query, nearest(evidence, READ))]
        tasks.append({"messages": messages, "ending": prompts.answer(query), "answers": list(question.answers)})
    return tasks


def engine_of(name: str, folder: Path) -> Any:
    gguf = next(cache_folder().glob(f"{MODEL}/*.gguf"), None)
    if name == "llama.cpp":
        from rag.inference.generation.llama_cpp import LlamaCppEngine

        return LlamaCppEngine(str(gguf), fingerprint=name)
    if name == "ctranslate2":
        from rag.inference.generation.ctranslate2 import CTranslate2Engine

        return CTranslate2Engine(resolve_llm(MODEL, runtime="ctranslate2").location, fingerprint=name)
    if name == "transformers":
        return _gguf_transformers(str(gguf), fingerprint=name)
    from rag.inference.generation.openvino import OpenVinoEngine

    return OpenVinoEngine(resolve_llm(MODEL).location if name == "u4" else str(folder / name), fingerprint=name)


def _gguf_transformers(gguf: str, *, fingerprint: str) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from rag.inference.generation.transformers import TransformersEngine

    class Engine(TransformersEngine):
        def _loaded(self) -> Any:
            if self._model is None:
                place = {"pretrained_model_name_or_path": str(Path(gguf).parent), "gguf_file": Path(gguf).name}
                self._tokenizer = AutoTokenizer.from_pretrained(**place)
                self._model = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32).eval()
            return self._model

    return Engine(gguf, fingerprint=fingerprint)


def measure(name: str, folder: Path, tasks: list[dict[str, Any]]) -> dict[str, float]:
    engine = engine_of(name, folder)
    began = time.perf_counter()
    engine.load()
    loaded = time.perf_counter() - began
    began = time.perf_counter()
    _say(engine, [Message("user", "Warm")], "?", 1)
    first = time.perf_counter() - began
    # Asking for one token only separates reading from writing.
    speeds, scores = [], []
    for task in tasks:
        messages = [Message(role, content) for role, content in task["messages"]]
        with engine.read(messages) as reading:
            began = time.perf_counter()
            reading.preferences(task["ending"], ("Ja",))
            speeds.append(task["tokens"] / (time.perf_counter() - began))
            # The product, too, reads another ending first; engines that keep a state continue from it.
            text = "".join(reading.stream(task["ending"], max_tokens=48))
        scores.append(max(metrics.f1(text, answer) for answer in task["answers"]))
    came, pieces = [], 0
    for _ in _iterate(engine, [Message("user", LONG)], "", 48):
        came.append(time.perf_counter())
        pieces += 1
    return {
        "load": loaded,
        "first": first,
        "prompt": statistics.median(speeds),
        "new": (pieces - 1) / (came[-1] - came[0]),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
        "f1": statistics.mean(scores),
    }


def _iterate(engine: Any, messages: list[Message], ending: str, most: int) -> Any:
    with engine.read(messages) as reading:
        yield from reading.stream(ending, max_tokens=most)


def _say(engine: Any, messages: list[Message], ending: str, most: int) -> str:
    return "".join(_iterate(engine, messages, ending, most))


def main(file: Path, limit: int, engines: list[str], folder: Path) -> None:
    print(f"{described()}\n")
    tasks = gather(file, limit)
    import openvino_genai

    # One tokenizer counts for all.
    tokenizer = openvino_genai.Tokenizer(resolve_llm(MODEL).location)
    for task in tasks:
        text = "".join(content for _, content in task["messages"])
        task["tokens"] = tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1] + 20
    (folder / "tasks.json").write_text(json.dumps(tasks), encoding="utf-8")
    print(f"{file.name}, {len(tasks)} questions, prompts of {statistics.median(t['tokens'] for t in tasks):.0f} tokens")
    print(
        "| engine | load s | first run s | prompt tok/s | new tok/s | peak GB | answer F1 |\n|---|---|---|---|---|---|---|"
    )
    for name in engines:
        if name in {"i4", "i8"} and not (folder / name / "openvino_model.xml").exists():
            source = resolve_llm(MODEL).location
            script = Path(__file__).with_name("requantise.py")
            subprocess.run([sys.executable, script, source, folder / name, name], check=True, stdout=sys.stderr)
        run = [sys.executable, __file__, str(file), "--only", name, "--folder", str(folder)]
        child = subprocess.run(run, check=False, capture_output=True, text=True)
        if child.returncode:
            sys.exit(f"{name}: {child.stderr.strip().splitlines()[-1]}")
        told = json.loads(child.stdout.splitlines()[-1])
        print(
            f"| {name} | {told['load']:.1f} | {told['first']:.1f} | {told['prompt']:.0f} | {told['new']:.1f} "
            f"| {told['memory']:.1f} | {told['f1']:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--engines", default=",".join(ENGINES[:-1]))
    parser.add_argument("--folder", type=Path, help="Where requantised copies are kept (3 GB).")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        wanted = json.loads((given.folder / "tasks.json").read_text(encoding="utf-8"))
        print(json.dumps(measure(given.only, given.folder, wanted)))
    elif given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        main(given.set, given.limit, given.engines.split(","), given.folder)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(given.set, given.limit, given.engines.split(","), Path(temporary))
