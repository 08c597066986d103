"""Follow-up in a real browser: what is due, done and moved, scored again blind, then and now after the signature."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen_stage import (
    NARROW,
    PATIENCE,
    Stage,
    fits,
    go,
    is_saved,
    nothing_for_axe,
    raise_pair,
    signed_with_gaps,
    stage,
)
from tests.scoring_service import OTHER_SUPERVISOR, SECOND_RATER, SUPERVISOR, Scene, commented, event

FIRST_WORDS = "No trigger is named in the note of fourteen October."
DAYS = 9  # the actions were due after seven


def prepare(scene: Scene) -> None:
    """Two reviews with gaps and two actions each, signed; the first words stand only in the first review."""
    for name in (SUPERVISOR, OTHER_SUPERVISOR):
        review, _ = signed_with_gaps(scene, name)
        shown = scene.review(name, review)
        scene.append(name, commented(shown, next(iter(shown["state"]["criteria"])), FIRST_WORDS))
        scene.sign(name, review)
    rows = scene.queue(SUPERVISOR)["reviews"]  # what is sealed until both have signed, these tests could not read
    review = next(row["review"] for row in rows if row["state"] == "not_started" and not row["sealed"])
    raise_pair(scene, SUPERVISOR, review, next(iter(scene.review(SUPERVISOR, review)["state"]["criteria"])), days=12)


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("follow-up"), prepare, days=DAYS) as found:
        yield found


def follow_up(st: Stage, name: str = SUPERVISOR) -> Page:
    page = st.page(name)
    go(page, "Follow-up")
    return page


def card(page: Page, words: str, part: str = "Overdue") -> Locator:
    """Returns the card of an action, by its kind, in one of the lists."""
    return page.get_by_role("region", name=re.compile(f"^{part}")).get_by_role("article", name=re.compile(words)).first


def test_the_lists_say_who_does_what_by_when_with_what_evidence(st: Stage) -> None:
    page = follow_up(st, OTHER_SUPERVISOR)
    expect(page.locator(".ss-lead")).to_contain_text("2 actions are overdue")
    expect(page.locator(".ss-note")).to_have_text(
        "The same case re-scored shows repair; improvement is shown by new draws."
    )
    words = card(page, "Rewrite the escalation note").inner_text()
    order = ["Finding", "Action", "Owner", "Due", "Evidence", "Review"]
    assert [words.index(name) for name in order] == sorted(words.index(name) for name in order)
    assert (
        "Tue 10 Nov 2026" in words and "Overdue: 2 days late" in words and "Pair with: Update the crisis plan" in words
    )
    nothing_for_axe(page)


def test_seen_in_the_record_by_keyboard_alone(st: Stage) -> None:
    page = follow_up(st)
    for _ in range(40):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.getAttribute('aria-label') || ''")).startswith("Seen in the record"):
            break
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.type") == "date"
    action = page.evaluate("document.activeElement.closest('article').dataset.action")
    page.keyboard.press("Enter")  # where it was seen is missing, and the focus goes there
    expect(page.get_by_text("Error: Say where in the record you saw it.")).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    nothing_for_axe(page)
    page.keyboard.type("Crisis plan of 9 November")
    page.keyboard.press("Enter")
    heading = page.locator(f"[data-action='{action}'] h3")
    expect(heading).to_be_focused(timeout=PATIENCE)
    expect(page.locator(f"[data-action='{action}']")).to_contain_text("Seen Thu 12 Nov 2026: Crisis plan of 9 November")
    is_saved(page)
    said = st.events("action_seen_in_record")[-1].payload
    assert (said.action, said.reference, str(said.seen_on)) == (action, "Crisis plan of 9 November", "2026-11-12")


def test_an_action_that_must_be_seen_in_the_record_is_not_closed_before(st: Stage) -> None:
    page = follow_up(st, OTHER_SUPERVISOR)
    one = card(page, "Update the crisis plan")
    one.get_by_role("button", name=re.compile("^Close")).click()
    one.get_by_label("Done", exact=True).check()
    one.get_by_role("button", name="Close the action").click()
    expect(one.locator(".ss-saving")).to_contain_text("is done when it is seen in the case record")
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "unsaved")
    nothing_for_axe(page)
    one.get_by_role("button", name="Cancel").click()
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "saved")
    expect(one.get_by_role("button", name=re.compile("^Close"))).to_be_focused()


def test_a_date_is_moved_with_a_reason_and_taken_back(st: Stage) -> None:
    page = follow_up(st, OTHER_SUPERVISOR)
    one = card(page, "Rewrite the escalation note")
    one.get_by_role("button", name=re.compile("^Move the date")).click()
    one.get_by_role("button", name="Save the new date").click()
    expect(one.get_by_text("Error: Say why the date is moved.")).to_be_visible()
    one.get_by_label("Why is the date moved?").fill("The person was in hospital.")
    one.get_by_label("New due date").fill("2026-11-17")
    one.get_by_label("New review date").fill("2026-11-16")
    one.get_by_role("button", name="Save the new date").click()
    expect(one.get_by_text("Error: An action is reviewed on or after the day on which it is due.")).to_be_visible()
    one.get_by_label("New review date").fill("2026-11-18")
    one.get_by_role("button", name="Save the new date").click()
    moved = card(page, "Rewrite the escalation note", "Due this week")
    expect(moved).to_contain_text("Missed: Tue 10 Nov 2026. Reason, given Thu 12 Nov 2026: The person was in hospital.")
    expect(moved.get_by_role("heading")).to_be_focused()
    is_saved(page)
    moved.get_by_role("button", name="Take this back").click()
    back = card(page, "Rewrite the escalation note")
    expect(back).to_contain_text("Overdue: 2 days late")
    expect(back).not_to_contain_text("The person was in hospital.")
    assert [one.payload.due.isoformat() for one in st.events("action_moved")] == [
        "2026-11-17"
    ]  # it stays in the journal


def test_what_is_typed_survives_a_reload_and_is_gone_when_it_is_sent(st: Stage) -> None:
    page = follow_up(st, OTHER_SUPERVISOR)
    one = card(page, "Update the crisis plan")
    one.get_by_role("button", name=re.compile("^Move the date")).click()
    one.get_by_label("Why is the date moved?").fill("The plan waits for the family meeting.")
    page.reload()
    expect(page.locator("h1")).to_have_text("Follow-up", timeout=PATIENCE)
    expect(one.get_by_label("Why is the date moved?")).to_have_value("The plan waits for the family meeting.")
    one.get_by_label("New due date").fill("2026-11-20")
    one.get_by_label("New review date").fill("2026-11-20")
    one.get_by_role("button", name="Save the new date").click()
    expect(card(page, "Update the crisis plan", "Later")).to_contain_text("The plan waits for the family meeting.")
    kept = page.evaluate("Object.values({...localStorage}).join(' ')")
    assert "family" not in kept


def test_not_saved_is_said_while_the_server_is_silent_and_saved_only_after(st: Stage) -> None:
    page = follow_up(st)
    one = card(page, "Rewrite the escalation note", "Later")
    if not one.count():
        one = card(page, "Rewrite the escalation note", "Due this week")
    before = len(st.events("action_closed"))
    page.route("**/api/events", lambda route: route.abort())
    one.get_by_role("button", name=re.compile("^Close")).click()
    one.get_by_label("No longer needed").check()
    one.get_by_label(re.compile("^In a few words")).fill("The case was closed.")
    one.get_by_role("button", name="Close the action").click()
    expect(one.locator(".ss-saving")).to_have_text("Not saved. It is kept on this computer. Trying again.")
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "unsaved")
    nothing_for_axe(page)
    assert len(st.events("action_closed")) == before
    page.unroute("**/api/events")
    is_saved(page)
    expect(page.get_by_role("region", name=re.compile("^Closed in the last month"))).to_contain_text("No longer needed")
    assert len(st.events("action_closed")) == before + 1


def test_a_case_is_scored_again_without_a_trace_of_the_first_levels(st: Stage) -> None:
    page = follow_up(st)
    row = page.get_by_role("table", name=re.compile("^Cases with a gap")).locator("tbody tr").first
    expect(row).to_contain_text("Overdue: 2 days late")
    st.answered.clear()
    row.get_by_role("button", name=re.compile("^Score again")).click()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(page.get_by_role("radio").first).to_be_visible(timeout=PATIENCE)
    heard = st.heard()
    assert FIRST_WORDS not in heard and FIRST_WORDS not in page.content()
    shown = json.loads(st.heard("/api/review/"))
    assert shown["stage"] == "follow_up-1"
    assert {one["level"] for one in shown["state"]["criteria"].values()} == {None}
    assert shown["state"]["actions"] == [] and shown["state"]["signatures"] == []


def test_then_and_now_stay_closed_until_the_follow_up_is_signed(st: Stage) -> None:
    again = st.scene.service.follow_up(st.scene.key(SUPERVISOR), today=st.scene.later(days=DAYS).today)["rescore"][0]
    page = st.page(SUPERVISOR)
    base = page.url.split("#")[0]
    st.answered.clear()
    page.goto("about:blank")
    page.goto(f"{base}#compare/review={again['review']}")
    expect(page.locator("p[role=alert]")).to_contain_text("The comparison opens when the follow-up review is signed")
    nothing_for_axe(page)
    assert FIRST_WORDS not in st.heard() and FIRST_WORDS not in page.content()

    week = st.scene.later(days=DAYS)
    shown = week.review(SUPERVISOR, again["review"])
    refs = list(shown["state"]["criteria"])
    week.rate_all(SUPERVISOR, again["review"], 2)
    shown = week.review(SUPERVISOR, again["review"])
    week.append(SUPERVISOR, *worse(shown, refs[1], 0), *worse(shown, refs[2], 1))
    page.evaluate("place => { location.hash = place }", f"score/review={again['review']}/purpose=supervision")
    expect(page.locator(".sf-criterion.active")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_role("button", name="Sign, and see then and now").click()
    expect(page.get_by_role("heading", name=re.compile("^Then and now"))).to_be_focused(timeout=PATIENCE)

    go(page, "Follow-up")
    page.get_by_role("button", name=re.compile("^Then and now")).click()
    expect(page.get_by_role("heading", name=re.compile("^Then and now"))).to_be_focused(timeout=PATIENCE)
    expect(page.locator(".ss-lead")).to_have_text("Of 18 criteria, 16 improved, 1 is unchanged and 1 worsened.")
    body = page.locator(".sf-root")
    for words in ("Improved by 1 level", "Unchanged", "Worsened by 1 level", FIRST_WORDS, "Actions and their evidence"):
        expect(body).to_contain_text(words)
    expect(page.locator(".ss-note")).to_contain_text("improvement is shown by new draws")
    for part in body.locator(".ss-mark svg, .ss-scale").all():
        assert part.get_attribute("aria-hidden") == "true"  # the words beside a shape are what counts
    nothing_for_axe(page)
    page.set_viewport_size(NARROW)
    fits(page)
    nothing_for_axe(page)


def worse(shown: dict, ref: str, level: int) -> list[dict]:
    """Returns the events that give one criterion another level, with its comment."""
    rubric = next(one for one in shown["rubrics"] if one["id"] == ref.partition("/")[0])
    state = shown["state"]["criteria"][ref]
    data = {"criterion": ref, "rubric_version": rubric["version"], "rubric_digest": rubric["digest"], "level": level}
    return [
        event("rated", shown["review"], f"rating:{ref}", data, state["revision"]),
        commented(shown, ref, "Seen again in November."),
    ]


def test_axe_and_320_pixels_with_every_form_open(st: Stage) -> None:
    page = follow_up(st)
    for label in ("Seen in the record", "Move the date", "Close"):
        opener = page.get_by_role("button", name=re.compile(f"^{label}:")).first
        if opener.count():
            opener.click()
            nothing_for_axe(page)
            page.set_viewport_size(NARROW)
            fits(page)
            nothing_for_axe(page)
            page.set_viewport_size({"width": 1280, "height": 900})
            opener.click()


def test_an_empty_list_says_so(st: Stage) -> None:
    page = follow_up(st, SECOND_RATER)
    expect(page.locator(".ss-lead")).to_have_text("Nothing needs you.")
    expect(page.locator(".ss-empty")).to_contain_text("No action has been raised yet.")
    nothing_for_axe(page)
