"""The answer on the page: support, quotations, articles, and the way back; on a desktop and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from index.errors import CorpusError
from tests.ui import fakes
from tests.ui.browsing import Watched, answered, texts_of
from tests.ui.conftest import OFFERED, OFFERED_IN_ENGLISH
from ui.render.texts import DE

pytestmark = pytest.mark.browser


def test_a_draft_is_marked_as_one_and_each_sentence_says_how_far_it_is_carried(
    either: Watched, fake: fakes.FakeRag
) -> None:
    page, texts = either.page, texts_of(either)
    fake.may_check.clear()
    either.ask("Wie viel Geld?")
    expect(page.locator("#q-live .q-draft")).to_contain_text(texts.provisional)
    expect(page.locator("#q-live .q-draft")).to_have_attribute("aria-hidden", "true")
    expect(page.locator("#q-status")).to_have_text(texts.searching)
    fake.may_check.set()
    either.expect_answered("Wie viel Geld?")
    expect(page.locator("#q-live .q-carried")).to_have_text([f"{fakes.MONEY}1", f"{fakes.USE}2", f"{fakes.FIRMS}4"])
    expect(page.locator("#q-live .q-partly")).to_have_text(f"{fakes.STONE}3")
    expect(page.locator("#q-live .q-flag")).to_have_text(texts.partly)
    expect(page.locator("#q-live .q-facts")).to_contain_text("Qwen2.5-1.5B-Instruct int4")
    expect(page.locator("#q-status")).to_contain_text(fakes.MONEY)
    expect(page.locator("#q-live .q-understood")).to_have_count(0)
    answered(either, "Und sonst?")
    expect(page.locator("#q-live .q-understood")).to_have_text(f"{texts.understood_as}: Und sonst? (Cambricon)")


def test_pointer_and_focus_show_the_quotation(watched: Watched) -> None:
    page = watched.page
    answered(watched)
    tip, cites = page.locator("#q-tip"), page.locator("#q-live .q-cite")
    cites.nth(1).hover()
    expect(tip).to_contain_text(fakes.USE)
    expect(tip).to_contain_text("IT-Markt · 22. Juli 2025")
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.mouse.move(5, 400)
    expect(tip).to_be_hidden()
    cites.nth(0).focus()
    page.keyboard.press("Tab")
    expect(cites.nth(1)).to_be_focused()
    expect(tip).to_contain_text(fakes.USE)
    expect(cites.nth(1)).to_have_attribute("aria-describedby", "q-tip")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(cites.nth(1)).to_be_focused()


def test_what_was_not_read_and_who_says_the_same_stand_by_the_answer(watched: Watched) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched, "Was blieb ungelesen?")
    parts = "Seite 3–5 (nur ein Bild, kein Text)" if texts is DE else "pages 3–5 (without text, only a picture)"
    line = texts.unread_in.format(name="cambricon.md", parts=parts)
    expect(page.locator("#q-live .q-unread")).to_have_text(line)
    cite = page.locator("#q-live .q-cite").first
    cite.focus()
    expect(cite).to_have_attribute("data-about", re.compile(texts.also_in.format(names="kopie.md, b.md") + "$"))
    page.reload()
    expect(page.locator("#q-past .q-unread")).to_have_text(line)
    kept = page.evaluate("window.quellentreu.asText(window.quellentreu.turns[0])")
    assert texts.also_in.format(names="kopie.md, .uploads/b.md") in kept


def test_all_passages_of_an_answer_are_seen_and_one_steps_from_one_to_the_next(phone: Watched) -> None:
    page, texts = phone.page, texts_of(phone)
    answered(phone)
    page.locator("#q-live .q-cite").nth(1).click()
    phone.expect_highlighted(fakes.USE)
    # The passages of the other sentences are faint.
    expect(page.locator("#q-opened mark.q-active")).to_have_text([fakes.USE])
    expect(page.locator("#q-opened mark.q-faint")).to_have_text([fakes.MONEY, fakes.STONE])
    expect(page.locator(".q-place")).to_have_text(texts.mark_of.format(number=2, count=3))
    page.locator(".q-step[data-step='1']").click()
    expect(page.locator("#q-opened mark.q-here")).to_have_text(fakes.STONE)
    expect(page.locator(".q-step[data-step='1']")).to_be_disabled()
    page.locator(".q-step[data-step='-1']").click()
    page.locator(".q-step[data-step='-1']").click()
    expect(page.locator("#q-opened mark.q-here")).to_have_text(fakes.MONEY)
    expect(page.locator(".q-step[data-step='-1']")).to_be_disabled()


def test_the_way_back_leads_to_where_one_was(phone: Watched) -> None:
    page = phone.page
    for number in range(3):
        answered(phone, f"Frage {number}?")
    cite = page.locator("#q-past .q-turn").nth(1).locator(".q-cite").nth(2)
    cite.scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    before = page.evaluate("scrollY")
    cite.click()
    phone.expect_highlighted(fakes.STONE)
    expect(page.locator("#q-talk")).to_have_attribute("inert", "")
    page.go_back()
    expect(page.locator("#q-article")).to_be_hidden()
    expect(cite).to_be_focused()
    expect(cite).to_be_in_viewport()
    assert abs(page.evaluate("scrollY") - before) <= 2


def test_an_article_that_changed_since_shows_what_it_said(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched)
    old = fakes.DOCUMENTS["cambricon.md"]
    moved = "Neuer Anfang.\n\n" + old.text.replace(fakes.STONE, "Gestrichen.")
    changed = fakes.make_document("cambricon.md", moved, title=old.metadata.title)
    monkeypatch.setitem(fakes.DOCUMENTS, "cambricon.md", changed)
    page.locator("#q-live .q-cite").nth(0).click()
    watched.expect_highlighted(fakes.MONEY)
    expect(page.locator("#q-opened .q-note")).to_have_text(texts.article_changed)
    expect(page.locator("#q-opened .q-gone")).to_have_text(fakes.STONE)
    monkeypatch.setattr(fakes.FakeRag, "document", _vanished)
    page.locator("#q-live .q-cite").nth(3).click()
    expect(page.locator("#q-opened .q-gone")).to_have_text(fakes.FIRMS)
    expect(page.locator("#q-opened .q-note")).to_have_text(texts.article_gone)


def _vanished(self: object, path: str) -> object:
    raise CorpusError(f"There is no document {path}.")


def test_where_there_is_no_answer_other_questions_are_offered(either: Watched, fake: fakes.FakeRag) -> None:
    page, texts = either.page, texts_of(either)
    german = texts is DE
    # No question in the other language is offered, neither at first nor where there is no answer.
    offers = [question for question, _ in (OFFERED if german else OFFERED_IN_ENGLISH)]
    expect(page.locator("#q-suggestions .q-example")).to_have_text(offers)
    answered(either, "Was ist abwesend?")
    expect(page.locator("#q-live .q-abstained")).to_contain_text(texts.abstained)
    expect(page.locator("#q-instead")).to_contain_text(texts.suggestions_instead)
    expect(page.locator("#q-evidence h2")).to_have_text(texts.nearest_title)
    # The question about the nearest article comes first.
    offered = page.locator("#q-instead .q-example")
    first = "Wer will Yuan aufnehmen?" if german else "Who is to raise money?"
    expect(offered.first).to_have_text(first)
    expect(offered).to_have_count(len(offers))
    offered.first.click()
    either.expect_answered(first)
    expect(offered).to_have_count(0)
    assert fake.questions[-1] == first
