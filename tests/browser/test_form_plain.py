"""What a person who has never seen code relies on: one page without a second scroll bar, days in words, and nothing offered that does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.form_stage import FormStage, form_stage
from tests.scoring_service import SUPERVISOR

# how much taller than the window anything around the form is; what scrolls inside the form is meant to
TALLER = """() => {
  let found = 0;
  for (let one = document.querySelector(".sf-root"); one; one = one.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(one).overflowY)) found = Math.max(found, one.scrollHeight - one.clientHeight);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service with the published rubrics and policy."""
    with form_stage(tmp_path_factory.mktemp("plain"), whole=True) as made:
        yield made


def test_the_page_does_not_scroll_and_a_dialog_keeps_its_way_out_in_sight(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[0])
    assert form.page.evaluate(TALLER) == 0
    expect(form.page).to_have_title(re.compile("^Scoring a case"))
    assert form.shown()["case_label"] not in form.page.title()  # titles stay in the browser's history
    form.press("1", "Escape")
    form.criterion(1)
    form.press("a")
    dialog = form.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=re.compile("Raise these actions"))).to_be_in_viewport(ratio=1)
    due = dialog.get_by_label("Due", exact=True).first
    due.fill("2026-12-11")
    expect(dialog.get_by_text("Friday 11 December 2026")).to_be_visible()
    expect(due).to_have_accessible_description("Friday 11 December 2026")
    form.press("Escape")


def test_a_rubric_that_is_scored_or_signed_is_not_offered_as_not_applicable(stage: FormStage) -> None:
    review = stage.reviews()[1]
    form = stage.form(review=review)
    offered = form.page.get_by_role("button", name=re.compile("does not apply"))
    expect(offered).not_to_have_count(0)
    stage.scene.rate_all(SUPERVISOR, review)
    stage.scene.sign(SUPERVISOR, review)
    form.page.reload()
    expect(form.page.get_by_text("This review is signed.")).to_be_visible()
    expect(offered).to_have_count(0)
