"""
Count the tokens that the language model reads and writes for each answer of a set, and print which answers are slow.

    python -m bench.answers.cost SET [--limit N] [--seed N] [--split NAME] [--cache FILE] [--known RUN.json] [--nodding]
        [--keep OUT.json] [--against BEFORE.json] [--rates READ,ENDED,WRITTEN]

Token counts do not depend on what else the machine does. They are turned into seconds by the rates of a quiet machine:
tokens a second of a prompt, of one of its endings (the question for yes or no, the one for the answer), and runs of one
token a second. A run that also checks guessed tokens counts as longer, by what
`python -m bench.speed.speculation` measured. The model's replies are kept in FILE by prompt; --known takes them from an
earlier run of `rag eval --json`, or a baseline, on whatever machine it ran. With --nodding no model is asked: a
stand-in says yes to everything and writes nothing, so that prompts alone are counted. With --split only the lines of
SET with this split are asked. With --against, answers that differ from an earlier run in text or citations are listed.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.answers.composed import Nodding
from bench.answers.kept import KeptEngine
from bench.speed.speculation import runs
from rag import RAG
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.fingerprints import machine
from rag.evaluation.keeping.remembering import RememberingEngine
from rag.evaluation.keeping.since import replies_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.inference import Message

Row = dict[str, Any]
# Tokens a second on two quiet cores with avx512_vnni and avx512_bf16.
RATES = (165.0, 90.0, 15.0)
# A run over eight tokens takes 2.1 times as long as a run over one.
_EACH_GUESSED = 0.16


@dataclass
class Tokens:
    """What one question took: tokens of each prompt and ending read, tokens of each reply, and the runs for it."""

    read: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    guessed: int = 0

    def seconds(self, rates: Sequence[float]) -> float:
        """Return how long that takes at these rates."""
        writing = sum(self.runs) + _EACH_GUESSED * self.guessed
        return sum(self.read) / rates[0] + sum(self.ended) / rates[1] + writing / rates[2]


class CountingEngine:
    """An engine that counts the tokens it is given and those taken of its replies."""

    def __init__(self, engine: Any, tokenizer: Any) -> None:
        self._engine = engine
        self._tokenizer = tokenizer
        self.fingerprint = engine.fingerprint
        self.load = engine.load
        self.tokens = Tokens()

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[CountingReading]:
        turns = [{"role": one.role, "content": one.content} for one in messages]
        with self._engine.read(messages) as reading:
            # What the template adds after the last turn is read with the ending.
            yield CountingReading(
                self, reading, self._tokenizer.apply_chat_template(turns, add_generation_prompt=False)
            )

    def encoded(self, text: str) -> list[int]:
        return [int(one) for one in self._tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]


class CountingReading:
    def __init__(self, engine: CountingEngine, reading: Any, prompt: str) -> None:
        self._engine, self._reading, self._prompt, self._whole = engine, reading, prompt, prompt

    def _ended(self, ending: str) -> None:
        tokens = self._engine.tokens
        if self._prompt:
            tokens.read.append(len(self._engine.encoded(self._prompt)))
            self._prompt = ""
        tokens.ended.append(len(self._engine.encoded(f"{ending}<|im_end|>\n<|im_start|>assistant\n")))

    def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
        self._ended(ending)
        said = ""
        pieces = self._reading.stream(ending, max_tokens=max_tokens)
        try:
            for piece in pieces:
                said += piece
                yield piece
        finally:
            pieces.close()
            self._count(said)

    def _count(self, said: str) -> None:
        tokens, written = self._engine.tokens, self._engine.encoded(said)
        taken = runs(self._engine.encoded(self._whole), written)
        tokens.written.append(len(written))
        tokens.runs.append(len(taken))
        tokens.guessed += sum(taken) - len(taken)

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        self._ended(ending)
        found: tuple[float, ...] = self._reading.preferences(ending, options)
        return found


def main(given: argparse.Namespace) -> None:
    import openvino_genai as genai

    plain = RAG()
    local: Any = plain._the_engine()
    asked: Any = Nodding() if given.nodding else KeptEngine(local, given.cache)
    if given.known:
        fingerprints = json.loads(given.known.read_text(encoding="utf-8"))["fingerprints"]
        there = {name: fingerprints[name] for name in machine(local.fingerprint, "auto")}
        kept = asked
        asked = RememberingEngine(lambda: kept, there, replies_of(given.known))
    engine = CountingEngine(asked, genai.Tokenizer(local._location))
    rag = RAG(plain.settings, embedder=plain._the_embedder(), engine=engine, reader=plain._pipeline.reader)
    prepared = prepare(rag, load(_split(given.set, given.split)))
    questions = prepared.questions
    if given.limit is not None and given.limit < len(questions):  # the draw of `rag eval`
        drawn = set(random.Random(given.seed).sample(range(len(questions)), given.limit))
        questions = tuple(one for number, one in enumerate(questions) if number in drawn)
    rows: list[Row] = []
    for question in questions:
        engine.tokens = tokens = Tokens()
        said = prepared.rag.ask(question.question, history=question.history)
        cited = [[one.path, one.start, one.end] for one in said.citations]
        rows.append(
            {
                "id": question.id,
                "question": question.question,
                "kind": said.kind,
                "text": said.text,
                "citations": cited,
                "read": tokens.read,
                "ended": tokens.ended,
                "written": tokens.written,
                "runs": tokens.runs,
                "seconds": tokens.seconds(given.rates),
            }
        )
    _print(rows)
    if given.keep:
        given.keep.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    if given.against:
        _compare(json.loads(given.against.read_text(encoding="utf-8")), rows)


def _split(file: Path, split: str) -> Path:
    if not split:
        return file
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if json.loads(line).get("split") == split]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False, encoding="utf-8") as kept:
        kept.write("\n".join(lines) + "\n")
    return Path(kept.name)


def _print(rows: Sequence[Row]) -> None:
    print("| seconds | kind | read | endings | written | runs | question |\n|---|---|---|---|---|---|---|")
    ordered = sorted(rows, key=lambda row: -row["seconds"])
    for row in ordered[: max(12, len(rows) // 4)]:
        counts = (" ".join(map(str, row[name])) for name in ("read", "ended", "written", "runs"))
        print(f"| {row['seconds']:.1f} | {row['kind']} | {' | '.join(counts)} | {row['id']} {row['question'][:70]} |")
    seconds = [row["seconds"] for row in reversed(ordered)]
    sums = ", ".join(f"{name} {sum(sum(row[name]) for row in rows)}" for name in ("read", "ended", "written", "runs"))
    middle, late = seconds[(len(seconds) - 1) // 2], seconds[max(0, -(-len(seconds) * 95 // 100) - 1)]
    print(f"{len(rows)} questions: {sums}; median {middle:.1f} s, 95 of 100 {late:.1f} s, all {sum(seconds):.0f} s")


def _compare(before: Sequence[Row], rows: Sequence[Row]) -> None:
    old = {row["id"]: row for row in before}
    both = [(old[row["id"]], row) for row in rows if row["id"] in old]
    other = [(a, b) for a, b in both if (a["text"], a["citations"]) != (b["text"], b["citations"])]
    for a, b in other:
        print(f"{a['id']} {a['question']}\n  - {a['text']}\n  + {b['text']}")
    print(f"{len(both) - len(other)} of {len(both)} answers have the same text and citations")


def _rates(text: str) -> tuple[float, ...]:
    return tuple(float(one) for one in text.split(","))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", default="")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--known", type=Path)
    parser.add_argument("--nodding", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--rates", type=_rates, default=RATES)
    main(parser.parse_args())
