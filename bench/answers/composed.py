"""
Ask open questions and print which of their key points the answers cover, and where the others were lost.

    python -m bench.answers.composed SET [--cache FILE] [--kinds given] [--choice] [--keep OUT.json] [--against BEFORE.json]

SET has questions with key points on the articles of the corpus (RAG_CORPUS, RAG_INDEX). The model's replies are kept in
FILE by prompt, so that a change of the composition alone is measured in seconds; nothing is translated. With
``--kinds given`` each question has the kind that the set gives, instead of the guessed one. With ``--choice`` no
language model is asked and every answer is let through, so that the choice alone is measured. With ``--against`` the
paired differences to an earlier run are printed. A point that an answer does not cover was lost in one of these ways:

- not in the pool: no sentence that was weighed covers it
- refused: the answer is "no answer"
- not chosen: a sentence that was weighed covers it, but none that was chosen
- withdrawn: a chosen sentence covers it, but the second reading removed it
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bench.answers.kept import KeptEngine
from rag import RAG
from rag.composing import compose
from rag.composing.pieces import near
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring.points import covered, covers
from rag.evaluation.measuring.statistics import paired_interval, paired_test, ratio
from rag.pipeline.stages import NoTranslator
from rag.types import AnswerSentence, Citation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rag.composing import Composition
    from rag.composing.pieces import Candidate
    from rag.evaluation.types import Question
    from rag.inference import Message
    from rag.types import Answer, EvidenceSentence

Row = dict[str, Any]
LOSSES = ("not in the pool", "not chosen", "withdrawn", "refused")


class Nodding:
    """An engine that says yes to everything and writes nothing."""

    fingerprint = "nodding"

    def load(self) -> None:
        pass

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Nodding]:
        yield self

    def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
        yield from ()

    def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
        return (1.0, 0.0)


class Watched:
    """Records what the last composition was made of."""

    def __init__(self) -> None:
        self.pool: list[EvidenceSentence] = []
        self.chosen: list[EvidenceSentence] = []

    def compose(self, *given: Any, **more: Any) -> Composition:
        made = compose(*given, **more)
        self.chosen = [piece.sentence for piece in made.pieces]
        return made

    def near(self, *given: Any, **more: Any) -> list[Candidate]:
        found = near(*given, **more)
        self.pool = [one.sentence for one in found]
        return found


def main(
    file: Path, cache: Path | None, given: bool, keep: Path | None, before: Path | None, choice: bool = False
) -> None:
    plain = RAG()
    engine: Any = Nodding() if choice else KeptEngine(plain._the_engine(), cache)
    # With an embedder given, there is no reader unless it is given, too.
    reader = plain._pipeline.reader
    rag = RAG(plain.settings, embedder=plain._the_embedder(), engine=engine, translator=NoTranslator(), reader=reader)
    prepared = prepare(rag, load(file))
    watched = Watched()
    rows: list[Row] = []
    with (
        patch("rag.pipeline.answer.compose", watched.compose),
        # In the package, the function's name hides the module.
        patch.object(sys.modules["rag.composing.compose"], "near", watched.near),
    ):
        for question in prepared.questions:
            if question.kind in {"talk", "other"}:
                continue
            watched.pool, watched.chosen = [], []
            options: dict[str, Any] = {"kind": question.kind} if given and question.kind else {}
            said = prepared.rag.ask(question.question, history=question.history, **options)
            spans = prepared.points.get(question.id, ())
            rows.append(_row(question, said, spans, watched))
    _print(rows)
    if keep:
        keep.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    if before:
        _compare(json.loads(before.read_text(encoding="utf-8")), rows)


def _row(question: Question, said: Answer, spans: Sequence[Any], watched: Watched) -> Row:
    found, precise = covered(question, said, spans) if question.key_points else ((), (0.0, 0.0))
    lost = []
    for point, places, there in zip(question.key_points, spans, found, strict=False):
        if there:
            continue

        def holds(sentences: Iterable[EvidenceSentence], point: Any = point, places: Any = places) -> bool:
            return any(covers(*_shown(said, one), point, places) for one in sentences)

        if said.abstained:
            lost.append("refused")
        elif holds(watched.chosen):
            lost.append("withdrawn")
        else:
            lost.append("not chosen" if holds(watched.pool) else "not in the pool")
    return {
        "id": question.id,
        "question": question.question,
        "kind": question.kind,
        "guessed": said.kind,
        "answerable": question.answerable,
        "abstained": said.abstained,
        "points": [point.answers[0] for point in question.key_points],
        "found": list(found),
        "recall": [float(sum(found)), float(len(found))],
        "precision": list(precise),
        "lost": lost,
        "shown": [
            [one.group, one.text, any(covers(one, said, p, s) for p, s in zip(question.key_points, spans, strict=True))]
            for one in said.sentences
        ],
    }


def _shown(said: Answer, one: EvidenceSentence) -> tuple[AnswerSentence, Answer]:
    """Return a source's sentence as if it were the only one that the answer shows."""
    citation = Citation(one.path, one.start, one.end, one.text, one.title, "")
    sentence = AnswerSentence(one.text, 1.0, "kept", citations=(0,))
    return sentence, replace(said, sentences=(sentence,), citations=(citation,))


def _print(rows: Sequence[Row]) -> None:
    kinds: Mapping[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["points"]:
            kinds[row["kind"]].append(row)
            kinds["all"].append(row)
    print(f"| kind | questions | recall | precision | sentences | {' | '.join(LOSSES)} | kind wrong |")
    print("|---|" + "---|" * (5 + len(LOSSES)))
    for kind, of_kind in sorted(kinds.items(), key=lambda one: (one[0] == "all", one[0])):
        lost = Counter(one for row in of_kind for one in row["lost"])
        recall, precision = (_share([row[name] for row in of_kind]) for name in ("recall", "precision"))
        shown = sum(len(row["shown"]) for row in of_kind) / len(of_kind)
        wrong = sum(row["kind"] != row["guessed"] for row in of_kind)
        cells = [
            len(of_kind),
            f"{recall:.2f}",
            f"{precision:.2f}",
            f"{shown:.1f}",
            *(lost[one] for one in LOSSES),
            wrong,
        ]
        print(f"| {kind} | {' | '.join(map(str, cells))} |")
    asked = [row for row in rows if row["points"]]
    silent = [row for row in rows if not row["answerable"]]
    print(
        f"refused {sum(row['abstained'] for row in asked)} of {len(asked)}, "
        f"answered without an answer {sum(not row['abstained'] for row in silent)} of {len(silent)}"
    )


def _share(pairs: Sequence[Sequence[float]]) -> float:
    return ratio([(part, whole) for part, whole in pairs]) or 0.0


def _compare(before: Sequence[Row], rows: Sequence[Row]) -> None:
    old = {row["id"]: row for row in before}
    for name in ("recall", "precision"):
        both = [(tuple(old[row["id"]][name]), tuple(row[name])) for row in rows if row["points"] and row["id"] in old]
        first, second = [one for one, _ in both], [one for _, one in both]
        low, high = paired_interval(first, second)
        change = _share(second) - _share(first)
        print(f"{name}: {change:+.3f} ({low:+.3f} to {high:+.3f}), p = {paired_test(first, second):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--kinds", choices=["given", "guessed"], default="guessed")
    parser.add_argument("--choice", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--against", type=Path)
    asked = parser.parse_args()
    main(asked.set, asked.cache, asked.kinds == "given", asked.keep, asked.against, asked.choice)
