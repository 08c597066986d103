"""Supervision sessions in a real browser: opened, worked through in the order of the form, closed, signed by both, replied to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen_stage import (
    NARROW,
    PATIENCE,
    Stage,
    fits,
    go,
    is_saved,
    nothing_for_axe,
    raise_pair,
    stage,
)
from tests.scoring_service import LEAD, SUPERVISEE, SUPERVISOR, Scene, event

AGENDA = (
    "Formulation updates",
    "Safeguarding indicators",
    "Use of escalation",
    "Contact frequency",
    "Documentation sampling",
)


def prepare(scene: Scene) -> None:
    """A signed review of the supervisee's case with two actions: the earlier actions of the next session."""
    review = next(
        row["review"]
        for row in scene.queue(SUPERVISOR)["reviews"]
        if row["practitioner_label"] == SUPERVISEE and not row["sealed"]
    )
    scene.rate_all(SUPERVISOR, review, 1)
    raise_pair(scene, SUPERVISOR, review, next(iter(scene.review(SUPERVISOR, review)["state"]["criteria"])))
    scene.sign(SUPERVISOR, review)


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("sessions"), prepare, days=3) as found:
        yield found


def opened(st: Stage, kind: str, name: str = SUPERVISOR) -> Page:
    """Opens a new session of the supervisor with the supervisee."""
    page = st.page(name)
    go(page, "Sessions")
    page.get_by_role("button", name=f"Open a session: {SUPERVISEE}").click()
    page.get_by_label(kind, exact=True).check()
    page.get_by_role("button", name="Open the session").click()
    expect(page.get_by_role("heading", name=f"Session of {SUPERVISOR} and {SUPERVISEE}")).to_be_focused(
        timeout=PATIENCE
    )
    return page


def again(st: Stage, page: Page) -> Page:
    """Loads the page of the session anew."""
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("^Session of"))).to_be_visible(timeout=PATIENCE)
    return page


def test_opening_a_session_asks_for_kind_person_and_day(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    go(page, "Sessions")
    expect(page.locator(".ss-note")).to_contain_text("Only a planned formal one-to-one counts to coverage.")
    nothing_for_axe(page)
    page.get_by_role("button", name=f"Open a session: {SUPERVISEE}").click()
    page.get_by_role("button", name="Open the session").click()
    expect(page.get_by_text("Error: Choose the kind of session.")).to_be_visible()
    nothing_for_axe(page)
    page.get_by_label("Group", exact=True).check()
    expect(page.get_by_role("group", name=re.compile("^With whom")).get_by_label(SUPERVISEE)).to_be_checked()
    page.set_viewport_size(NARROW)
    fits(page)
    nothing_for_axe(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name=f"Open a session: {SUPERVISEE}")).to_be_focused()
    assert st.events("session_opened") == []


def test_a_formal_session_from_recap_to_both_signatures(st: Stage) -> None:
    page = opened(st, "Formal one-to-one")
    session = st.events("session_opened")[-1].review
    titles = [one.inner_text() for one in page.locator(".ss-section > h2").all()]
    assert titles == [
        "1. Recap: earlier actions",
        "2. Information: agenda and cases",
        "3. Reflection and problem solving",
        "4. Summary, actions and signatures",
    ]
    nothing_for_axe(page)

    close = page.get_by_role("region", name=re.compile("^4"))
    expect(close).to_contain_text("2 of 2 earlier actions are still to be reviewed.")
    close.get_by_label("How many minutes did it take?").fill("60")
    close.get_by_role("button", name="Close the session").click()
    expect(close.get_by_text(re.compile("^Error: 2 of 2 earlier actions"))).to_be_visible()
    assert st.events("session_closed") == []

    recap = page.get_by_role("region", name=re.compile("^1"))
    for one, finding in zip(recap.get_by_role("article").all(), ("Done", "Slipped"), strict=True):
        one.get_by_label(finding, exact=True).check()
    recap.get_by_role("article").last.get_by_label("Note", exact=True).fill("Waits for the family meeting.")
    expect(recap).to_contain_text("All 2 earlier actions have been reviewed.", timeout=PATIENCE)

    facts = page.get_by_role("region", name=re.compile("^2"))
    for label in AGENDA[:4]:
        facts.get_by_role("group", name=label).get_by_label("Covered").check()
    facts.get_by_label("Note: documentation sampling").fill("Two of three drawn cases name the trigger.")
    expect(facts.get_by_role("group", name=AGENDA[4]).get_by_label("Covered")).to_be_checked()
    expect(facts).to_contain_text("5 of 5 agenda items covered.", timeout=PATIENCE)
    facts.get_by_role("button", name=re.compile("^Discuss:")).first.click()
    expect(facts.get_by_label(re.compile("^What was said about"))).to_be_focused(timeout=PATIENCE)
    page.keyboard.type("The plan names two people.")
    expect(facts).to_contain_text("1 drawn, 0 put forward: drawn cases only.", timeout=PATIENCE)

    facts.get_by_role("button", name="Note a judgement").click()
    form = facts.get_by_role("form", name="A judgement at a key point")
    form.get_by_role("button", name="Save").click()
    for sentence in ("Say which case it is about.", "Say what was decided.", "Say whether it is endorsed."):
        expect(form.get_by_text(f"Error: {sentence}")).to_be_visible()
    form.get_by_label("Which case?").select_option(index=1)
    form.get_by_label("What was decided?").select_option("no_escalation")
    form.get_by_label("Endorsed with a change").check()
    form.get_by_role("button", name="Save").click()
    expect(facts.get_by_role("button", name="Note a judgement")).to_be_focused(timeout=PATIENCE)
    expect(facts.get_by_role("listitem").filter(has_text="not escalating")).to_contain_text("Endorsed with a change")

    summary = page.get_by_role("region", name=re.compile("^4"))
    summary.get_by_label("Management: competent, accountable work").check()
    summary.get_by_role("group", name="Personal issues were covered").get_by_label("No", exact=True).check()
    expect(summary).to_contain_text("1 of 4 functions served: management.", timeout=PATIENCE)

    reflection = page.get_by_role("region", name=re.compile("^3"))
    reflection.get_by_label("What happened?").fill("A call at night that nobody expected.")
    reflection.get_by_role("group", name="Analysis").get_by_label(re.compile("^Skip this step")).check()
    expect(reflection.get_by_role("group", name="Analysis")).to_contain_text("Skipped")
    expect(reflection).to_contain_text(
        "Skipped: analysis. A step that is skipped tends to come back.", timeout=PATIENCE
    )
    is_saved(page)

    again(st, page)
    expect(page.get_by_label("What happened?")).to_have_value("A call at night that nobody expected.")
    expect(page.get_by_label(re.compile("^What was said about"))).to_have_value("The plan names two people.")
    expect(summary.get_by_label("Management: competent, accountable work")).to_be_checked()
    personal = summary.get_by_role("group", name="Personal issues were covered")
    expect(personal.get_by_label("No", exact=True)).to_be_checked()

    close.get_by_role("button", name="Agree an action").click()
    close.get_by_role("button", name="Save the action").click()
    expect(close.get_by_text("Error: An action needs an owner.")).to_be_visible()
    nothing_for_axe(page)
    close.get_by_label("What will be done?").fill("Call the GP about the new dose.")
    close.get_by_label("Who does it?").select_option(SUPERVISEE)
    close.get_by_role("button", name="Save the action").click()
    expect(close.get_by_role("article")).to_contain_text("Call the GP about the new dose.", timeout=PATIENCE)

    close.get_by_label("How many minutes did it take?").fill("60")
    close.get_by_role("button", name="Close the session").click()
    expect(close).to_contain_text("after 60 minutes", timeout=PATIENCE)
    expect(page.locator(".ss-head")).to_contain_text(f"Still to sign: {SUPERVISOR}, {SUPERVISEE}.")
    close.get_by_role("button", name="Sign as supervisor").click()
    expect(close).to_contain_text(f"Supervisor: {SUPERVISOR}", timeout=PATIENCE)
    nothing_for_axe(page)
    assert [one.payload.role for one in st.events("signed", session)] == ["supervisor"]

    with page.expect_download() as copy:
        close.get_by_role("button", name="Save as a file").click()
    words = Path(copy.value.path()).read_text(encoding="utf-8")
    assert "The plan names two people." in words and "Call the GP about the new dose." in words
    assert "not escalating: endorsed with a change" in words and "- Personal issues were covered: no" in words


def test_the_supervisee_disputes_it_it_is_put_right_and_both_sign(st: Stage) -> None:
    session = st.events("session_opened")[-1].review
    page = st.page(SUPERVISEE)
    go(page, "Sessions")
    page.get_by_role("button", name=re.compile("^Read: Formal one-to-one")).click()
    reply = page.get_by_role("region", name="Reply")
    reply.get_by_label("I disagree").check()
    reply.get_by_role("button", name="Send the reply").click()
    expect(reply.get_by_text("Error: Say what you want to be looked at again.")).to_be_visible()
    reply.get_by_label("In your own words").fill("The second action did not slip.")
    reply.get_by_role("button", name="Send the reply").click()
    expect(page.locator(".ss-head")).to_contain_text(
        "The supervisee has replied that the record is not right.", timeout=PATIENCE
    )
    nothing_for_axe(page)

    page = st.page(SUPERVISOR)
    go(page, "Sessions")
    page.get_by_role("button", name=re.compile("^Read: Formal one-to-one")).click()
    page.get_by_role("button", name="Take the closing back").click()
    expect(page.get_by_role("button", name="Close the session")).to_be_visible(timeout=PATIENCE)
    recap = page.get_by_role("region", name=re.compile("^1"))
    recap.get_by_role("article").last.get_by_label("In hand").check()
    is_saved(page)
    page.get_by_label("How many minutes did it take?").fill("65")
    page.get_by_role("button", name="Close the session").click()
    page.get_by_role("button", name="Sign as supervisor").click()
    expect(page.get_by_role("button", name="Sign as supervisor")).to_have_count(0, timeout=PATIENCE)
    findings = [one.payload.finding for one in st.events("prior_action_reviewed", session)]
    assert "slipped" in findings and findings[-1] == "in_hand"  # both stay


def test_two_pages_on_one_note_are_both_kept_and_one_is_chosen(st: Stage) -> None:
    page = opened(st, "Ad hoc")
    session = st.events("session_opened")[-1].review
    st.scene.later(days=1).append(
        SUPERVISOR,
        event("agenda_covered", session, "agenda:escalation_use", {"item": "escalation_use", "covered": True, "note": "From another page."}),
    )  # fmt: skip
    page.get_by_label("Note: use of escalation").fill("From this page.")
    both = page.get_by_role("region", name="Written twice")
    expect(both).to_contain_text("From another page.", timeout=PATIENCE)
    expect(both).to_contain_text("From this page.")
    nothing_for_axe(page)
    both.get_by_role("button", name="This one stands: From this page.").click()
    expect(page.get_by_role("region", name="Written twice")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_label("Note: use of escalation")).to_have_value("From this page.")
    notes = [one.payload.note for one in st.events("agenda_covered", session)]
    assert "From another page." in notes and "From this page." in notes


def test_words_typed_while_the_server_is_silent_are_there_after_a_reload(st: Stage) -> None:
    page = opened(st, "Ad hoc")
    page.route("**/api/events", lambda route: route.abort())
    page.get_by_label("What happened?").fill("Nobody had told the night team.")
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "unsaved", timeout=PATIENCE)
    nothing_for_axe(page)
    page.on("dialog", lambda dialog: dialog.accept())
    again(st, page)
    expect(page.get_by_label("What happened?")).to_have_value("Nobody had told the night team.")
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "unsaved", timeout=PATIENCE)
    page.unroute("**/api/events")
    is_saved(page)
    assert [one.payload.note for one in st.events("prompt_answered")][-1] == "Nobody had told the night team."


def test_the_notes_of_a_reflective_session_reach_no_third_person(st: Stage) -> None:
    page = opened(st, "Reflective")
    page.get_by_label("What happened?").fill("I was afraid to ask.")
    is_saved(page)
    expect(page.locator(".ss-note")).to_contain_text("given to the two people whose session it is")
    st.close_pages()
    page = st.page(LEAD)
    go(page, "Sessions")
    page.get_by_role("row", name=re.compile("Reflective")).get_by_role("button").click()
    expect(page.get_by_role("heading", name=re.compile("^Session of"))).to_be_focused(timeout=PATIENCE)
    expect(page.locator(".ss-note")).to_contain_text(
        "The notes of this reflective session are for the people whose session it is."
    )
    assert page.locator("textarea").count() == 0
    assert "I was afraid" not in st.heard() and "I was afraid" not in page.content()
    nothing_for_axe(page)


def test_axe_and_320_pixels(st: Stage) -> None:
    page = st.page(SUPERVISOR, size=NARROW)
    go(page, "Sessions")
    fits(page)
    nothing_for_axe(page)
    page.get_by_role("button", name=re.compile("^Read: Formal one-to-one")).click()
    expect(page.get_by_role("heading", name=re.compile("^Session of"))).to_be_focused(timeout=PATIENCE)
    fits(page)
    nothing_for_axe(page)
