"""The first screen in the browser: what the articles are, and questions of every kind to click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.ui.browsing import Watched, texts_of, violations
from tests.ui.fakes import DOCUMENTS
from ui.render.texts import DE

if TYPE_CHECKING:
    from tests.ui.fakes import FakeRag

pytestmark = pytest.mark.browser


def test_it_says_what_the_articles_are_and_which_bound_holds_and_asks_what_is_clicked(
    either: Watched, fake: FakeRag
) -> None:
    page, german = either.page, texts_of(either) is DE
    number = f"{len(DOCUMENTS) + 2} {'Artikel' if german else 'articles'}"
    expect(page.locator("#q-collection .q-count")).to_have_text(number)
    expect(page.locator("#q-collection .q-named")).to_have_text([one.metadata.title for one in DOCUMENTS.values()])
    # A tag in an article is shown as text.
    expect(page.locator("#q-collection .q-what")).to_contain_text("Cambricon <b>")
    foot = page.locator("#q-foot")
    expect(foot).to_have_text(texts_of(either).bound_none)
    expect(foot).to_be_visible()
    assert violations(either) == []
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    question = "Vergleiche Huawei und Cambricon." if german else "Compare Huawei and Cambricon."
    page.locator("#q-collection .q-example", has_text=question).click()
    either.expect_answered(question)
    assert fake.questions[-1] == question
    expect(page.locator("#q-collection")).to_be_hidden()


def test_a_title_opens_its_article(phone: Watched) -> None:
    page = phone.page
    page.locator("#q-collection .q-named").first.click()
    expect(page.locator("#q-opened")).to_contain_text(next(iter(DOCUMENTS.values())).metadata.title)
    page.locator(".q-back").click()
    expect(page.locator("#q-collection .q-named").first).to_be_visible()
