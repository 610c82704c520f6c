"""
Questions offered below an answer to go on with, which the articles answer.

They are made from the articles that the answer cites: from sentences turned into questions, which keyword search finds
again, from another name in them, and from their summary. No question is offered that was asked already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.text.locale import text
from index.text.stems import stem
from rag.exploring.examples import about_article, examples_of, facts
from rag.exploring.names import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.storage.reader import Index
    from rag.types import Answer

MOST = 3
_LEAST_SENTENCES = 5
_IN_FULL = frozenset({"fact", "yes_no", "list", "summary"})
_OF_ONE = frozenset({"fact", "yes_no", "explanation", "list", "comparison", "timeline"})


def following(
    answer: Answer, index: Index, *, language: str = "", known: Sequence[str] = (), asked: Sequence[str] = ()
) -> tuple[str, ...]:
    """
    Return two or three questions to go on with, fewer where the articles hold no more.

    Parameters
    ----------
    answer
        The answer. After an abstention nothing is offered; replies to talk have their own, see `rag.talk.reply`.
    index
        The index that was searched.
    language
        Language of the questions; by default that of the answer.
    known
        Questions about the cited articles that are known to be answered; they are offered first.
    asked
        Earlier questions of the conversation.

    """
    cited = tuple(dict.fromkeys(one.path for one in answer.citations if one.path in index.documents))
    if answer.abstained or not cited:
        return ()
    spent = {_bare(question) for question in (answer.question, answer.standalone_question, *asked)}
    found: list[str] = []
    for question in _questions(answer, index, cited, language or answer.language, known):
        if question and _bare(question) not in spent:
            spent.add(_bare(question))
            found.append(question)
        if len(found) == MOST:
            break
    return tuple(found)


def _questions(
    answer: Answer, index: Index, cited: Sequence[str], language: str, known: Sequence[str]
) -> Iterator[str]:
    """Yield questions of each kind in turn, so that the first few are of several kinds."""
    pool = [*known, *(one for one in facts(index, language, cited, most=2 * MOST) if not _answers(answer, one, index))]
    yield from pool[:1]
    yield from _on_names(answer, index, cited[0], language)
    if answer.kind in _IN_FULL and _has_more(index, cited[0]):
        yield text("talk.ask_more", language)
    if answer.kind in _OF_ONE and _has_more(index, cited[0]):
        yield about_article(index.documents[cited[0]].metadata.title, language)
    yield from pool[1:]
    yield from (one.question for one in examples_of(index, language) if one.kind in {"comparison", "summary"})


def _on_names(answer: Answer, index: Index, path: str, language: str) -> Iterator[str]:
    """Yield a question about the name that distinguishes the cited article best and was not asked about."""
    said = f"{answer.question} {answer.standalone_question}".casefold()
    document = index.documents[path].text
    counts = {name: document.count(name) for name in names_of(index).frequent if name.casefold() not in said}
    often = [name for name, count in counts.items() if count > 1]
    best = max(often, key=lambda name: counts[name] * index.lexical.weight(stem(name.casefold())), default="")
    if best:
        yield text("talk.ask_about", language).format(name=best)


def _answers(answer: Answer, question: str, index: Index) -> bool:
    """Tell whether the answer already says what a question asks: it has each of the question's terms."""
    shown = set(index.lexical.passage_terms(" ".join(one.text for one in answer.sentences)))
    return set(index.lexical.query_terms(question)) <= shown


def _has_more(index: Index, path: str) -> bool:
    count = sum(len(index.chunks[id_].chunk.sentences) for id_ in index.passages.get(path, ()))
    return count >= _LEAST_SENTENCES


def _bare(question: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in question.casefold()).split())
