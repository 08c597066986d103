"""The kernel of a page is killed while its rater types, twenty times at a random key: alone, with a reload, with the whole browser killed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.form_stage import PATIENCE, Form, FormStage, form_stage
from tests.fault_scenes import Computer, comments, on_a_disk, saved_truthfully, stored_words

SEED = 20261031
ENDINGS = ["reloads", "stays", "reloads", "killed"] * 5
LETTERS = "abcdefghijklmnopqrstuvwxyzäéß 0123456789.,"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service for all trials; each writes on a criterion of its own."""
    with form_stage(tmp_path_factory.mktemp("kernel"), whole=True) as made:
        yield made


@dataclass
class Desk:
    """Where one rater works: a computer, and the page that is open on it."""

    stage: FormStage
    computer: Computer
    form: Form | None = None

    def page(self, review: str) -> Form:
        """Returns a page whose kernel lives, with a review open in it."""
        if self.form is None or not self.stage.server.kernels():
            self.form = self.stage.form(context=self.computer.context)
        return self.form.open(review)

    def end(self, how: str, words: str) -> None:
        """Ends a trial at once after the last key."""
        assert self.form is not None
        if how == "reloads":
            self.form.page.reload()
            expect(self.form.page.locator(".sf-criterion.active")).to_be_visible()
        elif how == "killed":
            on_a_disk(self.form, words)
            self.computer.kill()
            self.form = self.stage.form(context=self.computer.context, review=self.form.review)


@pytest.fixture(scope="module")
def desk(stage: FormStage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all trials."""
    computer = Computer(stage.browser.browser_type, tmp_path_factory.mktemp("profile"))
    yield Desk(stage, computer)
    computer.context.close()


@pytest.mark.parametrize("trial", range(len(ENDINGS)))
def test_no_typed_character_is_lost(stage: FormStage, desk: Desk, trial: int) -> None:
    chance = random.Random(SEED + trial)
    words = "".join(chance.choices(LETTERS, k=chance.randint(20, 50))).strip()
    dies_at = chance.randrange(len(words))
    form = desk.page(stage.reviews()[trial % 3])
    number = 1 + trial // 3
    form.criterion(number)
    ref = str(form.active.get_attribute("data-ref"))
    form.comment.click()
    for place, letter in enumerate(words):
        if place == dies_at:
            assert stage.server.kill_kernels() >= 1
        form.page.keyboard.type(letter, delay=chance.randrange(30))
        saved_truthfully(form, ref)
    desk.end(ENDINGS[trial], words)
    form = desk.form or form
    form.criterion(number)
    expect(form.state).to_have_attribute("data-state", "saved", timeout=PATIENCE)
    expect(form.comment).to_have_value(words)
    assert stored_words(form, ref) == words
    stored = comments(form, ref)
    assert not any(one.conflict for one in stored)
    texts = [one.payload.text for one in stored]
    assert len(texts) == len(set(texts)) and all(words.startswith(text) for text in texts)
