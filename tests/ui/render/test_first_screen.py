"""What the page says before anything is asked, as HTML."""

from __future__ import annotations

import pytest

from rag.exploring.about import About, NamedArticle
from rag.exploring.examples import Example
from tests.ui.fakes import FakeRag
from ui.render.first_screen import first_screen_html
from ui.render.texts import DE, EN

ONE = NamedArticle("a & b.md", "Ein <b>Titel</b>", "2025-05-08")


def test_one_article_and_several_are_counted_in_words_and_dated() -> None:
    one = first_screen_html(About(1, (ONE,), first_date="2025-05-08", last_date="2025-05-08", dated=1), (), DE)
    assert '<span class="q-count">Ein Artikel</span>, 8. Mai 2025.' in one
    many = About(9, (ONE,), ("Chips",), "2025-05-08", "2025-08-01", 2, ("Heise", "dpa"))
    shown = first_screen_html(many, (), EN)
    assert '<span class="q-count">9 articles</span>, 8 May 2025 to 1 August 2025.' in shown
    assert "They are about <bdi>Chips</bdi>. Sources: <bdi>Heise</bdi>, <bdi>dpa</bdi>." in shown
    assert "and 8 more" in shown


def test_titles_open_their_article_and_nothing_of_them_is_parsed() -> None:
    shown = first_screen_html(About(2, (ONE,)), (Example("fact", 'Wer sagt "<i>"?'),), DE)
    assert 'data-path="a &amp; b.md"' in shown
    assert "Ein &lt;b&gt;Titel&lt;/b&gt;" in shown
    assert "Wer sagt &quot;&lt;i&gt;&quot;?</button>" in shown
    assert "und ein weiterer" in shown


def test_without_articles_nothing_is_said() -> None:
    assert first_screen_html(About(0), (Example("timeline", "Was geschah wann?"),), DE) == ""


@pytest.mark.parametrize("texts", [DE, EN])
def test_every_kind_has_a_word(texts: object) -> None:
    kinds = ("fact", "yes_no", "explanation", "list", "comparison", "timeline", "summary")
    shown = first_screen_html(FakeRag().about(), [Example(kind, "?") for kind in kinds], texts)  # type: ignore[arg-type]
    assert shown.count('<span class="q-kind">') == len(kinds)
    assert '<span class="q-kind"></span>' not in shown
