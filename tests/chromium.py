"""The browser for tests that look at a page as a person does. A missing browser is a failure, never a skipped test."""

from __future__ import annotations

import shutil

import pytest

# Playwright's own download is not used: Debian's chromium is patched with the system. The switches stop every call home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
    "--disable-quic",
    "--disable-default-apps",
    "--no-default-browser-check",
)
# The first is the same browser without the windows that nobody sees: a page costs half the processor time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str:
    """Returns the path of the browser, or fails the test with what to install."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.fail(
            "This test looks at a page in a browser, and there is none here. On Debian: apt-get install chromium",
            pytrace=False,
        )
    return path
