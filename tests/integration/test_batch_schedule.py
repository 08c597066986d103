"""The schedule recipes of docs/batch.md: each starts a command that this program has, with last month as its period."""

from __future__ import annotations

import argparse
import configparser
import os
import re
import shlex
import stat
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from sampling.cli import build_parser
from sampling.errors import NotebookError, PolicyError, ProgramError, StateError, StorageError, UsageError

DOCS = Path(__file__).resolve().parents[2] / "docs" / "batch.md"


def recipe(name: str) -> str:
    """Returns the text of a recipe."""
    found = re.search(rf"<!-- recipe: {name} -->\n```\w+\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    assert found, name
    return found[1]


def check(words: list[str], period: str) -> None:
    """Asserts that these are the words of a command that resumes last month's packs."""
    options = build_parser().parse_args(words)
    assert (options.period, options.by, options.purpose, options.resume) == (period, "team", "audit", True)


def last_month() -> str:
    return f"{date.today().replace(day=1) - timedelta(days=1):%Y-%m}"


def test_the_script_of_cron_and_systemd_asks_for_last_month_and_passes_the_exit_code_on(tmp_path: Path) -> None:
    script, heard = tmp_path / "evidence-packs", tmp_path / "heard"
    script.write_text(recipe("cron"))
    program = tmp_path / "program"  # stands where the command would: it notes its words down
    program.write_text(f'#!/bin/sh\numask > {heard}.umask\nprintf "%s\\n" "$@" > {heard}\nexit 17\n')
    for path in (script, program):
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run(
        [script, "/srv/my draws"], env={**os.environ, "SAMPLING": str(program)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (17, "")
    words = heard.read_text().splitlines()
    assert words[:2] == ["batch", "/srv/my draws"]
    assert Path(f"{heard}.umask").read_text().strip() == "0077"
    check(words, last_month())


def test_the_units_of_systemd_hold_together() -> None:
    units = {}
    for name in ("service", "timer"):
        units[name] = configparser.ConfigParser(interpolation=None, strict=True)
        units[name].optionxform = str  # type: ignore[assignment, method-assign]
        units[name].read_string(recipe(name))
    service = units["service"]["Service"]
    assert service["ExecStart"].startswith("/usr/local/bin/evidence-packs /")
    assert service["Type"] == "oneshot" and service["UMask"] == "0077"
    assert service["ExecStart"].split()[1].startswith(service["ReadWritePaths"])
    assert units["timer"]["Timer"]["OnCalendar"] == "Mon..Fri 06:30"
    assert units["timer"]["Install"]["WantedBy"] == "timers.target"


def test_the_script_of_windows_starts_a_command_that_there_is() -> None:
    text = recipe("windows")
    line = next(one for one in text.splitlines() if "sampling.exe" in one)
    words = shlex.split(line.partition('sampling.exe"')[2].partition(">>")[0].replace("\\", "/"))
    check([word.replace("%PERIOD%", "2026-10") for word in words], "2026-10")
    assert text.rstrip().endswith("exit /b %ERRORLEVEL%")


def test_the_page_has_every_option_and_every_exit_code_of_the_command() -> None:
    text = DOCS.read_text(encoding="utf-8")
    commands = next(one for one in build_parser()._actions if isinstance(one, argparse._SubParsersAction))
    options = {word for word in commands.choices["batch"]._option_string_actions if word.startswith("--")} - {"--help"}
    rows = set(re.findall(r"^\| `(--[a-z-]+)", text, re.M))
    assert rows == options
    errors = (UsageError, PolicyError, StateError, NotebookError, StorageError, ProgramError)
    codes = [0, *(error.exit_code for error in errors), 130]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)] == sorted(codes)


def test_the_check_of_a_recipe_finds_a_fault() -> None:
    with pytest.raises(AssertionError):
        check("batch d --period 2026-10 --by team --purpose audit".split(), "2026-10")
