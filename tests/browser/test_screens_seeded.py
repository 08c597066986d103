"""A seeded vignette in a real browser: the rater is told at the signature, or as soon as somebody would act, and the lead sees what it showed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen_stage import NARROW, PATIENCE, Stage, fits, go, nothing_for_axe, stage
from tests.scoring_service import LEAD, event, rated
from tests.seeded_vignettes import own_vignette

OWN = ("ms-t-and-the-teapot", "mr-u-and-the-umbrella", "ms-v-and-the-violin", "mr-x-and-the-xylophone")
POLICY = "[second_rating]\nshare = 1.0\nseeded_one_in = 5\n"
FALSE_ALARM = "You said that somebody needs to act today. Nobody does: this person does not exist. If anyone was told, tell them now."


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("seeded")
    for slug in OWN:
        own_vignette(folder / "draws", slug, level=1)
    with stage(folder, days=2, policy=POLICY) as found:
        yield found


def seeded(st: Stage, place: int) -> tuple[str, str]:
    """Returns (name, review) of one of the seeded cases, the test's own vignettes first."""
    world = st.scene.service.world()
    second = sorted(world.planted, key=lambda one: one.vignette.slug not in OWN)[place].reviews[1]
    return world.names[second.rater], second.id


def opened(st: Stage, name: str, review: str) -> Page:
    page = st.page(name)
    page.evaluate("place => { location.hash = place }", f"score/review={review}/purpose=audit")
    expect(page.locator(".sf-criterion.active")).to_be_visible(timeout=PATIENCE)
    return page


def told(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name=re.compile("was a seeded vignette$"))).to_be_focused(
        timeout=PATIENCE
    )


def test_the_rater_is_told_at_the_signature_and_the_lead_sees_what_it_showed(st: Stage) -> None:
    name, review = seeded(st, 0)
    st.scene.rate_all(name, review, 3)
    page = opened(st, name, review)
    assert "seeded vignette" not in page.locator(".sf-score").inner_text()
    page.keyboard.press("Control+Enter")
    asked = page.get_by_role("dialog", name=re.compile("^Sign "))
    asked.get_by_role("button", name=re.compile("^Sign")).click()
    told(page)
    expect(page.get_by_text("0 of 18 levels are within one of the reference; further off, 18 higher.")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("2 levels higher")
    nothing_for_axe(page)
    page.set_viewport_size(NARROW)
    nothing_for_axe(page)
    fits(page)
    page.get_by_role("button", name="Back to your cases").click()
    part = page.locator("section", has=page.get_by_role("heading", name="Seeded vignettes"))
    part.locator("summary").click()
    expect(part.get_by_role("row").nth(1)).to_contain_text("0 of 18 levels are within one of the reference")
    nothing_for_axe(page)
    fits(page)
    part.get_by_role("button", name=re.compile("^Read")).click()
    page.get_by_role("dialog", name="Why do you open it?").get_by_role("button", name="Open").click()
    told(page)
    lead = st.page(LEAD)
    shown = lead.locator("section", has=lead.get_by_role("heading", name="Seeded vignettes"))
    month = shown.get_by_role("row", name=re.compile("^November 2026"))
    assert [cell.inner_text().strip() for cell in month.get_by_role("cell").all()] == ["1", "18", "0", "18", "0"]
    nothing_for_axe(lead)


def test_nobody_is_sent_to_help_a_person_who_does_not_exist(st: Stage) -> None:
    name, review = seeded(st, 1)
    page = opened(st, name, review)
    critical = next(
        number
        for number, one in enumerate(
            [one for rubric in st.scene.review(name, review)["rubrics"] for one in rubric["criteria"]], 1
        )
        if one["critical"]
    )
    page.locator(".sf-criterion-head").nth(critical - 1).click()
    page.keyboard.press("0")
    page.get_by_role("group", name="Does anyone need to act today?").get_by_label("Yes, it is being done now").click()
    told(page)
    expect(page.get_by_text(FALSE_ALARM)).to_be_visible()
    expect(page.get_by_text(re.compile("^1 of 1 level is within one of the reference."))).to_be_visible()
    go(page, "Cases")
    assert [one.payload.because for one in st.events("seed_shown", review)] == ["someone_would_act"]


def test_another_window_is_told_too_and_keeps_nothing_that_nobody_takes(st: Stage) -> None:
    name, review = seeded(st, 2)
    page = opened(st, name, review)
    shown = st.scene.review(name, review)
    critical = next(one["ref"] for rubric in shown["rubrics"] for one in rubric["criteria"] if one["critical"])
    acting = {"criterion": critical, "answer": "acting_now", "note": ""}
    st.scene.append(name, rated(shown, critical, 0), event("safety_answered", review, f"safety:{critical}", acting))
    page.locator(".sf-criterion-head").first.click()
    page.keyboard.press("2")
    told(page)
    expect(
        page.get_by_text("1 change that you had made and that was not saved by then was thrown away.")
    ).to_be_visible()
    expect(page.get_by_text("Not saved.")).to_have_count(0)
    page.reload()
    told(page)
    expect(page.get_by_text("thrown away")).to_have_count(0)
