"""Another program holds the journal for eight seconds; the disk is full; the system refuses to write. The page says so, and nothing is lost."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.form_stage import NOT_SAVED, PATIENCE, Form, FormStage, form_stage
from tests.fault_scenes import comments, saved_truthfully, stored_words

HELD_SECONDS = 8
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file: while it is there, the journal's disk is full."""
    return tmp_path_factory.mktemp("disk") / "full"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, full: Path) -> Iterator[FormStage]:
    """One service for all troubles."""
    with form_stage(tmp_path_factory.mktemp("trouble"), program=("--full", str(full))) as made:
        yield made


@pytest.fixture(scope="module")
def form(stage: FormStage) -> Form:
    """One page for all troubles: it goes on after each."""
    return stage.form(review=stage.reviews()[0])


@contextmanager
def held(journal: Path) -> Iterator[None]:
    """Holds the journal's write lock from a process of its own."""
    command = [sys.executable, "-c", HOLDER, str(journal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.communicate("\n")


def begin(form: Form, number: int) -> str:
    """Puts the cursor into a criterion's comment and returns the criterion's ref."""
    form.criterion(number)
    form.comment.click()
    return str(form.active.get_attribute("data-ref"))


def only_then_saved(form: Form, ref: str, words: str) -> None:
    """Asserts that the page says Saved in the end, and that the journal has the words once, whole, and stays sound."""
    form.is_saved()
    assert saved_truthfully(form, ref) and stored_words(form, ref) == words
    texts = [one.payload.text for one in comments(form, ref)]
    assert len(texts) == len(set(texts)) and not any(one.conflict for one in comments(form, ref))
    assert form.stage.scene.service.journal.verify().ok


def test_a_lock_held_for_eight_seconds_is_waited_out_in_words(stage: FormStage, form: Form) -> None:
    ref = begin(form, 1)
    words = "typed while another program held the journal"
    journal = stage.scene.home / "journal" / "journal.sqlite"
    said = set()
    with held(journal):
        until = time.monotonic() + HELD_SECONDS
        form.page.keyboard.type(words)
        while time.monotonic() < until:
            said.add(form.state.inner_text().partition(" ")[0])
            assert stored_words(form, ref) == ""
        form.is_not_saved()
        assert "another writer has held it" in form.state.inner_text()
    assert said <= {"Saving…", "Not"}
    only_then_saved(form, ref, words)


def test_a_full_disk_is_said_in_words_and_work_goes_on_when_there_is_room(
    stage: FormStage, form: Form, full: Path
) -> None:
    ref = begin(form, 2)
    words = "typed while the disk was full. " + "x" * 9_000  # more than SQLite's free pages may hold
    head = stage.scene.service.journal.head()
    full.touch()
    form.comment.fill(words)
    expect(form.state).to_have_text(
        re.compile(r"^Not saved\..*There is no room left to write the journal"), timeout=PATIENCE
    )
    assert stage.scene.service.journal.head() == head, "something was half stored"
    form.page.keyboard.type(" And on.")
    assert NOT_SAVED.match(form.state.inner_text())
    full.unlink()
    only_then_saved(form, ref, words + " And on.")


def test_a_system_that_refuses_to_write_is_said_in_words(stage: FormStage, form: Form) -> None:
    ref = begin(form, 3)
    process = psutil.Process(stage.server.process.pid)
    before = process.rlimit(resource.RLIMIT_FSIZE)
    head = stage.scene.service.journal.head()
    process.rlimit(resource.RLIMIT_FSIZE, (1, before[1]))  # no file of the server may grow beyond one byte
    try:
        form.page.keyboard.type("typed while nothing could be written")
        expect(form.state).to_have_text(re.compile(r"^Not saved\..*refused to write the journal"), timeout=PATIENCE)
        assert stage.scene.service.journal.head() == head
    finally:
        process.rlimit(resource.RLIMIT_FSIZE, before)
    only_then_saved(form, ref, "typed while nothing could be written")
