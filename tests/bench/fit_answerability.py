"""
Fit the probability that evidence answers a question (`rag.answerability`), and check it on other data.

    python tests/bench/fit_answerability.py gather SET SIGNALS.jsonl [--limit N]
    python tests/bench/fit_answerability.py fit SIGNALS.jsonl [MORE.jsonl ...] [--check OTHER.jsonl ...]

`gather` asks the default model about the questions of a set. A native set says itself which of its
questions can be answered. Of a SQuAD set, a third of the questions drawn are asked as they are; a third without the
sentences that hold an answer string, so that what remains is as near as can be and does not answer; a third without
the documents that hold one. The 100 questions that `rag eval --limit 100 --seed 0` draws are left out, so that they can be measured on.

`fit` prints the intercept and weights of a logistic regression in which each file, and both classes in it, weigh the
same, and for each file the area under the curve and both error rates at a probability of 0.5. MEMERAG may neither fit nor choose anything here.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np

from rag import RAG, Filter, prompts
from rag.answerability import Signals, signals
from rag.answering import Pipeline, find
from rag.conversation import condense
from rag.evaluation import metrics
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evidence import READ, nearest


def gather(file: Path, target: Path, limit: int) -> None:
    ground = prepare(RAG(), load(file))
    rag = ground.rag
    rag.warm_up()
    pipeline: Pipeline = rag._pipeline()
    texts = {document.path: document.text for document in rag.documents()}
    with target.open("w", encoding="utf-8") as out:
        for question, without in _drawn(ground, limit):
            allowed = ground.restricted.get(question.id)
            if without == "documents":
                holding = {path for path, text in texts.items() if _holds(text, question)}
                allowed = frozenset(texts) - holding - set(question.sources)
            query = condense(question.question, question.history, max_chars=1000)
            evidence = find(pipeline, query, restrict=Filter(paths=allowed) if allowed else None)
            if without == "sentences":
                gold = ground.gold[question.id]
                evidence = tuple(
                    one
                    for one in evidence
                    if not _holds(one.text, question)
                    and not any(one.path == path and one.start < end and start < one.end for path, start, end in gold)
                )
            with pipeline.engine.read(prompts.page(query, nearest(evidence, READ))) as reading:
                yes, no = reading.preferences(prompts.confirm(query), prompts.YES_OR_NO[query.language])
            found = signals(query.standalone, evidence, confirmation=(yes, no))
            answerable = question.answerable and not without
            out.write(json.dumps({"id": question.id, "answerable": answerable, "signals": astuple(found)}) + "\n")
            out.flush()


def _holds(text, question):
    return any(metrics.contains(text, answer) for answer in question.answers)


def _drawn(ground, limit):
    questions = ground.questions
    if ground.restricted or not all(question.answerable for question in questions):
        return [(question, "") for question in questions[:limit]]
    kept_aside = set(random.Random(0).sample(range(len(questions)), 100))
    rest = [question for number, question in enumerate(questions) if number not in kept_aside]
    random.Random(7).shuffle(rest)
    return list(zip(rest[:limit], itertools.cycle(("", "sentences", "documents"))))


def fit(files: list[Path], checks: list[Path]) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    rows = {
        file: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in (*files, *checks)
    }
    sets = {
        file: (np.array([one["signals"] for one in read]), np.array([one["answerable"] for one in read]))
        for file, read in rows.items()
    }
    signs = np.vstack([sets[file][0] for file in files])
    labels = np.concatenate([sets[file][1] for file in files])
    kinds = np.concatenate([np.full(len(sets[file][1]), number) for number, file in enumerate(files)])
    groups = kinds * 2 + labels
    balance = 100 / np.bincount(groups, minlength=2 * len(files))[groups]
    spread = signs.std(axis=0) + 1e-9
    model = LogisticRegression(C=10.0, max_iter=5000)
    held_out = np.zeros(len(labels))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(signs, groups):
        model.fit(signs[train] / spread, labels[train], sample_weight=balance[train])
        held_out[test] = model.predict_proba(signs[test] / spread)[:, 1]
    model.fit(signs / spread, labels, sample_weight=balance)
    weights = model.coef_[0] / spread
    print(f"_INTERCEPT = {model.intercept_[0]:.3f}")
    print(f"_WEIGHTS = ({', '.join(f'{weight:.3f}' for weight in weights)})")
    print({field.name: round(float(model.coef_[0][i]), 2) for i, field in enumerate(fields(Signals))}, "standardised")
    for file, (found, truth) in sets.items():
        chance = held_out[kinds == files.index(file)] if file in files else model.predict_proba(found / spread)[:, 1]
        alone = roc_auc_score(truth, found[:, 0])
        print(
            f"{file.name}: {len(truth)} questions, AUC {roc_auc_score(truth, chance):.3f} "
            f"(the model's yes alone {alone:.3f}), false answers {np.mean(chance[~truth] >= 0.5):.3f}, "
            f"false abstentions {np.mean(chance[truth] < 0.5):.3f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["gather", "fit"])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--check", nargs="*", type=Path, default=[])
    parser.add_argument("--limit", type=int, default=240)
    given = parser.parse_args()
    if given.what == "gather":
        gather(given.files[0], given.files[1], given.limit)
    else:
        fit(given.files, given.check)
