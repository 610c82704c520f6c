"""Answers of every kind in the browser: their forms, other forms, and further questions; copied and kept."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.ui import fakes, forms
from tests.ui.browsing import Watched, answered, texts_of, violations
from tests.ui.forms import FormsRag
from ui.render.texts import DE, format_date

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LIST, COMPARISON, SUMMARY = "Nenne alle Allianzen.", "Vergleiche die Allianzen.", "Fasse die Artikel zusammen."
TIMELINE, EXPLANATION, TALK = "Chronik der Chips?", "Erkläre die Pläne.", "Danke!"
EARLIER = "Wer baut die Chips?"
FACT = "Wie viele Firmen?"


@pytest.fixture
def fake() -> FormsRag:
    return FormsRag()


def reload(watched: Watched) -> None:
    watched.page.reload()
    watched.page.wait_for_selector("body[data-ready]")


def copied(page: Page, place: str = "#q-live") -> tuple[str, str]:
    """Return what the copy button below an answer writes, as text and as HTML."""
    page.evaluate("window.quellentreu.copy = async (...forms) => ((window.copied = forms), true)")
    page.locator(f"{place} [data-action=copy]").last.click()
    written: Any = page.evaluate("window.copied")
    return written[0], written[1]


def exported(page: Page) -> str:
    page.locator(".q-view[data-panel=conversations]").click()
    with page.expect_download() as download:
        page.locator("[data-keep=export]").click()
    return download.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("either", "question"),
    [
        ("desktop-german", COMPARISON),  # its sides are arranged differently on a phone
        ("phone-english", COMPARISON),
        ("phone-english", TIMELINE),
        ("desktop-german", SUMMARY),
        ("desktop-german", LIST),
        ("phone-english", EXPLANATION),
        ("desktop-german", TALK),
        ("phone-english", "Wetter?"),
    ],
    indirect=["either"],
)
def test_each_form_is_accessible_and_the_same_after_a_reload(either: Watched, question: str) -> None:
    page, texts = either.page, texts_of(either)
    answered(either, question)
    parts = ".q-body, .q-searched, .q-forms, .q-following"
    before = page.locator("#q-live").locator(parts).evaluate_all("items => items.map(item => item.outerHTML)")
    assert violations(either) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reload(either)
    expect(page.locator("#q-turns .q-following")).to_be_visible()
    after = page.locator("#q-turns").locator(parts).evaluate_all("items => items.map(item => item.outerHTML)")
    assert after == before
    if question in (TALK, "Wetter?"):
        expect(page.locator(".q-turn :is(.q-cite, .q-facts, .q-note, .q-abstained)")).to_have_count(0)
        expect(page.locator(".q-turn [data-action=evidence]")).to_have_count(0)
        expect(page.locator("#q-status")).not_to_contain_text(texts.abstained)


def test_sides_stand_beside_each_other_where_there_is_room_and_else_below(either: Watched) -> None:
    page = either.page
    answered(either, COMPARISON)
    sides = page.locator("#q-live .q-sides > [role=group]")
    assert sides.evaluate_all("items => items.map(item => item.getAttribute('aria-label'))") == list(forms.SIDES)
    first, second = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    if texts_of(either) is DE:
        assert first["y"] == second["y"]
        assert first["x"] + first["width"] <= second["x"]
    else:
        assert first["x"] == second["x"]
        assert first["y"] + first["height"] <= second["y"]


def test_dates_come_first_and_in_order(watched: Watched) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched, TIMELINE)
    items = page.get_by_role("list").locator("li:has(> .q-date)")
    expect(items.locator(".q-date")).to_have_text([format_date(date, texts.language) for date in forms.DATES])
    for item in items.all():
        date, event = item.locator(".q-date").bounding_box(), item.locator(".q-then").bounding_box()
        assert date is not None
        assert event is not None
        assert (date["y"], date["x"]) <= (event["y"] + 12, event["x"])


def test_nothing_jumps_while_parts_arrive_and_what_is_withdrawn_is_struck(watched: Watched, fake: FormsRag) -> None:
    page = watched.page
    for question, plan in ((COMPARISON, forms.PLANS["comparison"]), (SUMMARY, forms.PLANS["summary"])):
        fake.steps = threading.Semaphore(0)
        watched.ask(f"{question[:-1]}, vorläufig.")
        tops: list[list[float]] = []
        for count in range(1, len(plan) + 2):
            fake.steps.release()
            sentences = page.locator("#q-live .q-sentence:not(.q-struck)")
            expect(sentences).to_have_count(count)
            # Each part keeps its left edge and its width; only what is below a growing part moves.
            tops.append(
                page.locator("#q-live .q-part").evaluate_all(
                    "items => items.flatMap(item => [item.offsetLeft, item.offsetWidth])"
                )
            )
        for before, after in itertools.pairwise(tops):
            assert after[: len(before)] == before
        fake.steps.release()
        struck = page.locator("#q-live del.q-struck")
        expect(struck).to_have_text(f"{DE.withdrawn}: {fakes.STONE}")
        place = "item => [item.offsetTop - item.closest('.q-turn').offsetTop, item.offsetWidth, item.offsetHeight]"
        before_the_end = page.locator("#q-live .q-body").evaluate(place)
        fake.steps.release()
        watched.expect_answered(f"{question[:-1]}, vorläufig.")
        expect(struck).to_have_count(1)
        assert page.locator("#q-live .q-body").evaluate(place) == before_the_end
    # A withdrawn sentence is not copied.
    assert fakes.STONE not in copied(page)[0]
    reload(watched)
    expect(page.locator("#q-turns .q-body")).to_have_count(2)
    expect(page.locator(".q-struck")).to_have_count(0)


def test_another_form_is_asked_for_where_the_answer_stands(phone: Watched, fake: FormsRag) -> None:
    page, texts = phone.page, texts_of(phone)
    answered(phone, TALK)
    answered(phone, EARLIER)
    answered(phone, FACT)
    choices = page.locator("#q-live").get_by_role("group", name=texts.forms).locator("button")
    expect(choices).to_have_text([texts.form_long, texts.form_list])
    choices.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q-live .q-form-list li")).to_have_count(3)
    phone.expect_answered(FACT)
    expect(page.locator(".q-turn .q-question")).to_have_text([TALK, EARLIER, FACT])
    assert fake.questions == [TALK, EARLIER, FACT, FACT]
    assert fake.kinds == [None, None, None, "list"]
    # Its context is the conversation before it, without the talk, and a remembered answer may be used.
    assert [question for question, _ in fake.histories[-1]] == [EARLIER]
    assert fake.fresh[-1] is False
    expect(choices).to_have_text([texts.form_short, texts.form_long])
    # Asked again, even after a reload, it keeps the form that was chosen.
    reload(phone)
    page.locator("#q-turns .q-turn").last.locator("[data-action=retry]").click()
    phone.expect_answered(FACT)
    assert (fake.kinds[-1], fake.fresh[-1]) == ("list", True)
    page.locator("#q-live [data-kind=explanation]").click()
    expect(page.locator("#q-live .q-form-explanation")).to_be_visible()
    phone.expect_answered(FACT)
    assert fake.kinds[-1] == "explanation"
    # No form is chosen for the next question.
    answered(phone, "Und sonst?")
    assert fake.kinds[-1] is None


def test_one_asks_on_below_the_last_answer(watched: Watched, fake: FormsRag) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched, FACT)
    follow = page.locator(".q-follow")
    expect(page.locator("#q-live .q-following")).to_contain_text(texts.following)
    expect(follow).to_have_text(list(forms.FOLLOWING))
    follow.nth(1).focus()
    page.keyboard.press("Enter")
    watched.expect_answered(forms.FOLLOWING[1])
    assert fake.questions[-1] == forms.FOLLOWING[1]
    assert [tuple(pair) for pair in fake.histories[-1]] == [(FACT, fakes.FIRMS)]
    expect(page.locator(".q-following:visible")).to_have_count(1)
    expect(page.locator("#q-live .q-following")).to_be_visible()


def test_hostile_labels_do_nothing_anywhere(watched: Watched) -> None:
    page = watched.page
    for question in (COMPARISON, SUMMARY, TIMELINE):
        answered(watched, f"{question} böse")
        text, html = copied(page)
        assert forms.EVIL in text
        assert "<img" not in html
    assert "<img" not in exported(page).replace("\\<img", "")
    assert page.evaluate("window.hacked") is None
    expect(page.locator("#q-shell img")).to_have_count(0)


def test_copied_and_exported_each_form_stays_what_it_is(watched: Watched) -> None:
    page = watched.page
    answered(watched, LIST)
    text, html = copied(page)
    assert text.count("\n- ") == 2
    assert text.startswith(f"- {forms.ITEMS[0]}\n  — ")
    assert text.endswith(DE.searched.format(looked=3, there=3))
    assert html.startswith("<ul><li>Die <strong>erste Allianz</strong> baut Chips.<br>— ")
    assert html.count("<li>") == 3
    answered(watched, COMPARISON)
    text, html = copied(page)
    assert text.startswith(f"{forms.SIDES[0]}\n\n- {forms.ITEMS[0]}\n")
    assert f"\n\n{forms.SIDES[1]}\n\n- " in text
    assert html.startswith(f"<h3>{forms.SIDES[0]}</h3><ul><li>")
    answered(watched, TIMELINE)
    text, html = copied(page)
    assert text.startswith(f"- 22. Juli 2025: {fakes.MONEY}\n")
    assert f"- August 2025: {fakes.FIRMS}\n" in text
    assert "<li>nach 2026: " in html
    answered(watched, TALK)
    assert copied(page) == (" ".join(forms.SAID), f"<p>{' '.join(forms.SAID)}</p>".replace("&", "&amp;"))
    markdown = exported(page)
    assert "\n- Die **erste Allianz** baut Chips\\. [1][4]\n" in markdown
    assert f"\n### {forms.SIDES[1]}\n\n- Die **zweite Allianz**" not in markdown
    assert f"\n### {forms.SIDES[1]}\n\n- Die zweite Allianz schreibt **Software**\\. [3]\n" in markdown
    assert "\n- 22\\. Juli 2025: Der chinesische" in markdown
    assert "\n_In 3 von 3 Artikeln gesucht\\._\n" in markdown
    assert "\nGern geschehen\\!" in markdown
