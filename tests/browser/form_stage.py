"""The scoring form in a real browser, over a real server: one stage a test file, and a page that tests drive with keys and clicks."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from tests.chromium import ARGUMENTS, chromium_path
from tests.scoring_server import Server, scoring_server
from tests.scoring_service import SUPERVISOR, Scene, make_service

SERVED = str(Path(__file__).resolve().parents[1] / "served.py")
BARE = "X-Test-Bare-Page"  # what a browser sends that wants our form without Voilà's shell
DATA = Path(__file__).resolve().parents[1] / "data"
NO_SECOND = "[second_rating]\nshare = 0.0\nfirst_days = 0\n"  # so that a person has the same reviews in every run
LEVELS_ALONE = "evidence_from_level = 4\ncomment_to_level = -1\n"  # no level needs a pointer or a comment
WIDE, NARROW = (1280, 720), (320, 640)
PATIENCE = 60_000  # milliseconds for what should take one or a thousand, on a machine that is busy with other tests
expect.set_options(timeout=PATIENCE)
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
NOT_SAVED = re.compile(r"^Not saved\.")
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],  # all rules run; what passed is not written down element by element
}


def kept_by(page: Page) -> list[str]:
    """Returns every text that a page's browser keeps for its site: storage, databases and the names of caches."""
    found: list[str] = page.evaluate(
        """async () => {
          const texts = [localStorage, sessionStorage].flatMap(kept => Object.entries(kept).map(pair => pair.join(' = ')));
          for (const { name } of await indexedDB.databases()) {
            const database = await new Promise(done => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result) });
            for (const store of database.objectStoreNames) {
              const all = database.transaction(store).objectStore(store);
              const [keys, values] = await Promise.all([all.getAllKeys(), all.getAll()].map(asked => new Promise(done => { asked.onsuccess = () => done(asked.result) })));
              texts.push(...keys.map((key, place) => `${key} = ${values[place]}`));
            }
            database.close();
          }
          for (const name of await caches.keys()) texts.push(`cache ${name}`);
          return texts;
        }"""
    )
    return found


@dataclass
class Form:
    """One person's page, with a review open in it."""

    page: Page
    stage: FormStage
    name: str
    review: str = ""

    def open(self, review: str = "", *, purpose: str = "supervision") -> Form:
        """Opens a review by the page's own address, and waits until its first open criterion has the focus."""
        self.review = review or self.review
        self.page.evaluate("place => { location.hash = place }", f"score/review={self.review}/purpose={purpose}")
        expect(self.page.locator(".sf-root h1")).to_contain_text(self.shown()["case_label"], timeout=PATIENCE)
        return self

    def shown(self) -> dict[str, Any]:
        """Returns the review as the server would answer it now."""
        return self.stage.scene.review(self.name, self.review)

    @property
    def state(self) -> Locator:
        """Returns the line that says what is saved."""
        return self.page.locator(".sf-state")

    @property
    def spoken(self) -> Locator:
        """Returns what of it is said aloud."""
        return self.page.locator(".sf-spoken")

    @property
    def active(self) -> Locator:
        """Returns the criterion that is open."""
        return self.page.locator(".sf-criterion.active")

    @property
    def number(self) -> int:
        """Returns the number of the criterion that is open."""
        return int(self.active.locator(".sf-number").inner_text())

    @property
    def comment(self) -> Locator:
        """Returns the comment field of the open criterion."""
        return self.active.get_by_label(re.compile("^Comment"))

    def answer(self, number: int) -> Locator:
        """Returns the words in which a criterion says what was chosen."""
        return self.page.locator(".sf-criterion").nth(number - 1).locator(".sf-answer")

    def criterion(self, number: int) -> None:
        """Opens a criterion with the pointer."""
        self.page.locator(".sf-criterion-head").nth(number - 1).click()
        expect(self.page.locator(".sf-criterion").nth(number - 1)).to_have_class(re.compile(r"\bactive\b"))

    def press(self, *keys: str) -> None:
        """Presses keys one after the other, as a person at a keyboard does."""
        for key in keys:
            self.page.keyboard.press(key)

    def sign_off(self) -> Locator:
        """Presses the sign-off, and returns the dialog that asks for the signature."""
        asked = self.page.get_by_role("dialog", name=re.compile("^Sign "))
        self.press("Control+Enter")
        expect(asked).to_be_visible(timeout=PATIENCE)
        return asked

    def is_saved(self) -> None:
        """Waits until the page itself says that everything is saved."""
        expect(self.state).to_have_text(SAVED, timeout=PATIENCE)

    def is_not_saved(self) -> None:
        """Waits until the page itself says that something is not."""
        expect(self.state).to_have_text(NOT_SAVED, timeout=PATIENCE)

    def entries(self, *kinds: str) -> list[Any]:
        """Returns what the journal holds of this review, of these kinds."""
        scene = self.stage.scene
        return scene.service.seen_by(scene.people[self.name]).entries(review=self.review, kinds=list(kinds))

    def criteria(self) -> dict[str, dict[str, Any]]:
        """Returns criterion ref -> what the server says stands for it."""
        found: dict[str, dict[str, Any]] = self.shown()["state"]["criteria"]
        return found

    def levels(self) -> list[int | None]:
        """Returns the level that stands for each criterion, in their order."""
        return [one["level"] for one in self.criteria().values()]

    def kept(self) -> list[str]:
        """Returns every text that this browser keeps for the page's site."""
        return kept_by(self.page)

    def outbox(self) -> list[dict[str, Any]]:
        """Returns the unacknowledged changes that this browser keeps, those of the working time left out."""
        names = {one for one in self.kept() if re.match(r"sampling\.outbox\.[^ ]+ = \{", one)}
        changes = [json.loads(one.partition(" = ")[2]) for one in sorted(names)]
        return list({one["id"]: one for one in changes if one["subject"] != "time"}.values())

    def focused(self) -> str:
        """Returns what has the focus, as its tag and its words; "BODY" when nothing has."""
        words: str = self.page.evaluate(
            "() => { const at = document.activeElement; return at === document.body ? 'BODY' : at.tagName + ' ' + at.textContent.trim().slice(0, 80) }"
        )
        return words


@dataclass
class FormStage:
    """A scene, the server over it, and a browser.

    The first browser of each size gets the whole page, as Voilà makes it. Those after it get our form alone (tests/served.py): what
    they test is the form and its saves, over the real server, and says nothing of Voilà's shell or its kernel. A stage that is
    `whole` gives every browser the whole page, for tests of what the two do to each other.
    """

    scene: Scene
    server: Server
    browser: Browser
    private: Path
    whole: bool = False
    failures: list[str] = field(default_factory=list)  # whatever a page reported as an error
    seen_whole: set[tuple[int, int]] = field(default_factory=set)  # the sizes at which a browser had the whole page

    def context(self, size: tuple[int, int] = WIDE, *, whole: bool = False, **more: Any) -> BrowserContext:
        """Returns a browser with nothing in it."""
        if not (whole or self.whole or size not in self.seen_whole):
            more["extra_http_headers"] = {BARE: "yes"}
        self.seen_whole.add(size)
        # axe is put into the page as a script, which the page's own policy forbids to anyone else
        context = self.browser.new_context(
            bypass_csp=True,
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            timezone_id="Europe/London",
            **{"reduced_motion": "reduce", **more},
        )
        context.set_default_timeout(PATIENCE)
        return context

    def form(self, name: str = SUPERVISOR, *, context: BrowserContext | None = None, review: str = "") -> Form:
        """Opens a person's page, and a review in it when one is named."""
        page = (context or self.context()).new_page()
        page.on("pageerror", lambda error: self.failures.append(str(error)))
        page.goto(self.server.address(name))
        expect(page.locator(".sf-root h1")).to_be_visible(timeout=PATIENCE)
        form = Form(page, self, name, review)
        return form.open() if review else form

    def reviews(self, name: str = SUPERVISOR) -> list[str]:
        """Returns a person's reviews, in a fixed order."""
        return sorted(row["review"] for row in self.scene.queue(name)["reviews"])


@contextmanager
def form_stage(
    folder: Path,
    *,
    ten_criteria: bool = False,
    policy: str = "",
    browser: Browser | None = None,
    program: tuple[str, ...] = (),
    whole: bool = False,
) -> Iterator[FormStage]:
    """Gives a stage below `folder`; with `ten_criteria` every case is scored on the ten of tests/data, `whole` as FormStage says.

    `browser` is that of another stage: there can be one Playwright at a time. `program` is more words for tests/served.py.
    """
    private = folder / "private"
    private.mkdir()
    rubrics = folder / "rubrics" if ten_criteria else None
    if rubrics:
        rubrics.mkdir()
        for name in ("ten_criteria-1.0.toml", "published.toml"):
            shutil.copy(DATA / name, rubrics)
    with ExitStack() as ends:
        patch = ends.enter_context(pytest.MonkeyPatch.context())
        patch.setenv(HOME_VARIABLE, str(private))
        patch.delenv(SECRET_VARIABLE, raising=False)
        scene = make_service(folder, private, policy=policy + NO_SECOND, rubrics=rubrics)
        ends.callback(scene.service.close)
        at = scene.now.isoformat()  # a clock that stands still, on the morning after the draw
        served = (SERVED, *(("--rubrics", str(rubrics)) if rubrics else ()), "--at", at, "--bare", BARE, *program)
        server = ends.enter_context(scoring_server(scene.home, program=served))
        stage = FormStage(scene, server, browser or _browser(ends), private, whole)
        stage.seen_whole |= {WIDE} if browser else set()  # the other stage had the whole page
        yield stage
    assert stage.failures == []


def _browser(ends: ExitStack) -> Browser:
    playwright = ends.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
    ends.callback(browser.close)
    return browser


def nothing_for_axe(page: Page) -> None:
    """Asserts that axe finds no violation of WCAG 2.0 to 2.2, A and AA, in the page as it is now, and no heading out of order."""
    result = Axe().run(page, options=AXE)
    assert result.violations_count == 0, result.generate_report()
    headings_in_order(page)


def headings_in_order(page: Page) -> None:
    """Asserts that the form has one main heading, and that no level is left out on the way down."""
    found: list[list[Any]] = page.evaluate(
        """() => [...document.querySelectorAll('.sf-root :is(h1, h2, h3, h4, h5, h6)')].filter(one => one.checkVisibility())
            .map(one => [Number(one.tagName[1]), one.textContent.trim().slice(0, 60)])"""
    )
    skipped = [pair for pair in pairwise([[0, ""], *found]) if pair[1][0] > pair[0][0] + 1]
    assert skipped == [] and sum(level == 1 for level, _ in found) == 1, (skipped, found)


def fits(page: Page) -> None:
    """Asserts that nothing is wider than the window, so that no one scrolls in two directions."""
    # Voilà's shell follows a new size of the window a moment later
    page.wait_for_function("() => (document.querySelector('.sf-root')?.offsetWidth ?? 0) <= innerWidth")
    wide = page.evaluate(
        """() => [document.documentElement.scrollWidth, ...[...document.querySelectorAll('.sf-root *')]
            .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && one.checkVisibility() && !one.closest('[role=region]'))
            .slice(0, 3).map(one => one.className + ': ' + one.textContent.slice(0, 60))]"""
    )
    assert wide[0] <= page.viewport_size["width"] and not wide[1:], wide  # type: ignore[index]


class Cut:
    """A connection that a test cuts and mends: every request to the journal then fails as it does without a network."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def cut(self) -> None:
        """Lets nothing through to the interface."""
        self.page.route("**/sampling/api/**", lambda route: route.abort("connectionfailed"))

    def mend(self) -> None:
        """Lets everything through again."""
        self.page.unroute("**/sampling/api/**")
