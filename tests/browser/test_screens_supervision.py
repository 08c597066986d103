"""The screens Supervision and Patterns in a real browser: what a supervisee, their supervisor and a lead write, and who is turned away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from sampling.tickets import digest
from tests.browser.form_stage import kept_by
from tests.browser.screen_stage import NARROW, PATIENCE, Stage, fits, go, is_saved, nothing_for_axe, stage
from tests.scoring_service import LEAD, OTHER_SUPERVISOR, SUPERVISEE, SUPERVISOR, Scene, event

RATIONALE, AT_NIGHT = "a1" * 16, "b2" * 16
REFERENCE = "HR folder 12, agreement of November"
ALONE = "This page is for a supervisee and their own supervisor alone."


def line(words: str, **counts: int) -> dict[str, object]:
    """Returns one line of coverage, as the report writes it for a pair."""
    names = ("due", "in_time", "late_with_reason", "late_without_reason", "not_done", "exempt", "excused", "to_come")
    tally = {**dict.fromkeys(names, 0), **counts}
    return {
        "rule": "r",
        "threshold": "norm",
        "words": words,
        **tally,
        "sentence": f"{words}, as the norm: {tally['due']} due.",
    }


def pattern(identity: str, title: str, since: str, sentence: str) -> dict[str, object]:
    """Returns one pattern, as the report writes it for leads."""
    of = {"id": identity, "rule": "same_criterion", "title": title, "row": "A10", "scope": "the service", "about": ""}
    return {
        **of,
        "state": "standing",
        "since": since,
        "until": "",
        "unsure": False,
        "sentences": [sentence, "It does not show why."],
    }


def prepare(scene: Scene) -> None:
    """What an assurance run of October leaves beside the draws."""
    out = scene.home / "assurance" / "2026-10"
    (out / "pairs").mkdir(parents=True)
    lines = [line("Formal one-to-one", due=2, in_time=1, not_done=1), line("Case discussed", due=3, in_time=3)]
    pair = {
        "as_of": "2026-11-22",
        "lines": lines,
        "sentences": [str(one["sentence"]) for one in lines],
        "undiscussed": [digest("another case")],
    }
    (out / "pairs" / f"{digest(scene.key(SUPERVISEE))}.json").write_text(json.dumps(pair))
    found = [
        pattern(
            RATIONALE, "Rationale falls short", "2026-08", "Below the standard in 3 of 3 draws: 9 of 24 scored cases."
        ),
        pattern(AT_NIGHT, "Contacts at night", "2026-10", "4 of 9 contacts were outside the pathway."),
    ]
    (out / "patterns.json").write_text(json.dumps({"month": "2026-10", "respond_within_days": 14, "patterns": found}))


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("supervision"), prepare, days=30) as found:
        found.seen_whole |= {1280, 320}  # nothing here is Voilà's
        yield found


def file_of(st: Stage, name: str = SUPERVISOR) -> Page:
    """Opens the supervisee's page by its address, as its supervisor or as somebody else."""
    page = st.page(name)
    page.evaluate("place => { location.hash = place }", f"supervision/person={st.scene.key(SUPERVISEE)}")
    return page


def opened(st: Stage) -> Page:
    page = file_of(st)
    expect(page.get_by_role("heading", name=f"Supervision of {SUPERVISEE}")).to_be_focused(timeout=PATIENCE)
    return page


def everywhere(page: Page) -> None:
    """Asserts that axe finds nothing and nothing is too wide, at both widths."""
    for size in (NARROW, {"width": 1280, "height": 900}):
        page.set_viewport_size(size)
        fits(page)
        nothing_for_axe(page)


def reached(page: Page, name: str) -> None:
    """Goes to a control by the tab key alone."""
    wanted = page.get_by_role("button", name=name, exact=True)
    expect(wanted).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"the tab key does not reach {name}")


def test_a_supervisor_draws_up_an_agreement_and_notes_an_absence(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    go(page, "Supervision")
    everywhere(page)
    page.get_by_role("button", name=f"Open: {SUPERVISEE}").click()
    expect(page.get_by_role("heading", name=f"Supervision of {SUPERVISEE}")).to_be_focused(timeout=PATIENCE)
    row = page.get_by_role("row", name=re.compile("^Formal one-to-one, as the norm"))
    assert [one.inner_text() for one in row.get_by_role("cell").all()] == ["2", "1", "0", "0", "1", "1 not done"]
    coverage = page.get_by_role("region", name="Coverage")
    expect(coverage).to_contain_text("1 other case that was not drawn here")
    expect(coverage).to_contain_text("As it was counted on Sun 22 Nov 2026.")

    page.get_by_role("button", name="Draw up an agreement").click()
    form = page.get_by_role("form", name="Draw up an agreement")
    form.get_by_role("button", name=re.compile("^Save")).click()
    expect(form.get_by_text("Error: Say where the text of the agreement is kept.")).to_be_visible()
    form.get_by_label("Where is its text kept?").fill(REFERENCE)
    form.get_by_role("button", name=re.compile("^Save")).click()
    agreement = page.get_by_role("article", name=re.compile(f"^Agreement with {SUPERVISOR}"))
    agreement.get_by_role("button", name="Sign as supervisor").wait_for()
    go(page, "Cases")
    expect(page.get_by_role("region", name="Also waiting for you")).to_contain_text("as supervisor.")
    page.get_by_role("button", name="Open the agreement").click()
    expect(page.get_by_role("heading", name=f"Supervision of {SUPERVISEE}")).to_be_focused(timeout=PATIENCE)
    agreed = agreement.get_by_label("Agreed on")
    agreed.fill("2026-12-04")
    agreement.get_by_role("button", name="Sign as supervisor").click()
    expect(agreement.get_by_text("Error: That day is still to come.")).to_be_visible()
    expect(agreed).to_be_focused()
    agreed.fill("2026-12-02")
    agreement.get_by_role("button", name="Sign as supervisor").click()
    expect(agreement.get_by_text("Error: It cannot have been agreed before Thu 3 Dec 2026")).to_be_visible()
    everywhere(page)
    agreed.fill("2026-12-03")
    agreement.get_by_role("button", name="Sign as supervisor").click()
    expect(agreement).to_contain_text(f"Still to sign: {SUPERVISEE}.", timeout=PATIENCE)

    page.get_by_role("button", name="Note an absence").click()
    page.get_by_label("First day away").fill("2026-12-14")
    page.get_by_label("Last day away").fill("2026-12-01")
    page.get_by_role("button", name="Save the absence").click()
    expect(page.get_by_text("Error: The last day cannot be before the first.")).to_be_visible()
    page.get_by_label("Last day away").fill("2026-12-18")
    page.get_by_role("button", name="Save the absence").click()
    expect(page.get_by_role("button", name="Note an absence")).to_be_focused(timeout=PATIENCE)
    away = page.get_by_role("listitem").filter(has_text="Away from 14 December 2026 to 18 December 2026.")
    away.get_by_role("button", name=re.compile("^Take back")).click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("No absence is noted.")).to_be_visible(timeout=PATIENCE)
    is_saved(page)
    assert [one.payload.withdrawn for one in st.events("absence_noted")] == [False, True]


def test_an_exemption_needs_both_references_and_is_not_lost_by_a_reload(st: Stage) -> None:
    page = opened(st)
    page.get_by_role("button", name="Exempt a case").click()
    form = page.get_by_role("form", name="Exempt a case from monthly discussion")
    form.get_by_label("Which case?").select_option(index=1)
    form.get_by_label("Why?").select_option("plan_on_course")
    form.get_by_label("Exempt from").fill("2026-12-01")
    form.get_by_label("Where in the case record does the reason stand?").fill("Note of 1 December")
    form.get_by_role("button", name="Save the exemption").click()
    second = form.get_by_label("Where in the supervision record does it stand?")
    expect(second).to_be_focused()
    expect(second).to_have_accessible_description(re.compile("Without it the exemption does not count"))
    everywhere(page)
    assert st.events("case_exempted") == []

    names = [SUPERVISEE, *(one["case_label"] for one in st.scene.queue(SUPERVISOR)["reviews"])]
    assert not [one for one in kept_by(page) if any(name in one for name in names)]
    page.reload()
    expect(second).to_be_visible(timeout=PATIENCE)
    expect(form.get_by_label("Where in the case record does the reason stand?")).to_have_value("Note of 1 December")
    second.fill("Session of 30 November")
    page.route("**/api/events", lambda route: route.abort())
    form.get_by_role("button", name="Save the exemption").click()
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    page.unroute("**/api/events")
    expect(page.get_by_role("region", name="Cases")).to_contain_text(
        "Supervision record: Session of 30 November.", timeout=PATIENCE
    )
    is_saved(page)
    (said,) = (one.payload for one in st.events("case_exempted"))
    assert (said.case_reference, said.session_reference) == ("Note of 1 December", "Session of 30 November")


def test_a_supervisee_signs_by_the_keyboard_and_says_what_does_not_fit(st: Stage) -> None:
    page = st.page(SUPERVISEE)
    waiting = page.get_by_role("region", name="Also waiting for you")
    expect(waiting).to_contain_text("A supervision agreement waits for your signature, as supervisee.")
    everywhere(page)
    reached(page, "Open your supervision")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your supervision", exact=True)).to_be_focused(timeout=PATIENCE)
    expect(page.get_by_role("list", name="What waits")).to_contain_text("An agreement waits for your signature")
    reached(page, "Sign as supervisee")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name=re.compile("^Agreement with"))).to_contain_text(
        "Signed by both.", timeout=PATIENCE
    )
    expect(page.get_by_role("heading", name="Supervision agreement")).to_be_focused()
    reached(page, "It does not meet my needs")
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="Supervision does not meet my needs")
    expect(form.get_by_label("What does not fit?")).to_be_focused()
    page.keyboard.press("T")  # "The time is not protected", as a list is chosen from by its letters
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # "My supervisor"
    page.keyboard.press("Tab")
    page.keyboard.type("The ward telephones.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name=re.compile("^Flag:"))).to_contain_text(
        "Waits for the supervisor", timeout=PATIENCE
    )
    is_saved(page)
    (said,) = (one.payload for one in st.events("needs_flagged"))
    assert (said.to, said.note) == ("supervisor", "The ward telephones.")
    page.get_by_role("button", name="Object, or ask for a redaction").click()
    page.get_by_label("Something should be taken out").check()
    page.get_by_role("button", name="Send it").click()
    asked = page.get_by_role("article", name=re.compile("^Something should be taken out"))
    expect(asked).to_contain_text("Asked, not decided yet", timeout=PATIENCE)
    page.get_by_text("The checklist").click()
    everywhere(page)

    page = opened(st)
    expect(page.get_by_role("list", name="What waits")).to_contain_text("1 flag waits for your answer")
    page.get_by_role("button", name=re.compile("^Answer: ")).click()
    form = page.get_by_role("form", name="Answer")
    form.get_by_role("button", name="Send the answer").click()
    expect(form.get_by_text("Error: Say what came of it.")).to_be_visible()
    form.get_by_label("Something was changed").check()
    form.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("heading", name="Whether supervision meets needs")).to_be_focused(timeout=PATIENCE)
    assert [one.payload.outcome for one in st.events("needs_answered")] == ["changed"]


def test_two_who_write_the_same_at_once_choose_which_stands(st: Stage) -> None:
    page = opened(st)
    person = st.scene.key(SUPERVISEE)
    said = {"person": person, "item": "training", "on": "2026-11-02"}
    st.scene.later(days=1).append(SUPERVISEE, event("folder_checked", "", f"folder:{person}/training", said))
    page.get_by_role("button", name="Note an item").click()
    page.get_by_label("Which item?").select_option("training")
    page.get_by_label("Up to date on").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    both = page.get_by_role("region", name="Written twice")
    expect(both).to_contain_text("Mon 2 Nov 2026", timeout=PATIENCE)
    nothing_for_axe(page)
    page.reload()  # before a choice: neither of the two is lost
    expect(both).to_contain_text("Mon 2 Nov 2026", timeout=PATIENCE)
    both.get_by_role("button", name="This one stands: Missing").click()
    expect(both).to_have_count(0, timeout=PATIENCE)
    is_saved(page)
    page.get_by_text("The checklist").click()
    expect(page.get_by_role("row", name=re.compile("^Training profile"))).to_contain_text("Missing")


def test_nobody_else_opens_the_page_of_a_pair(st: Stage) -> None:
    for name in (OTHER_SUPERVISOR, LEAD):
        page = file_of(st, name)
        expect(page.get_by_role("alert").filter(has_text=ALONE).first).to_be_visible(timeout=PATIENCE)
        assert REFERENCE not in st.heard() and REFERENCE not in page.content()
        nothing_for_axe(page)
    page.evaluate("() => { location.hash = 'supervision/person=own' }")
    expect(page.get_by_role("alert").filter(has_text="You have no supervision here").first).to_be_visible(
        timeout=PATIENCE
    )


def test_a_lead_decides_on_an_objection_and_answers_a_pattern(st: Stage) -> None:
    page = st.page(LEAD)
    waiting = page.get_by_role("region", name="Also waiting for you")
    expect(waiting).to_contain_text("1 objection or request waits for a lead's decision.")
    everywhere(page)
    waiting.get_by_role("button", name="Open objections").click()
    expect(page.get_by_role("heading", name="Supervision", exact=True)).to_be_focused(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("^Note the decision: Something should be taken out")).click()
    form = page.get_by_role("form", name="What was decided")
    form.get_by_label("Upheld in part").check()
    form.get_by_label("Why?").select_option("about_somebody_else")
    form.get_by_role("button", name="Save the decision").click()
    expect(form.get_by_text("Error: Say who decided.")).to_be_visible()
    form.get_by_label("Who decided? (name or post)").fill("Assistant director")
    form.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("article", name=re.compile("^Something should"))).to_contain_text(
        "Upheld in part.", timeout=PATIENCE
    )
    page.get_by_role("button", name=f"Note as newly qualified: {SUPERVISEE}").click()
    expect(page.get_by_role("row", name=re.compile(f"^{SUPERVISEE}"))).to_contain_text(
        "Newly qualified", timeout=PATIENCE
    )
    everywhere(page)

    go(page, "Patterns")
    first = page.get_by_role("region", name="Rationale falls short")
    expect(first).to_contain_text("9 of 24 scored cases.")
    expect(first).to_contain_text("No answer yet: it was due")
    first.get_by_role("button", name=re.compile("^Note it as seen today")).click()
    expect(first).to_contain_text("Leaders saw it on Thu 3 Dec 2026.", timeout=PATIENCE)
    first.get_by_role("button", name=re.compile("^Decide what is done")).click()
    form = first.get_by_role("form", name="Decide what is done")
    form.get_by_label("By when?").fill("2026-12-01")
    form.get_by_role("button", name="Save the response").click()
    expect(form.get_by_text("Error: Say who does it.")).to_be_visible()
    expect(form.get_by_text("Error: It is due on or after the day on which it was decided.")).to_be_visible()
    form.get_by_label("What is done?").fill("Two hours of training in the team's meeting.")
    form.get_by_label("Who does it? (name or post)").fill("Team manager")
    form.get_by_label("By when?").fill("2026-12-17")
    form.get_by_role("button", name="Save the response").click()
    log = first.get_by_role("article", name=re.compile("^Response: Two hours"))
    expect(log).to_contain_text("No outcome yet", timeout=PATIENCE)
    log.get_by_role("button", name=re.compile("^Note the outcome")).click()
    log.get_by_label("Done in part").check()
    everywhere(page)
    log.get_by_role("button", name="Save the outcome").click()
    expect(log).to_contain_text("Done in part", timeout=PATIENCE)
    is_saved(page)
    assert [one.payload.month for one in st.events("pattern_seen")] == ["2026-10"]
    assert [one.payload.outcome for one in st.events("pattern_outcome")] == ["partly"]


def test_a_supervisee_takes_a_copy_of_everything(st: Stage) -> None:
    page = st.page(SUPERVISEE)
    go(page, "Supervision")
    decided = page.get_by_role("article", name=re.compile("^Something should be taken out"))
    expect(decided).to_contain_text("Upheld in part. It is about somebody else. Assistant director")
    with page.expect_download() as copy:
        page.get_by_role("link", name="Save as a text file").click()
    words = Path(copy.value.path()).read_text(encoding="utf-8")
    for said in (REFERENCE, "The ward telephones.", "Something was changed", "Upheld in part", "Newly qualified."):
        assert said in words


# An answer that was lost


def deaf(page: Page) -> None:
    """The server stores what is sent, and the page never hears of it."""

    def answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/sampling/api/events", answer)


def absence_begun(page: Page, first: str) -> Locator:
    page.get_by_role("button", name="Note an absence").click()
    form = page.get_by_role("form", name="Note an absence")
    form.get_by_label("First day away").fill(first)
    return form


def test_a_note_whose_answer_was_lost_is_saved_once_whatever_is_pressed_after_a_reload(st: Stage) -> None:
    page = opened(st)
    before = len(st.events("absence_noted"))
    form = absence_begun(page, "2027-01-11")
    deaf(page)
    form.get_by_role("button", name="Save the absence").click()
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    page.reload()  # and the answers are lost still
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    form.get_by_role("button", name="Save the absence").click()
    nothing_for_axe(page)
    page.unroute_all(behavior="ignoreErrors")
    expect(form).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("listitem").filter(has_text="Away from 11 January 2027")).to_have_count(1)
    is_saved(page)
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="Away from 11 January 2027")).to_have_count(1, timeout=PATIENCE)
    expect(form).to_have_count(0)
    assert len(st.events("absence_noted")) - before == 1


def test_a_note_whose_answer_was_lost_does_not_open_its_form_again_once_it_is_known_as_saved(st: Stage) -> None:
    page = opened(st)
    before = len(st.events("absence_noted"))
    form = absence_begun(page, "2027-01-18")
    deaf(page)
    form.get_by_role("button", name="Save the absence").click()
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="Away from 18 January 2027")).to_have_count(1, timeout=PATIENCE)
    expect(form).to_have_count(0)
    is_saved(page)
    assert len(st.events("absence_noted")) - before == 1


@pytest.mark.parametrize("reload", [True, False])
def test_words_that_were_changed_after_a_lost_answer_change_the_same_note(st: Stage, reload: bool) -> None:
    page = opened(st)
    before = len(st.events("absence_noted"))
    first = "2027-02-01" if reload else "2027-02-08"
    form = absence_begun(page, first)
    deaf(page)
    form.get_by_role("button", name="Save the absence").click()
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    form.get_by_label("Last day away").fill("2027-02-12")
    if reload:
        page.reload()
        expect(form.get_by_label("Last day away")).to_have_value("2027-02-12", timeout=PATIENCE)
    page.unroute_all(behavior="ignoreErrors")
    told = form.get_by_text("Saved as you sent it. What you have changed since is not saved yet: save again.")
    expect(told).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(told).to_be_visible(timeout=PATIENCE)
    nothing_for_axe(page)
    form.get_by_role("button", name="Save the absence").click()
    expect(form).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("region", name="Written twice")).to_have_count(0)
    is_saved(page)
    found = [one.payload for one in st.events("absence_noted")][before:]
    assert len({one.absence for one in found}) == 1
    assert [str(one.last) for one in found] == ["None", "2027-02-12"]


def test_a_form_that_is_cancelled_on_its_way_does_not_say_that_it_is_saved(st: Stage) -> None:
    page = opened(st)
    page.evaluate(
        """() => { window.said = []; new MutationObserver((found) => window.said.push(...found.map((one) => one.target.textContent)))
        .observe(document.querySelector(".sf-root"), { subtree: true, childList: true, characterData: true }); }"""
    )
    form = absence_begun(page, "2027-03-01")
    page.route("**/sampling/api/events", lambda route: route.abort())
    form.get_by_role("button", name="Save the absence").click()
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    form.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Note an absence")).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")
    expect(page.locator(".sf-state")).to_have_text("No changes yet")
    form = absence_begun(page, "2027-03-08")  # and nothing was announced by the time that something else is saved
    assert "Saved." not in page.evaluate("() => window.said")
    form.get_by_role("button", name="Save the absence").click()
    expect(page.get_by_role("listitem").filter(has_text="Away from 8 March 2027")).to_have_count(1, timeout=PATIENCE)
    assert not [one for one in st.events("absence_noted") if str(one.payload.first) == "2027-03-01"]


def test_a_response_to_a_pattern_whose_answer_was_lost_is_saved_once(st: Stage) -> None:
    page = st.page(LEAD)
    go(page, "Patterns")
    before = len(st.events("pattern_response"))
    pattern = page.get_by_role("region", name="Contacts at night")
    pattern.get_by_role("button", name=re.compile("^Decide what is done")).click()
    form = pattern.get_by_role("form", name="Decide what is done")
    form.get_by_label("What is done?").fill("The rota is looked at.")
    form.get_by_label("Who does it? (name or post)").fill("Team manager")
    deaf(page)
    form.get_by_role("button", name="Save the response").click()
    expect(form.get_by_text("Not saved. It is kept on this computer. Trying again.")).to_be_visible(timeout=PATIENCE)
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    log = pattern.get_by_role("article", name=re.compile("^Response: The rota"))
    expect(log).to_have_count(1, timeout=PATIENCE)
    expect(form).to_have_count(0)
    is_saved(page)
    assert len(st.events("pattern_response")) - before == 1
