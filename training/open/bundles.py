"""Articles written for this project, in bundles of three, and open questions on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from rag.kinds.types import Kind

FOLDER = Path(__file__).parent / "bundles"
FACTS_FILE = Path(__file__).parent / "facts.jsonl"
"""Questions for a single thing, and closed ones, on the same articles, with the key of the sentence that answers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    An open question.

    Parameters
    ----------
    question, kind
        As a reader asks it, and what it asks for.
    points
        What belongs in a good answer: for each point, the keys of the sentences that say it; empty if the articles
        have no answer.
    article
        The file of the article whose summary is asked for; None if the question is put to all articles.

    """

    question: str
    kind: Kind
    points: tuple[tuple[str, ...], ...]
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands: the article's file, and its characters there."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    Three articles on one theme.

    Parameters
    ----------
    name
        Name of its file, without the ending.
    texts
        Each article as Markdown with front matter, by the name of its file.
    places
        Where each sentence stands, by its key.
    questions
        Questions on the articles.

    """

    name: str
    texts: Mapping[str, str]
    places: Mapping[str, Place]
    questions: tuple[Asked, ...]


def bundles(folder: Path = FOLDER) -> list[Bundle]:
    """
    Read all bundles, by name.

    Raises
    ------
    KeyError
        A part is missing, or a point names a sentence that is not there.

    """
    return [_bundle(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in sorted(folder.glob("*.json"))]


def bundles_named(names: Collection[str]) -> list[Bundle]:
    """
    Read the bundles that have these names.

    Raises
    ------
    ValueError
        There is no bundle of one of the names.

    """
    found = [bundle for bundle in bundles() if bundle.name in names]
    if missing := set(names) - {bundle.name for bundle in found}:
        raise ValueError(f"There is no bundle {', '.join(sorted(missing))} in {FOLDER}.")
    return found


def _bundle(name: str, held: Mapping[str, Any]) -> Bundle:
    texts: dict[str, str] = {}
    places: dict[str, Place] = {}
    for article in held["articles"]:
        path = f"{article['name']}.md"
        texts[path] = _text(article, path, places)
    questions = tuple(_asked(one, places) for one in held["questions"])
    return Bundle(name, texts, places, questions)


def _asked(one: Mapping[str, Any], places: Mapping[str, Place]) -> Asked:
    paths = {places[key].path for point in one["points"] for key in point}
    # A question for the summary of a subject that only one article treats asks for the summary of that article.
    article = next(iter(paths)) if one["kind"] == "summary" and len(paths) == 1 else None
    return Asked(one["question"], one["kind"], tuple(tuple(point) for point in one["points"]), article)


def _text(article: Mapping[str, Any], path: str, places: dict[str, Place]) -> str:
    front = {name: article[name] for name in ("title", "date", "source")}
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    text = "---\n" + "\n".join([*lines, "language: de"]) + f"\n---\n\n# {article['title']}\n"
    for paragraph in article["paragraphs"]:
        if "heading" in paragraph:
            text += f"\n## {paragraph['heading']}\n"
            continue
        between = "\n"
        for key, sentence in paragraph.items():
            said = " ".join(sentence.split())
            text += between
            places[key] = Place(path, len(text), len(text) + len(said))
            text += said
            between = " "
        text += "\n"
    return text
