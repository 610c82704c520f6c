"""
Ask the model the questions of a set, and keep all that the fits need, one line of JSON per question.

    python -m bench.fitting.gather SET ROWS.jsonl [--limit N] [--cache FILE] [--no-model]
    python -m bench.fitting.gather SET ROWS.jsonl --aside [--removed] [--cache FILE] [--no-model]
    python -m bench.fitting.gather --germanquad QA.jsonl.xz SET

If every question of a set can be answered, half of those drawn are asked as they are; a quarter without the sentences
that hold an answer string, so that what remains is as near as possible but does not answer; a quarter without the
documents that hold one. The 100 questions that `rag eval --limit 100 --seed 0` draws are left out and kept for
measuring; --aside asks these, and with --removed without the sentences that hold an answer. Any other set says itself
which of its questions can be answered.

--no-model leaves the language model out, for fits that need the evidence alone and sets that say where the answer is.

--germanquad writes the German rows of GermanQuAD and GermanDPR in the shared training data as a SQuAD file.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import random
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.answers.kept import KeptEngine
from rag import RAG, Filter, prompts
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring import metrics
from rag.grounding.anchoring import Anchor, anchor
from rag.grounding.answerability import Signals, signals
from rag.grounding.quotation import context_of
from rag.query.condense import condense
from rag.retrieval.evidence import READ, nearest
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.evaluation.corpora import PreparedSet
    from rag.evaluation.types import Question

AS_THEY_ARE, SENTENCES, DOCUMENTS = "", "sentences", "documents"
KINDS = (AS_THEY_ARE, AS_THEY_ARE, SENTENCES, DOCUMENTS)


@dataclass(frozen=True, slots=True)
class Row:
    """
    What was found and said for one question.

    Parameters
    ----------
    question
        As it was searched for.
    answerable
        Whether the evidence can hold the answer.
    without
        What was taken out of the evidence, one of `KINDS`.
    gold
        Where the answer is: path, start, end.
    evidence, contexts
        All sentences found; and for each sentence that was read, nearest first, the earlier sentences that it needs.
    confirmation, draft
        The model's probabilities of yes and no, and what it wrote; None if it was not asked.

    """

    question: str
    answerable: bool
    without: str
    gold: tuple[tuple[str, int, int], ...]
    evidence: tuple[EvidenceSentence, ...]
    contexts: tuple[tuple[EvidenceSentence, ...], ...]
    confirmation: tuple[float, float] | None
    draft: str | None

    @property
    def read(self) -> tuple[EvidenceSentence, ...]:
        """The sentences of the evidence that the model read."""
        return nearest(self.evidence, READ)

    @property
    def place(self) -> Anchor | None:
        """The place in the evidence that holds the draft; None if there is none or no draft."""
        if self.draft is None:
            return None
        return anchor(self.draft, self.read, question=self.question, contexts=self.contexts)

    @property
    def signals(self) -> Signals:
        """Inputs of the probability of an answer; the model must have been asked."""
        if self.confirmation is None:
            raise ValueError(f"These rows were gathered with --no-model: {self.question}")
        share = place.share if (place := self.place) else 0.0
        return signals(self.question, self.evidence, confirmation=self.confirmation, share=share)


def rows(file: Path) -> list[Row]:
    """Read what was gathered; rows without evidence are of no use and are left out."""
    return [row for line in file.read_text(encoding="utf-8").splitlines() if (row := _row(json.loads(line))).evidence]


def _row(data: dict[str, Any]) -> Row:
    return Row(
        data["standalone"],
        data["answerable"],
        data["without"],
        tuple((path, start, end) for path, start, end in data["gold"]),
        tuple(EvidenceSentence(*one) for one in data["evidence"]),
        tuple(tuple(EvidenceSentence(*one) for one in context) for context in data.get("contexts", ())),
        None if data["yes"] is None else (data["yes"], data["no"]),
        data["draft"],
    )


def gather(file: Path, target: Path, drawn: _Draw, cache: Path | None, *, with_model: bool) -> None:
    plain = RAG()
    engine = KeptEngine(plain._the_engine(), cache)
    prepared = prepare(RAG(plain.settings, embedder=plain._the_embedder(), engine=engine), load(file))
    if with_model:
        prepared.rag.warm_up()
    pipeline, view, settings = prepared.rag._pipeline, prepared.rag._view(), prepared.rag.settings
    texts = {document.path: document.text for document in prepared.rag.documents()}
    with target.open("w", encoding="utf-8") as out:
        for question, without in drawn.questions(prepared):
            allowed = prepared.restricted.get(question.id)
            if without == DOCUMENTS:
                holding = {path for path, text in texts.items() if _holds(text, question)}
                allowed = frozenset(texts) - holding - set(question.sources)
            query = condense(question.question, question.history, max_chars=1000)
            restrict = Filter(paths=allowed) if allowed else None
            evidence = pipeline.find(query, view, restrict=restrict, k=settings.retrieval.passages)
            gold = prepared.gold.get(question.id, ())
            answering = [*gold] if without == SENTENCES else None
            evidence = _without(evidence, question, answering)
            contexts = [
                _without(context_of(view.index, one, query.standalone), question, answering)
                for one in nearest(evidence, READ)
            ]
            yes = no = draft = None
            if with_model:
                with engine.read(prompts.prefix(query, nearest(evidence, READ))) as reading:
                    yes, no = reading.preferences(prompts.confirm(query), prompts.YES_OR_NO[query.language])
                    most = settings.answering.max_answer_tokens
                    draft = "".join(reading.stream(prompts.answer(query), max_tokens=most))
            row = {
                "id": question.id,
                "standalone": query.standalone,
                "answerable": question.answerable and not without,
                "without": without,
                "gold": gold,
                "evidence": [astuple(one) for one in evidence],
                "contexts": [[astuple(one) for one in context] for context in contexts],
                "yes": yes,
                "no": no,
                "draft": draft,
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()


def _without(
    sentences: Iterable[EvidenceSentence], question: Question, answering: Sequence[tuple[str, int, int]] | None
) -> tuple[EvidenceSentence, ...]:
    """Return the sentences that do not hold an answer; all of them if ``answering`` is None."""
    if answering is None:
        return tuple(sentences)
    return tuple(one for one in sentences if not _holds(one.text, question) and not overlaps(one, answering))


def overlaps(sentence: EvidenceSentence, places: Iterable[tuple[str, int, int]]) -> bool:
    return any(sentence.path == path and sentence.start < end and start < sentence.end for path, start, end in places)


def _holds(text: str, question: Question) -> bool:
    return any(metrics.contains(text, answer) for answer in question.answers)


@dataclass(frozen=True, slots=True)
class _Draw:
    """Which questions of a set are asked, and with which evidence."""

    limit: int | None
    aside: bool
    removed: bool

    def questions(self, prepared: PreparedSet) -> list[tuple[Question, str]]:
        questions = prepared.questions
        drawn = set(random.Random(0).sample(range(len(questions)), min(100, len(questions))))
        if self.aside:
            kind = SENTENCES if self.removed else AS_THEY_ARE
            return [(question, kind) for number, question in enumerate(questions) if number in drawn]
        if prepared.restricted or not all(question.answerable for question in questions):
            return [(question, AS_THEY_ARE) for question in questions[: self.limit]]
        rest = [question for number, question in enumerate(questions) if number not in drawn]
        random.Random(7).shuffle(rest)
        return list(zip(rest[: self.limit], itertools.cycle(KINDS)))


def germanquad(file: Path, target: Path) -> None:
    """Write the passages of GermanQuAD and GermanDPR, with the questions they answer, as a SQuAD file."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        read = [row for row in map(json.loads, lines) if row["lang"] == "de" and row["src"].startswith("german")]
    articles: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(read):
        title = row["title"] or f"t{len(articles)}"
        article = articles.setdefault(row["p"], {"title": title, "paragraphs": [{"context": row["p"], "qas": []}]})
        if row["label"] == 1 and row["ans"]:
            text, start = row["ans"]
            asked = {"id": f"gq{number}", "question": row["q"], "answers": [{"text": text, "answer_start": start}]}
            article["paragraphs"][0]["qas"].append(asked)
    target.write_text(json.dumps({"version": "1.1", "data": list(articles.values())}, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--aside", action="store_true")
    parser.add_argument("--removed", action="store_true")
    parser.add_argument("--germanquad", action="store_true")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--no-model", action="store_true")
    given = parser.parse_args()
    if given.germanquad:
        germanquad(given.set, given.target)
    else:
        drawn = _Draw(given.limit, given.aside, given.removed)
        gather(given.set, given.target, drawn, given.cache, with_model=not given.no_model)
