"""What a gap raises stands drafted at once, with owner and dates, until the rater confirms it: in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sampling.journal.events import ActionClosed, ActionRaised
from sampling.keys import HOME_VARIABLE
from tests.browser.form_stage import FormStage, form_stage, nothing_for_axe


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    with form_stage(tmp_path_factory.mktemp("drafts")) as made:
        yield made


@pytest.fixture(autouse=True)
def store_of_the_stage(private_store: Path, stage: FormStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives each test the private store of the stage, in place of one of its own."""
    monkeypatch.setenv(HOME_VARIABLE, str(stage.private))


def test_a_gap_drafts_its_linked_actions_and_one_click_raises_them(stage: FormStage) -> None:
    form = stage.form(review=(review := stage.reviews()[0]))
    drafts, raised = form.page.locator(".sf-draft"), form.page.locator(".sf-actions li")
    expect(drafts).to_have_count(0)
    form.press("1", "Escape", "1", "Escape")
    expect(drafts).to_have_count(1)  # two gaps of one kind are mended by one pair
    expect(drafts).to_contain_text("Drafted for the gaps at criteria 1 and 2, to be confirmed:")
    expect(drafts.get_by_role("listitem")).to_have_count(2)
    assert stage.scene.service.journal.entries(review=review, kinds=["action_raised"]) == []
    drafts.get_by_role("button", name="Raise these 2 linked actions").click()
    expect(drafts).to_have_count(0)
    expect(raised).to_have_count(2)
    form.is_saved()
    one, two = (entry.payload for entry in stage.scene.service.journal.entries(review=review, kinds=["action_raised"]))
    assert isinstance(one, ActionRaised) and isinstance(two, ActionRaised)
    assert (one.action_kind, two.action_kind) == ("rewrite_escalation_note", "update_crisis_plan")
    assert (one.linked, two.linked, bool(one.owner)) == (two.action, one.action, True)
    assert (one.due, one.review_date) == (two.due, two.review_date)
    assert (one.review_date - stage.scene.today).days == 7
    form.page.keyboard.press("u")
    expect(drafts).to_have_count(1)
    form.is_saved()
    assert len(stage.scene.service.journal.entries(review=review, kinds=[ActionClosed.kind])) == 2


def test_a_draft_can_be_changed_first_and_a_page_with_one_has_no_fault(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    form.press("0", "Escape")
    drafts = form.page.locator(".sf-draft")
    expect(drafts).to_have_count(1)
    nothing_for_axe(form.page)
    drafts.get_by_role("button", name="Change what is drafted for the gap at criterion 1").click()
    dialog = form.page.get_by_role("dialog")
    dialog.get_by_label("Owner").first.fill("Team lead")
    dialog.get_by_role("button", name=re.compile("Raise these actions")).click()
    expect(form.page.locator(".sf-actions li").first).to_contain_text("Team lead")
    expect(drafts).to_have_count(0)
