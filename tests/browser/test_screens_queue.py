"""The queue in a real browser: what waits, in which order, for which purpose it is opened, and where one was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from sampling.journal.purging import KEPT
from tests.browser.screen_stage import NARROW, PATIENCE, Stage, fits, go, nothing_for_axe, stage
from tests.scoring_service import (
    LEAD,
    MODERATOR,
    OTHER_SUPERVISOR,
    SECOND_RATER,
    SUPERVISOR,
    Scene,
    event,
    rated,
)


def drawn(scene: Scene) -> list[dict[str, Any]]:
    """Returns the supervisor's rows of first ratings, in the draw's order: which of all cases are rated twice is chance."""
    return [row for row in scene.queue(SUPERVISOR)["reviews"] if row["stage"] == "first"]


def prepare(scene: Scene) -> None:
    """One case signed, one begun, one parked; the others not started."""
    signed, begun, parked = (row["review"] for row in drawn(scene)[:3])
    scene.rate_all(SUPERVISOR, signed, 2)
    scene.sign(SUPERVISOR, signed)
    shown = scene.review(SUPERVISOR, begun)
    scene.append(SUPERVISOR, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    scene.append(
        SUPERVISOR, event("parked", parked, "parked", {"parked": True, "reason": "Waiting for the plan of September."})
    )


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("queue"), prepare) as found:
        yield found


def test_the_drawn_cases_stand_in_the_seeds_order_with_n_of_n_and_their_state_in_words(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    expect(page.locator("h1")).to_have_text("Your cases, October 2026")
    expect(page.locator("h1")).to_be_focused()
    first = drawn(st.scene)
    shown = page.get_by_role("table", name=re.compile("^The cases drawn")).locator("tbody tr")
    assert shown.count() == len(first)
    for place, row in enumerate(first):
        words = shown.nth(place).inner_text()
        assert f"{row['number']} of {row['of']}" in words and row["case_label"] in words and row["state_label"] in words
    counts = page.get_by_role("list", name="How many are where").inner_text()
    assert "Signed" in counts and "In progress: 1" in counts and "Parked: 1" in counts
    assert shown.nth(3).locator("time").get_attribute("datetime") == first[3]["due"]
    assert re.search(r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} 2026", shown.nth(3).inner_text())


def test_one_goes_on_with_the_case_that_was_begun_and_says_for_which_purpose(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    begun = drawn(st.scene)[1]
    card = page.get_by_role("region", name="Go on")
    expect(card).to_contain_text("Where you were")
    expect(card).to_contain_text(f"{begun['case_label']}, case {begun['number']} of {begun['of']}")
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Why do you open it?")
    assert [label.inner_text() for label in dialog.locator("label").all()] == list(
        st.scene.service.policy.purposes.values()
    )
    nothing_for_axe(page)
    dialog.get_by_label("Audit or quality assurance").check()
    dialog.get_by_role("button", name="Open").click()
    expect(page.locator(".sf-root")).not_to_contain_text("Your cases, October", timeout=PATIENCE)
    expect(page.get_by_role("radio").first).to_be_visible(timeout=PATIENCE)
    assert [one.payload.purpose for one in st.events("accessed", begun["review"]) if one.payload.what == "review"][
        -1:
    ] == ["audit"]
    assert begun["case_label"] not in page.locator(".sf-root").inner_text()  # an alias for every other purpose
    go(page, "Cases")
    purpose = page.locator(".sf-purpose")
    expect(purpose).to_contain_text("Audit or quality assurance")
    page.reload()
    expect(purpose).to_contain_text("Audit or quality assurance", timeout=PATIENCE)  # asked once a sitting
    purpose.click()
    page.get_by_role("dialog").get_by_label("Supervision of my own supervisee").check()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(purpose).to_contain_text("Supervision of my own supervisee")


def test_a_prompt_that_is_left_opens_nothing_and_logs_nothing(st: Stage) -> None:
    page = st.page(OTHER_SUPERVISOR)
    before = len(st.events("accessed"))
    page.get_by_role("region", name="Go on").get_by_role("button").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("region", name="Go on").get_by_role("button").first).to_be_focused()
    assert len(st.events("accessed")) == before


def test_a_parked_case_is_named_apart_and_keeps_its_place(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    parked = drawn(st.scene)[2]
    apart = page.get_by_role("region", name="Parked and referred")
    expect(apart).to_contain_text(f"{parked['case_label']}: Parked")
    expect(apart.get_by_role("button", name=f"Go on: {parked['case_label']}")).to_be_visible()
    table = page.get_by_role("table", name=re.compile("^The cases drawn")).locator("tbody tr")
    assert parked["case_label"] in table.nth(2).inner_text()


def test_cases_that_people_put_forward_stand_beside_the_drawn_ones_with_the_ratio(st: Stage) -> None:
    someone = next(name for name in (SUPERVISOR, OTHER_SUPERVISOR, LEAD) if (queue := st.scene.queue(name))["tabled"])
    page = st.page(someone)
    part = page.get_by_role("region", name="Drawn and put forward")
    expect(part).to_contain_text(queue["ratio"]["words"])
    expect(part).to_contain_text(queue["tabled"][0]["case_label"])
    expect(part).to_contain_text(queue["tabled"][0]["tabled_by"])


def test_second_ratings_are_apart_under_an_alias(st: Stage) -> None:
    _, (name, _) = st.scene.double()
    page = st.page(name)
    part = page.get_by_role("region", name="Second ratings")
    expect(part).to_contain_text("Neither sees the other's ratings until both have signed")
    assert "SR000" not in part.inner_text()


def test_nothing_needs_you_is_said_when_it_is_true(st: Stage) -> None:
    page = st.page(MODERATOR)
    expect(page.locator(".ss-lead")).to_have_text("Nothing needs you.")
    nothing_for_axe(page)


def test_a_lead_sees_where_every_rating_stands_and_no_level(st: Stage) -> None:
    page = st.page(LEAD)
    page.get_by_text(re.compile(r"^Where each of \d+ ratings stands$")).click()
    table = page.get_by_role("table", name="States only: no level is shown here")
    assert table.locator("tbody tr").count() == len(st.scene.queue(LEAD)["progress"])
    nothing_for_axe(page)


@pytest.mark.parametrize("name", [SUPERVISOR, SECOND_RATER, LEAD])
def test_axe_finds_nothing_and_nothing_is_cut_off_at_320_pixels(st: Stage, name: str) -> None:
    page = st.page(name, size=NARROW)
    fits(page)
    nothing_for_axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    fits(page)
    nothing_for_axe(page)


def test_a_server_that_does_not_answer_is_said_with_a_way_to_try_again(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    page.route("**/api/follow_up", lambda route: route.abort())
    page.get_by_role("link", name="Follow-up", exact=True).click()
    expect(page.get_by_role("heading", name="The server does not answer")).to_be_focused()
    nothing_for_axe(page)
    page.unroute("**/api/follow_up")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Follow-up", exact=True)).to_be_focused()


def test_a_case_whose_words_were_deleted_says_so_with_the_day_and_can_be_opened_to_read_why(st: Stage) -> None:
    signed = drawn(st.scene)[0]
    entries = [one for one in st.scene.service.journal.entries(reviews=[signed["review"]]) if one.kind not in KEPT]
    st.scene.service.journal.purge([one.id for one in entries], "rule", st.scene.key(LEAD), st.scene.now)
    page = st.page(SUPERVISOR)
    sentence = "Deleted under the retention rule on 3 November 2026."
    row = page.get_by_role("row", name=re.compile(re.escape(signed["case_label"])))
    expect(row.locator(".ss-mark")).to_have_text(sentence)
    expect(row).to_contain_text("Done")
    expect(page.get_by_role("list", name="How many are where")).to_contain_text(f"{sentence}: 1")
    fits(page)
    nothing_for_axe(page)
    row.get_by_role("button", name=f"Read: {signed['case_label']}").click()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(signed["case_label"], timeout=PATIENCE)
    expect(page.locator(".sf-root")).to_contain_text(sentence)
    assert not [one for one in page.get_by_role("radio").all() if one.is_enabled()]
    nothing_for_axe(page)
