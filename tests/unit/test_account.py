"""The file of what only people can write: every fault at once, what is missing is known as missing."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sampling.errors import PolicyError
from sampling.reporting.account import ASKED, Account, load_account, template, write_template

Ran = Callable[..., tuple[int, dict[str, Any], str]]


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "evidence.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_account(path)
    return [finding.message for finding in caught.value.findings] or [caught.value.message]


def test_without_a_file_everything_is_missing(tmp_path: Path) -> None:
    account = load_account(tmp_path / "evidence.toml")
    assert account == Account() and len(account.missing) == len(ASKED)


def test_the_template_is_an_account_in_which_all_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "evidence.toml"
    write_template(path)
    assert len(load_account(path).missing) == len(ASKED)
    assert {key for key in tomllib.loads(template())} == {"title", *(asked.key for asked in ASKED)}
    with pytest.raises(PolicyError, match=r"evidence\.toml is there already\. Edit it, or move it away first\."):
        write_template(path)


def test_the_template_s_change_can_be_taken_out_of_its_comment(tmp_path: Path) -> None:
    text = template().replace("# [[change]]", "[[change]]")
    head, _, tail = text.partition("[[change]]")
    path = tmp_path / "evidence.toml"
    path.write_text(head + "[[change]]" + tail.replace("\n# ", "\n"), encoding="utf-8")
    (change,) = load_account(path).changes
    assert (change.start, change.what, change.rebase) == ("2026-01", "Coaching on rationale", False)
    assert change.concerns("escalation_rationale/trigger_recognised") and not change.concerns(
        "crisis_plan_currency/signs_and_routes"
    )


def test_every_fault_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = """
target = 1.5
aims = "x"
context = 5
limits = "%s"
[[change]]
from = "2026-13"
what = ""
[[change]]
what = "New limits"
from = "2026-01"
rebase = true
[[change]]
from = "2026-02"
what = "Template"
criteria = ["Not A Ref"]
by = "x"
""" % ("y" * 6001)
    found = faults(tmp_path, text)
    assert found[0] == "`target` must be a share above 0 and up to 1, as 0.8"
    assert "`context` must be text in quotation marks" in found
    assert "`limits` is longer than 6000 characters" in found
    assert '`change.1.from` must be a month as "2026-01", or a criterion as "rubric/criterion"' in found
    assert "`change.1.what` is empty" in found
    assert "`change.2` a rebase needs a reason: say in `reason` why the old limits no longer hold" in found
    assert '`change.3.criteria.1` must be a month as "2026-01", or a criterion as "rubric/criterion"' in found
    assert "`change.3.by` is not a key of this file; known are criteria, dose, from, reason, rebase, what" in found
    assert any(one.startswith("`aims` is not a key of this file; known are aim, balancing") for one in found)
    assert len(found) == 9 and "yyyy" not in "".join(found)


def test_a_fault_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "evidence.toml"
    path.write_text(
        'title = "x"\naims = "y"\n\n[[change]]\nfrom = "2026-01"\nwhat = "A"\n[[change]]\nwhat = "B"\n'
        'from = "2026-13"\n[[change]]\nwhat = "C"\n',
        encoding="utf-8",
    )
    with pytest.raises(PolicyError) as caught:
        load_account(path)
    places = {finding.message.split("`")[1]: finding.where for finding in caught.value.findings}
    assert places == {
        "aims": "evidence.toml, line 2",
        "change.2.from": "evidence.toml, line 9",
        "change.3.from": "evidence.toml, line 10",
    }


def test_the_command_writes_the_file_once_and_then_says_what_is_missing(tmp_path: Path, run_sampling: Ran) -> None:
    status, about, _ = run_sampling("account", tmp_path)
    assert (status, about["written"], len(about["missing"])) == (0, True, len(ASKED))
    path = tmp_path / "evidence.toml"
    path.write_text(path.read_text().replace('aim = ""', 'aim = "80% by May"'), encoding="utf-8")
    before = path.read_bytes()
    status, about, _ = run_sampling("account", tmp_path)
    assert (status, about["written"]) == (0, False) and "aim" not in about["missing"]
    assert len(about["missing"]) == len(ASKED) - 1 and path.read_bytes() == before
    path.write_text("titel = 1\n")
    status, about, _ = run_sampling("account", tmp_path)
    assert status and about["findings"][0]["where"] == "evidence.toml, line 1"


def test_a_file_that_is_no_text_and_one_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "evidence.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(
        PolicyError, match=r"evidence\.toml cannot be read\. Check its path, and that it is UTF-8 text\."
    ):
        load_account(path)
    assert faults(tmp_path, "title = ")[0].startswith("evidence.toml is not valid TOML: ")


def test_changes_come_in_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "evidence.toml"
    path.write_text(
        '[[change]]\nfrom = "2026-05"\nwhat = "B"\n[[change]]\nfrom = "2026-01"\nwhat = "A"\n', encoding="utf-8"
    )
    assert [change.what for change in load_account(path).changes] == ["A", "B"]
