"""Whether a request for a summary means one article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.composing.extent import LEAST, WEIGHTS, installed, means_one_article
from rag.kinds.form import load
from training.forms.extent import Request, train
from training.forms.fitting import mistakes

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG


@pytest.mark.parametrize(
    "question",
    [
        "Fasse den Artikel über die Sternwarte zusammen.",
        "worum geht es in dem bericht über quallen",
        "Was sind die Kernaussagen von „Nebel über der Rennbahn“?",
        "Kurzfassung der Meldung zur Ölpest, bitte.",
        "Summarise the article about the observatory.",
        "What does the report on jellyfish say?",
    ],
)
def test_requests_for_one_article(question: str) -> None:
    assert means_one_article(question)


@pytest.mark.parametrize(
    "question",
    [
        "Gib mir einen Überblick über die Sternwarte.",
        "was weiß man über quallen",
        "Was steht in den Artikeln über Quallen?",
        "Fasse beide Artikel über Quallen zusammen.",
        "Worum geht es beim Streit um die Rennbahn?",
        "Überblick über die Ölpest",
        "Tell me about the racecourse.",
        "What do the articles say about jellyfish?",
    ],
)
def test_requests_for_a_subject(question: str) -> None:
    assert not means_one_article(question)


def test_an_overview_of_a_subject_is_not_the_article_whose_title_names_it(made: RAG) -> None:
    overview = made.ask("Gib mir einen Überblick über Auheim.", kind="summary")
    assert overview.searched == (2, 2)
    article = made.ask("Fasse den Artikel über die Werft in Auheim zusammen.", kind="summary")
    assert article.searched == (1, 2)


@given(st.text(max_size=80))
def test_any_text_has_a_probability(text: str) -> None:
    assert 0 <= installed().probability(text) <= 1


def test_what_is_learnt_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        *(Request(f"Fasse den Artikel über {what} zusammen.", "a", True) for what in ("Moos", "Farn", "Klee", "Lauch")),
        *(Request(f"Was weiß man über {what}?", "b", False) for what in ("Moos", "Farn", "Klee", "Lauch")),
    ]
    learnt = train(asked * 4)
    assert mistakes(learnt.probability, [(one.question, one.means_article) for one in asked], LEAST) == (0, 0)
    assert mistakes(learnt.probability, [("Was weiß man über Tang?", True)], LEAST) == (1, 0)
    learnt.save(tmp_path / WEIGHTS)
    (tmp_path / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path.parent)
    kept = load(tmp_path.name, WEIGHTS)
    assert kept.frequent == learnt.frequent
    assert kept.probability("Was weiß man über Tang?") == pytest.approx(
        learnt.probability("Was weiß man über Tang?"), abs=0.01
    )
