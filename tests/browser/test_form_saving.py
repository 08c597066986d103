"""The word "Saved", what the browser keeps until then, and what happens to a change that cannot be stored as it is."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.form_stage import LEVELS_ALONE, NOT_SAVED, PATIENCE, SAVED, Cut, Form, FormStage, form_stage
from tests.scoring_service import OTHER_SUPERVISOR, SUPERVISOR

CANARY = "zebra crossing"  # words of the rater's own


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service whose cases have ten criteria."""
    with form_stage(tmp_path_factory.mktemp("saving"), ten_criteria=True, policy=LEVELS_ALONE) as made:
        yield made


@pytest.fixture(scope="module")
def shared(stage: FormStage) -> Form:
    """One page for the tests that leave their browser as they found it."""
    return stage.form()


def comments(form: Form) -> list[str]:
    """Returns the comments that stand, in the order of the criteria."""
    return [one["comment"] for one in form.criteria().values()]


def longest_note(form: Form) -> dict[str, Any]:
    """Returns the note with the most words of the review's record."""
    note: dict[str, Any] = max(form.shown()["panel"]["notes"], key=lambda one: len(one["text"]))
    return note


def without_beacon(form: Form) -> None:
    """Takes away what a closing page hands to the browser to deliver: then the outbox alone keeps what is unsaved."""
    form.page.evaluate("() => { navigator.sendBeacon = () => false }")


# The word


def test_saved_is_said_of_exactly_what_is_on_the_screen(stage: FormStage, shared: Form) -> None:
    """Looks at the page after every key, in the same task: whenever it says Saved, the journal holds what the field shows."""
    form = shared.open(stage.reviews()[0])
    form.criterion(1)
    form.page.evaluate(
        """() => {
          const state = document.querySelector('.sf-state');
          const field = document.querySelector('.sf-criterion.active textarea');
          window.truths = [];
          let acknowledged = field.value;
          const fetched = window.fetch;
          window.fetch = async (...asked) => {
            const answer = await fetched(...asked);
            if (String(asked[0]).endsWith('api/events')) {
              const sent = JSON.parse(asked[1].body).events.filter(one => one.kind === 'commented').at(-1);
              if (sent && answer.ok) acknowledged = sent.data.text;
            }
            return answer;
          };
          const look = () => { if (state.textContent.startsWith('Saved') && field.value !== acknowledged) window.truths.push([field.value, acknowledged]) };
          field.addEventListener('input', () => { look(); queueMicrotask(look); requestAnimationFrame(look) });
          new MutationObserver(look).observe(state, { childList: true, subtree: true, characterData: true });
        }"""
    )
    form.comment.click()
    form.comment.press_sequentially("The plan names who to call, and when.", delay=25)
    form.is_saved()
    assert form.page.evaluate("window.truths") == []
    assert comments(form)[0] == "The plan names who to call, and when."


def test_typing_without_a_pause_is_sent_all_the_same(stage: FormStage, shared: Form) -> None:
    form = shared.open(stage.reviews()[0])
    form.criterion(2)
    with form.page.expect_request("**/sampling/api/events", timeout=PATIENCE):
        form.page.evaluate(
            """() => {
              const field = document.querySelector('.sf-criterion.active textarea');
              field.focus();
              window.typing = setInterval(() => { field.value += 'x'; field.dispatchEvent(new Event('input', { bubbles: true })) }, 50);
            }"""
        )
    form.page.evaluate("clearInterval(window.typing)")
    form.is_saved()
    assert comments(form)[1] == form.comment.input_value()


def test_three_states_in_words_and_one_alarm(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    cut = Cut(form.page)
    cut.cut()
    alarms = form.page.locator("[role=alert]").filter(has_text="Not saved")
    form.press("2")
    expect(form.state).to_have_text(re.compile(r"^Saving…|^Not saved\."))
    form.is_not_saved()
    expect(form.state).to_have_text(re.compile("1 change is kept on this computer. Trying again."))
    expect(alarms).to_have_count(1, timeout=PATIENCE)
    form.press("1", "1")
    expect(form.state).to_have_text(re.compile("3 changes are kept on this computer"))
    banner = form.page.locator(".sf-banner")
    expect(banner).to_be_visible(timeout=PATIENCE)
    banner.get_by_role("button", name="Reload safely").click()
    expect(banner).to_contain_text("does not answer yet")
    assert form.levels() == [None] * 10
    cut.mend()
    form.is_saved()
    assert form.levels()[:3] == [2, 1, 1]
    expect(banner).to_be_hidden(timeout=PATIENCE)
    expect(form.answer(1)).to_have_text("Level 2")


def test_what_was_not_saved_survives_a_reload_and_a_closed_page(stage: FormStage) -> None:
    context = stage.context()
    form = stage.form(context=context, review=stage.reviews()[2])
    without_beacon(form)
    Cut(form.page).cut()
    form.press("3", "c")
    form.page.keyboard.type(CANARY)
    form.is_not_saved()
    form.page.on("dialog", lambda dialog: dialog.accept())
    form.page.close()
    assert form.levels()[:1] == [None] and comments(form)[1] == ""
    again = stage.form(context=context, review=form.review)
    expect(again.answer(1)).to_have_text("Level 3")
    again.is_saved()
    assert again.levels()[0] == 3 and comments(again)[1] == CANARY
    assert again.outbox() == []
    assert len(again.entries("rated")) == 1 and len(again.entries("commented")) == 1


def test_a_page_that_is_closed_hands_its_last_words_to_the_browser(stage: FormStage) -> None:
    """Which delivers them after the page is gone: what was typed a moment ago is in the journal although nobody comes back."""
    context = stage.context()
    form = stage.form(context=context, review=stage.reviews()[2])
    form.criterion(6)
    form.comment.fill("last words")
    form.page.evaluate("() => { window.fetch = () => new Promise(() => {}) }")
    form.comment.fill("the very last words")
    form.page.close(run_before_unload=False)
    until = time.monotonic() + PATIENCE / 1000  # the browser sends it when it finds the time
    while comments(form)[5] != "the very last words" and time.monotonic() < until:
        pass
    assert comments(form)[5] == "the very last words"


def test_leaving_is_asked_about_only_while_something_is_unsaved(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[2])
    asked: list[str] = []
    form.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    form.press("2")
    form.is_saved()
    form.page.reload()
    expect(form.active).to_be_visible(timeout=PATIENCE)
    assert asked == []
    Cut(form.page).cut()
    form.press("1")
    form.is_not_saved()
    form.page.reload()
    assert asked == ["beforeunload"]


# What the browser keeps


def test_the_outbox_holds_no_words_of_a_case_and_is_emptied_by_the_acknowledgement(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    note = longest_note(form)
    Cut(form.page).cut()
    select(form, note["key"], 4, 40)
    form.press("e")
    expect(form.active.locator(".sf-evidence q")).to_have_text(note["text"][4:40].strip())
    form.press("2")
    form.is_not_saved()
    assert {one["kind"] for one in form.outbox()} == {"evidence_pointed", "rated"}
    everything = " ".join(form.kept())
    assert [place for place in range(len(note["text"]) - 12) if note["text"][place : place + 12] in everything] == []
    assert form.shown()["practitioner_label"] not in everything and form.shown()["case_label"] not in everything
    Cut(form.page).mend()
    form.is_saved()
    assert form.outbox() == []
    (pointer,) = next(iter(form.criteria().values()))["evidence"]
    assert note["text"][pointer["start"] : pointer["end"]] == pointer["quote"] == note["text"][4:40].strip()


def test_a_quote_survives_a_reload_although_its_words_are_not_kept(stage: FormStage) -> None:
    context = stage.context()
    form = stage.form(context=context, review=stage.reviews()[4])
    note = longest_note(form)
    without_beacon(form)
    Cut(form.page).cut()
    select(form, note["key"], 4, 40)
    form.press("e")
    form.is_not_saved()
    form.page.close()
    again = stage.form(context=context)  # the queue: the review itself is not opened
    again.review = form.review
    again.is_saved()
    (pointer,) = next(iter(again.criteria().values()))["evidence"]
    assert note["text"][pointer["start"] : pointer["end"]] == pointer["quote"] == note["text"][4:40].strip()


def test_one_latest_change_of_each_field_is_kept(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    Cut(form.page).cut()
    form.criterion(5)
    form.comment.click()
    form.comment.press_sequentially("one two three four five six")
    form.is_not_saved()
    kept = form.outbox()
    assert (
        len(kept) <= 2 and max(kept, key=lambda one: one["sequence"])["data"]["text"] == "one two three four five six"
    )
    form.page.evaluate("localStorage.clear()")
    form.page.close(run_before_unload=False)


def test_a_spoilt_outbox_does_no_harm(stage: FormStage) -> None:
    context = stage.context()
    form = stage.form(context=context)
    name = f"sampling.outbox.{form.stage.scene.key(SUPERVISOR)}.none.x"
    for spoilt in ("", "{", "[]", "null", '{"id": 1}', "1", '"x"', "{}"):
        form.page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, spoilt])
        form.page.reload()
        expect(form.page.locator("h1"), f"after {spoilt!r}").to_be_visible(timeout=PATIENCE)
        assert form.outbox() == [], spoilt
        form.page.evaluate("name => localStorage.removeItem(name)", name)
    context.close()


def test_what_is_older_than_a_day_is_not_sent(stage: FormStage) -> None:
    context = stage.context()
    form = stage.form(context=context, review=stage.reviews()[3])
    without_beacon(form)
    Cut(form.page).cut()
    form.criterion(9)
    form.press("3")
    form.is_not_saved()
    form.page.close()
    context.clock.set_system_time(datetime.now() + timedelta(hours=24, seconds=1))
    again = stage.form(context=context, review=form.review)
    expect(again.answer(9)).to_have_text("Not scored")
    assert again.outbox() == [] and again.levels()[8] is None


def test_signing_out_empties_the_browser(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[0])
    form.press("2")
    form.is_saved()
    cut = Cut(form.page)
    cut.cut()
    form.press("3")
    form.is_not_saved()
    form.page.get_by_role("button", name="Sign out").click()
    asked = form.page.get_by_role("dialog")
    expect(asked).to_contain_text("thrown away", timeout=PATIENCE)
    cut.mend()
    asked.get_by_role("button", name=re.compile("sign out", re.IGNORECASE)).click()
    expect(form.page.locator("h1")).to_have_text("You are signed out", timeout=PATIENCE)
    assert form.outbox() == []
    assert form.page.evaluate("fetch('sampling/api/me').then(answer => answer.status)") == 403


# What cannot be stored as it is


def refuse(route: Route, sentence: str, kind: str = "rated") -> None:
    """Answers as the server does when one event of a kind is refused, and lets everything else through."""
    events = json.loads(route.request.post_data or "{}")["events"]
    if not any(event["kind"] == kind for event in events):
        return route.continue_()
    findings = [{"where": "event 1", "text": sentence}]
    return route.fulfill(status=400, json={"error": {"message": "One event was refused.", "findings": findings}})


def test_a_refused_change_is_named_and_can_be_put_right_or_thrown_away(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    form.criterion(6)
    form.page.route("**/sampling/api/events", lambda route: refuse(route, "This cannot be rated."))
    form.press("3", "c")
    form.page.keyboard.type("a comment that is allowed")
    expect(form.state).to_have_text(re.compile(r"^Not saved\..*refused"), timeout=PATIENCE)
    said = form.page.locator(".sf-criterion").nth(5).locator(".sf-extra")
    form.criterion(6)
    expect(said).to_contain_text("This cannot be rated.")
    # one that is refused holds up no other
    expect(form.state).to_have_text(
        re.compile(r"^Not saved\. 1 change is kept.*1 change was refused"), timeout=PATIENCE
    )
    assert "a comment that is allowed" in comments(form)
    form.page.unroute("**/sampling/api/events")
    form.press("2")
    form.is_saved()
    assert form.levels()[5] == 2
    expect(said).not_to_contain_text("This cannot be rated.")
    form.page.route("**/sampling/api/events", lambda route: refuse(route, "This cannot be rated."))
    form.criterion(6)
    form.press("1")
    form.criterion(6)
    said.get_by_role("button", name=re.compile("^Take this change back")).click()
    form.is_saved()
    expect(form.answer(6)).to_have_text("Level 2")
    assert form.outbox() == [] and form.focused() != "BODY" and form.levels()[5] == 2


@pytest.mark.parametrize("status", [403, 404])
def test_an_event_that_is_not_to_be_had_holds_up_no_other(stage: FormStage, status: int) -> None:
    """Such as one of a draw that was withdrawn meanwhile."""
    form = stage.form(review=stage.reviews()[3])

    def answer(route: Route) -> None:
        events = json.loads(route.request.post_data or "{}")["events"]
        if any(event["kind"] == "rated" for event in events):
            return route.fulfill(status=status, json={"error": {"message": "That review is not here.", "findings": []}})
        return route.continue_()

    form.page.route("**/sampling/api/events", answer)
    form.criterion(7)
    form.press("3", "c")
    words = f"not held up by {status}"
    form.page.keyboard.type(words)
    expect(form.state).to_have_text(re.compile(r"^Not saved\..*refused"), timeout=PATIENCE)
    form.criterion(8)
    expect(form.comment).to_have_value(words)
    with form.page.expect_response(lambda response: response.url.endswith("api/events"), timeout=PATIENCE):
        form.comment.press_sequentially("!")
    form.criterion(7)
    extra = form.active.locator(".sf-extra")
    expect(extra).to_contain_text("That review is not here.")
    extra.get_by_role("button", name="Take this change back").click()
    expect(form.active.locator(".sf-criterion-head")).to_be_focused()  # taken back, and open again
    form.is_saved()
    assert f"{words}!" in comments(form)
    form.criterion(8)
    form.comment.fill("")
    form.is_saved()


def test_a_page_that_is_signed_out_says_so_and_keeps_what_was_written(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    cookies = form.page.context.cookies()
    form.page.context.clear_cookies()
    form.criterion(3)
    form.press("3")
    expect(form.state).to_have_text(re.compile(r"^Not saved\..*not signed in"), timeout=PATIENCE)
    form.page.context.add_cookies(cookies)
    form.is_saved()
    assert form.levels()[2] == 3


def test_a_page_whose_cookie_for_changes_was_cleared_gets_another(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    form.page.context.clear_cookies(name="_xsrf")
    form.criterion(4)
    form.press("2")
    form.is_saved()
    assert form.levels()[3] == 2


def test_a_browser_that_keeps_no_cookie_is_told_what_to_do(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[3])
    form.page.context.clear_cookies(name="_xsrf")
    form.page.route("**/sampling/api/heartbeat", lambda route: route.fulfill(status=200, json={"now": ""}))
    form.criterion(5)
    form.press("2")
    expect(form.state).to_have_text(re.compile(r"^Not saved\..*Allow cookies for this address"), timeout=PATIENCE)
    expect(form.page.locator(".sf-banner").get_by_role("button", name="Reload safely")).to_be_visible()
    form.page.unroute("**/sampling/api/heartbeat")
    form.is_saved()
    assert form.levels()[4] == 2


def test_a_change_that_the_server_stored_unheard_is_stored_once(stage: FormStage) -> None:
    form = stage.form(review=stage.reviews()[1])
    form.criterion(10)

    def deaf(route: Route) -> None:
        route.fetch()  # the server stores it; its answer is lost
        route.abort("connectionreset")

    form.page.route("**/sampling/api/events", deaf, times=2)
    form.press("2")
    form.is_not_saved()
    form.is_saved()
    assert [entry.payload.level for entry in form.entries("rated") if entry.subject.endswith("/tenth")] == [2]


# Two writers


def test_two_windows_of_one_person_show_both_values_and_keep_both(stage: FormStage) -> None:
    review = stage.reviews(OTHER_SUPERVISOR)[1]
    context = stage.context()
    one = stage.form(OTHER_SUPERVISOR, context=context, review=review)
    other = stage.form(OTHER_SUPERVISOR, context=context, review=review)
    one.press("2")
    one.is_saved()
    other.press("1")
    conflict = other.page.locator(".sf-criterion").first.locator(".sf-extra")
    expect(other.page.locator("[role=alert]").filter(has_text=re.compile("two values", re.IGNORECASE))).to_have_count(1)
    other.criterion(1)
    expect(conflict).to_contain_text("Level 2")
    expect(conflict).to_contain_text("Level 1")
    assert any("two values were written" in one["sentence"] for one in other.shown()["missing"])
    conflict.get_by_role("button", name=re.compile("Level 1")).click()
    expect(conflict).to_be_empty(timeout=PATIENCE)
    other.is_saved()
    assert other.levels()[0] == 1 and other.focused() != "BODY"
    expect(other.answer(1)).to_have_text("Level 1")
    assert [entry.payload.level for entry in other.entries("rated")] == [2, 1]
    assert len(other.entries("conflict_resolved")) == 1 and other.shown()["state"]["conflicts"] == []
    context.close()


def test_words_typed_on_while_two_values_stand_are_not_lost(stage: FormStage) -> None:
    review = stage.reviews(OTHER_SUPERVISOR)[1]
    one = stage.form(OTHER_SUPERVISOR, review=review)
    other = stage.form(OTHER_SUPERVISOR, review=review)
    one.criterion(4)
    one.comment.fill("what the first window says")
    one.is_saved()
    other.criterion(4)
    other.comment.click()
    other.comment.press_sequentially("typed on and on in the second window", delay=30)
    conflict = other.active.locator(".sf-extra")
    expect(conflict).to_contain_text("what the first window says", timeout=PATIENCE)
    conflict.get_by_role("button", name=re.compile("typed|: t")).click()
    expect(conflict).to_be_empty(timeout=PATIENCE)
    other.is_saved()
    assert comments(other)[3] == "typed on and on in the second window"
    expect(other.comment).to_have_value("typed on and on in the second window")
    assert other.shown()["state"]["conflicts"] == []
    assert "what the first window says" in [entry.payload.text for entry in other.entries("commented")]


def test_a_conflict_that_waits_is_shown_when_the_case_is_opened_again(stage: FormStage) -> None:
    review = stage.reviews(OTHER_SUPERVISOR)[2]
    one = stage.form(OTHER_SUPERVISOR, review=review)
    other = stage.form(OTHER_SUPERVISOR, review=review)
    one.press("3")
    one.is_saved()
    other.press("0")
    other.criterion(1)
    expect(other.active.locator(".sf-extra")).to_contain_text("Level 3", timeout=PATIENCE)
    again = stage.form(OTHER_SUPERVISOR, review=review)
    again.criterion(1)
    extra = again.active.locator(".sf-extra")
    expect(extra).to_contain_text("Level 0")
    extra.get_by_role("button", name=re.compile("Level 3")).click()
    expect(extra).to_be_empty(timeout=PATIENCE)
    again.is_saved()
    assert again.levels()[0] == 3 and again.shown()["state"]["conflicts"] == []


def test_two_windows_do_not_take_each_others_unsent_changes(stage: FormStage) -> None:
    context = stage.context()
    one = stage.form(OTHER_SUPERVISOR, context=context, review=stage.reviews(OTHER_SUPERVISOR)[0])
    one.criterion(8)
    cut = Cut(one.page)
    cut.cut()
    one.press("2")
    one.is_not_saved()
    other = stage.form(OTHER_SUPERVISOR, context=context, review=one.review)
    other.criterion(9)
    other.press("1")
    other.is_saved()
    assert len(other.outbox()) == 1 and other.levels()[7:9] == [None, 1]
    cut.mend()
    one.is_saved()
    assert one.levels()[7:9] == [2, 1] and one.outbox() == []
    context.close()


def test_signed_out_is_empty_to_the_last(stage: FormStage) -> None:
    form = stage.form(OTHER_SUPERVISOR, review=stage.reviews(OTHER_SUPERVISOR)[0])
    form.press("1")
    form.is_saved()
    form.page.get_by_role("button", name="Sign out").click()
    expect(form.page.locator("h1")).to_have_text("You are signed out", timeout=PATIENCE)
    assert [one for one in form.kept() if "outbox" in one or "draft" in one] == []


def select(form: Form, note: str, start: int, end: int) -> None:
    """Selects characters of a note, as dragging the pointer over them does."""
    form.page.evaluate(
        """([key, start, end]) => {
          const node = document.querySelector(`[data-note="${key}"]`).firstChild;
          getSelection().setBaseAndExtent(node, start, node, end);
        }""",
        [note, start, end],
    )


def test_without_an_outbox_the_fields_lock_while_the_server_is_away(stage: FormStage, tmp_path: Path) -> None:
    policy = LEVELS_ALONE + "outbox = false\n"
    with form_stage(tmp_path, ten_criteria=True, policy=policy, browser=stage.browser) as shared_computer:
        form = shared_computer.form(review=shared_computer.reviews()[0])
        form.press("2")
        form.is_saved()
        cut = Cut(form.page)
        cut.cut()
        form.press("3")
        expect(form.state).to_have_text(re.compile(r"^Not saved\..*keep it open"), timeout=PATIENCE)
        assert form.outbox() == []
        expect(form.active.get_by_role("radio").first).to_be_disabled(timeout=PATIENCE)
        expect(form.comment).not_to_be_editable()
        assert form.focused() != "BODY"
        cut.mend()
        form.is_saved()
        expect(form.active.get_by_role("radio").first).to_be_enabled()
        assert form.levels()[:2] == [2, 3]


def test_states_are_words() -> None:
    """The patterns that the tests wait for are the words themselves."""
    assert SAVED.match("Saved 14:03:22") and NOT_SAVED.match(
        "Not saved. 3 changes are kept on this computer. Trying again."
    )
