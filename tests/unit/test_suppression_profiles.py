"""The suppression profiles: each threshold of each source, the policy file's faults, and where a chart is refused."""

from __future__ import annotations

import pandas as pd
import pytest

from sampling.errors import PolicyError, UsageError
from sampling.policy import shared_folder
from sampling.suppression import Table, chart_refusal, load_profile, mean, percent, rate, suppress
from sampling.suppression.profiles import POLICY_FILE, parse_profiles

NAMES = ("mhsds", "hes", "dfe", "none")
TEXT = (shared_folder("policies") / POLICY_FILE).read_text(encoding="utf-8")

# By hand from the sources (docs/suppression.md names them).
SHOWN = {
    ("mhsds", "local"): {0: "*", 1: "*", 4: "*", 5: "5", 7: "5", 8: "10", 12: "10", 13: "15", 102: "100", 103: "105"},
    ("mhsds", "regional"): {0: "*", 4: "*", 5: "5", 8: "10"},
    ("mhsds", "national"): {0: "0", 1: "1", 4: "4", 5: "5", 7: "7", 12: "12"},
    ("hes", "local"): {0: "0", 1: "*", 4: "*", 5: "*", 7: "*", 8: "10", 12: "10", 13: "15"},
    ("dfe", "local"): {0: "0", 1: "c", 4: "c", 5: "c", 6: "6", 7: "7", 8: "8", 12: "12"},
    ("dfe", "regional"): {0: "0", 1: "k", 4: "k", 5: "10", 14: "10", 15: "20", 104: "100"},
    ("dfe", "national"): {0: "0", 1: "k", 4: "k", 5: "10", 7: "10", 8: "10", 12: "10"},
    ("none", "local"): {0: "0", 1: "1", 4: "4", 5: "5", 7: "7", 8: "8", 12: "12"},
}


@pytest.mark.parametrize(("name", "area"), SHOWN)
def test_each_count_is_shown_as_the_source_shows_it(name: str, area: str) -> None:
    rule = load_profile(name).rules[area]  # type: ignore[index]
    assert {count: rule.show(count) for count in SHOWN[name, area]} == SHOWN[name, area]


@pytest.mark.parametrize(("name", "area"), SHOWN)
def test_what_a_reader_knows_of_a_shown_count_is_what_rounds_to_it(name: str, area: str) -> None:
    rule = load_profile(name).rules[area]  # type: ignore[index]
    for count in range(200):
        if not rule.is_small(count):
            least, most = rule.around(count)
            alike = [other for other in range(300) if rule.show(other) == rule.show(count)]
            assert (least, most) == (alike[0], alike[-1])


def one_row(profile: str, **counts: int) -> dict[str, str]:
    """Returns a row of two counts and their figures as the profile shows it by itself."""
    frame = pd.DataFrame(counts, index=["A"])
    ratios = [percent("met", "scored", "share"), rate("rate", "met", "scored", large_only=True)]
    table = Table("t", frame, ratios=ratios)
    return dict(suppress([table], load_profile(profile)).tables[0].shown.loc["A"])


@pytest.mark.parametrize(
    ("profile", "scored", "met", "share"),
    [
        ("mhsds", 100, 33, "33"),
        ("mhsds", 200, 67, "34"),  # 33.5, half upwards, of the unrounded counts
        ("mhsds", 12, 4, "*"),  # a part under five
        ("mhsds", 12, 8, "*"),  # what is left is under five
        ("mhsds", 12, 7, "58"),
        ("mhsds", 10, 5, "50"),
        ("mhsds", 0, 0, "*"),  # none is hidden, so "not applicable" would give it away
        ("hes", 20, 0, "0"),
        ("hes", 20, 20, "100"),
        ("hes", 20, 7, "*"),
        ("hes", 20, 12, "60"),
        ("hes", 20, 13, "*"),
        ("hes", 0, 0, "-"),
        ("dfe", 20, 6, "30"),
        ("dfe", 20, 5, "c"),
        ("dfe", 20, 15, "c"),
        ("dfe", 20, 20, "100"),
        ("dfe", 0, 0, "z"),
        ("none", 3, 1, "33.3"),
        ("none", 0, 0, "-"),
    ],
)
def test_a_percentage_comes_of_unrounded_counts_and_is_hidden_where_a_part_is_small(
    profile: str, scored: int, met: int, share: str
) -> None:
    assert one_row(profile, scored=scored, met=met)["share"] == share


@pytest.mark.parametrize(("scored", "shown"), [(99, "*"), (100, "400.0"), (101, "396.0")])
def test_a_rate_of_under_a_hundred_is_hidden_where_the_table_says_so(scored: int, shown: str) -> None:
    assert one_row("mhsds", scored=scored, met=40)["rate"] == shown
    assert one_row("none", scored=scored, met=40)["rate"] != "*"


@pytest.mark.parametrize(
    ("profile", "scored", "shown"),
    [
        ("hes", 1, "*"),
        ("hes", 7, "*"),
        ("hes", 8, "3.0"),
        ("hes", 0, "-"),
        ("mhsds", 4, "*"),
        ("mhsds", 5, "3.0"),
        ("dfe", 5, "c"),
    ],
)
def test_a_mean_of_few_is_hidden(profile: str, scored: int, shown: str) -> None:
    frame = pd.DataFrame({"scored": scored, "level 2": 0, "level 3": scored}, index=["A"])
    levels = {"level 2": 2, "level 3": 3}
    table = Table(
        "t",
        frame,
        columns_add={"scored": list(levels)},
        ratios=[mean("mean", levels, "scored")],
        inside=frozenset(levels),
    )
    found = suppress([table], load_profile(profile)).tables[0].shown
    assert list(found.columns) == ["scored", "mean"] and found.at["A", "mean"] == shown


@pytest.mark.parametrize("name", NAMES)
def test_each_profile_names_its_source_and_keeps_more_than_half_of_the_hidden_values(name: str) -> None:
    profile = load_profile(name)
    assert len(profile.source) > 40 and profile.name == name
    for rule in profile.rules.values():
        if rule.hidden:
            assert 2 * rule.safe_values > rule.hidden[1] - rule.hidden[0] + 1


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match='no suppression profile "nhs". Choose one of: dfe, hes, mhsds, none'):
        load_profile("nhs")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("round_to = 10", "round_to = 0", "Profile dfe: round_to is a whole number from 1"),
        ("safe_values = 4", "safe_values = 1", "Profile hes: hidden is .first, last., and safe_values lies between 2"),
        ("safe_values = 4", "safe_values = 8", "Profile hes: hidden is .first, last., and safe_values lies between 2"),
        ("hidden = [1, 7]", "hidden = [7, 1]", "Profile hes: hidden is .first, last."),
        ('areas = ["national"]', 'areas = ["local"]', "Profile mhsds: local, regional and national each need one rule"),
        ("mean_decimals = 2", "", "suppression.toml lacks 'mean_decimals'"),
        ("[file]", "[file", "suppression.toml is not valid TOML"),
    ],
)
def test_a_fault_in_the_policy_file_is_told(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError, match=words):
        parse_profiles(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("name", ["mhsds", "hes", "dfe"])
@pytest.mark.parametrize("purpose", ["supervision", "audit", "training"])
def test_no_chart_is_drawn_from_suppressed_numbers(name: str, purpose: str) -> None:
    reason = chart_refusal(load_profile(name), purpose)  # type: ignore[arg-type]
    assert f"profile {name}: its numbers are rounded or hidden" in reason
    assert "Draw the chart inside the service with the profile none, and publish the suppressed table." in reason


def test_a_chart_inside_is_allowed_and_one_of_real_cases_for_training_is_not() -> None:
    none = load_profile("none")
    assert chart_refusal(none, "supervision") == chart_refusal(none, "audit") == ""
    assert "training uses anonymised or invented data only" in chart_refusal(none, "training")
    assert chart_refusal(none, "training", synthetic=True) == ""
    with pytest.raises(UsageError, match='purpose "show" is not one of: supervision, audit, training'):
        chart_refusal(none, "show")  # type: ignore[arg-type]
