"""The pictures of scoring: an invented service, scripted raters, and a browser that is used as a person uses it.

The draw's seed decides what the scripted raters do, the server's clock stands still, and each step is typed or clicked: the pictures
are the same each time, but for the browser's fonts.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from sampling.batch.practice import practise
from sampling.batch.practice_people import MODERATOR, write_people
from sampling.batch.practice_raters import Rater, chances, events_of, identities
from sampling.keys import Keyring
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.draws import load_draw
from sampling.scoring.settings.home import PEOPLE
from sampling.scoring.settings.policy import SUPERVISION
from sampling.sources.opening import open_extract

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.scoring_server import scoring_server  # noqa: E402

SERVED = str(ROOT / "tests" / "served.py")
SUPERVISOR, OTHER_SUPERVISOR = "Ruth Adeyemi", "Tom Brook"
LOW, TALL, PAPER = (1280, 800), (1280, 1000), (860, 1200)
SCORED_AT, FOLLOWED_AT = timedelta(days=1, hours=5, minutes=3, seconds=22), timedelta(days=16, hours=5)
SIGNED_BEFORE = 3  # cases that the supervisor has signed when the pictures are taken
SCORED_HERE = 5  # criteria that are scored in front of the camera
PATIENCE = 60_000  # milliseconds
SELECT = """([note, start, end]) => {
  const element = [...document.querySelectorAll("[data-note]")].find((one) => one.dataset.note === note);
  element.scrollIntoView({ block: "center" });
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (node) => node.parentElement.closest("[data-aside]") ? 2 : 1);
  const at = (offset) => {
    let left = offset;
    walker.currentNode = element;
    while (walker.nextNode()) {
      if (left <= walker.currentNode.length) return [walker.currentNode, left];
      left -= walker.currentNode.length;
    }
  };
  const range = document.createRange();
  range.setStart(...at(start));
  range.setEnd(...at(end));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@dataclass(frozen=True)
class Studio:
    """Where the pictures are taken: a browser, a server's addresses by name, and the folder of the pictures."""

    browser: Browser
    addresses: Mapping[str, str]
    pictures: Path

    def page(self, name: str, size: tuple[int, int] = TALL) -> Page:
        """Opens a person's queue."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(self.addresses[name])
        expect(page.locator(".sf-root h1")).to_be_visible(timeout=PATIENCE)
        return page

    def rows(self, page: Page) -> list[dict[str, Any]]:
        """Returns the rows of the queue of whoever the page belongs to."""
        answer = page.request.get(page.url.partition("score")[0] + "sampling/api/queue")
        rows: list[dict[str, Any]] = answer.json()["reviews"]
        return rows

    def take(self, page: Page, name: str) -> None:
        """Writes one picture, without a pointer over anything and without a blinking caret."""
        page.mouse.move(2, 300)
        page.screenshot(path=self.pictures / f"{name}.png", animations="disabled", caret="hide")


@contextmanager
def studio(browser: Browser, home: Path, at: datetime, pictures: Path) -> Iterator[Studio]:
    """Gives a studio over the draws in `home`, at one moment."""
    with scoring_server(home, program=(SERVED, "--at", at.isoformat())) as server:
        yield Studio(browser, server.addresses, pictures)


def take_pictures(
    browser: Browser, draw: Path, source: str, keyring: Keyring, *, now: datetime, pictures: Path
) -> None:
    """Takes all pictures of scoring from the draw in a folder, which was made at `now` from the invented `source`."""
    week = draw.parent.parent / "week"
    shutil.copytree(draw, week / draw.name)
    apart = draw.parent.parent / "apart"
    shutil.copytree(draw, apart / draw.name)
    scored = half_scored(draw, keyring, now)
    with studio(browser, draw.parent, now + SCORED_AT, pictures) as room:
        queue_picture(room)
        score_pictures(room, scored)
        moderation_picture(room)
    told, review = seeded_and_signed(apart / draw.name, keyring, now)
    with studio(browser, apart, now + SCORED_AT, pictures) as room:
        seeded_picture(room, told, review)
    extract = open_extract(source, keyring, notes=())
    practise(week / draw.name, source, extract, keyring, now=now + FOLLOWED_AT)
    with studio(browser, week, now + FOLLOWED_AT, pictures) as room:
        follow_up_pictures(room)
        session_picture(room)


# What was done before the pictures are taken


def half_scored(draw: Path, keyring: Keyring, now: datetime) -> list[dict[str, Any]]:
    """Scores and signs the supervisor's first cases and both ratings of one of them, and parks another.

    Returns the events with which a scripted rater would score another case of the supervisor: the one with most to quote.
    """
    found = load_draw(draw)
    assert found is not None
    write_people(draw.parent / PEOPLE, found)
    service = open_service(draw.parent, keyring=keyring, now=now)
    try:
        at = now + timedelta(hours=25)
        rows = queue(service, SUPERVISOR, at)
        for row in rows[:SIGNED_BEFORE]:
            rate(service, row["review"], found.seed, at)
        twice = {row["case"] for row in rows[:SIGNED_BEFORE] if row["sealed"]}
        for review in sorted(service.world().reviews.values(), key=lambda one: one.id):
            if review.case in twice and review.stage in ("first", "second"):
                rate(service, review.id, found.seed, at)
        park = {"parked": True, "reason": "The plan of September is with the ward."}
        write(service, SUPERVISOR, rows[SIGNED_BEFORE + 1]["review"], ("parked", "parked", park), at)
        left = [
            script(service, row["review"], found.seed, at)
            for row in queue(service, SUPERVISOR, at)
            if row["state"] == "not_started"
        ]
        return max((one for one in left if one), key=quotes)
    finally:
        service.close()


def seeded_and_signed(draw: Path, keyring: Keyring, now: datetime) -> tuple[str, str]:
    """Signs a seeded vignette in a service of many second ratings. Returns (name of its rater, review)."""
    found = load_draw(draw)
    assert found is not None
    write_people(draw.parent / PEOPLE, found)
    (draw.parent / "scoring.toml").write_text("[second_rating]\nshare = 1.0\nseeded_one_in = 5\n", encoding="utf-8")
    service = open_service(draw.parent, keyring=keyring, now=now)
    try:
        world = service.world()
        second = world.planted[0].reviews[1]
        rate(service, second.id, found.seed, now + timedelta(hours=25))
        return world.names[second.rater], second.id
    finally:
        service.close()


def quotes(events: list[dict[str, Any]]) -> tuple[int, str]:
    """Returns how much is quoted for the first criteria of a review, and the review: an order without ties."""
    first = {one["data"]["criterion"] for one in [one for one in events if one["kind"] == "rated"][:SCORED_HERE]}
    quoted = [one for one in events if one["kind"] == "evidence_pointed" and one["data"]["criterion"] in first]
    return len(quoted), str(events[0]["review"])


def queue(service: Service, name: str, at: datetime) -> list[dict[str, Any]]:
    """Returns the rows of a person's queue."""
    person = service.people.named(name)
    assert person is not None
    rows: list[dict[str, Any]] = service.queue(person.key, today=at.date())["reviews"]
    return rows


def script(service: Service, review: str, seed: str, at: datetime) -> list[dict[str, Any]]:
    """Returns the events of a scripted rater for one review."""
    found = service.world().reviews[review]
    shown = service.review(found.rater, review, purpose=SUPERVISION, now=at)
    return events_of(shown, Rater(found.stage, chances(seed, review), identities(seed), at.date()))


def rate(service: Service, review: str, seed: str, at: datetime) -> None:
    """Scores and signs a review, unless that is done."""
    rater = service.world().reviews[review].rater
    shown = service.review(rater, review, purpose=SUPERVISION, now=at)
    if shown["sign_as"] != "rater":
        return
    service.append(rater, script(service, review, seed, at), now=at)
    shown = service.review(rater, review, purpose=SUPERVISION, now=at)
    request = {"id": identities(seed)(f"{review} sign"), "review": review, "role": "rater"}
    service.sign(rater, {**request, "statement": shown["statement"], "content": shown["content"]}, now=at)


def write(service: Service, name: str, review: str, said: tuple[str, str, Mapping[str, Any]], at: datetime) -> None:
    """Hands in one event as a person: (kind, subject, data)."""
    person = service.people.named(name)
    assert person is not None
    kind, subject, data = said
    event = {"id": identities("picture")(f"{review} {subject}"), "kind": kind, "review": review, "subject": subject}
    service.append(person.key, [{**event, "base": 0, "data": dict(data)}], now=at)


# The pictures


def go(page: Page, screen: str) -> None:
    """Follows a link of the top navigation."""
    page.get_by_role("link", name=screen, exact=True).click()
    expect(page.locator(".sf-root h1")).to_be_focused(timeout=PATIENCE)


def queue_picture(room: Studio) -> None:
    """queue.png: what waits, in the seed's order."""
    room.take(room.page(SUPERVISOR), "queue")


def seeded_picture(room: Studio, name: str, review: str) -> None:
    """seeded.png: a rater is told that a case was a seeded vignette."""
    page = room.page(name)
    page.evaluate("place => { location.hash = place }", f"score/review={review}/purpose=audit")
    expect(page.get_by_role("heading", level=1)).to_contain_text("was a seeded vignette", timeout=PATIENCE)
    room.take(page, "seeded")


def score_pictures(room: Studio, script: list[dict[str, Any]]) -> None:
    """score.png and keys.png: a case half scored, quotes marked in the record; and the sheet of keys."""
    page = room.page(SUPERVISOR, LOW)
    row = next(one for one in room.rows(page) if one["review"] == script[0]["review"])
    page.get_by_role("button", name=f"Score: {row['case_label']}").click()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(page.get_by_role("radio").first).to_be_visible(timeout=PATIENCE)
    rated = [one for one in script if one["kind"] == "rated"]
    for one in rated[:SCORED_HERE]:
        score_one(page, one["data"], [other["data"] for other in script])
    page.keyboard.press(",")
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "saved", timeout=PATIENCE)
    room.take(page, "score")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    room.take(page, "keys")


def score_one(page: Page, rated: Mapping[str, Any], others: list[Mapping[str, Any]]) -> None:
    """Scores the criterion that is open, with its quote or its comment, and goes on to the next."""
    own = [one for one in others if one.get("criterion") == rated["criterion"]]
    if rated.get("level") is None:
        page.keyboard.press("n" if rated["code"] == "not_applicable" else "x")
        page.keyboard.press("1")
        return
    page.keyboard.press(str(rated["level"]))
    for pointer in (one for one in own if one.get("note")):
        page.evaluate(SELECT, [pointer["note"], pointer["start"], pointer["end"]])
        page.keyboard.press("e")
    for comment in (one for one in own if one.get("text") and "pointer" not in one and "action" not in one):
        page.keyboard.press("c")
        page.keyboard.type(str(comment["text"]))
        page.keyboard.press("Escape")
        page.keyboard.press(".")


def moderation_picture(room: Studio) -> None:
    """moderation.png: two ratings beside each other, one criterion decided."""
    page = room.page(MODERATOR)
    go(page, "Moderation")
    page.get_by_role("button", name="Decide:").first.click()
    expect(page.get_by_role("heading", name="Moderation:")).to_be_focused(timeout=PATIENCE)
    first = page.get_by_role("article").first
    first.get_by_role("group", name="What holds?").get_by_role("radio").first.check()
    first.get_by_role("group", name="Why?").get_by_label("Evidence was missed").check()
    expect(first).to_contain_text("Decided and saved.", timeout=PATIENCE)
    page.locator(".sf-root h1").focus()
    room.take(page, "moderation")


def follow_up_pictures(room: Studio) -> None:
    """follow_up.png, compare.png and record.png: what is overdue; a case then and now; its record, as it prints."""
    page = room.page(SUPERVISOR)
    go(page, "Follow-up")
    room.take(page, "follow_up")
    page.get_by_role("button", name="Then and now").first.click()
    expect(page.get_by_role("heading", name="Then and now")).to_be_focused(timeout=PATIENCE)
    room.take(page, "compare")
    record = page.get_by_role("link", name="Record of the first rating").get_attribute("href")
    page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    page.goto(str(record))
    room.take(page, "record")


def session_picture(room: Studio) -> None:
    """session.png: a session under way, with its earlier actions, the agenda and a case."""
    page = room.page(SUPERVISOR, (1280, 1400))
    go(page, "Sessions")
    page.get_by_role("button", name="Open a session:").nth(1).click()
    page.get_by_role("radio", name="Formal one-to-one").check()
    page.get_by_role("button", name="Open the session").click()
    expect(page.get_by_role("heading", name="Session of")).to_be_focused(timeout=PATIENCE)
    for finding in page.get_by_role("group", name="How does it stand?").all():
        finding.get_by_label("In hand").check()
    page.get_by_role("group", name="Formulation updates").get_by_label("Covered").check()
    page.get_by_label("Note: use of escalation").fill(
        "Both drawn cases: the reason for not escalating is written down now."
    )
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "saved", timeout=PATIENCE)
    expect(page.get_by_text("2 of 5 agenda items covered.")).to_be_visible(timeout=PATIENCE)
    page.locator(".sf-root h1").focus()
    room.take(page, "session")
