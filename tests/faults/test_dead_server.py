"""The server is killed while its rater types; the network is cut for longer than a kernel may stay alone; the browser dies meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.form_stage import NOT_SAVED, PATIENCE, SERVED, Form, FormStage, form_stage
from tests.fault_scenes import Computer, Wire, comments, on_a_disk, saved_truthfully, stored_words
from tests.scoring_server import start
from tests.scoring_service import SUPERVISOR

CULL_SECONDS = 5


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormStage]:
    """One service, whose kernels end when no page is connected to them for a few seconds."""
    with form_stage(tmp_path_factory.mktemp("server"), program=("--cull", str(CULL_SECONDS)), whole=True) as made:
        yield made


@pytest.fixture
def wire(stage: FormStage) -> Iterator[Wire]:
    """A cable to the server."""
    cable = Wire(stage.server.host)
    yield cable
    cable.close()


@pytest.fixture
def computer(stage: FormStage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    """A rater's computer."""
    used = Computer(stage.browser.browser_type, tmp_path_factory.mktemp("profile"))
    yield used
    used.context.close()


def over(wire: Wire, stage: FormStage, context: BrowserContext, review: str) -> Form:
    """Opens a review through the cable."""
    page = context.new_page()
    page.on("pageerror", lambda error: stage.failures.append(str(error)))
    page.goto(stage.server.address(SUPERVISOR).replace(stage.server.host, wire.host))
    expect(page.locator(".sf-root h1")).to_be_visible(timeout=PATIENCE)
    return Form(page, stage, SUPERVISOR, review).open()


def comment_on(form: Form, number: int) -> str:
    """Puts the cursor at the end of a criterion's comment and returns the criterion's ref."""
    form.criterion(number)
    form.comment.click()
    form.press("Control+End")
    return str(form.active.get_attribute("data-ref"))


def types(form: Form, ref: str, words: str) -> None:
    """Types, and looks after each letter whether the page speaks the truth."""
    for letter in words:
        form.page.keyboard.type(letter)
        saved_truthfully(form, ref)


def stored_once(form: Form, ref: str, words: str) -> None:
    """Waits until the page says Saved, and asserts that the journal has just these words, each entry once and none beside another."""
    form.is_saved()
    expect(form.comment).to_have_value(words)
    assert stored_words(form, ref) == words
    stored = comments(form, ref)
    assert not any(one.conflict for one in stored)
    texts = [one.payload.text for one in stored]
    assert len(texts) == len(set(texts))


def test_a_network_cut_for_longer_than_the_kernel_lives_loses_nothing(stage: FormStage, wire: Wire) -> None:
    context = stage.context()
    form = over(wire, stage, context, stage.reviews()[0])
    ref = comment_on(form, 1)
    types(form, ref, "before the cut, ")
    form.is_saved()
    assert stage.server.kernels()
    wire.cut()
    types(form, ref, "while it is cut, ")
    expect(form.state).to_have_text(NOT_SAVED, timeout=PATIENCE)
    until = time.monotonic() + 60
    while stage.server.kernels() and time.monotonic() < until:
        assert NOT_SAVED.match(form.state.inner_text())
        types(form, ref, ".")
    assert not stage.server.kernels(), "the kernel is still there"
    types(form, ref, " and after the kernel ended")
    assert NOT_SAVED.match(form.state.inner_text())
    words = form.comment.input_value()
    wire.mend()
    stored_once(form, ref, words)
    assert re.fullmatch(r"before the cut, while it is cut, \.* and after the kernel ended", words)
    context.close()


def test_a_browser_that_dies_while_the_network_is_cut_has_kept_every_word(
    stage: FormStage, wire: Wire, computer: Computer
) -> None:
    form = over(wire, stage, computer.context, stage.reviews()[1])
    ref = comment_on(form, 2)
    types(form, ref, "sent before, ")
    form.is_saved()
    wire.cut()
    types(form, ref, "kept by the browser alone")
    form.is_not_saved()
    words = "sent before, kept by the browser alone"
    on_a_disk(form, words)
    computer.kill()
    assert stored_words(form, ref) == "sent before, "
    wire.mend()
    form = over(wire, stage, computer.context, form.review)
    comment_on(form, 2)
    stored_once(form, ref, words)


def test_who_was_cut_off_and_who_was_not_wrote_on_one_criterion_and_both_are_kept(stage: FormStage, wire: Wire) -> None:
    review = stage.reviews()[2]
    away, here = stage.context(), stage.context()
    cut_off, connected = over(wire, stage, away, review), stage.form(context=here, review=review)
    ref = comment_on(cut_off, 3)
    wire.cut()
    types(cut_off, ref, "written on the train")
    cut_off.is_not_saved()
    comment_on(connected, 3)
    connected.page.keyboard.type("written in the office")
    connected.is_saved()
    wire.mend()
    both = cut_off.active.locator(".sf-extra")
    expect(both).to_contain_text("written in the office", timeout=PATIENCE)
    expect(both).to_contain_text("written on the train")
    both.get_by_role("button", name=re.compile("on the train")).click()
    cut_off.is_saved()
    expect(both).to_be_empty()
    assert cut_off.criteria()[ref]["comment"] == "written on the train"
    assert [one.payload.text for one in comments(cut_off, ref)] == ["written in the office", "written on the train"]
    away.close()
    here.close()


def test_who_is_let_in_again_just_after_a_refusal_is_refused_no_change(stage: FormStage) -> None:
    context = stage.context()
    form = stage.form(context=context, review=stage.reviews()[1])
    ref = comment_on(form, 3)
    signed_in = [one for one in context.cookies() if one["name"].startswith("sampling-")]
    met: list[int] = []

    def in_between(route: Route) -> None:
        """Hands on the server's own refusal, late: by then a second window has signed in, and whoever asks is known."""
        answer = route.fetch()
        met.append(answer.status)
        context.add_cookies(signed_in)  # type: ignore[arg-type]
        route.fulfill(response=answer)

    context.clear_cookies(name=re.compile("^sampling-"))
    form.page.route("**/sampling/api/events", in_between, times=1)
    form.page.keyboard.type("written while nobody was signed in")
    stored_once(form, ref, "written while nobody was signed in")
    assert met == [403] and signed_in
    context.close()


def test_a_server_killed_while_typing_loses_nothing(stage: FormStage, computer: Computer) -> None:
    form = stage.form(context=computer.context, review=stage.reviews()[0])
    ref = comment_on(form, 4)
    types(form, ref, "before it was killed, ")
    port = int(stage.server.host.rpartition(":")[2])
    stage.server.kill()
    types(form, ref, "while there is none, ")
    form.is_not_saved()
    stage.server = start(stage.scene.home, port=port, program=(SERVED, "--at", stage.scene.now.isoformat()))
    try:
        expect(form.state).to_have_text(re.compile(r"^Not saved\..*not signed in"), timeout=PATIENCE)
        types(form, ref, "and after it came back")
        assert NOT_SAVED.match(form.state.inner_text())
        stage.form(context=computer.context)  # the new address that it printed, in a second window
        stored_once(form, ref, "before it was killed, while there is none, and after it came back")
    finally:
        stage.server.stop()
