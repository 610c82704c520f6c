"""The labelled sets that training reads: questions, groups of passages, and sentences with a passage."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The texts behind these rows have licences of their own, which were not checked one by one.
LEFT_OUT = frozenset({"summedits"})


@dataclass(frozen=True)
class Question:
    """
    A question and a passage.

    Attributes
    ----------
    source, language
        Name of the set, and the language's ISO 639-1 code.
    text
        The question.
    title, document
        Title of the passage (may be empty), and the article that it is from.
    passage
        The text to read.
    answer
        Start and end of the answer in ``passage``, in characters; None where no span is known.
    answerable
        Whether the passage answers the question.

    """

    source: str
    language: str
    text: str
    title: str
    document: str
    passage: str
    answer: tuple[int, int] | None
    answerable: bool


@dataclass(frozen=True)
class Group:
    """A question with passages of which at least one answers it (``relevant``), or none does."""

    language: str
    text: str
    relevant: bool
    passages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Claim:
    """A sentence and a passage that carries it, or does not."""

    source: str
    text: str
    passage: str
    carried: bool


def read_questions(folder: Path) -> list[Question]:
    """
    Read ``qa.jsonl`` (or its ``.xz``).

    Parameters
    ----------
    folder
        Where the files lie.

    Returns
    -------
    list[Question]
        In the order of the file. Rows whose answer is not where they say are left out.

    Raises
    ------
    FileNotFoundError
        If neither the file nor its compressed form is there.

    """
    questions = []
    for row in _rows(folder, "qa"):
        question = _question(row)
        if question is not None:
            questions.append(question)
    return questions


def read_groups(folder: Path) -> list[Group]:
    """
    Read ``nomiracl_other17.jsonl`` (or its ``.xz``).

    Parameters
    ----------
    folder
        Where the files lie.

    Returns
    -------
    list[Group]
        In the order of the file.

    Raises
    ------
    FileNotFoundError
        If neither the file nor its compressed form is there.

    """
    return [
        Group(
            language=row["lang"],
            text=row["q"],
            relevant=row["subset"] == "relevant",
            passages=tuple((title or "", text) for title, text in row["passages"]),
        )
        for row in _rows(folder, "nomiracl_other17")
    ]


def read_claims(folder: Path) -> list[Claim]:
    """
    Read ``claims.jsonl`` (or its ``.xz``) without the sets whose licence is unclear.

    Parameters
    ----------
    folder
        Where the files lie.

    Returns
    -------
    list[Claim]
        In the order of the file.

    Raises
    ------
    FileNotFoundError
        If neither the file nor its compressed form is there.

    """
    return [
        Claim(source=row["src"], text=row["c"], passage=row["p"], carried=bool(row["label"]))
        for row in _rows(folder, "claims")
        if row["src"] not in LEFT_OUT
    ]


def read_squad(path: Path) -> list[Question]:
    """
    Read a German file in the format of SQuAD.

    Parameters
    ----------
    path
        The JSON file.

    Returns
    -------
    list[Question]
        Those whose answer stands where the file says, in its order.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read or is not JSON.

    """
    questions = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                if start >= 0 and context[start:end] == answer["text"]:
                    questions.append(
                        Question(
                            source=path.stem,
                            language="de",
                            text=asked["question"].strip(),
                            title="",
                            document=article["title"],
                            passage=context,
                            answer=(start, end),
                            answerable=True,
                        )
                    )
    return questions


def _question(row: dict[str, Any]) -> Question | None:
    passage, answer = row["p"], None
    if row["ans"]:
        text, start = row["ans"]
        if passage[start : start + len(text)] != text or not text.strip():
            return None
        answer = (start, start + len(text))
    title, document = row["title"] or "", row["doc"] or ""
    if row["src"] == "mlqa-de-half" or "[SEP]" in passage:
        title = ""  # the name is made up, or the passage holds the title already
    return Question(
        source=row["src"],
        language=row["lang"],
        text=row["q"].strip(),
        title=title,
        document=document,
        passage=passage,
        answer=answer,
        answerable=bool(row["label"]),
    )


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    plain, packed = folder / f"{name}.jsonl", folder / f"{name}.jsonl.xz"
    if plain.exists():
        with plain.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    elif packed.exists():
        with lzma.open(packed, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    else:
        raise FileNotFoundError(f"{packed}: not there; give the folder that holds qa.jsonl.xz")
