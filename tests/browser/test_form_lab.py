"""The JupyterLab trap: with the form open in a notebook, no key pressed on any of its controls does anything to the notebook.

Core ipywidgets in the same place delete the cell that holds them (x, d d), turn it to Markdown (m), and ask to restart the kernel
when two criteria are scored 0 (0 0). See docs/design on the scoring form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from scoring_service import SUPERVISOR

from tests.chromium import ARGUMENTS, chromium_path
from tests.integration.test_scoring_lab import WAIT_SECONDS, Lab, lab, run_all, with_parameters

__all__ = ["lab"]

PATIENCE = WAIT_SECONDS * 1000
TRAPS = (
    ("x",), ("d", "d"), ("m",), ("a",), ("b",), ("0", "0"), ("z",), ("i", "i"), ("Shift+Enter",), ("Control+Enter",), ("Alt+Enter",),
    ("Escape", "x"), ("Escape", "d", "d"), ("ArrowUp",), ("ArrowDown",), ("ArrowLeft",), ("ArrowRight",), ("j",), ("k",), ("c",), ("v",),
    ("Shift+M",), ("y",), ("r",), ("Enter", "x"), ("Control+s",), ("Control+Shift+c",), ("Control+b",),
)  # fmt: skip


def notebook(page: Page) -> Any:
    """Returns all of the notebook that a command could change, and what Lab asks."""
    return page.evaluate(
        """() => ({
          cells: [...document.querySelectorAll('.jp-Notebook .jp-Cell')].map(cell => [
            ['jp-CodeCell', 'jp-MarkdownCell', 'jp-RawCell'].find(name => cell.classList.contains(name)),
            cell.classList.contains('jp-mod-active'), cell.querySelector('.jp-InputArea-prompt')?.textContent ?? '',
            cell.querySelector('.jp-InputArea-editor')?.textContent ?? '' ]),
          dialogs: document.querySelectorAll('.jp-Dialog').length,
          edit: document.querySelectorAll('.jp-Notebook.jp-mod-editMode').length,
          sidebar: document.querySelectorAll('.jp-SideBar .lm-mod-current').length,
          form: document.querySelectorAll('.sf-root').length,
        })"""
    )


def open_case(page: Page) -> Locator:
    """Opens the first case from the queue, as a person does, and returns the form's root."""
    root = page.locator(".sf-root")
    expect(root.locator("h1")).to_be_visible(timeout=PATIENCE)
    root.get_by_role("button", name=re.compile("^(Open|Start|Begin|Score|Go on)")).first.click()
    asked = root.get_by_role("dialog")
    case = root.locator(".sf-criterion.active")
    expect(asked.or_(case).first).to_be_visible(timeout=PATIENCE)
    if asked.count():
        asked.get_by_role("button", name="Open").click()
    expect(case).to_be_visible(timeout=PATIENCE)
    return root


def controls(root: Locator) -> dict[str, Locator]:
    """Returns one control of each kind that the form has."""
    active = root.locator(".sf-criterion.active")
    return {
        "a radio": active.get_by_role("radio").first,
        "a head": active.locator(".sf-criterion-head"),
        "a button": root.get_by_role("button", name=re.compile("^Point to evidence")).first,
        "the comment": active.get_by_role("textbox"),
        "the search": root.get_by_role("searchbox"),
        "the record": root.locator(".sf-record-body"),
        "a summary": root.locator("summary").first,
        "a link": root.get_by_role("link", name="Cases"),
        "the heading": root.locator("h1"),
        "the sign-off": root.get_by_role("button", name=re.compile("^Sign off")),
        "the root": root,
    }


def settle(page: Page, root: Locator) -> None:
    """Closes what a key has opened in the form, and comes back to the case."""
    for _ in range(4):
        if root.get_by_role("dialog").count() == 0:
            break
        page.keyboard.press("Escape")
    else:
        expect(root.get_by_role("dialog")).to_have_count(0)
    if root.locator(".sf-criterion.active").count() == 0:
        open_case(page)


@pytest.fixture(scope="module")
def page(lab: Lab) -> Iterator[Page]:
    """A browser's page, with the form in a notebook that runs: one for all tests, since none of them may change the notebook."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        made = browser.new_page(viewport={"width": 1280, "height": 900})
        notebook_file = with_parameters("02_score.ipynb", lab.folder, draws=str(lab.scene.home), rater=SUPERVISOR)
        run_all(lab, made, notebook_file)
        yield made
        browser.close()


@pytest.fixture
def root(page: Page) -> Locator:
    """The form, with a case open."""
    found = page.locator(".sf-root")
    expect(found.locator("h1")).to_be_visible(timeout=PATIENCE)
    if found.locator(".sf-criterion.active").count() == 0:
        found.get_by_role("link", name="Cases").click()
        expect(found.locator("h1")).to_contain_text("Your cases", timeout=PATIENCE)
        open_case(page)
    return found


def test_no_key_on_any_control_reaches_the_notebook(page: Page, root: Locator) -> None:
    start = notebook(page)
    for kind in controls(root):
        for keys in TRAPS:
            controls(root)[kind].focus()
            before = notebook(page)
            assert (before["cells"], before["dialogs"]) == (start["cells"], 0), (
                kind,
                keys,
                "what the last keys did late",
            )
            for key in keys:
                page.keyboard.press(key)
            assert notebook(page) == before, (kind, keys)
            settle(page, root)
    assert notebook(page) == start
    assert page.get_by_text("Restart Kernel?").count() == 0


def test_no_key_in_a_dialog_of_the_form_reaches_the_notebook(page: Page, root: Locator) -> None:
    for opened in ("?", "a", "e", "p"):
        for keys in TRAPS:
            if keys[0] in ("Escape", "Control+Enter", "Shift+Enter", "Alt+Enter", "Enter"):
                continue
            if root.get_by_role("dialog").count() == 0:
                root.locator(".sf-criterion.active .sf-criterion-head").focus()
                page.keyboard.press(opened)
                expect(root.get_by_role("dialog"), f"{opened}, before {keys}").to_be_visible(timeout=PATIENCE)
            before = notebook(page)
            for key in keys:
                page.keyboard.press(key)
            assert notebook(page) == before, (opened, keys)
        settle(page, root)


def test_every_plain_link_carries_the_seat(lab: Lab, page: Page, root: Locator) -> None:
    """A page that opens by itself cannot send the seat as a header: without it the server answers 403."""
    mine = lab.scene.queue(SUPERVISOR)["reviews"][-1]
    lab.scene.rate_all(SUPERVISOR, mine["review"], 2)
    lab.scene.sign(SUPERVISOR, mine["review"])
    root.get_by_role("link", name="Cases").click()
    root.get_by_role("button", name=re.compile("^Read: ")).click()
    links = root.get_by_role("link", name=re.compile(r"^(Page|PDF|Plain text)"))
    expect(links.first).to_be_visible(timeout=PATIENCE)
    addresses = [str(link.get_attribute("href")) for link in links.all()]
    assert {address.partition("?")[0].rpartition(".")[2] for address in addresses} == {"html", "pdf", "txt"}
    for address in addresses:  # a PDF needs libraries of the system, and is made by a server with nothing better to do
        status = page.evaluate("address => fetch(address).then(answer => answer.status)", address)
        assert status in ((200, 503) if ".pdf?" in address else (200,)), address


def test_two_zeros_are_two_levels_and_saved_without_a_kernel(page: Page, root: Locator) -> None:
    numbers = root.locator(".sf-criterion .sf-answer")
    root.locator(".sf-criterion-head").nth(6).click()
    page.keyboard.press("0")
    root.locator(".sf-criterion-head").nth(7).click()
    page.keyboard.press("0")
    expect(numbers.nth(6)).to_have_text("Level 0")
    expect(numbers.nth(7)).to_have_text("Level 0")
    expect(root.locator(".sf-state")).to_have_text(re.compile(r"^Saved"), timeout=PATIENCE)
    assert page.get_by_text("Restart Kernel?").count() == 0
