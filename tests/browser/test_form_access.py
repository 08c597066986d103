"""The scoring form for everyone: nothing for axe in any state, names and states for assistive technology, 400 % zoom, no colour alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.form_stage import NARROW, PATIENCE, SAVED, Cut, Form, FormStage, fits, form_stage, nothing_for_axe
from tests.scoring_service import OTHER_SUPERVISOR, SUPERVISEE, SUPERVISOR

SIZES = pytest.mark.parametrize("size", [(1280, 720), NARROW], ids=["wide", "narrow"])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service with the published rubrics and policy."""
    with form_stage(tmp_path_factory.mktemp("access")) as made:
        yield made


def nodes(page: Page) -> list[dict[str, Any]]:
    """Returns the accessibility tree as assistive technology gets it: role, name, and states of each node."""
    session = page.context.new_cdp_session(page)
    found = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        {
            "role": one["role"]["value"],
            "name": one.get("name", {}).get("value", ""),
            **{row["name"]: row["value"].get("value") for row in one.get("properties", [])},
        }
        for one in found
        if not one.get("ignored")
    ]


@SIZES
def test_nothing_for_axe_in_any_state_of_the_form(stage: FormStage, size: tuple[int, int]) -> None:
    form = stage.form(context=stage.context(size), review=stage.reviews()[0 if size == NARROW else 1])
    page = form.page

    def sound() -> None:
        nothing_for_axe(page)
        fits(page)

    sound()
    form.press("2")
    sound()  # something is owed
    form.press("Escape")
    form.criterion(1)
    form.press("0")
    expect(page.get_by_role("group", name=re.compile("Does anyone need to act today"))).to_be_visible()
    sound()  # the question of safety
    form.press("Escape")
    form.criterion(2)
    form.press("n")
    sound()  # the reasons of a code
    form.press("1")
    form.is_saved()
    Cut(page).cut()
    form.criterion(3)
    form.press("3")
    form.is_not_saved()
    expect(page.locator(".sf-banner")).to_be_visible(timeout=PATIENCE)
    sound()  # not saved, and no connection
    Cut(page).mend()
    form.is_saved()

    def refused(route: Route) -> None:
        route.fulfill(
            status=400,
            json={"error": {"message": "Refused.", "findings": [{"where": "1", "text": "It is not possible."}]}},
        )

    page.route("**/sampling/api/events", refused)
    form.criterion(4)
    form.press("3")
    form.criterion(4)
    expect(form.active.locator(".sf-extra")).to_contain_text("It is not possible.")
    sound()  # refused
    page.unroute("**/sampling/api/events")


@SIZES
def test_nothing_for_axe_while_two_values_stand(stage: FormStage, size: tuple[int, int]) -> None:
    review = stage.reviews()[2 if size == NARROW else 3]
    one = stage.form(review=review)
    other = stage.form(context=stage.context(size), review=review)
    one.criterion(5)
    one.press("3")
    one.is_saved()
    other.criterion(5)
    other.press("1")
    other.criterion(5)
    expect(other.active.locator(".sf-extra")).to_contain_text("Level 3", timeout=PATIENCE)
    nothing_for_axe(other.page)
    fits(other.page)


def test_nothing_for_axe_in_any_dialog(stage: FormStage) -> None:
    """On a phone's width, where a dialog has the least room; test_form_case opens them on a laptop's."""
    review = stage.reviews()[4]
    form = stage.form(context=stage.context(NARROW, whole=True), review=review)
    page = form.page
    for key, name in (
        ("?", "Keys"),
        ("e", "Evidence"),
        ("a", "Action"),
        ("p", "Park"),
        ("r", "Refer"),
        ("Control+Enter", "missing"),
    ):
        form.press(key)
        asked = page.get_by_role("dialog", name=re.compile(name))
        expect(asked).to_be_visible(timeout=PATIENCE)
        nothing_for_axe(page)
        fits(page)
        if name not in ("Keys", "Park", "missing"):
            asked.locator("button[type=submit]").click()  # with nothing filled in: each says what is wrong
            expect(asked.locator(".sf-error:visible").first).to_be_visible()
            nothing_for_axe(page)
        form.press("Escape")
        expect(asked).to_have_count(0)
        expect(page.locator(".sf-root :focus")).to_have_count(1)
    form.is_saved()


@SIZES
def test_nothing_for_axe_when_it_is_signed(stage: FormStage, size: tuple[int, int]) -> None:
    review = stage.reviews(OTHER_SUPERVISOR)[0 if size == NARROW else 1]
    form = stage.form(OTHER_SUPERVISOR, context=stage.context(size), review=review)
    stage.scene.rate_all(OTHER_SUPERVISOR, review, 2)
    form.page.reload()
    expect(form.answer(1)).to_have_text("Level 2", timeout=PATIENCE)
    form.press("Control+Enter")
    expect(form.page.get_by_role("dialog", name=re.compile("^Sign "))).to_be_visible(timeout=PATIENCE)
    nothing_for_axe(form.page)
    form.press("Escape")
    stage.scene.sign(OTHER_SUPERVISOR, review)
    form.page.reload()
    expect(form.page.locator(".sf-notices")).to_contain_text("This review is signed.", timeout=PATIENCE)
    nothing_for_axe(form.page)
    fits(form.page)


def test_nothing_for_axe_when_it_cannot_be_shown(stage: FormStage) -> None:
    form = stage.form(SUPERVISEE)
    form.page.evaluate("place => { location.hash = place }", f"score/review={stage.reviews(OTHER_SUPERVISOR)[2]}")
    expect(form.page.locator("h1")).to_have_text("This cannot be shown", timeout=PATIENCE)
    nothing_for_axe(form.page)


def test_the_group_says_its_question_and_each_radio_its_anchor(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    form.criterion(2)
    rubric = form.shown()["rubrics"][0]
    criterion = rubric["criteria"][1]
    form.press("3")
    form.criterion(2)
    tree = nodes(form.page)
    group = next(one for one in tree if one["role"] == "group" and criterion["question"] in one["name"])
    assert "Criterion 2 of 18" in group["name"] and criterion["title"] in group["name"]
    radios = [one for one in tree if one["role"] == "radio"]
    assert len(radios) >= 4
    for number, anchor in enumerate(criterion["levels"]):
        radio = next(one for one in radios if anchor in one["name"])
        assert str(number) in radio["name"]
        assert radio["checked"] == ("true" if number == 3 else "false")
    assert [one["name"] for one in radios if one["checked"] == "true"] == [
        next(one["name"] for one in radios if criterion["levels"][3] in one["name"])
    ]
    assert next(one for one in tree if one["role"] == "textbox" and one["name"].startswith("Comment"))
    heading = [one["name"] for one in tree if one["role"] == "heading"]
    assert any(form.shown()["case_label"] in name for name in heading)
    expect(form.page.get_by_role("status").filter(has_text=SAVED)).to_have_count(1)


def test_what_is_finished_is_said_aloud_and_not_each_key(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    form.criterion(6)
    form.comment.focus()
    form.page.evaluate(
        """() => { window.said = []; const say = one => { const words = one.textContent.trim(); if (words) window.said.push(words) };
          for (const live of document.querySelectorAll('.sf-root [role=status], .sf-root [role=alert], .sf-root [aria-live]'))
            new MutationObserver(() => say(live)).observe(live, { childList: true, characterData: true, subtree: true }) }"""
    )
    form.page.keyboard.type("The plan names no one to ring out of hours.", delay=60)  # over more than one sending
    form.is_saved()
    expect(form.spoken).to_have_text(SAVED)
    said = form.page.evaluate("window.said")
    assert len(said) <= 2 and all(SAVED.match(one) for one in said), said
    form.page.get_by_role("searchbox").fill("")
    form.page.get_by_role("searchbox").type("contact", delay=60)
    expect(form.page.locator(".sf-count")).not_to_be_empty()
    after = form.page.evaluate("window.said")[len(said) :]
    assert len(after) == 1, after


def test_every_control_has_a_name(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    controls = ("button", "radio", "checkbox", "textbox", "searchbox", "combobox", "link")
    nameless = [one for one in nodes(form.page) if one["role"] in controls and not one["name"].strip()]
    assert nameless == []


def test_at_400_percent_everything_can_be_reached_by_the_tab_key(stage: FormStage) -> None:
    """A window of 1280 by 1024 at 400 % is one of 320 by 256."""
    form = stage.form(context=stage.context((320, 256)), review=stage.reviews()[4])
    fits(form.page)
    form.page.locator(".sf-root").focus()  # before everything
    reached: set[str] = set()
    hidden: list[str] = []
    for _ in range(160):
        form.press("Tab")
        at = form.page.evaluate(
            """() => { const at = document.activeElement; if (at === document.body) return null;
              const box = at.getBoundingClientRect(); const [x, y] = [box.left + Math.min(box.width, 20) / 2, box.top + Math.min(box.height, 20) / 2];
              const top = document.elementFromPoint(x, y);
              const seen = at.tagName === 'INPUT' || (box.top < innerHeight && box.bottom > 0 && (at.contains(top) || top?.contains(at)));
              return [at.getAttribute('aria-label') || at.textContent.trim().slice(0, 40) || at.labels?.[0]?.textContent.trim().slice(0, 40) || at.tagName, Boolean(seen)] }"""
        )
        if at is None:
            break
        reached.add(at[0])
        hidden += [] if at[1] else [at[0]]
    everything = " | ".join(reached)
    for words in ("Point to evidence", "Comment", "Sign off", "Park", "Refer", "Undo", "Previous", "Find", "Keys"):
        assert words in everything, (words, everything)
    assert hidden == []  # what has the focus is never behind something that sticks (WCAG 2.4.11)
    fits(form.page)


def test_level_keys_work_at_400_percent(stage: FormStage) -> None:
    form = stage.form(context=stage.context((320, 256)), review=stage.reviews()[4])
    form.criterion(3)
    form.press("2")
    expect(form.answer(3)).to_have_text("Level 2")
    form.press("u")
    form.is_saved()


def test_targets_are_large_enough(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    small = form.page.evaluate(
        """() => [...document.querySelectorAll('.sf-root button, .sf-root a, .sf-root input, .sf-root select, .sf-root summary')]
          .filter(one => one.checkVisibility()).map(one => [one, (one.matches('input[type=radio], input[type=checkbox]') ? one.closest('label') || one : one).getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24).map(([one, box]) => `${one.tagName} ${one.className} ${one.textContent} ${box.width}x${box.height}`)"""
    )
    assert small == []


def test_chosen_open_and_unsaved_are_seen_without_colour(stage: FormStage) -> None:
    form = stage.form(context=stage.context(forced_colors="active"), review=stage.reviews()[4])
    form.criterion(4)
    form.press("3")
    form.press("Escape")
    form.criterion(4)
    look = "one => { const style = getComputedStyle(one); return [style.borderTopWidth, style.borderTopStyle, style.fontWeight, style.outlineStyle].join() }"
    chosen, other = (form.active.locator(".sf-level").nth(place).evaluate(look) for place in (3, 1))
    marked = form.active.get_by_role("radio").nth(3)
    expect(marked).to_be_checked()
    assert chosen != other or marked.evaluate("one => getComputedStyle(one).appearance") != "none"
    head = form.page.locator(".sf-criterion")
    assert (
        head.nth(3).evaluate(look) != head.nth(5).evaluate(look)
        or form.active.locator("button").first.get_attribute("aria-expanded") == "true"
    )
    saved = form.state.evaluate(look)
    Cut(form.page).cut()
    form.press("2")
    form.is_not_saved()
    assert form.state.evaluate(look) != saved
    Cut(form.page).mend()
    form.is_saved()


def test_the_focus_can_be_seen_on_every_control(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    form.page.locator("h1").focus()
    unseen = []
    for _ in range(60):
        form.press("Tab")
        look = form.page.evaluate(
            """() => { const at = document.activeElement; if (at === document.body) return null;
              const seen = one => { const style = getComputedStyle(one); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
              return [at.outerHTML.slice(0, 120), seen(at) || Boolean(at.closest('label') && seen(at.closest('label')))] }"""
        )
        if look is None:
            break
        unseen += [] if look[1] else [look[0]]
    assert unseen == []


def test_nothing_moves_for_those_who_asked_for_that(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    moving = form.page.evaluate(
        """() => [...document.querySelectorAll('.sf-root *')].filter(one => { const style = getComputedStyle(one);
          return [...style.transitionDuration.split(','), ...style.animationDuration.split(',')].some(time => parseFloat(time) > 0.01) || style.scrollBehavior === 'smooth' })
          .map(one => one.className)"""
    )
    assert moving == []


def test_the_page_prints_no_keys_of_its_own_and_stays_one_language(stage: FormStage) -> None:
    form: Form = stage.form(SUPERVISOR, review=stage.reviews()[4])
    assert form.page.locator(".sf-root").get_attribute("lang") == "en-GB"
    assert form.page.get_by_role("main").count() == 1 and form.page.locator("h1").count() == 1
