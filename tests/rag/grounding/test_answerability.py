"""No rule refuses a question because of its words: the model is asked, and its yes is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from rag.client import RAG

ARTICLE = (
    "Wer in China Grafikprozessoren von NVIDIA mietet, zahlt pro Stunde 6 Dollar. Der Chef von NVIDIA klagt darüber. "
    "Das Rechenzentrum in Lhasa öffnete am 3. Oktober 2023 mit dreizehn Hallen, weil der Strom dort billig ist. "
    "Am Karfreitag bleibt es geschlossen."
)


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    folder: Path = tmp_path_factory.mktemp("answerability")
    (folder / "articles").mkdir()
    (folder / "articles" / "miete.md").write_text(ARTICLE, encoding="utf-8")
    made = build(folder / "articles", folder / "index", ScriptedEngine(), remembered_answers=0)
    made.sync()
    return made


@pytest.mark.parametrize(
    ("question", "draft", "shown"),
    [
        ("Was kostet in China eine NVIDIA-GPU pro Stunde?", "6 Dollar", "6 Dollar"),
        ("Worüber klagt der CEO von NVIDIA?", "darüber", "klagt darüber"),
        ("Wie viel USD zahlt man in China pro Stunde?", "6 Dollar", "6 Dollar"),
        ("WAS KOSTET EINE GPU VON NVIDIA?", "6 Dollar", "6 Dollar"),
        ("Was geschah am 03.10.2023 in Lhasa?", "öffnete das Rechenzentrum", "3. Oktober 2023"),
        ("Was geschah in Lhasa im vierten Quartal 2023?", "öffnete das Rechenzentrum", "3. Oktober 2023"),
        ("Welches Rechenzentrum hat 13 Hallen?", "Lhasa", "dreizehn Hallen"),
        ("Warum hat das Rechenzentrum in Lhasa geöffnet?", "weil der Strom billig ist", "weil der Strom dort billig"),
        ("Wann bleibt das Rechenzentrum in Lhasa zu?", "Karfreitag", "Am Karfreitag bleibt es geschlossen."),
        ("What does the GPU of NVIDIA cost in China?", "6 Dollar", "6 Dollar"),
    ],
)
def test_other_words_than_the_sources_are_no_reason_to_refuse(
    rag: RAG, question: str, draft: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag._models._engine, "pieces", (draft,), raising=False)
    answer = rag.ask(question)
    assert not answer.abstained
    assert shown in answer.text


@pytest.mark.parametrize(
    "question",
    ["Was kostet in China ein H300 von NVIDIA pro Stunde?", "Was kosten in China SMICs Chips pro Stunde?"],
)
def test_a_name_that_is_missing_is_the_models_to_notice(
    rag: RAG, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag._models._engine, "confirms", False, raising=False)
    assert rag.ask(question).abstained
