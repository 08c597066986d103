"""A live calibration session in a real browser: trainer, wall and raters through two rounds, sealed until the reveal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.calibration_stage import (
    ONE,
    OTHER,
    QUOTE,
    TITLE,
    Stage,
    calibration_stage,
    choose,
    heading,
    saved,
    score,
)
from tests.browser.form_stage import kept_by
from tests.calibration_server import Live

SENTENCE = "it does not measure any one person"
SEALED_KEYS = {"level", "code", "quote", "counts", "answers", "low", "high", "why"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with calibration_stage(tmp_path_factory.mktemp("calibration")) as found:
        yield found


@pytest.fixture(autouse=True)
def pages_closed(stage: Stage) -> Iterator[None]:
    yield
    stage.close_pages()


def keys_of(value: Any) -> set[str]:
    """Returns every key in a view that holds something."""
    if isinstance(value, dict):
        filled = {key for key, inner in value.items() if inner not in (None, [], {}, "")}
        return filled.union(*(keys_of(inner) for inner in value.values())) if value else set()
    return set().union(*(keys_of(inner) for inner in value)) if isinstance(value, list) and value else set()


def test_three_roles_go_through_two_rounds_to_the_finish(stage: Stage) -> None:
    trainer = stage.page("", name="trainer", client=stage.server.trainer())
    trainer.get_by_role("radio", name="Adults", exact=True).check()
    expect(trainer.get_by_role("radio", name="K. and the blue bicycle")).to_have_count(0)
    trainer.get_by_role("button", name="Open session").click()
    expect(trainer.get_by_text("Error: Choose a vignette.")).to_be_visible()
    trainer.get_by_role("radio", name=TITLE).check()
    trainer.get_by_label("What the group scores").select_option(ONE)
    trainer.get_by_role("button", name="Open session").click()
    heading(trainer, "Waiting to begin")

    client = stage.server.trainer()
    session = trainer.url.rpartition("/")[2]
    code = client.get(f"api/trainer/{session}").json["code"]
    live = Live(stage.server, session, code, [ONE], client)
    with trainer.context.expect_page() as opened:
        trainer.get_by_role("link", name="Open the wall (in a new tab)").click()
    wall = opened.value
    expect(wall.locator(".cal-code")).to_have_text(f"{code[:3]} {code[3:]}")
    expect(wall.locator(".cal-address")).to_have_text(stage.server.site)

    start = trainer.get_by_role("button", name="Start round 1")
    start.focus()
    live.join(4)
    first, second = stage.rater(live, name="first"), stage.rater(live, name="second")
    heading(first, "You are in. Wait for the trainer to begin.")
    expect(wall.locator(".cal-tally")).to_have_text("6 joined")
    expect(trainer.get_by_role("heading", name="Joined: 6")).to_be_visible()

    expect(start).to_be_focused()  # though that part of the page was drawn again
    start.click()
    heading(first, "Round 1: read and score")
    score(first, 1)
    score(second, 2)
    for rater, level in zip(live.raters[:3], (0, 2, 2), strict=True):
        live.answer(rater, 1, level)
    expect(wall.locator(".cal-tally")).to_have_text("5 of 6 locked")
    trainer.get_by_role("button", name="Reveal (5 of 6 locked)").click()
    live.answer(live.raters[3], 1, 3)
    expect(wall.locator(".cal-tally")).to_have_text("6 of 6 locked")
    trainer.get_by_role("dialog").get_by_role("button", name="Wait").click()
    expect(trainer.get_by_role("button", name="Reveal (6 of 6 locked)")).to_be_focused()
    heading(trainer, "Round 1: scoring")
    trainer.get_by_role("button", name="Reveal (6 of 6 locked)").click()

    heading(trainer, "Round 1: revealed")
    expect(wall.locator(".cal-finding")).to_contain_text("6 raters: 4 at")
    expect(wall.locator(".cal-dot")).to_have_count(6)
    expect(first.locator(".cal-ring")).to_have_count(1)
    expect(first.get_by_text("You chose level 1: the ringed dot.")).to_be_visible()
    expect(wall.locator(".cal-ring")).to_have_count(0)
    expect(trainer.get_by_text("Would someone who chose 0 say what in the case led there?")).to_be_visible()
    trainer.get_by_role("button", name="Start 90 seconds to talk").click()
    expect(wall.get_by_role("timer")).to_have_text(re.compile(r"1:[012]\d"))

    trainer.get_by_role("button", name="Round 2").click()
    heading(first, "Round 2: score the same case again")
    expect(first.locator(".cal-criterion input:checked")).to_have_count(0)
    score(first, 2)
    score(second, 2)
    for rater in live.raters[:4]:
        live.answer(rater, 2, 2)
    trainer.get_by_role("button", name="Reveal (6 of 6 locked)").click()
    expect(wall.locator(".cal-finding")).to_contain_text("6 raters: 6 at 2 or above, 0 below.")
    expect(wall.get_by_text("6 raters in both rounds: 3 stayed, 2 went up, 1 went down.")).to_be_visible()
    expect(wall.get_by_text("conformity")).to_be_visible()
    expect(first.locator(".cal-paired")).to_have_text("You: level 1 in round 1, then level 2 in round 2.")

    expect(wall.locator(".cal-why")).to_have_count(0)
    trainer.get_by_role("button", name="Show the reference levels").click()
    expect(wall.locator(".cal-why")).to_contain_text("Reference: level 3.")
    expect(wall.locator("svg .cal-reference")).to_have_count(1)
    expect(first.locator(".cal-why")).to_contain_text("Reference: level 3.")
    trainer.get_by_role("button", name="Finish").click()
    trainer.get_by_role("dialog").get_by_role("button", name="Finish the session").click()
    for page in (trainer, wall, first):
        expect(page.locator(".cal-foot")).to_contain_text(SENTENCE)
    heading(first, "The session is over")
    heading(trainer, "Finished")
    assert live.view()["step"] == "finished"
    assert kept_by(first) == kept_by(trainer) == kept_by(wall) == []


def test_nobody_is_given_a_level_before_the_reveal(stage: Stage) -> None:
    live = stage.open(ONE, OTHER)
    trainer, wall = stage.trainer(live), stage.wall(live)
    other = stage.rater(live, name="other")
    secret, *rest = live.join(5)
    live.step("scoring", 1)
    live.answer(secret, 1, 3, quote=QUOTE)
    for rater in rest:
        live.answer(rater, 1, 2)
    for page in (trainer, wall):
        expect(page.locator(".cal-tally")).to_have_text("5 of 6 locked")
    expect(other.get_by_role("button", name="Lock my answers")).to_be_visible()
    for name in ("trainer", "wall", "other"):
        views = stage.views(name)
        assert len(views) >= 2, f"the {name} page followed the session"
        for view in views:
            assert view.pop("code", live.code) == live.code  # the one for joining
            view.pop("case", None)
            assert keys_of(view) & SEALED_KEYS == set(), name
            assert view["results"] == view["changes"] == view["reference"] == []
    assert QUOTE not in wall.content()
    for page in (trainer, other):  # these hold the case, and so its words
        assert f"<q>{QUOTE}" not in page.content()
        assert "cal-dot" not in page.content()
    live.step("revealed", 1)
    expect(wall.locator("q")).to_have_text(QUOTE)
    expect(wall.locator(".cal-dot")).to_have_count(5)


def test_a_reload_keeps_answers_and_quotes(stage: Stage) -> None:
    live = stage.open(ONE, OTHER)
    live.step("scoring", 1)
    page = stage.rater(live)
    heading(page, "Round 1: read and score")
    expect(page.locator(".cal-criterion input:checked")).to_have_count(0)
    choose(page, 0, 2)
    page.evaluate(
        """words => {
          const text = [...document.querySelectorAll('.cal-document-text')].find(one => one.textContent.includes(words)).firstChild;
          const range = document.createRange();
          range.setStart(text, text.data.indexOf(words));
          range.setEnd(text, text.data.indexOf(words) + words.length);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }""",
        QUOTE,
    )
    page.get_by_role("button", name="Offer a quote").click()
    expect(page.locator(".cal-quote q")).to_have_text(QUOTE)
    saved(page)
    page.reload()
    expect(page.locator(".cal-criterion").first.locator("input[value='2']")).to_be_checked()
    expect(page.locator(".cal-quote q")).to_have_text(QUOTE)
    page.get_by_role("button", name="Next").click()
    choose(page, 1, 1)
    page.reload()  # at once: what was chosen a moment ago is still on its way
    page.get_by_role("radio", name="All in a list").check()
    expect(page.locator(".cal-criterion").nth(1).locator("input[value='1']")).to_be_checked()
    page.get_by_role("button", name="Remove the quote").click()
    saved(page)
    answers = live.seen_by(live.raters[0])["me"]["rounds"]["1"]
    assert answers.pop("turn") > 0
    assert answers == {
        "locked": False,
        "answers": {ONE: {"level": 2, "code": None, "quote": ""}, OTHER: {"level": 1, "code": None, "quote": ""}},
    }


def test_two_pages_of_one_rater_show_the_same(stage: Stage) -> None:
    live = stage.open(ONE, OTHER)
    live.step("scoring", 1)
    page = stage.rater(live)
    again = page.context.new_page()
    again.goto(page.url)
    for one, other, number, level in ((page, again, 0, 2), (again, page, 1, 3), (page, again, 0, 1)):
        one.get_by_role("radio", name="All in a list").check()
        choose(one, number, level)
        expect(other.locator(".cal-criterion").nth(number).locator(f"input[value='{level}']")).to_be_checked()
    saved(page)
    given = live.seen_by(live.raters[0])["me"]["rounds"]["1"]["answers"]
    assert [given[ref]["level"] for ref in (ONE, OTHER)] == [1, 3]


def test_a_late_joiner_sees_nothing_of_round_1(stage: Stage) -> None:
    live = stage.open()
    early = live.join(5)
    live.step("scoring", 1)
    for rater in early:
        live.answer(rater, 1, 1)
    live.step("revealed", 1)
    late = stage.rater(live, name="late")
    heading(late, "You take part from round 2")
    expect(late.get_by_role("heading", name="The case")).to_be_visible()
    live.step("scoring", 2)
    score(late, 2)
    for rater in early:
        live.answer(rater, 2, 2)
    live.step("revealed", 2)
    expect(late.locator(".cal-finding")).to_contain_text("6 raters: 6 at 2 or above, 0 below.")
    expect(late.locator(".cal-dot")).to_have_count(6)
    assert {one["round"] for view in stage.views("late") for one in view["results"]} == {2}
    assert [one for view in stage.views("late") for one in view["changes"]] == []


def test_fewer_than_five_raters_are_shown_as_count_and_range_alone(stage: Stage) -> None:
    live = stage.open()
    wall, trainer = stage.wall(live), stage.trainer(live)
    raters = live.join(3)
    live.step("scoring", 1)
    for rater, level in zip(raters, (0, 1, 3), strict=True):
        live.answer(rater, 1, level)
    live.step("revealed", 1)
    expect(wall.locator(".cal-finding")).to_contain_text("3 raters gave a level, from level 0 to 3")
    expect(trainer.get_by_text("Too few answers to ask by level")).to_be_visible()
    expect(wall.locator(".cal-dot")).to_have_count(0)
    assert all(one["counts"] is None for view in stage.views("wall") for one in view["results"])


def test_the_round_reveals_itself_once_everyone_has_locked(stage: Stage) -> None:
    live = stage.open(auto_reveal=True)
    (quiet,) = live.join()
    live.step("scoring", 1)
    page = stage.rater(live)
    live.answer(quiet, 1, 2)
    page.locator(".cal-criterion h3").focus()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    heading(page, "Round 1: revealed")
    expect(page.locator("h1")).to_be_focused()
