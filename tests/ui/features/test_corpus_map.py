"""The map as a drawing and in words."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from rag.exploring.overview import Overview, Point, Topic
from ui.features.corpus_map import CorpusMap, draw, in_words
from ui.render.texts import DE

MAP = Overview(
    (
        Point("a.md", 0, 10, '<b> & "A"', 0.5, 1.0, 0),
        Point("a.md", 10, 20, '<b> & "A"', -1.0, 0.0, 0),
        Point("b.md", 0, 9, "B", 0.0, -1.0, 1),
    ),
    (Topic(("Vulkan", "<Lava>"), 2), Topic((), 1)),
    3,
)


def until_ready(made: CorpusMap, state: int) -> Any:
    for _ in range(400):
        answer = made.get(state)
        if answer[0] != "making":
            return answer
        time.sleep(0.05)
    raise AssertionError("the map is never ready")


def test_each_dot_carries_its_passage() -> None:
    pytest.importorskip("matplotlib")
    svg = draw(MAP)
    assert svg == draw(MAP)
    assert svg.count("<circle") == 3
    assert svg.count('data-path="a.md"') == 2
    assert "&lt;b&gt; &amp; &quot;A&quot;" in svg
    assert "<b>" not in svg
    assert "style=" not in svg


def test_the_list_says_what_the_drawing_shows() -> None:
    html = in_words(MAP, DE)
    assert "Vulkan, &lt;Lava&gt;" in html
    assert "2 Stellen" in html
    assert "1 Stelle<" in html
    assert html.count("<button") == 2


def test_the_map_is_made_once_for_each_state_of_the_articles() -> None:
    pytest.importorskip("matplotlib")
    calls: list[int] = []

    def overview() -> Overview:
        calls.append(1)
        return MAP

    made = CorpusMap(SimpleNamespace(overview=overview))  # type: ignore[arg-type]
    assert until_ready(made, 1)[1][0] is MAP
    assert until_ready(made, 1)[0] == "ready"
    assert len(calls) == 1
    until_ready(made, 2)
    assert len(calls) == 2


def test_without_a_map_the_rest_goes_on() -> None:
    assert CorpusMap(SimpleNamespace()).get(1) == ("none", None)  # type: ignore[arg-type]

    def broken() -> Overview:
        raise ZeroDivisionError

    assert until_ready(CorpusMap(SimpleNamespace(overview=broken)), 1) == ("none", None)  # type: ignore[arg-type]
