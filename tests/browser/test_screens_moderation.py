"""Moderation in a real browser: closed until both have signed, decided beside each other with a reason, learnt from afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen_stage import NARROW, PATIENCE, Stage, fits, go, is_saved, nothing_for_axe, stage
from tests.scoring_service import LEAD, MODERATOR, Scene, commented, event, full_rating

SECRET_WORDS = "Only the second rater wrote this sentence."
LEVELS = {0: 0, 1: 3, 2: 1}  # of the second rater's first criteria; the first rater chose 2 throughout


def rate_second(scene: Scene) -> None:
    """Rates the double-rated case a second time, apart from the first on three criteria."""
    _, (name, review) = scene.double()
    shown = scene.review(name, review, "audit")
    refs = list(shown["state"]["criteria"])
    events = full_rating(shown, 2)
    for place, level in LEVELS.items():
        one = next(found for found in events if found["kind"] == "rated" and found["data"]["criterion"] == refs[place])
        one["data"]["level"] = level
    scene.append(
        name, *events, commented(shown, refs[0], SECRET_WORDS), commented(shown, refs[2], "No source is named.")
    )


def prepare(scene: Scene) -> None:
    """The first rater has signed; the second has rated and has not signed."""
    (name, review), _ = scene.double()
    scene.rate_all(name, review, 2)
    scene.sign(name, review)
    rate_second(scene)


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("moderation"), prepare, days=2) as found:
        yield found


def both_signed(st: Stage) -> None:
    """The second rater signs, unless that was done by an earlier test."""
    _, (name, review) = st.scene.double()
    if st.scene.review(name, review, "audit")["sign_as"] == "rater":
        st.scene.sign(name, review)


def opened(st: Stage) -> Page:
    """Opens the case as the moderator."""
    both_signed(st)
    page = st.page(MODERATOR)
    go(page, "Moderation")
    page.get_by_role("button", name=re.compile("^(Decide|Look):")).click()
    expect(page.get_by_role("heading", name=re.compile("^Moderation:"))).to_be_focused(timeout=PATIENCE)
    return page


def criterion(page: Page, number: int) -> Locator:
    return page.get_by_role("article", name=re.compile(rf"^{number}\. "))


def test_a_case_stays_closed_until_both_have_signed(st: Stage) -> None:
    (first_name, first), (second_name, _) = st.scene.double()
    for name in (MODERATOR, first_name, second_name, LEAD):
        page = st.page(name)
        go(page, "Moderation")
        rows = page.get_by_role("table", name=re.compile("^Two raters")).locator("tbody tr")
        expect(rows.first).to_contain_text("Waiting for signatures")
        assert [re.search("Opens when both have signed", row.inner_text()) is None for row in rows.all()].count(
            True
        ) == 0
        assert rows.get_by_role("button").count() == 0
        nothing_for_axe(page)
        case = json.loads(st.heard("/api/moderation"))["cases"][0]["case"]
        if name != second_name:
            assert SECRET_WORDS not in st.heard() and SECRET_WORDS not in page.content()
        base = page.url.split("#")[0]
        page.goto("about:blank")
        st.answered.clear()
        page.goto(f"{base}#moderation/case={case}")
        expect(page.locator("p[role=alert]")).to_be_visible(timeout=PATIENCE)
        if name != second_name:
            assert SECRET_WORDS not in st.heard() and SECRET_WORDS not in page.content()
        st.close_pages()


def test_the_two_ratings_stand_beside_each_other_and_nobody_is_named(st: Stage) -> None:
    page = opened(st)
    (first_name, _), (second_name, _) = st.scene.double()
    expect(page.locator(".ss-lead")).to_have_text("2 criteria are still to be decided; 0 decided.")
    filters = page.get_by_role("group", name="Show")
    expect(filters.get_by_label("Differ by 2 or more, or across the pass line (2)")).to_be_checked()
    assert page.get_by_role("article").count() == 2
    one = criterion(page, 1)
    for words in (
        "Differ by 2 or more, across the pass line",
        SECRET_WORDS,
        "A: level",
        "B: level",
        "Wed 14 Oct 2026, progress note",
    ):
        expect(one).to_contain_text(words)
    everything = page.content() + st.heard("/api/moderation/")
    assert first_name not in everything and second_name not in everything
    nothing_for_axe(page)
    filters.get_by_label(re.compile("^All that differ")).check()
    assert page.get_by_role("article").count() == 3
    filters.get_by_label(re.compile("^All criteria")).check()
    assert page.get_by_role("article").count() == 18
    expect(criterion(page, 9)).to_contain_text("Agree")
    page.set_viewport_size(NARROW)
    fits(page)
    nothing_for_axe(page)


def test_a_decision_needs_a_reason_and_is_saved_as_a_third_row(st: Stage) -> None:
    page = opened(st)
    one = criterion(page, 1)
    side = "A" if "2" in one.locator(".ss-side").first.locator(".ss-level").inner_text()[:1] else "B"
    one.get_by_role("group", name="What holds?").get_by_label(re.compile(f"{side}: level 2")).check()
    expect(one).to_contain_text("Not decided yet: choose why.")
    expect(page.locator(".sf-state")).to_have_text("No changes yet")
    assert st.events("moderated") == []
    one.get_by_label("Note for the raters (optional)").fill("The entry of 14 October names the date.")
    page.reload()  # a note without a reason is no decision yet, and is there all the same
    expect(one.get_by_label("Note for the raters (optional)")).to_have_value(
        "The entry of 14 October names the date.", timeout=PATIENCE
    )
    one.get_by_role("group", name="Why?").get_by_label("Evidence was missed").check()
    expect(one).to_contain_text("Decided and saved.")
    is_saved(page)
    said = st.events("moderated")[-1].payload
    assert (said.choice, said.level, said.reason, said.note) == (
        "first",
        2,
        "evidence_missed",
        "The entry of 14 October names the date.",
    )
    expect(page.locator(".ss-lead")).to_have_text("1 criterion is still to be decided; 1 decided.")
    nothing_for_axe(page)


def test_another_level_is_decided_by_keys_and_the_anchor_flagged_in_the_same_step(st: Stage) -> None:
    page = opened(st)
    one = criterion(page, 3)
    one.get_by_role("button", name="Flag this anchor as unclear").focus()
    page.keyboard.press("c")
    page.keyboard.press("1")
    expect(one).to_contain_text("Not decided yet: choose the level.")
    one.get_by_role("group", name="Which level holds").get_by_label(re.compile("^2 –")).check()
    expect(one).to_contain_text("Decided and saved.")
    one.get_by_role("button", name="Flag this anchor as unclear").click()
    note = one.get_by_label("In which two ways can this anchor be read?")
    expect(note).to_be_focused()
    page.keyboard.type("By name, or by role.")
    page.keyboard.press("Tab")
    expect(one).to_contain_text("Flagged for the rubric's author, and saved.")
    is_saved(page)
    said = st.events("moderated")[-1].payload
    assert (said.choice, said.level, said.reason) == ("other", 2, "anchor_unclear")
    assert st.events("anchor_flagged")[-1].payload.note == "By name, or by role."
    expect(page.locator(".ss-lead")).to_contain_text("Everything is decided")
    (first_name, _), (second_name, _) = st.scene.double()
    expect(page.locator(".sf-root")).to_contain_text(first_name)  # A and B have names now
    expect(page.locator(".sf-root")).to_contain_text(second_name)


def test_not_saved_is_said_and_the_page_holds_what_was_chosen(st: Stage) -> None:
    page = opened(st)
    page.get_by_role("group", name="Show").get_by_label(re.compile("^All criteria")).check()
    one = criterion(page, 2)
    page.route("**/api/events", lambda route: route.abort())
    one.get_by_role("group", name="What holds?").get_by_label(re.compile("A: level")).check()
    one.get_by_role("group", name="Why?").get_by_label("Judgement").check()
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "unsaved", timeout=PATIENCE)
    expect(one).to_contain_text("Saving…")
    nothing_for_axe(page)
    page.unroute("**/api/events")
    is_saved(page)
    expect(one).to_contain_text("Decided and saved.")


def test_two_moderators_at_once_are_both_kept_and_one_is_chosen(st: Stage) -> None:
    page = opened(st)
    page.get_by_role("group", name="Show").get_by_label(re.compile("^All criteria")).check()
    shown = json.loads(st.heard("/api/moderation/"))
    row = shown["criteria"][1]
    said = {"criterion": row["ref"], "choice": "other", "level": 1, "reason": "judgement", "note": "In another window."}
    st.scene.later(days=1).append(
        MODERATOR, event("moderated", shown["review"], f"moderation:{row['ref']}", said, row["revision"])
    )
    one = criterion(page, 2)
    one.get_by_role("group", name="Why?").get_by_label("A slip in scoring").check()
    if not one.get_by_role("group", name="What holds?").locator("input:checked").count():
        one.get_by_role("group", name="What holds?").get_by_label(re.compile("A: level")).check()
    both = page.get_by_role("region", name="Written twice")
    expect(both).to_contain_text("In another window.", timeout=PATIENCE)
    expect(both).to_contain_text("A slip in scoring")
    nothing_for_axe(page)
    both.get_by_role("button", name=re.compile("^This one stands")).first.click()
    expect(page.get_by_role("region", name="Written twice")).to_have_count(0, timeout=PATIENCE)
    assert len(st.events("conflict_resolved")) == 1


def test_each_rater_sees_their_own_differences_afterwards(st: Stage) -> None:
    both_signed(st)
    (first_name, _), (second_name, _) = st.scene.double()
    page = st.page(second_name)
    go(page, "Moderation")
    page.get_by_role("button", name=re.compile("^Your differences")).click()
    expect(page.get_by_role("heading", name=re.compile("^Your differences"))).to_be_focused(timeout=PATIENCE)
    expect(page.locator(".ss-lead")).to_contain_text("You and the other rater agreed on 15 of 18 criteria.")
    expect(page.locator(".ss-note")).to_have_text("For learning. What you scored stays as you signed it.")
    first = page.get_by_role("article").first
    expect(first).to_contain_text(
        "The moderator settled on 2: evidence was missed. The entry of 14 October names the date."
    )
    assert first_name not in page.content() + st.heard("/api/moderation/")
    nothing_for_axe(page)
    page.set_viewport_size(NARROW)
    fits(page)
