"""What the foot of the page says about wrong answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rag.calibrating.types import Calibration, Standing
from ui.render.bound import bound_text
from ui.render.texts import DE, EN

if TYPE_CHECKING:
    from ui.render.texts import Texts

KEPT = Calibration(0.75, 0.125, "false_answers", 0.95, "geheim.jsonl", "0", 240, 120, 6, 0.12, 1.0, 0.0, {})


def test_a_bound_that_holds_is_a_sentence_with_its_figures_and_without_the_name_of_the_set() -> None:
    standing = Standing("holds", 0.75, KEPT)
    assert "höchstens 12,5 gegeben" in bound_text(standing, DE)
    assert "240 Fragen" in bound_text(standing, DE)
    assert "at most 12.5 are given although the articles contain no answer" in bound_text(standing, EN)
    assert "95 % confidence" in bound_text(standing, EN)
    assert "geheim" not in bound_text(standing, DE) + bound_text(standing, EN)
    cited = Standing("holds", 0.75, replace(KEPT, on="wrong_citations"))
    assert "keinen richtigen Beleg" in bound_text(cited, DE)
    assert "no correct citation" in bound_text(cited, EN)


@pytest.mark.parametrize("texts", [DE, EN])
def test_where_none_holds_it_says_so(texts: Texts) -> None:
    assert bound_text(Standing("none", 0.5), texts) == texts.bound_none
    assert bound_text(Standing("set", 0.9, KEPT), texts) == texts.bound_none
    assert bound_text(Standing("changed", 0.5, KEPT, "the index"), texts) == texts.bound_changed
    assert bound_text(Standing("damaged", 0.5, what="x"), texts) == texts.bound_changed
