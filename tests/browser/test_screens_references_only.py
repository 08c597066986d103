"""Where no words of a case may be kept: the whole way by the screens, and no sentence that was typed is stored by server or browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.form_stage import LEVELS_ALONE, kept_by
from tests.browser.screen_stage import PATIENCE, Stage, go, is_saved, nothing_for_axe, stage
from tests.scoring_service import MODERATOR, SUPERVISEE, SUPERVISOR, Scene, event, full_rating, new_id

POLICY = f'copies = "references_only"\n{LEVELS_ALONE}'
CRITERIA = 18
SECRET = "zebra"  # in every sentence that is typed here, and in no reference
ELSEWHERE = "Written in the case system"


def prepare(scene: Scene) -> None:
    """Two raters of one case have signed, and differ on its first criterion; one action of another case waits for a session."""
    day = scene.today.isoformat()
    for (name, review), level in zip(scene.double(), (2, 0), strict=True):
        purpose = "supervision" if level else "audit"
        events = full_rating(scene.review(name, review, purpose), 2)
        events[0]["data"]["level"] = level
        put = {"pasted_on": day, "reference": "NOTE/1"}
        scene.append(name, *events, event("pasted_into_record", review, "paste", put))
        scene.sign(name, review)
    action = new_id()
    words = {"action": action, "action_kind": "training", "text": "Training", "owner": SUPERVISEE}
    given = {**words, "due": day, "review_date": day}
    scene.append(SUPERVISOR, event("action_raised", own(scene), f"action:{action}", given))


def own(scene: Scene) -> str:
    """Returns the first review of the supervisee's own cases."""
    rows = scene.queue(SUPERVISOR)["reviews"]
    return str(next(one["review"] for one in rows if one["practitioner_label"] == SUPERVISEE and not one["sealed"]))


@pytest.fixture(scope="module")
def st(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("references"), prepare, days=9, policy=POLICY) as found:
        yield found


def nothing_of_it_is_kept(st: Stage, page: Page) -> None:
    """Asserts that no sentence is in the journal's files or in what the browser keeps."""
    assert SECRET not in " ".join(kept_by(page)).lower()
    files = list((st.scene.home / "journal").glob("journal.sqlite*"))
    assert files
    for file in files:
        assert SECRET.encode() not in file.read_bytes().lower(), file.name


def pasted(page: Page, *words: str) -> None:
    """Takes the words of a page over into the case system, as a person does, and waits until the page says that all is saved."""
    if words:
        expect(page.locator(".sf-state")).to_contain_text("Words on this page are kept nowhere else", timeout=PATIENCE)
    part = page.locator("section").filter(has=page.get_by_role("heading", name="For the case system"))
    text = part.get_by_label("Text for the case system").input_value()
    for one in words:
        assert one in text, text
    reference = part.get_by_label(re.compile("^Where it stands in the case system"))
    if reference.count():
        reference.fill("NOTE/7")
    part.get_by_role("button", name="I have pasted it").click()
    is_saved(page)


def open_review(page: Page, review: str) -> None:
    page.evaluate("place => { location.hash = place }", f"score/review={review}/purpose=supervision")
    expect(page.locator(".sf-criterion.active")).to_be_visible(timeout=PATIENCE)


def score_all(page: Page) -> None:
    """Gives each criterion a level by the keyboard: 1 for the first, which is a gap, and 2 for the others."""
    expect(page.locator(".sf-criterion.active .sf-criterion-head")).to_be_focused(timeout=PATIENCE)
    for number in range(1, CRITERIA + 1):
        expect(page.locator(".sf-criterion.active .sf-number")).to_have_text(re.compile(rf"^{number}\b"))
        page.keyboard.press("1" if number == 1 else "2")
    is_saved(page)


def sign(page: Page, label: str) -> None:
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_role("button", name=re.compile(f"^{label}")).click()


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=re.compile(name))


def test_a_case_is_scored_acted_on_and_signed(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    open_review(page, own(st.scene))
    score_all(page)
    page.locator(".sf-criterion-head").first.click()
    page.locator(".sf-criterion.active").get_by_label(re.compile("^Comment")).fill("The zebra is not named.")
    page.locator(".sf-criterion.active").get_by_role("button", name=re.compile("^(Raise|Add)")).click()
    asked = page.get_by_role("dialog")
    for one in asked.get_by_label("Owner").all():
        assert one.get_attribute("maxlength") == "80"
    asked.get_by_role("button", name=re.compile("^Raise")).click()
    more = page.locator("details").filter(has_text="Deviation from guidelines")
    more.locator("summary").click()
    more.get_by_label("Which guideline was departed from").fill("NG225, 1.10")
    more.get_by_label("What was done instead, and why (not kept here)").fill("A zebra was called first.")
    expect(more.get_by_label(re.compile(f"^{ELSEWHERE}"))).to_be_checked()
    nothing_for_axe(page)
    pasted(page, "The zebra is not named.", "Deviation from guidelines: A zebra was called first.")
    page.locator(".sf-criterion-head").first.click()
    label = page.locator(".sf-root h1").inner_text()
    sign(page, "Sign")
    expect(page.locator(".sf-root h1")).not_to_have_text(label, timeout=PATIENCE)  # the next case
    assert [one.payload.role for one in st.events("signed", own(st.scene))] == ["rater"]
    assert st.events("deviation_recorded")[-1].payload.text == ELSEWHERE
    assert len(st.events("action_raised")) >= 1
    nothing_of_it_is_kept(st, page)


def test_an_action_is_seen_moved_and_closed_and_the_case_scored_again(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    go(page, "Follow-up")
    card = page.locator(".ss-action").first
    card.get_by_role("button", name=re.compile("^Move the date")).click()
    form = page.get_by_role("form", name="Move the date")
    assert form.locator("textarea").count() == 0
    form.get_by_role("button", name="Save the new date").click()
    expect(form.get_by_text("Error: Say why the date is moved.")).to_be_visible()
    nothing_for_axe(page)
    form.get_by_label("Why is the date moved?").select_option("It waits for another service")
    form.get_by_label("New due date").fill("2026-11-25")
    form.get_by_label("New review date").fill("2026-11-25")
    form.get_by_role("button", name="Save the new date").click()
    expect(form).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".sf-root")).to_contain_text("It waits for another service", timeout=PATIENCE)
    card.get_by_role("button", name=re.compile("^Seen in the record")).click()
    form = page.get_by_role("form", name="Seen in the case record")
    assert form.get_by_label("Where in the record?").get_attribute("maxlength") == "80"
    form.get_by_label("Where in the record?").fill("Crisis plan of 9 November")
    form.get_by_role("button", name="Save").click()
    expect(page.locator(".sf-root")).to_contain_text("Crisis plan of 9 November", timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("^Close:")).last.click()
    form = page.get_by_role("form", name="Close the action")
    form.get_by_label("No longer needed").check()
    offered = form.get_by_role("combobox").locator("option").all_inner_texts()
    assert "It no longer applies" in offered and "Taken back by the rater." not in offered
    form.get_by_role("combobox").select_option("It no longer applies")
    form.get_by_role("button", name="Close the action").click()
    expect(part(page, "^Closed in the last month")).to_be_visible(timeout=PATIENCE)
    is_saved(page)

    page.get_by_role("button", name=re.compile("^Score again")).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(page.locator(".sf-criterion.active")).to_be_visible(timeout=PATIENCE)
    score_all(page)
    pasted(page)  # nothing was typed, and the levels go into the case system all the same
    page.locator(".sf-criterion-head").first.click()
    sign(page, "Sign, and see then and now")
    expect(page.get_by_role("heading", name=re.compile("^Then and now"))).to_be_focused(timeout=PATIENCE)
    nothing_of_it_is_kept(st, page)


def test_a_difference_is_decided_and_an_anchor_flagged(st: Stage) -> None:
    page = st.page(MODERATOR)
    go(page, "Moderation")
    page.get_by_role("button", name=re.compile("^(Decide|Look):")).first.click()
    one = page.get_by_role("article", name=re.compile(r"^1\. "))
    one.get_by_label("Note for the raters (optional, not kept here)").fill("See the zebra of 14 October.")
    one.get_by_role("group", name="What holds?").get_by_label(re.compile("A: level")).check()
    one.get_by_role("group", name="Why?").get_by_label("Evidence was missed").check()
    one.get_by_role("button", name="Flag this anchor as unclear").click()
    one.get_by_label("In which two ways can this anchor be read?").select_option("Two levels overlap")
    expect(one).to_contain_text("Flagged for the rubric's author, and saved.", timeout=PATIENCE)
    nothing_for_axe(page)
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("dialog", name="Leave this page?")).to_contain_text("kept nowhere else")
    page.get_by_role("button", name="Stay here").click()
    pasted(page, "See the zebra of 14 October.")
    assert st.events("moderated")[-1].payload.note == ELSEWHERE
    assert st.events("anchor_flagged")[-1].payload.note == "Two levels overlap"
    nothing_of_it_is_kept(st, page)


def test_a_session_is_closed_signed_by_both_and_replied_to(st: Stage) -> None:
    page = st.page(SUPERVISOR)
    go(page, "Sessions")
    page.get_by_role("button", name=f"Open a session: {SUPERVISEE}").click()
    page.get_by_label("Formal one-to-one", exact=True).check()
    page.get_by_role("button", name="Open the session").click()
    expect(page.get_by_role("heading", name=re.compile("^Session of"))).to_be_focused(timeout=PATIENCE)
    for article in part(page, "^1").get_by_role("article").all():
        article.get_by_label("Done", exact=True).check()
        article.get_by_label("Note (not kept here)").fill("The zebra has seen it.")
    for group in part(page, "^2").get_by_role("group").all():
        if group.get_by_label("Covered", exact=True).count():
            group.get_by_label("Covered", exact=True).check()
    page.get_by_label("Note: use of escalation (not kept here)").fill("A zebra at night.")
    page.get_by_label(re.compile("^What happened")).fill("A zebra called.")
    expect(page.get_by_role("group", name="Experience")).to_contain_text("Answered")
    discuss = page.get_by_role("button", name=re.compile("^Discuss:"))
    if discuss.count():
        discuss.first.click()
        expect(page.get_by_label(re.compile("^What was said about"))).to_be_focused(timeout=PATIENCE)
        page.keyboard.type("The zebra again.")
        expect(page.get_by_label(re.compile("^What happened"))).to_have_value("A zebra called.")
    close = part(page, "^4")
    close.get_by_role("button", name="Agree an action").click()
    form = page.get_by_role("form", name="Agree an action")
    assert form.locator("textarea").count() == 0
    form.get_by_label("What kind of action?").select_option("update_crisis_plan")
    form.get_by_label("Who does it?").select_option(SUPERVISEE)
    form.get_by_role("button", name="Save the action").click()
    expect(close.get_by_role("article")).to_contain_text("Update the crisis plan", timeout=PATIENCE)
    close.get_by_label("How many minutes did it take?").fill("60")
    close.get_by_label("Closing words (optional, not kept here)").fill("The zebra closes.")
    nothing_for_axe(page)
    close.get_by_role("button", name="Close the session").click()
    expect(close).to_contain_text("after 60 minutes", timeout=PATIENCE)
    pasted(page, "A zebra at night.", "A zebra called.", "The zebra closes.", "The zebra has seen it.")
    close.get_by_role("button", name="Sign as supervisor").click()
    expect(close).to_contain_text(f"Supervisor: {SUPERVISOR}", timeout=PATIENCE)
    nothing_of_it_is_kept(st, page)

    page = st.page(SUPERVISEE)
    go(page, "Sessions")
    page.get_by_role("button", name=re.compile("^Read: Formal one-to-one")).click()
    page.get_by_role("button", name="Sign as supervisee").click()
    expect(part(page, "^4")).to_contain_text(f"Supervisee: {SUPERVISEE}", timeout=PATIENCE)
    session = st.events("session_closed")[-1].review
    assert [one.payload.role for one in st.events("signed", session)] == ["supervisor", "supervisee"]
    nothing_of_it_is_kept(st, page)


def test_a_reply_is_given_and_answered(st: Stage) -> None:
    page = st.page(SUPERVISEE)
    review = own(st.scene)
    page.evaluate("place => { location.hash = place }", f"reply/review={review}/purpose=supervision")
    reply = part(page, "^Reply")
    reply.get_by_label("There is evidence that was missed").check()
    reply.get_by_role("button", name="Send the reply").click()
    expect(reply.get_by_text("Error: Say what you want to be looked at again.")).to_be_visible()
    reply.get_by_label("In your own words (not kept here)").fill("The zebra is in the letter.")
    nothing_of_it_is_kept(st, page)  # not while it is typed, either
    reply.get_by_role("button", name="Send the reply").click()
    expect(part(page, "^Reply")).to_contain_text("Reply waits for an answer", timeout=PATIENCE)
    expect(part(page, "^Reply").get_by_label("In your own words (not kept here)")).to_have_value("")
    opener = page.get_by_role("button", name=re.compile("^Record a deviation"))
    opener.click()
    form = page.get_by_role("form", name="A deviation from guidelines")
    form.get_by_label("Which guideline?").fill("NG225, 1.10")
    form.get_by_label("What was done instead, and why? (not kept here)").fill("We asked a zebra.")
    form.get_by_role("button", name="Save the entry").click()
    expect(part(page, "^Deviations")).to_contain_text(ELSEWHERE, timeout=PATIENCE)
    nothing_for_axe(page)
    pasted(page, "Reply: The zebra is in the letter.", "We asked a zebra.")
    nothing_of_it_is_kept(st, page)

    page = st.page(SUPERVISOR)
    page.evaluate("place => { location.hash = place }", f"reply/review={review}/purpose=supervision")
    answer = page.get_by_role("form", name="Answer the reply")
    answer.get_by_label("The rating stands").check()
    answer.get_by_label(
        re.compile(f"^{ELSEWHERE}")
    ).check()  # it was written there before: nothing has to be typed here
    answer.get_by_role("button", name="Send the answer").click()
    expect(part(page, "^Reply")).to_contain_text("The rating stands", timeout=PATIENCE)
    is_saved(page)
    assert st.events("reply_answered")[-1].payload.text == ELSEWHERE
    nothing_of_it_is_kept(st, page)


def test_what_does_not_fit_is_said_in_codes_and_references_are_one_short_line(st: Stage) -> None:
    page = st.page(SUPERVISEE)
    go(page, "Supervision")
    page.get_by_role("button", name="It does not meet my needs").click()
    form = page.get_by_role("form", name="Supervision does not meet my needs")
    form.get_by_label("What does not fit?").select_option("content")
    form.get_by_label("My supervisor", exact=True).check()
    form.get_by_label("In your own words (optional, not kept here)").fill("Nobody asks about the zebra.")
    nothing_of_it_is_kept(st, page)  # not while it is typed, either
    form.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("article", name=re.compile("^Flag:"))).to_contain_text(ELSEWHERE, timeout=PATIENCE)
    nothing_for_axe(page)
    pasted(page, "Nobody asks about the zebra.")
    nothing_of_it_is_kept(st, page)

    page = st.page(SUPERVISOR)
    page.evaluate("place => { location.hash = place }", f"supervision/person={st.scene.key(SUPERVISEE)}")
    page.get_by_role("button", name="Exempt a case").click()
    for one in page.get_by_label(re.compile("^Where in the ")).all():
        assert one.get_attribute("maxlength") == "80"
    nothing_for_axe(page)
