"""The supervisee's page in a real browser: the signed record, the right of reply, the signature, a deviation, an own copy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen_stage import NARROW, PATIENCE, Stage, fits, go, is_saved, nothing_for_axe, raise_pair, stage
from tests.scoring_service import SUPERVISEE, SUPERVISOR, Scene, commented

WORDS = "The note of 14 October names no trigger."
MARKUP = "<img src=x onerror=\"document.title='taken'\"> and =HYPERLINK(1)"


def prepare(scene: Scene) -> None:
    """A signed review of the supervisee's case, and one that is not signed yet."""
    review = next(
        row["review"]
        for row in scene.queue(SUPERVISOR)["reviews"]
        if row["practitioner_label"] == SUPERVISEE and not row["sealed"]
    )
    scene.rate_all(SUPERVISOR, review, 1)
    shown = scene.review(SUPERVISOR, review)
    refs = list(shown["state"]["criteria"])
    scene.append(SUPERVISOR, commented(shown, refs[0], WORDS), commented(shown, refs[1], MARKUP))
    raise_pair(scene, SUPERVISOR, review, refs[0])
    scene.sign(SUPERVISOR, review)


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("reply"), prepare, days=3) as found:
        yield found


def opened(st: Stage, size: dict[str, int] | None = None) -> Page:
    page = st.page(SUPERVISEE, size=size)
    page.get_by_role("button", name=re.compile("^Read and reply:")).click()
    expect(page.get_by_role("heading", name=re.compile("^What was scored:"))).to_be_focused(timeout=PATIENCE)
    return page


def test_the_supervisee_sees_their_own_signed_review_in_the_queue(st: Stage) -> None:
    page = st.page(SUPERVISEE)
    table = page.get_by_role("table", name=re.compile("^Signed reviews of your cases"))
    assert table.locator("tbody tr").count() == 1
    expect(table).to_contain_text("No reply")
    expect(table).to_contain_text("Not yet")
    nothing_for_axe(page)


def test_levels_anchors_comments_and_actions_are_shown_as_text(st: Stage) -> None:
    page = opened(st)
    body = page.locator(".sf-root")
    shown = st.scene.review(SUPERVISEE, st.events("signed")[-1].review)
    one = shown["rubrics"][0]["criteria"][0]
    expect(body).to_contain_text(f"1 – {one['levels'][1]}")
    for words in (WORDS, MARKUP, "Rewrite the note of 14 October", f"Signed by {SUPERVISOR}"):
        expect(body).to_contain_text(words)
    assert page.locator(".sf-root img").count() == 0 and page.title() != "taken"
    nothing_for_axe(page)


def test_a_narrow_page_holds_everything(st: Stage) -> None:
    page = opened(st, NARROW)
    fits(page)
    nothing_for_axe(page)


def test_a_reply_is_saved_answered_and_both_are_shown(st: Stage) -> None:
    page = opened(st)
    reply = page.get_by_role("region", name="Reply")
    reply.get_by_role("button", name="Send the reply").click()
    expect(reply.get_by_text("Error: Choose one.")).to_be_visible()
    nothing_for_axe(page)
    reply.get_by_label("There is evidence that was missed").check()
    reply.get_by_label("About which criterion? (optional)").select_option(index=1)
    reply.get_by_label("In your own words").fill("The trigger stands in the letter of 16 October.")
    reply.get_by_role("button", name="Send the reply").click()
    expect(page.get_by_role("region", name="Reply")).to_contain_text("Reply waits for an answer", timeout=PATIENCE)
    is_saved(page)
    said = st.events("replied")[-1]
    assert (said.payload.reason, said.actor) == ("evidence_missed", st.scene.key(SUPERVISEE))

    page = st.page(SUPERVISOR)
    page.get_by_role("button", name=re.compile("^Read:")).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name=re.compile("^Record and reply:"))).to_be_focused(timeout=PATIENCE)
    answer = page.get_by_role("form", name="Answer the reply")
    answer.get_by_label("The rating stands").check()
    answer.get_by_label("Why").fill("The letter is from another service.")
    answer.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("region", name="Reply")).to_contain_text(
        "The letter is from another service.", timeout=PATIENCE
    )
    nothing_for_axe(page)
    assert st.events("reply_answered")[-1].payload.outcome == "rating_stands"


def test_words_of_a_reply_survive_a_reload_and_leave_nothing_behind(st: Stage) -> None:
    page = opened(st)
    page.get_by_role("region", name="Reply").get_by_label("In your own words").fill("One more thing about October.")
    page.reload()
    words = page.get_by_role("region", name="Reply").get_by_label("In your own words")
    expect(words).to_have_value("One more thing about October.", timeout=PATIENCE)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("JSON.stringify({...localStorage})").count("October") == 0


def test_practitioner_and_manager_each_record_a_deviation(st: Stage) -> None:
    page = opened(st)
    part = page.get_by_role("region", name="Deviations from guidelines")
    part.get_by_role("button", name="Record a deviation from guidelines").click()
    part.get_by_label("Which guideline?").fill("Contact within 72 hours")
    part.get_by_label("What was done instead, and why?").fill("The ward asked us to wait.")
    nothing_for_axe(page)
    part.get_by_role("button", name="Save the entry").click()
    expect(page.get_by_role("region", name="Deviations from guidelines")).to_contain_text(
        "The ward asked us to wait.", timeout=PATIENCE
    )
    is_saved(page)
    said = st.events("deviation_recorded")[-1].payload
    assert (said.by, said.guideline) == ("practitioner", "Contact within 72 hours")


def test_the_supervisee_signs_and_takes_a_copy(st: Stage) -> None:
    page = opened(st)
    part = page.get_by_role("region", name="Signatures")
    statement = part.locator(".ss-statement").inner_text()
    part.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("region", name="Signatures")).to_contain_text(f"Supervisee: {SUPERVISEE}", timeout=PATIENCE)
    signed = [one for one in st.events("signed") if one.payload.role == "supervisee"][-1]
    assert signed.payload.statement == statement and signed.actor == st.scene.key(SUPERVISEE)
    copies = page.get_by_role("region", name="Your own copy")
    for kind, start in (("Page", b"<!DOCTYPE html>"), ("PDF", b"%PDF"), ("Plain text", b"")):
        address = copies.get_by_role("link", name=re.compile(f"^{kind}")).get_attribute("href")
        answer = page.request.get(str(address))
        assert answer.status == 200 and answer.body().lstrip().lower().startswith(start.lower())
    go(page, "Cases")
    expect(page.get_by_role("table", name=re.compile("^Signed reviews"))).to_contain_text("Yes")


def test_a_signature_over_what_has_changed_since_is_refused(st: Stage) -> None:
    page = opened(st)
    if page.get_by_role("region", name="Signatures").get_by_role("button").count():
        page.get_by_role("region", name="Signatures").get_by_role("button").click()
        expect(page.get_by_role("region", name="Signatures")).to_contain_text(
            f"Supervisee: {SUPERVISEE}", timeout=PATIENCE
        )
    review = st.events("signed")[-1].review
    later = st.scene.later(days=3)
    shown = later.review(SUPERVISOR, review)
    later.append(SUPERVISOR, commented(shown, list(shown["state"]["criteria"])[2], "Looked at again."))
    later.sign(SUPERVISOR, review)
    page.reload()
    expect(page.get_by_role("region", name="Signatures")).to_contain_text("No longer stands", timeout=PATIENCE)
    shown = later.review(SUPERVISOR, review)
    later.append(SUPERVISOR, commented(shown, list(shown["state"]["criteria"])[3], "And again."))
    later.sign(SUPERVISOR, review)
    page.get_by_role("region", name="Signatures").get_by_role("button", name="Sign", exact=True).click()
    line = page.get_by_role("region", name="Signatures").locator(".ss-saving")
    expect(line).to_contain_text("Not signed. Something was changed after this page was shown.", timeout=PATIENCE)
    nothing_for_axe(page)
