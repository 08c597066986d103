"""Keys and clicks of the scoring form: how many a case takes, what they store, and that none acts where it should not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.form_stage import LEVELS_ALONE, PATIENCE, Form, FormStage, form_stage
from tests.scoring_service import OTHER_SUPERVISOR, SUPERVISOR

MOST_KEYS = MOST_CLICKS = 12  # ten levels, the sign-off, and its statement (design: effort per case)
LEVELS = [2, 3, 1, 0, 2, 2, 3, 1, 2, 0]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service whose cases have ten criteria, and whose levels need neither pointer nor comment."""
    with form_stage(tmp_path_factory.mktemp("keys"), ten_criteria=True, policy=LEVELS_ALONE, whole=True) as made:
        yield made


@pytest.fixture(scope="module")
def shared(stage: FormStage) -> Form:
    """One page for the tests that leave their review unsigned."""
    return stage.form()


def test_ten_criteria_take_twelve_keys_and_each_level_is_in_the_journal(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[0])
    second = form.shown()["next"]
    keys = [*map(str, LEVELS), "Control+Enter"]
    form.press(*keys)
    expect(form.page.get_by_role("dialog", name=re.compile("^Sign "))).to_be_visible(timeout=PATIENCE)
    form.press("Enter")
    next_label = stage.scene.review(OTHER_SUPERVISOR, second)["case_label"]
    expect(form.page.locator("h1")).to_contain_text(next_label, timeout=PATIENCE)
    assert len(keys) + 1 <= MOST_KEYS
    assert form.levels() == LEVELS
    assert [entry.payload.level for entry in form.entries("rated")] == LEVELS
    assert [entry.payload.role for entry in form.entries("signed")] == ["rater"]
    expect(form.active.locator(".sf-number")).to_have_text("1")
    assert form.focused().startswith(("INPUT", "BUTTON")) and form.page.evaluate(
        "() => document.querySelector('.sf-criterion.active').contains(document.activeElement)"
    ), form.focused()


def test_ten_criteria_take_twelve_clicks(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[1])
    clicks = 0
    for number, level in enumerate(LEVELS, 1):
        expect(form.active.locator(".sf-number")).to_have_text(str(number))
        form.active.locator(".sf-level").nth(level).click()
        clicks += 1
    form.page.get_by_role("button", name=re.compile("^Sign off")).click()
    form.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Sign")).click()
    expect(form.page.locator("h1")).not_to_contain_text(form.shown()["case_label"], timeout=PATIENCE)
    assert clicks + 2 <= MOST_CLICKS
    assert form.levels() == LEVELS and len(form.entries("signed")) == 1


def test_ten_undos_and_ten_redos(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[0])
    form.press(*map(str, LEVELS))
    form.is_saved()
    for _ in LEVELS:
        form.press("u")
    form.is_saved()
    assert form.levels() == [None] * 10
    for number in range(1, 11):
        expect(form.answer(number)).to_have_text("Not scored")
    assert form.focused() != "BODY"
    for _ in LEVELS:
        form.press("Shift+U")
    form.is_saved()
    assert form.levels() == LEVELS
    assert form.focused() != "BODY"
    given = [entry.payload.level for entry in form.entries("rated")]
    assert given[:10] == LEVELS, "nothing that was said is erased"


def test_undo_at_once_leaves_not_scored_which_is_not_level_0(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[1])
    form.press("0", "u")
    expect(form.answer(1)).to_have_text("Not scored")
    form.criterion(2)
    form.press("0")
    form.is_saved()
    first, second, *_ = form.criteria().values()
    assert (first["level"], first["code"]) == (None, None) and second["level"] == 0


def test_not_applicable_not_accessible_blank_and_0_are_four_things(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[2])
    form.press("n", "1", "x", "2", "0")
    form.is_saved()
    shown = [form.answer(number).inner_text() for number in (1, 2, 3, 4)]
    assert [words.partition(":")[0] for words in shown] == [
        "Not applicable", "Record not accessible", "Level 0", "Not scored"
    ]  # fmt: skip
    reasons = form.shown()["choices"]
    stored = [(one["level"], one["code"], one["reason"]) for one in form.criteria().values()][:4]
    assert stored == [
        (None, "not_applicable", reasons["not_applicable"][0]["code"]),
        (None, "not_accessible", reasons["not_accessible"][1]["code"]),
        (0, None, None),
        (None, None, None),
    ]
    assert form.page.locator(".sf-strip .sf-cell-sign").all_inner_texts()[:4] == ["n/a", "n/r", "0", "–"]


def test_a_code_is_stored_with_its_reason_and_not_before(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[3])
    form.press("2")
    form.is_saved()
    form.criterion(1)
    form.press("n")
    assert form.levels()[0] == 2
    form.press("Escape")
    form.is_saved()
    assert form.levels()[0] == 2 and form.focused() != "BODY"
    expect(form.answer(1)).to_have_text("Level 2")


def test_arrow_keys_walk_through_the_levels_and_do_not_run_on(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[3])
    form.criterion(4)
    form.active.get_by_role("radio").first.focus()
    form.press("Space", "ArrowDown", "ArrowDown")
    expect(form.active.get_by_role("radio").nth(2)).to_be_focused()
    assert form.number == 4
    form.is_saved()
    assert form.levels()[3] == 2


def test_a_key_that_is_held_down_scores_one_criterion(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[3])
    form.criterion(5)
    for _ in range(4):  # the browser says of all but the first that they are repeats
        form.page.keyboard.down("3")
    form.page.keyboard.up("3")
    form.is_saved()
    assert form.levels()[4:7] == [3, None, None]


def test_a_double_click_scores_one_criterion(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[3])
    form.criterion(6)
    form.active.locator(".sf-level").nth(1).dblclick()
    form.is_saved()
    assert form.levels()[5:7] == [1, None]


def test_sign_off_pressed_twice_signs_nothing_unread(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[4])
    form.press(*map(str, LEVELS))
    form.is_saved()
    form.press("Control+Enter", "Control+Enter")
    expect(form.page.get_by_role("dialog", name=re.compile("^Sign "))).to_be_visible()
    assert form.entries("signed") == []
    expect(form.page.get_by_role("dialog")).to_contain_text("I sign exactly these")
    form.press("Escape")
    expect(form.page.get_by_role("dialog")).to_have_count(0)
    assert form.entries("signed") == [] and form.focused() != "BODY"


def test_the_same_level_everywhere_in_no_time_is_asked_about_once(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[2])
    form.press(*"2222222222", "Control+Enter")
    confirm = form.page.get_by_role("dialog", name="Confirm?")
    expect(confirm).to_be_visible(timeout=PATIENCE)
    confirm.get_by_role("button", name="Look again").click()
    expect(confirm).to_have_count(0)
    form.sign_off()
    form.press("Escape")


def test_level_keys_are_dead_while_the_anchors_are_off_screen(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[4])
    form.criterion(10)
    form.page.locator(".sf-criterion-head").first.evaluate("head => head.scrollIntoView({ block: 'start' })")
    form.page.set_viewport_size({"width": 1280, "height": 260})
    form.page.locator(".sf-criterion-head").first.evaluate("head => head.scrollIntoView({ block: 'start' })")
    before = form.levels()
    form.press("3")
    form.is_saved()
    assert form.levels() == before
    form.page.set_viewport_size({"width": 1280, "height": 720})
    form.press("3")
    expect(form.answer(10)).to_have_text("Level 3")
    form.is_saved()


def test_no_key_acts_in_a_text_field(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[4])
    form.criterion(2)
    before = form.levels()
    typed = "0123nxecaufpr,.?jkzdb"
    form.comment.click()
    form.press(*typed)
    expect(form.comment).to_have_value(typed)
    form.page.get_by_label("Find").click()
    form.press(*typed)
    expect(form.page.get_by_label("Find")).to_have_value(typed)
    expect(form.page.get_by_role("dialog")).to_have_count(0)
    form.is_saved()
    assert form.levels() == before and form.number == 2
    form.press(*["Backspace"] * len(typed))


def test_no_key_acts_outside_the_form(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[0])
    before = form.levels()
    form.page.evaluate(
        "() => { const other = Object.assign(document.createElement('button'), {id: 'outside', textContent: 'x'});"
        " document.body.prepend(other); other.focus() }"
    )
    form.press("3", "u", "p", "a", "?")
    form.page.evaluate("document.getElementById('outside').remove()")
    expect(form.page.get_by_role("dialog")).to_have_count(0)
    assert form.levels() == before


def test_the_sheet_lists_every_key_and_a_key_can_be_changed(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[1])
    form.criterion(5)
    form.press("?")
    sheet = form.page.get_by_role("dialog", name="Keys")
    for words in (
        "Not applicable",
        "not accessible",
        "evidence",
        "phrase",
        "action",
        "back",
        "Park",
        "moderator",
        "Sign off",
    ):
        expect(sheet).to_contain_text(re.compile(words, re.IGNORECASE))
    sheet.get_by_role("button", name=re.compile("Change the key for: .*Level 3", re.IGNORECASE)).click()
    form.press("n")
    expect(sheet).to_contain_text("n is taken by")
    sheet.get_by_role("button", name=re.compile("Change the key for: .*Level 3", re.IGNORECASE)).click()
    form.press("q")
    expect(sheet).to_contain_text("q now does")
    form.press("Escape")
    expect(sheet).to_have_count(0)
    form.criterion(5)
    form.press("3")
    expect(form.answer(5)).to_have_text("Not scored")
    form.press("q")
    expect(form.answer(5)).to_have_text("Level 3")
    form.page.reload()
    expect(form.page.locator(".sf-criterion.active")).to_be_visible(timeout=PATIENCE)
    form.criterion(6)
    form.press("q")
    expect(form.answer(6)).to_have_text("Level 3")
    form.press("?")
    sheet.get_by_role("button", name="Put all keys back").click()
    form.press("Escape")
    form.criterion(7)
    form.press("3")
    expect(form.answer(7)).to_have_text("Level 3")
    form.is_saved()


def test_letters_and_digits_can_be_switched_off(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[1])
    form.criterion(8)
    form.press("?")
    sheet = form.page.get_by_role("dialog", name="Keys")
    sheet.get_by_label(re.compile("Switch .* off")).check()
    form.press("Escape")
    form.criterion(8)
    form.press("3", "n", "u", "e", "a", "c", "p", "r", "?")
    expect(form.page.get_by_role("dialog")).to_have_count(0)
    expect(form.answer(8)).to_have_text("Not scored")
    form.active.locator(".sf-level").nth(2).click()
    expect(form.answer(8)).to_have_text("Level 2")
    form.page.get_by_role("button", name=re.compile("^Keys")).click()
    sheet.get_by_label(re.compile("Switch .* off")).uncheck()
    form.press("Escape")
    form.is_saved()


def test_the_focus_is_never_lost(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews(SUPERVISOR)[2])
    form.criterion(5)
    for keys in (["2"], [","], ["."], ["n"], ["Escape"], ["a"], ["Escape"], ["p"], ["Escape"], ["r"], ["Escape"], ["e"],
                 ["Escape"], ["?"], ["Escape"], ["u"], ["Shift+U"], ["f"], ["Escape"], ["c"], ["Escape"]):  # fmt: skip
        form.press(*keys)
        assert form.focused() != "BODY", keys
    form.is_saved()
