"""Figures of an evaluation, each a plain function of one answer or one ranking."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from index.text.locale import words
from index.text.spelling import composed, seen
from rag.grounding.clause import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import Answer, AnswerSentence, Citation

_TOKEN = re.compile(r"\w+", re.UNICODE)
_ARTICLES = words("grammar.articles_definite", "grammar.articles_indefinite", "grammar.articles_indefinite_inflected")


def tokens(text: str) -> list[str]:
    """Return casefolded tokens; punctuation and hyphens count as spaces."""
    text = composed(seen(text))
    return _TOKEN.findall(text.casefold().replace("_", " "))


def contains(answer: str, gold: str) -> bool:
    """Tell whether the tokens of ``gold`` occur in the answer, in a row."""
    wanted, given = tokens(gold), tokens(answer)
    return bool(wanted) and any(
        given[start : start + len(wanted)] == wanted for start in range(len(given) - len(wanted) + 1)
    )


def f1(answer: str, gold: str) -> float:
    """Return the token F1 of SQuAD (Rajpurkar et al. 2016), articles dropped."""
    given = Counter(token for token in tokens(answer) if token not in _ARTICLES)
    wanted = Counter(token for token in tokens(gold) if token not in _ARTICLES)
    shared = sum((given & wanted).values())
    if not shared:
        return float(given == wanted)
    precision, recall = shared / sum(given.values()), shared / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)


def is_verbatim(sentence: AnswerSentence, citations: Sequence[Citation]) -> bool:
    """Tell whether a shown sentence equals what it cites, character by character, except for ellipses at its ends."""
    quotes = {citations[number].quote for number in sentence.citations}
    cut = sentence.text.removeprefix(f"{ELLIPSIS} ").removesuffix(f" {ELLIPSIS}")
    return sentence.text in quotes or cut in quotes


def is_confirmed(answer: Answer) -> bool:
    """Tell whether the answer proper cites a sentence that was shown as likely before."""
    shown = {
        answer.citations[number]
        for sentence in answer.sentences
        if sentence.role == "answer"
        for number in sentence.citations
    }
    return any(
        one.path == likely.path and one.start < likely.end and likely.start < one.end
        for one in shown
        for likely in answer.likely
    )


def ranking(ranked: Sequence[str], relevant: Sequence[str]) -> dict[str, float]:
    """
    Return recall at 1, 3, 5 and 10, reciprocal rank and nDCG at 10, relevance being binary.

    Parameters
    ----------
    ranked
        Distinct documents, best first.
    relevant
        The documents that hold the answer; recall is the share of them that is found.

    Returns
    -------
    Figures by the metric names of the contract. Computed by pytrec_eval (Van Gysel and de Rijke, SIGIR 2018), the
    Python interface of NIST's trec_eval.

    """
    import pytrec_eval  # noqa: PLC0415 - a C extension, only when evaluating

    # Ranks serve as scores: trec_eval breaks ties by name, so there must be none.
    run = {document: float(len(ranked) - place) for place, document in enumerate(ranked)}
    evaluator = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(relevant, 1)}, {"recall.1,3,5,10", "ndcg_cut.10"})
    found = evaluator.evaluate({"q": run})["q"]
    top = {document: score for document, score in run.items() if score > len(ranked) - 10}
    reciprocal = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(relevant, 1)}, {"recip_rank"})
    return {
        **{f"recall@{k}": float(found[f"recall_{k}"]) for k in (1, 3, 5, 10)},
        "mrr@10": float(reciprocal.evaluate({"q": top})["q"]["recip_rank"]),
        "ndcg@10": float(found["ndcg_cut_10"]),
    }
