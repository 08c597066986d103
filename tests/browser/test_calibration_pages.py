"""The pages of live calibration one by one in a real browser: joining, the keyboard, lost connections, what is written down, accessibility."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from sampling.calibration.server.squares import squares_of
from tests.browser.calibration_stage import (
    NARROW,
    ONE,
    OTHER,
    QUOTE,
    TITLE,
    WIDE,
    Stage,
    calibration_stage,
    choose,
    heading,
    saved,
    score,
)
from tests.browser.form_stage import fits, nothing_for_axe
from tests.calibration_server import Live

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
LOST = "The server does not answer; trying again."


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with calibration_stage(tmp_path_factory.mktemp("calibration")) as found:
        yield found


@pytest.fixture(autouse=True)
def pages_closed(stage: Stage) -> Iterator[None]:
    yield
    stage.close_pages()


def join_page(stage: Stage, code: str) -> Page:
    """Opens the page for joining and types a code."""
    page = stage.page("join")
    page.get_by_label("Code on the wall").fill(code)
    page.get_by_role("button", name="Go on").click()
    return page


def test_joining_asks_for_a_code_an_alias_and_consent_in_words(stage: Stage) -> None:
    live = stage.open()
    page = join_page(stage, "222 222")
    expect(page.get_by_text("Error: No session is open under that code.")).to_be_visible()
    expect(page.get_by_label("Code on the wall")).to_be_focused()
    page.get_by_label("Code on the wall").fill(f" {live.code[:3].lower()} {live.code[3:].lower()} ")
    page.keyboard.press("Enter")
    heading(page, TITLE)
    expect(page.get_by_text(live.seen_by(live.join()[0])["consent"])).to_be_visible()
    expect(page.locator("input:checked")).to_have_count(0)
    join = page.get_by_role("button", name="Join", exact=True)
    join.click()
    agree = page.get_by_label("I agree")
    expect(agree).to_be_focused()
    says_wrong(agree, "Error: Tick “I agree” to join. Without that nothing is stored, and you cannot take part.")
    agree.check()
    join.click()
    expect(page.get_by_role("radiogroup", name="Choose an alias")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("radio").first).to_have_accessible_description("Error: Choose an alias.")
    expect(page.get_by_role("radio").first).to_be_focused()
    before = page.locator(".cal-choice label").all_inner_texts()
    page.get_by_role("button", name="Other ones").click()
    expect(page.locator(".cal-choice label").first).not_to_have_text(before[0])
    alias = page.locator(".cal-choice label").first.inner_text()
    page.get_by_role("radio", name=alias, exact=True).check()
    already = live.view()["joined"]
    page.route("**/api/join", answer_lost, times=1)
    join.click()
    expect(page.get_by_text("The server does not answer. Try again in a moment.")).to_be_visible()
    assert live.view()["joined"] == already + 1
    join.click()
    heading(page, "You are in. Wait for the trainer to begin.")
    assert page.url == stage.server.address(f"rate/{live.session}")
    assert live.view()["joined"] == already + 1, "no ghost of whoever joined twice"
    assert alias in [one["alias"] for one in live.view()["raters"]]


def answer_lost(route: Route) -> None:
    """Lets the request through and its answer not."""
    route.fetch()
    route.abort("connectionfailed")


def with_address(route: Route, address: str) -> None:
    """Answers with the wall's view as it would be in a room's network."""
    answer = route.fetch()
    route.fulfill(response=answer, body=json.dumps({**answer.json(), "join_address": address}))


def test_the_wall_shows_squares_to_scan_where_others_can_come_in(stage: Stage) -> None:
    live = stage.open()
    wall = stage.wall(live)
    expect(wall.get_by_text("Only this computer can open that address.")).to_be_visible()
    expect(wall.get_by_role("img")).to_have_count(0)
    room = "http://192.168.1.20:8870"
    wall.route("**/stream", lambda route: route.abort())
    wall.route(f"**/api/wall/{live.wall}", lambda route: with_address(route, room))
    wall.reload()
    drawn = wall.get_by_role("img", name=f"QR code: opens {room} with the code {live.code[:3]} {live.code[3:]}")
    expect(drawn).to_be_visible()
    expect(drawn.locator("path")).to_have_attribute("d", squares_of(f"{room}/#{live.code}").path)
    assert drawn.bounding_box()["height"] > 400, "of a wall of 720"  # type: ignore[index]
    looked_at(wall)
    scanned = stage.page(f"../#{live.code}")  # the bare address leads on, with the code
    heading(scanned, TITLE)
    assert live.code not in scanned.url


def test_a_full_session_and_a_removed_rater_are_told_so(stage: Stage) -> None:
    live = stage.open()
    rater = stage.rater(live)
    trainer = stage.trainer(live)
    alias = live.view()["raters"][0]["alias"]
    trainer.get_by_label("Nobody else may join").check()
    expect(trainer.get_by_text("Nobody else may join.", exact=False).first).to_be_visible()
    page = join_page(stage, live.code)
    expect(page.get_by_text("Nobody else may join this session. Ask the trainer.")).to_be_visible()
    trainer.get_by_role("button", name=f"Remove {alias}").click()
    trainer.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(trainer.get_by_role("button", name=f"Remove {alias}")).to_be_focused()
    trainer.keyboard.press("Enter")
    trainer.get_by_role("dialog").get_by_role("button", name=f"Remove {alias}").click()
    heading(rater, "You are not in the session any more")
    expect(rater.get_by_role("link", name="Join with the code")).to_have_attribute("href", "/calibrate/join")
    stranger = stage.page(f"rate/{live.session}")
    heading(stranger, "This page is not in the session")
    expect(stranger.get_by_role("link", name="Join with the code")).to_be_visible()


def test_the_trainers_pages_open_for_the_trainer_alone_and_say_so_in_words(stage: Stage) -> None:
    live = stage.open()
    for path, words in (
        ("", "Only the trainer of this session can do that."),
        (f"trainer/{live.session}", "Only the trainer of this session can do that."),
        ("../trainer?token=wrong", "This page is not signed in. Open the whole address again that you were given."),
    ):
        page = stage.page(path)
        heading(page, "Calibration")
        expect(page.locator("p")).to_have_text(words)


def says_wrong(control: Locator, words: str) -> None:
    """Asserts that a control says for itself, to whoever does not see the page, what is wrong with it."""
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_accessible_description(words)


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until what has the focus says these words."""
    for _ in range(40):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const at = document.activeElement; return (at.labels?.[0] ?? at).textContent + (at.getAttribute('aria-label') ?? '') }"
        )
        if words in said:
            return
    raise AssertionError(f"Tab never came to {words}")


def test_a_rater_goes_the_whole_way_by_keyboard_alone(stage: Stage) -> None:
    live = stage.open(ONE, OTHER)
    others = live.join(4)
    page = stage.page("join")
    expect(page.get_by_label("Code on the wall")).to_be_focused()
    page.keyboard.type(live.code)
    page.keyboard.press("Enter")
    heading(page, TITLE)
    expect(page.locator("h1")).to_be_focused()
    tab_to(page, "I agree")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the first alias
    tab_to(page, "Join")
    page.keyboard.press("Enter")
    heading(page, "You are in. Wait for the trainer to begin.")
    live.step("scoring", 1)
    heading(page, "Round 1: read and score")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("2")  # outside the form: nothing is chosen
    expect(page.locator("input[value='2']:checked")).to_have_count(0)

    tab_to(page, "Lock my answers")
    page.keyboard.press("Enter")
    first, second = page.locator(".cal-criterion").first, page.locator(".cal-criterion").nth(1)
    expect(first.get_by_text("Error: Choose a level here")).to_be_visible()
    expect(first.locator("h3")).to_be_focused()
    page.keyboard.press("1")
    expect(second.locator("h3")).to_be_focused()
    expect(first.locator("input[value='1']")).to_be_checked()
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="Lock my answers")).to_be_focused()
    saved(page)

    second.get_by_role("button", name="Offer a quote").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("level 0 1 2 is not in the case")  # digits in a text field are text
    tab_to(page, "Offer these words")
    page.keyboard.press("Enter")
    expect(second.get_by_text("These words do not stand in one document of the case")).to_be_visible()
    quote = second.get_by_label("Words of the case, as they stand there")
    expect(quote).to_be_focused()
    says_wrong(quote, "Error: These words do not stand in one document of the case as they are.")
    page.keyboard.press("Control+a")
    page.keyboard.type(QUOTE)
    tab_to(page, "Offer these words")
    page.keyboard.press("Enter")
    expect(second.locator("q")).to_have_text(QUOTE)
    expect(second.locator("input[value='3']")).to_be_checked()
    tab_to(page, "Lock my answers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Unlock my answers")).to_be_focused()
    saved(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Lock my answers")).to_be_focused()
    page.keyboard.press("Enter")
    saved(page)
    for rater in others:
        live.answer(rater, 1, 2)
    live.step("revealed", 1)
    heading(page, "Round 1: revealed")
    expect(page.locator("h1")).to_be_focused()
    expect(page.get_by_text("You chose level 3: the ringed dot.")).to_be_visible()


def test_the_keys_can_be_switched_off(stage: Stage) -> None:
    live = stage.open()
    live.step("scoring", 1)
    page = stage.rater(live)
    page.get_by_label("Keys 0 to 3 choose a level and go on").uncheck()
    page.locator(".cal-criterion h3").focus()
    page.keyboard.press("2")
    expect(page.locator(".cal-criterion input:checked")).to_have_count(0)
    page.get_by_label("Keys 0 to 3 choose a level and go on").check()
    page.keyboard.press("2")
    expect(page.locator(".cal-criterion input[value='2']")).to_be_checked()


def test_a_server_that_was_killed_loses_nothing(stage: Stage) -> None:
    live = stage.open()
    live.step("scoring", 1)
    page, wall, trainer = stage.rater(live), stage.wall(live), stage.trainer(live)
    choose(page, 0, 1)
    saved(page)
    stage.server.kill()
    for one in (page, wall, trainer):
        expect(one.locator(".cal-banner")).to_have_text(LOST)
    choose(page, 0, 3)
    expect(page.locator(".cal-answers .cal-state")).to_have_text(re.compile(r"^Not saved\. "))
    stage.server.restart()
    saved(page)
    for one in (page, wall):
        expect(one.locator(".cal-banner")).to_be_hidden()
    expect(page.locator("input[value='3']")).to_be_checked()
    assert live.seen_by(live.raters[0])["me"]["rounds"]["1"]["answers"][ONE]["level"] == 3

    expect(trainer.locator(".cal-banner")).to_contain_text("In this browser, open the address that it printed")
    again = trainer.context.new_page()
    again.goto(stage.server.door)
    heading(again, "Open a session")
    expect(trainer.locator(".cal-banner")).to_be_hidden()
    trainer.get_by_role("button", name="Reveal (0 of 1 locked)").click()
    expect(trainer.get_by_text("Nobody has locked an answer yet")).to_be_visible()


def with_hostile_documents(route: Route) -> None:
    """Answers with the view as it is, but for the words of its documents."""
    view = route.fetch()
    found = view.json()
    for one in (found.get("case") or {}).get("documents", []):
        one["text"] = one["kind"] = one["author"] = HOSTILE
    route.fulfill(response=view, body=json.dumps(found))


def test_text_from_elsewhere_shows_as_text(stage: Stage) -> None:
    live = stage.open()
    raters = live.join(5)
    live.step("scoring", 1)
    page = stage.page("join", client=raters[0])
    page.route("**/api/rate/*/stream", lambda route: route.abort())
    page.route(f"**/api/rate/{live.session}", with_hostile_documents)
    page.goto(stage.server.address(f"rate/{live.session}"))
    expect(page.locator(".cal-document-text").first).to_have_text(HOSTILE)
    for rater in raters:
        live.answer(rater, 1, 1)
    live.step("revealed", 1)
    data = {"proposal": "c" * 32, "criterion": ONE, "level": 1, "text": HOSTILE}
    live.do("write", kind="anchor_proposed", base=0, data=data)
    live.do("write", kind="group_recorded", base=0, data={"decisions": HOSTILE})
    trainer = stage.trainer(live)
    expect(trainer.get_by_text(HOSTILE).first).to_be_visible()
    expect(trainer.get_by_label("Decisions that the group reviewed")).to_have_value(HOSTILE)
    for one in (page, trainer):
        expect(one.locator("main img, main script")).to_have_count(0)
        assert "taken" not in one.title()


def revealed(stage: Stage, level: int = 1) -> Live:
    """Returns a session of which round 1 is revealed."""
    live = stage.open()
    live.step("scoring", 1)
    for rater in live.join(5):
        live.answer(rater, 1, level)
    live.step("revealed", 1)
    return live


def test_the_record_is_saved_as_it_is_typed_and_looked_at_again_next_time(stage: Stage) -> None:
    live = revealed(stage)
    page = stage.trainer(live)
    state = page.locator("section:has(> h2:text('Record of group supervision')) > .cal-state")
    page.route("**/write", lambda route: route.abort("connectionfailed"))
    page.get_by_label("Decisions that the group reviewed").fill("Two cases at level 1.")
    expect(state).to_have_text(re.compile(r"^Not saved\. "))
    page.unroute("**/write")
    expect(state).to_have_text("Saved")
    page.get_by_role("button", name="Add an action").click()
    page.get_by_label("What will be done").fill("Look at the review date")
    expect(page.get_by_text("This action is stored once it says what and by when.")).to_be_visible()
    with page.expect_response("**/write") as answered:
        page.get_by_label("By when").fill("2026-12-01")
    assert answered.value.status == 200
    expect(state).to_have_text("Saved")
    stored = live.view()["record"]
    assert stored["decisions"] == "Two cases at level 1."
    assert [(one["text"], one["due"]) for one in stored["actions"]] == [("Look at the review date", "2026-12-01")]

    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_label("Proposed wording")).to_be_focused()
    says_wrong(page.get_by_label("Proposed wording"), "Error: Write the wording that the group proposes.")
    page.get_by_label("Which wording").select_option("Level 1")
    page.get_by_label("Proposed wording").fill("Older than a year.")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("level 1: Older than a year.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("What will be done")).to_have_value("Look at the review date")

    later = stage.trainer(revealed(stage))
    group = later.get_by_role("group", name="Look at the review date")
    group.get_by_label("What became of it").select_option("Done")
    with later.expect_response("**/write") as answered:
        group.get_by_label("Note").fill("It is asked for now.")
    assert answered.value.json()["revision"] >= 1
    third = stage.trainer(revealed(stage))
    expect(third.get_by_role("heading", name="Record of group supervision")).to_be_visible()
    expect(third.get_by_role("group", name="Look at the review date")).to_have_count(0)


def test_a_record_that_another_page_changed_keeps_both_texts(stage: Stage) -> None:
    live = revealed(stage)
    page = stage.trainer(live)
    decisions = page.get_by_role("textbox", name="Decisions that the group reviewed")
    asked: list[str] = []
    written: list[str] = []

    def first_and_after_writing(route: Route) -> None:
        asked.append("view")
        if written or len(asked) == 1:
            route.continue_()
        else:
            route.abort()

    def write(route: Route) -> None:
        written.append("record")
        route.continue_()

    page.route("**/stream", lambda route: route.abort())
    page.route(f"**/api/trainer/{live.session}", first_and_after_writing)  # it hears nothing of the other page
    page.route("**/write", write)
    page.reload()
    expect(decisions).to_be_visible()
    live.do("write", kind="group_recorded", base=0, data={"decisions": "Theirs", "concern": "Said by them"})
    with page.expect_response("**/write") as answered:
        decisions.fill("Mine")
    assert answered.value.status == 409
    expect(page.get_by_role("heading", name="Another page has changed this record")).to_be_visible()
    expect(page.locator(".cal-other").first).to_have_text("Theirs")
    expect(decisions).to_have_value("Mine")
    page.get_by_label("Take the other page's text: Concern").check()
    page.get_by_role("button", name="Store the record as chosen").click()
    expect(page.locator(".cal-conflict")).to_be_hidden()
    expect(page.locator(".cal-state").filter(has_text="Saved")).to_have_count(1)
    record: dict[str, Any] = live.view()["record"]
    assert (record["decisions"], record["concern"]) == ("Mine", "Said by them")


def looked_at(*pages: Page) -> None:
    """Asserts that axe finds nothing and nothing is too wide, in a wide window and on a telephone."""
    for page in pages:
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            fits(page)
            nothing_for_axe(page)


def when_time_is_over(page: Page) -> None:
    """Shows a rater's page as it is once the session's hours have passed."""

    def over(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "over": True}))

    page.route("**/stream", lambda route: route.abort())
    page.route(re.compile(r"/api/rate/[0-9a-f]{32}$"), over)
    page.reload()


def test_every_screen_and_state_is_accessible_wide_and_narrow(stage: Stage) -> None:
    live = stage.open(ONE, OTHER)
    trainer, wall = stage.trainer(live), stage.wall(live)
    others = live.join(5)
    rater = stage.rater(live)
    heading(rater, re.compile("^You are in"))
    looked_at(trainer, wall, rater)
    live.step("scoring", 1)
    heading(rater, "Round 1: read and score")
    choose(rater, 0, 2)
    rater.get_by_role("button", name="Offer a quote").click()
    rater.get_by_role("radio", name="All in a list").check()
    expect(wall.locator(".cal-tally")).to_have_text("0 of 6 locked")
    looked_at(wall, rater)
    score(rater, 2, 3)
    looked_at(rater)
    for place, one in enumerate(others):
        live.answer(one, 1, place % 4, quote=QUOTE)
    live.step("revealed", 1)
    for page in (trainer, wall, rater):
        expect(page.locator(".cal-finding").first).to_be_visible()
    trainer.get_by_role("button", name="Add an action").click()
    looked_at(trainer, wall, rater)
    live.step("scoring", 2)
    heading(rater, re.compile("^Round 2"))
    when_time_is_over(rater)
    heading(rater, "The time of this session is over")
    expect(rater.get_by_text("You had not locked your answers of round 2, so they do not count.")).to_be_visible()
    looked_at(rater)
    rater.unroute_all()
    rater.reload()
    for one in others:
        live.answer(one, 2, 2)
    live.step("revealed", 2)
    live.step("reference", 2)
    for page in (trainer, wall, rater):
        expect(page.locator(".cal-why").first).to_be_visible()
        for table in page.get_by_text("Show this as a table").all():
            table.click()
    looked_at(trainer, wall, rater)
    trainer.get_by_role("button", name="Finish").click()
    expect(trainer.get_by_role("dialog")).to_be_visible()
    looked_at(trainer)


def test_the_pages_for_coming_in_are_accessible_wide_and_narrow(stage: Stage) -> None:
    live = stage.open()
    page = join_page(stage, "222 223")
    expect(page.get_by_text("Error: No session is open")).to_be_visible()
    looked_at(page)
    page.get_by_label("Code on the wall").fill(live.code)
    page.keyboard.press("Enter")
    heading(page, TITLE)
    looked_at(page)
    lobby = stage.page("", client=stage.server.trainer())
    lobby.get_by_role("radio", name="Miss E.").check()  # which two rubrics can be scored on
    stranger = stage.page(f"rate/{live.session}")
    heading(stranger, "This page is not in the session")
    looked_at(lobby, stranger)
