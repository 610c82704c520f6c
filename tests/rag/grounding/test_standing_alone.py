"""Our own questions whose answer sentence refers back: the shown text names its subject and contains no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.storage.reader import Index
from index.syncing.sync import sync
from rag import RAG, Settings
from rag.evaluation.measuring.metrics import is_verbatim
from rag.grounding.anchoring import Anchor
from rag.grounding.quotation import context_of, quote
from rag.types import EvidenceSentence
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.inference import Engine

Line = dict[str, Any]

SET = Path(__file__).parents[3] / "corpus" / "standing_alone.jsonl"
QUESTIONS: list[Line] = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
POINTING = [line for line in QUESTIONS if line["kind"] != "control"]
CONTROLS = [line for line in QUESTIONS if line["kind"] == "control"]
# The sentences refer back with a pronoun, a noun and a possessive, and to a heading.
ASKED = ("s001", "s003", "s041", "s052")


def tokens(text: str) -> str:
    return " " + " ".join(re.findall(r"[^\W_]+", text.casefold())) + " "


def write(folder: Path, lines: Iterable[Line]) -> Path:
    folder.mkdir()
    for passage in (one for line in lines for one in line["passages"]):
        text = f"---\ntitle: {json.dumps(passage['title'], ensure_ascii=False)}\n---\n\n{passage['text']}\n"
        (folder / f"{passage['id']}.md").write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder, embedder = tmp_path_factory.mktemp("standing"), HashingEmbedder()
    sync(write(folder / "articles", QUESTIONS), folder / "index", embedder)
    return Index.open(folder / "index", embedding=embedder.fingerprint)


def shown(index: Index, line: Line) -> list[str]:
    """Return what is shown if the gold sentence is taken as the answer."""
    answering = line["gold_quotes"][-1]
    path = next(f"{one['id']}.md" for one in line["passages"] if answering in one["text"])
    start = index.documents[path].text.index(answering)
    source = EvidenceSentence(path, start, start + len(answering), answering, "", 1.0)
    before = context_of(index, source, line["question"])
    quoted = quote(index, source, Anchor(0, 0, len(answering), 1.0), before, question=line["question"])
    for one in quoted:
        document = index.documents[one.citation.path]
        assert document.text[one.citation.start : one.citation.end] == one.citation.quote
    return [one.sentence.text for one in quoted]


def test_what_is_shown_names_what_it_is_about(index: Index) -> None:
    unnamed = [
        line["id"] for line in POINTING if tokens(line["answers_all"][0]) not in tokens(" ".join(shown(index, line)))
    ]
    assert len(unnamed) <= 0.15 * len(POINTING), unnamed


def test_a_sentence_that_stands_by_itself_is_shown_alone(index: Index) -> None:
    led = {line["id"]: text for line in CONTROLS if len(text := shown(index, line)) > 1}
    assert len(CONTROLS) - len(led) >= 15, led


@pytest.mark.models
def test_with_real_weights_the_shown_text_names_what_it_is_about(tmp_path: Path, language_model: Engine) -> None:
    lines = [line for line in QUESTIONS if line["id"] in ASKED]
    articles = write(tmp_path / "articles", lines)
    rag = RAG(Settings(corpus=articles, index=tmp_path / "index"), engine=language_model)
    failed: list[tuple[str, str]] = []
    for line in lines:
        answer = rag.ask(line["question"])
        assert all(is_verbatim(one, answer.citations) for one in answer.sentences), answer.text
        for citation in answer.citations:
            assert rag.document(citation.path).text[citation.start : citation.end] == citation.quote
        if answer.abstained or not all(tokens(wanted) in tokens(answer.text) for wanted in line["answers_all"]):
            failed.append((line["id"], answer.text))
    assert len(failed) <= 1, failed
