"""
Make docs/peers.md and docs/peers.png from what run.py measured.

    python bench/peers/table.py [--results FOLDER] [--docs FOLDER] [--note TEXT]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from judging import Figures, judge

from rag.evaluation.datasets import load

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
NAMES = {
    "quellentreu": "this project",
    "llamaindex": "LlamaIndex CitationQueryEngine",
    "haystack": "Haystack RAG pipeline",
    "txtai": "txtai RAG",
}
ENGINES = {"own": "this project's engine (OpenVINO)", "llama_cpp": "llama.cpp"}
_INTRODUCTION = Path(__file__).parent / "introduction.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one engine."""

    engine: str
    system: str
    wanted: int
    figures: Figures
    answers: dict[str, dict[str, Any]]
    index: dict[str, Any]
    memory_bytes: int
    calibration: tuple[dict[str, float], ...]


def rows(results: Sequence[dict[str, Any]], questions: Sequence[Any]) -> list[Row]:
    """Return what was measured, engine by engine, in the order of `NAMES`; what has no answer yet is left out."""
    made = []
    for result in results:
        answers = list(result["answers"].values())
        if not answers:
            continue
        made.append(
            Row(
                engine=result["engine"],
                system=result["system"],
                wanted=len(result["questions"]),
                figures=judge(questions, answers),
                answers=result["answers"],
                index=result["index"] | {"commit": result["commit"]},
                memory_bytes=result["peak_memory_bytes"],
                calibration=tuple(result["calibration"]),
            )
        )
    engines, systems = list(ENGINES), list(NAMES)
    return sorted(made, key=lambda row: (engines.index(row.engine), systems.index(row.system)))


def tables(measured: Sequence[Row]) -> str:
    """Return the Markdown of all engines' tables."""
    parts = []
    for engine, title in ENGINES.items():
        some = [row for row in measured if row.engine == engine]
        if some:
            parts += [f"## On {title}", _speed(some), _quality(some), *_ratio(some)]
    parts += ["## Indexing and versions", _indexing(measured), "## Calibration", _calibration(measured)]
    return "\n\n".join(parts) + "\n"


def _speed(some: Sequence[Row]) -> str:
    head = (
        "system",
        "questions",
        "retrieval",
        "first token",
        "total",
        "processor time until the first token",
        "in all",
        "prompt tokens",
        "peak memory",
    )
    return _table(
        head,
        [
            (
                NAMES[row.system],
                f"{row.figures.asked} of {row.wanted}",
                _number(row.figures.retrieval_ms, "{:.0f} ms"),
                _number(row.figures.first_token_s, "{:.1f} s"),
                _number(row.figures.total_s, "{:.1f} s"),
                _number(row.figures.first_token_processor_s, "{:.1f} s"),
                _number(row.figures.processor_s, "{:.1f} s"),
                _number(row.figures.prompt_tokens, "{:.0f}"),
                f"{row.memory_bytes / 1e9:.1f} GB",
            )
            for row in some
        ],
    )


def _quality(some: Sequence[Row]) -> str:
    head = (
        "system",
        "answer_contains",
        "citation_precision by document",
        "by span",
        "words a citation points at",
        "answers with a citation",
        "false_answer_rate",
        "false_abstention_rate",
    )
    return _table(
        head,
        [
            (
                NAMES[row.system],
                *(
                    _number(value, "{:.2f}")
                    for value in (row.figures.answer_contains, row.figures.by_document, row.figures.by_span)
                ),
                _number(row.figures.cited_words, "{:.0f}"),
                *(
                    _number(value, "{:.2f}")
                    for value in (
                        row.figures.with_citation,
                        row.figures.false_answer_rate,
                        row.figures.false_abstention_rate,
                    )
                ),
            )
            for row in some
        ],
    )


def _ratio(some: Sequence[Row]) -> list[str]:
    """Compare the first token with the fastest peer's, in time and in processor time."""
    own = next((row for row in some if row.system == "quellentreu"), None)
    said = []
    for name, unit in (("first_token_seconds", "time"), ("first_token_processor_seconds", "processor time")):
        ratios = {
            row.system: _times(row.answers, own.answers, name)
            for row in some
            if own and row is not own and _shared(row.answers, own.answers, name)
        }
        if own and ratios:
            fastest = min(ratios, key=lambda system: ratios[system])
            peer = next(row for row in some if row.system == fastest)
            count = len(_shared(peer.answers, own.answers, name))
            said.append(
                f"Until the first token the fastest peer ({NAMES[fastest]}) takes {ratios[fastest]:.1f} times the "
                f"{unit} of this project (medians over the {count} questions to which both wrote something)."
            )
    return [" ".join(said)] if said else []


def _shared(one: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]], name: str) -> list[str]:
    """Return the questions for which both systems have a figure."""
    return [key for key in one if all(found.get(key, {}).get(name) is not None for found in (one, other))]


def _times(one: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]], name: str) -> float:
    """Return the ratio of one system's median figure to the other's, over the questions of both."""
    shared = _shared(one, other, name)
    return median(one[key][name] for key in shared) / median(other[key][name] for key in shared)


def _indexing(measured: Sequence[Row]) -> str:
    return _table(
        ("system", "engine", "passages", "indexing", "passages a second", "processor time", "versions"),
        [
            (
                NAMES[row.system],
                row.engine,
                str(row.index["passages"]),
                f"{row.index['seconds']:.1f} s",
                f"{row.index['passages'] / row.index['seconds']:.1f}",
                _number(row.index.get("processor_seconds"), "{:.1f} s"),
                ", ".join(f"{name} {version}" for name, version in row.index["versions"].items())
                + (f"; commit {row.index['commit']}" if row.system == "quellentreu" else ""),
            )
            for row in measured
        ],
    )


def _calibration(measured: Sequence[Row]) -> str:
    return _table(
        ("before", "engine", "prompt tokens/s", "new tokens/s", "load average"),
        [
            (
                NAMES[row.system],
                row.engine,
                *(f"{one[key]:.1f}" for key in ("prompt_tokens_per_second", "new_tokens_per_second", "load_average")),
            )
            for row in measured
            for one in row.calibration
        ],
    )


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    written = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in written)


def _number(value: float | None, form: str) -> str:
    return "n/a" if value is None else form.format(value)


def plot(measured: Sequence[Row], file: Path) -> None:
    """Draw the first token and the rest of the answer as one bar per system: engines in rows, measures in columns."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    engines = [engine for engine in ENGINES if any(row.engine == engine for row in measured)]
    measures = [("first_token_s", "total_s", "seconds")]
    if any(row.figures.processor_s for row in measured):
        measures.append(("first_token_processor_s", "processor_s", "processor seconds"))
    size = (2.4 + 3.6 * len(measures), 0.6 + 2.3 * len(engines))
    figure, axes = plt.subplots(len(engines), len(measures), figsize=size, sharey="row", squeeze=False)
    for line, engine in zip(axes, engines, strict=True):
        some = [row for row in measured if row.engine == engine][::-1]
        names = [NAMES[row.system] for row in some]
        for axis, (first, total, unit) in zip(line, measures, strict=True):
            firsts = [getattr(row.figures, first) or 0.0 for row in some]
            totals = [getattr(row.figures, total) or 0.0 for row in some]
            rest = [max(0.0, end - begin) for begin, end in zip(firsts, totals, strict=True)]
            axis.barh(names, firsts, color="#2571d3", label="until the first token")
            axis.barh(names, rest, left=firsts, color="#bc5215", label="until the answer is complete")
            axis.set_title(f"On {ENGINES[engine]}", fontsize=9)
            axis.set_xlabel(f"{unit}, median", fontsize=9)
            axis.spines[["top", "right"]].set_visible(False)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=9, loc="lower center", ncol=2)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(file, dpi=110, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=ROOT / ".rag/peers")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    parser.add_argument("--note", default="", help="said about the run: what else the machine did")
    arguments = parser.parse_args()
    results = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(arguments.results.glob("*.json"))]
    measured = rows(results, load(ROOT / "corpus/questions.jsonl").questions)
    note = f"{arguments.note}\n\n" if arguments.note else ""
    text = _INTRODUCTION.read_text(encoding="utf-8") + note + tables(measured)
    (arguments.docs / "peers.md").write_text(text, encoding="utf-8")
    plot(measured, arguments.docs / "peers.png")
    print(text)


if __name__ == "__main__":
    main()
