"""Policy profiles: what the shipped ones say, the strictest of all, every fault at once, and the command that shows them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sampling.assurance.profile import Interval, Origin, Profile, covers, strictest
from sampling.assurance.reading import check_profile, load_profile, load_profiles, profile_named, profiles_folder
from sampling.assurance.rules import AGREED_RULES, RULES
from sampling.assurance.spans import parse_span
from sampling.cli import main
from sampling.errors import PolicyError


@cache
def profile(name: str) -> Profile:
    return profile_named(name)


# rule, threshold, interval, row, profile: what the seeds state (domain, section 1)
STATED = """
new_starter       floor  every 2 weeks for the first 3 months  C3       bournemouth
everyone          floor  every 4 weeks                         C4       bournemouth
personal          norm   every month                           C12      bournemouth
appraisal         norm   every 6 months                        C12      bournemouth
agreement_review  norm   every 6 months                        C7       bournemouth
agreement_review  floor  every year                            C7       bournemouth
case              norm   every month                           C1       bournemouth
case              floor  every 3 months                        C11      bournemouth
record_session    floor  within 2 working days                 C8       bournemouth
record_decision   floor  within 2 working days                 C9       bournemouth
record_ad_hoc     floor  within 2 working days                 C10      bournemouth
professional      floor  every month                           D8       york
case              floor  every 3 months                        D9       york
agreement_new     norm   within 1 month                        D7       york
appraisal         floor  every year                            D3       york
audit             floor  every year                            D17      york
survey            floor  every year                            D17      york
group             norm   every month                           A21      adult_mental_health
case_audit        norm   every month                           A16      adult_mental_health
effectiveness     norm   every 3 months                        A25      adult_mental_health
newly_qualified   floor  every week for the first 6 weeks      outside  lga
newly_qualified   floor  every 2 weeks for the first 6 months  outside  lga
everyone          floor  every month                           outside  lga
senior_reading    floor  every 3 months                        outside  lga
"""
# What the strictest has instead of what another profile says.
BEATEN = {("everyone", "lga"), ("case", "york")}


@pytest.mark.parametrize("line", STATED.strip().splitlines(), ids=lambda line: f"{line.split()[-2]} {line.split()[0]}")
def test_what_the_profiles_state(line: str) -> None:
    rule, threshold, words, row, name = re.split(r" {1,}(?=\S)", line, maxsplit=2)[:2] + re.split(r" {2,}", line)[-3:]
    found = [(one.words, one.origin.row) for one in profile(name).of(rule, threshold=threshold)]  # type: ignore[arg-type]
    assert (words, row) in found
    strict = [(one.words, one.origin.profile) for one in profile("strictest").of(rule, threshold=threshold)]  # type: ignore[arg-type]
    assert ((words, name) in strict) is ((rule, name) not in BEATEN)


def test_every_value_has_its_source_and_what_no_source_states_says_why() -> None:
    for one in (*load_profiles(), profile("strictest")):
        origins = [*(interval.origin for interval in one.intervals), *(item.origin for item in one.folder)]
        origins += [reading.origin for reading in one.readings]
        origins += [part.origin for part in (one.long_absence_days, one.session_minutes, one.scope) if part]
        assert all(origin.source and re.fullmatch(r"[A-E]\d{1,2}|outside", origin.row) for origin in origins)
        assert all(origin.standing == "stated" or origin.note for origin in origins), one.id


def test_the_shipped_profiles_and_their_other_values() -> None:
    assert [one.id for one in load_profiles()] == ["adult_mental_health", "bournemouth", "lga", "york"]
    strict = profile("strictest")
    assert strict.session_minutes is not None and strict.session_minutes.value == 90
    assert strict.long_absence_days is not None and strict.long_absence_days.value == 28
    assert [one.purpose for one in strict.readings] == ["own", "transfer", "concern", "audit"]
    assert len(strict.folder) == 12 and {one.origin.row for one in strict.folder} == {"C12"}
    assert strict.is_for("student") and not strict.is_for("administrative")
    assert profile("blank").intervals == ()


def test_the_order_of_profiles_changes_no_value() -> None:
    one, other = strictest(load_profiles()), strictest(load_profiles()[::-1])
    assert [(each.rule, each.words, each.threshold) for each in one.intervals] == [
        (each.rule, each.words, each.threshold) for each in other.intervals
    ]


def interval(every: str, until: str = "", rule: str = "everyone", name: str = "a") -> Interval:
    span = parse_span(until) if until else None
    return Interval(rule, parse_span(every), "floor", Origin(name, "s", "C4", "stated"), span)


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (interval("4 weeks"), interval("1 month"), ["4 weeks"]),
        (interval("1 month"), interval("4 weeks"), ["4 weeks"]),
        (interval("30 days"), interval("1 month"), ["1 month", "30 days"]),
        (interval("13 weeks"), interval("3 months"), ["3 months", "13 weeks"]),
        (interval("1 month"), interval("1 month", name="b"), ["1 month"]),
        (interval("2 weeks", "3 months"), interval("1 week", "6 weeks"), ["1 week", "2 weeks"]),
        (interval("1 week", "6 months"), interval("2 weeks", "3 months"), ["1 week"]),
        (interval("1 week"), interval("2 weeks", "3 months"), ["1 week"]),
    ],
)
def test_the_shorter_stays_and_both_where_neither_always_is(one: Interval, other: Interval, kept: list[str]) -> None:
    profiles = [Profile(name, "", "", "", (each,)) for name, each in (("a", one), ("b", other))]
    assert [each.every.words for each in strictest(profiles).intervals] == kept


def test_a_norm_does_not_beat_a_floor() -> None:
    norm = replace(interval("1 week"), threshold="norm")
    assert not covers(norm, interval("4 weeks"))


def test_a_role_is_left_out_only_where_all_leave_it_out() -> None:
    york, bournemouth = profile("york"), profile("bournemouth")
    assert york.scope is not None
    wider = replace(york, scope=replace(york.scope, left_out=("driver", "administrative")))
    assert not strictest([wider, bournemouth]).is_for("administrative") and strictest([wider, bournemouth]).is_for(
        "driver"
    )
    assert strictest([wider, replace(bournemouth, scope=None)]).is_for("administrative")


# Faults

HEAD = '[profile]\nid = "mine"\ntitle = "Mine"\ndocument = "Policy, 2026"\n'
RULE = '[[interval]]\nrule = "everyone"\nevery = "4 weeks"\nthreshold = "floor"\nrow = "C4"\nsource = "Section 2"\n'
RECORD = RULE.replace("everyone", "record_session").replace("4 weeks", "2 working days")
OWNED = RECORD + 'owner = "supervisor"\ndestination = "the record"\n'


def faults(tmp_path: Path, text: str, name: str = "mine.toml") -> list[tuple[str, int | None, str]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = check_profile(path)
    assert (found[0] is None) == bool(found[1])
    return [(finding.code.removeprefix("PROFILE_"), finding.text_line, finding.message) for finding in found[1]]


@pytest.mark.parametrize("text", [HEAD, HEAD + RULE, HEAD + OWNED, HEAD + RULE + OWNED])
def test_a_profile_without_a_fault(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, text) == []
    assert load_profile(tmp_path / "mine.toml").id == "mine"


@pytest.mark.parametrize(
    ("text", "code", "line", "message"),
    [
        (HEAD + RULE.replace('row = "C4"\n', ""), "KEY_MISSING", 5, "row is missing"),
        (HEAD + RULE.replace('source = "Section 2"\n', ""), "KEY_MISSING", 5, "source is missing"),
        (RULE, "KEY_MISSING", None, "profile is missing"),
        (HEAD + RULE + "evry = 1\n", "KEY_UNKNOWN", 11, "evry is unknown here"),
        (HEAD + RULE.replace("4 weeks", "monthly"), "VALUE", 7, 'every must be a span such as "2 weeks"'),
        (HEAD + RULE.replace("everyone", "evryone"), "VALUE", 6, "rule must be one of newly_qualified, new_starter"),
        (HEAD + RULE.replace("everyone", "agreed_case"), "VALUE", 6, "rule must be one of newly_qualified, new_starter"),
        (HEAD + RULE.replace('"floor"', '"limit"'), "VALUE", 8, "threshold must be one of: norm or floor"),
        (HEAD + RULE.replace("C4", "c4"), "VALUE", 9, 'row must be a row of the requirements such as "C3" or "outside"'),
        (HEAD + RULE.replace('"C4"', "4"), "VALUE", 9, "row must be a text in quotation marks"),
        (HEAD + RULE.replace("Section 2", " "), "VALUE", 10, "source is empty"),
        (HEAD + "[session_minutes]\nvalue = 0\nrow = 'C4'\nsource = 's'\n", "VALUE", 6, "value must be at least 1"),
        (HEAD + "[session_minutes]\nvalue = '9'\nrow = 'C4'\nsource = 's'\n", "VALUE", 6, "value must be a whole number"),
        (HEAD + "folder = 3\n", "KEY_UNKNOWN", 5, "folder is unknown here"),
        ("interval = 3\n" + HEAD, "VALUE", 1, "interval must be a list"),
        (HEAD + RULE + RULE, "CONFLICT", 11, "this rule and threshold stand there already"),
        (HEAD + RULE.replace("4 weeks", "20 working days"), "CONFLICT", 5, "records are due in working days"),
        (HEAD + OWNED.replace("2 working days", "2 days"), "CONFLICT", 5, "records are due in working days"),
        (HEAD + RECORD, "CONFLICT", 5, "owner and destination are for the rules on records, which need both"),
        (HEAD + RULE + 'until = "3 months"\n', "CONFLICT", 5, "until is for newly_qualified and new_starter"),
        (HEAD + RULE.replace("everyone", "new_starter"), "CONFLICT", 5, "until is for newly_qualified and new_starter"),
        (HEAD.replace("mine", "yours"), "CONFLICT", 2, "a profile is called as its file"),
        (HEAD + RULE.replace('"everyone"', '"everyone'), "SYNTAX", 6, "the text is not closed"),
    ],
)  # fmt: skip
def test_each_fault_with_its_line(tmp_path: Path, text: str, code: str, line: int | None, message: str) -> None:
    found = faults(tmp_path, text)
    assert [(one[0], one[1]) for one in found] == [(code, line)], found
    assert found[0][2].startswith(message)


def test_all_faults_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = HEAD + RULE.replace("4 weeks", "often").replace('"floor"', "1") + "colour = 2\n" + OWNED.replace("C4", "Z9")
    assert [line for _, line, _ in faults(tmp_path, text)] == [7, 8, 11, 16]
    with pytest.raises(PolicyError, match=r"The policy profile mine.toml has 4 faults\.") as caught:
        load_profile(tmp_path / "mine.toml")
    assert all(finding.file == "mine.toml" for finding in caught.value.findings)


def test_what_was_written_is_not_repeated(tmp_path: Path) -> None:
    said = str(faults(tmp_path, HEAD + RULE.replace("everyone", "Jane Example") + '"Jane Example" = 1\n'))
    assert "Jane" not in said and "a name is unknown here" in said


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert check_profile(tmp_path / "none.toml")[1][0].code == "PROFILE_UNREADABLE"
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    assert check_profile(tmp_path / "mine.toml")[1][0].code == "PROFILE_UNREADABLE"
    assert faults(tmp_path, "#" * 100_001)[0][2] == "the file has more than 100,000 characters"


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    assert faults(tmp_path, "\ufeff" + (HEAD + RULE).replace("\n", "\r\n")) == []


def test_one_fault_keeps_all_profiles_of_a_folder_from_use(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="There is no policy profile"):
        load_profiles(tmp_path)
    faults(tmp_path, HEAD + RULE)
    assert [one.id for one in load_profiles(tmp_path)] == ["mine"]
    faults(tmp_path, HEAD, "other.toml")
    with pytest.raises(PolicyError, match="The policy profiles cannot be used") as caught:
        profile_named("mine", tmp_path)
    assert [finding.file for finding in caught.value.findings] == ["other.toml"]


def test_a_name_that_is_none_gets_those_that_there_are() -> None:
    with pytest.raises(PolicyError, match=r"There are: strictest, adult_mental_health, bournemouth, lga, york\."):
        profile_named("leeds")


def uncommented(text: str) -> str:
    """Returns the blank profile with everything in it that a # hides and that is no sentence."""
    return re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", text).replace('id = "blank"', 'id = "mine"')


def test_the_blank_profile_is_a_working_example(tmp_path: Path) -> None:
    text = uncommented((profiles_folder() / "blank.toml").read_text(encoding="utf-8"))
    assert faults(tmp_path, text) == []
    mine = load_profile(tmp_path / "mine.toml")
    assert [one.rule for one in mine.intervals] == ["new_starter", "record_session"]
    assert mine.added_days == {date(2030, 6, 3)} and mine.scope and mine.readings and mine.folder
    named = re.findall(r"[a-z_]+", text[text.index("# How often.") : text.index("[[interval]]")])
    assert set(RULES) - set(AGREED_RULES) <= set(named), "blank.toml lists every rule"


# The command


def test_show_prints_each_value_with_its_origin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  Formal one-to-one  "))
    assert re.split(r" {2,}", lines[at].strip()) == ["Formal one-to-one", "every 4 weeks, floor"]
    assert lines[at + 1] == '      C4, bournemouth: Section 2, Frequency of Supervision: "at least every four weeks"'
    assert any(line.endswith("[our judgement]") for line in lines) and max(map(len, lines)) <= 110
    assert lines[-1] == "Profiles: adult_mental_health, bournemouth, lga, york; strictest is computed from them."


def test_show_as_json_has_the_same_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show", "york", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["scope"]["left_out"], len(told["intervals"])) == ("york", ["administrative"], 6)
    assert told["intervals"][0] == {
        "destination": "", "every": "1 month", "note": "Any change to the frequency is recorded with its reasons.", "owner": "",
        "profile": "york", "row": "D8", "rule": "professional", "source": 'Standard 2: "at least once a month"',
        "standing": "stated", "threshold": "floor", "until": "",
    }  # fmt: skip


def test_show_and_check_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + RULE, encoding="utf-8")
    assert main(["policy", "show", str(path)]) == 0
    assert "every 4 weeks, floor\n      C4, mine: Section 2\n" in capsys.readouterr().out
    assert main(["policy", "check", str(path)]) == 0
    assert capsys.readouterr().out == "mine.toml has no fault.\n"
    path.write_text(HEAD + RULE.replace("floor", "ceiling"), encoding="utf-8")
    assert main(["policy", "check", str(path)]) == 11
    assert capsys.readouterr().out == (
        "mine.toml has 1 fault.\n  mine.toml, line 8: threshold must be one of: norm or floor. docs/policies.md has each key with an "
        "example. [PROFILE_VALUE]\n"
    )
    assert main(["policy", "show", str(path)]) == 11
    assert "The policy profile mine.toml has 1 fault." in capsys.readouterr().err
