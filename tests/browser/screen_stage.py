"""A running scoring service and a browser, for tests that use the screens as a person does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from tests.browser.form_stage import BARE, PATIENCE, fits, nothing_for_axe
from tests.chromium import ARGUMENTS, chromium_path
from tests.scoring_server import Server, scoring_server
from tests.scoring_service import NOW, SUPERVISOR, Scene, event, make_service, new_id

__all__ = ["PATIENCE", "fits", "nothing_for_axe"]
SERVED = str(Path(__file__).resolve().parents[1] / "served.py")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 800}


@dataclass
class Stage:
    """A scene, the server over it, and a browser. Pages are kept, so that a test opens a person's page once.

    The first page of each width is the whole page, as Voilà makes it. Those after it are our screens alone, over the real server
    (tests/served.py): what they test says nothing of Voilà's shell or its kernel.
    """

    scene: Scene
    server: Server
    browser: Browser
    private: Path
    answered: list[Response] = field(default_factory=list)  # what the pages of this test were answered
    seen_whole: set[int] = field(default_factory=set)  # the widths of the whole pages

    def page(self, name: str, *, size: dict[str, int] | None = None) -> Page:
        """Opens a person's queue in a browser context of its own."""
        size = size or WIDE
        bare = {"extra_http_headers": {BARE: "yes"}} if size["width"] in self.seen_whole else {}
        self.seen_whole.add(size["width"])
        # axe is put into the page as a script, which the page's own policy forbids to anyone else
        context = self.browser.new_context(
            bypass_csp=True,
            viewport=size,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/London",
            **bare,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("response", lambda response: self.answered.append(response))
        page.goto(self.server.address(name))
        expect(page.locator(".sf-root h1")).to_be_visible(timeout=PATIENCE)
        return page

    def heard(self, *parts: str) -> str:
        """Returns every answer of the interface that came to the pages of this test, of addresses with one of these parts."""
        ours = [one for one in self.answered if "/sampling/api/" in one.url and one.status < 500]
        return "\n".join(one.text() for one in ours if not parts or any(part in one.url for part in parts))

    def close_pages(self) -> None:
        """Closes the pages of this test."""
        for context in self.browser.contexts:
            context.close()
        self.answered.clear()

    def events(self, kind: str, review: str = "") -> list[Any]:
        """Returns the journal's entries of a kind, newest last."""
        return [one for one in self.scene.service.journal.entries(kinds=[kind]) if review in ("", one.review)]


@contextmanager
def stage(
    folder: Path, prepare: Any = None, *, days: int = 0, policy: str | None = None, people: str | None = None
) -> Iterator[Stage]:
    """Gives a stage: a service below `folder`, made ready by `prepare(scene)`, served `days` after the draw with a clock that stands still."""
    private = folder / "private"
    private.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(private))
        patch.delenv(SECRET_VARIABLE, raising=False)
        given = {"people": people} if people is not None else {}
        scene = make_service(folder, private, policy=policy, **given)  # type: ignore[arg-type]
        if prepare is not None:
            prepare(scene)
        at = (NOW + timedelta(days=days, hours=5)).isoformat()
        with (
            scoring_server(scene.home, program=(SERVED, "--at", at, "--bare", BARE)) as server,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
            yield Stage(scene, server, browser, private)
            browser.close()
        scene.service.close()


def go(page: Page, screen: str) -> None:
    """Follows a link of the top navigation, and waits until its screen has the focus on its heading."""
    page.get_by_role("navigation", name="Screens").get_by_role("link", name=screen, exact=True).click()
    expect(page.locator(".sf-root h1")).to_be_focused(timeout=PATIENCE)


def is_saved(page: Page) -> None:
    """Waits until the page's own line says that everything is saved."""
    expect(page.locator(".sf-state")).to_have_text(re.compile(r"^Saved \d\d:\d\d:\d\d$"), timeout=PATIENCE)


def raise_pair(scene: Scene, name: str, review: str, ref: str, days: int = 7) -> tuple[str, str]:
    """Raises the two linked actions of a gap, as the form does, and returns their ids."""
    note, plan = new_id(), new_id()
    due = (scene.today + timedelta(days=days)).isoformat()
    common = {"owner": "Sam Okafor", "due": due, "review_date": due, "criterion": ref}
    words = (
        (note, "rewrite_escalation_note", "Rewrite the note of 14 October in the agreed structure.", plan),
        (plan, "update_crisis_plan", "Update the crisis plan with the signs that the person named.", note),
    )
    events = [
        event("action_raised", review, f"action:{one}", {**common, "action": one, "action_kind": kind, "text": text, "linked": other})
        for one, kind, text, other in words
    ]  # fmt: skip
    scene.append(name, *events)
    return note, plan


def signed_with_gaps(
    scene: Scene, name: str = SUPERVISOR, *, level: int = 1, days: int = 7
) -> tuple[str, tuple[str, str]]:
    """Scores, acts on and signs a person's first review. Returns it with the ids of its two actions."""
    review = scene.single(name)
    scene.rate_all(name, review, level)
    ref = next(iter(scene.review(name, review)["state"]["criteria"]))
    pair = raise_pair(scene, name, review, ref, days)
    scene.sign(name, review)
    return review, pair
