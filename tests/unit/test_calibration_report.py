"""The report on calibration: its figures by hand, what stays hidden, and that everything that cannot be said is said in words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from sampling.calibration.report import agreeing, figures, files, sections
from sampling.calibration.report.gathering import gather
from sampling.calibration.report.opening import PURPOSES, Report, Shelf, load_shelf, open_report, report_of
from sampling.calibration.report.told import load_told, write_template
from sampling.errors import PolicyError, UsageError
from sampling.evidence.agreement.sentences import STANDING_SENTENCE
from sampling.evidence.agreement.summaries import CONFORMITY
from sampling.keys import HOME_VARIABLE
from sampling.plots.dots import Round, dot_chart
from sampling.plots.figure import Figure
from sampling.plots.lollipop import Difference, lollipop_chart
from sampling.quality import page_environment
from tests.calibration_report import FIRST, RECORD, SIX, THEN, Sessions
from tests.calibration_room import RUBRIC, Room
from tests.chromium import ARGUMENTS, chromium_path

SECTIONS = (
    sections.first_words, sections.levels, sections.spread, sections.agreement, sections.rounds, sections.raters, sections.reference, sections.holding,
    sections.over_sessions, sections.proposals, sections.group_record, sections.grras, sections.reproduce,
)  # fmt: skip
MIXED = ((0, 1, 1, 2, 2, 3), (2, 1, 2, 2, 2, 2), (3, 1, 2, 1, 3, 3), (1, 1, 2, 2, 1, 0), (1, 2, 1, 2, 1, 2), (0, 0, 1, 3, 3, 2))  # fmt: skip
NEARER = tuple(tuple(min(2, max(1, level)) for level in levels) for levels in SIX)
OTHER = "k-and-the-blue-bicycle-1.0"
HOSTILE = '<script>alert("x")</script>'
NOT_A_NUMBER = re.compile(r"\b(nan|inf|None|NaT)\b|<NA>")


@pytest.fixture
def held(tmp_path: Path, private_store: Path) -> Sessions:
    return Sessions(tmp_path / "calibration")


@pytest.fixture(scope="module")
def two_rounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sessions, Report]:
    """A session of two rounds with its record; nothing in it is changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("private")))
        held = Sessions(tmp_path_factory.mktemp("calibration"))
        held.hold(SIX, NEARER, record=RECORD)
    return held, opened(held)


@cache
def shelf() -> Shelf:
    return load_shelf()


def opened(held: Sessions, **asked: Any) -> Report:
    return report_of(gather(held.folder), shelf(), **asked)


def body(found: Report) -> str:
    return "".join(section(found).html for section in SECTIONS)


def page(found: Report) -> str:
    template = page_environment().get_template("calibration.html.j2")
    return template.render(body=body(found), software="sampling", tables=(), **files.heading(found))


@cache
def tables(found: Report) -> dict[str, str]:
    return files.tables(found)


def table(found: Report, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tables(found)[name])))


def everything(found: Report) -> str:
    return page(found) + "".join(tables(found).values())


def level_counts(found: Report, number: int) -> list[list[int]]:
    """Returns the counts by level of each criterion, from its CSV."""
    rows = [table(found, name)[number - 1] for name in tables(found) if name.startswith("levels-")]
    return [[int(row[f"Level {level}"]) for level in range(4)] for row in rows]


# The figures, by hand from the files


def test_agreement_is_what_the_counts_in_the_files_give(two_rounds: tuple[Sessions, Report]) -> None:
    _, found = two_rounds
    for number in (1, 2):
        counts = level_counts(found, number)
        told = {row["Figure"]: row["Value"] for row in table(found, f"agreement-round-{number}")}
        pairs = [pair for row in counts for pair in combinations([level for level in range(4) for _ in range(row[level])], 2)]  # fmt: skip
        assert float(told["Exact agreement"]) == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
        assert float(told["Within one level"]) == pytest.approx(sum(abs(a - b) <= 1 for a, b in pairs) / len(pairs))
        met = sum((a >= 2) == (b >= 2) for a, b in pairs) / len(pairs)
        assert float(told["At 2 or above: exact agreement"]) == pytest.approx(met)
        assert float(told["Alpha (Krippendorff, ordinal)"]) == pytest.approx(ordinal_alpha(counts))
    assert counts == [[sum(one == level for one in given) for level in range(4)] for given in NEARER]


def ordinal_alpha(counts: list[list[int]]) -> float:
    """Returns Krippendorff's alpha with the ordinal metric (2011, section E), rows of cases by level."""
    together = [[0.0] * 4 for _ in range(4)]
    for row in counts:
        for one in range(4):
            for other in range(4):
                together[one][other] += row[one] * (row[other] - (one == other)) / (sum(row) - 1)
    sizes = [sum(row) for row in together]
    total = sum(sizes)

    def metric(one: int, other: int) -> float:
        low, high = sorted((one, other))
        return (sum(sizes[low : high + 1]) - (sizes[low] + sizes[high]) / 2) ** 2

    cells = [(one, other) for one in range(4) for other in range(4) if one != other]
    seen = sum(together[one][other] * metric(one, other) for one, other in cells)
    return 1 - (total - 1) * seen / sum(sizes[one] * sizes[other] * metric(one, other) for one, other in cells)


def test_spread_movement_raters_and_reference_by_hand(two_rounds: tuple[Sessions, Report]) -> None:
    _, found = two_rounds
    spread = table(found, "criteria-by-spread")
    assert [row["Criterion"] for row in spread][:2] == ["Findable and consistent", "Exists and is current"]
    assert [row["Splits at the threshold"] for row in spread] == ["yes", "yes", "no", "yes", "no", "no"]
    apart = [abs(a - b) for a, b in combinations(SIX[5], 2)]
    assert (spread[0]["Mean distance of two raters"], spread[0]["At the standard"]) == (
        f"{sum(apart) / 15:.2f}",
        "3 of 6",
    )
    moved = [[int(row[f"Round 2: level {level}"]) for level in range(4)] for row in table(found, "round-1-to-2")]
    pairs = [pair for one, other in zip(SIX, NEARER, strict=True) for pair in zip(one, other, strict=True)]
    assert moved == [[pairs.count((one, other)) for other in range(4)] for one in range(4)]
    assert sum(int(row["Up"]) + int(row["Down"]) for row in table(found, "movement")) == sum(a != b for a, b in pairs)
    given = found.gathered.ratings
    for row in table(found, "raters"):
        own = given[(given["rater"] == row["Alias"]) & (given["round"] == 1)].set_index("ref")["level"]
        rest = given[(given["rater"] != row["Alias"]) & (given["round"] == 1)].groupby("ref")["level"].mean()
        assert float(row["Mean difference"]) == pytest.approx(float((own - rest).mean()), abs=0.0051)
        assert row["Ratings"] == "6" and len(row["Mean difference"]) <= 5
    first = table(found, "reference")[0]
    assert (first["Round"], first["Reference"], first["As the reference"], first["Within 1 of it"]) == (
        "1",
        "level 0",
        "1 of 6",
        "3 of 6",
    )
    assert first["Mean difference from it"] == "+1.50"


def test_the_first_words_name_the_criteria_that_split_the_group(held: Sessions) -> None:
    held.hold(SIX)
    said = sections.first_words(opened(held)).html
    assert (
        "The group splits at the threshold on 3 of 6 criteria: Findable and consistent, Exists and is current and Carers, children and dependants."
        in said
    )
    assert (
        "Exact agreement: 46% of pairs of ratings (no interval can be had; 6 shared ratings of criteria in 1 case, 6 raters)."
        in said
    )
    assert (
        "This is one case. How the same group would score another, only other cases can show." in said
        and CONFORMITY not in said
    )


# What stays hidden


def test_a_round_that_was_not_revealed_changes_nothing_but_the_journals_head(held: Sessions) -> None:
    with closing((room := held.open()).journal):
        scored(room, 1, SIX)
        room.step("revealed", 1)
        before = opened(held)
        room.step("scoring", 2)
        for token in room.tokens:
            room.answer(token, 2, 3)
        after = opened(held)
        assert before.rounds == after.rounds == (1,)
        assert [section(before).html for section in SECTIONS[:-1]] == [section(after).html for section in SECTIONS[:-1]]
        assert "Round 2" not in everything(after)
        room.step("finished", 2)
        assert opened(held).rounds == (1,) and "Round 2" not in everything(opened(held))


def test_a_session_that_ended_without_a_reveal_is_not_told(held: Sessions) -> None:
    with closing((room := held.open()).journal):
        scored(room, 1, SIX)
        room.step("finished", 1)
        found = opened(held)
        assert found.session is None and gather(held.folder).ratings.empty
        assert "1 session opened, and no round revealed." in sections.first_words(found).html
        with pytest.raises(
            UsageError, match="Nothing of that session was revealed, so there is nothing to report of it"
        ):
            opened(held, session=room.session)


def test_a_removed_rater_and_answers_that_were_not_locked_are_nowhere(held: Sessions) -> None:
    with closing((room := held.open()).journal):
        room.join(8)
        room.step("scoring", 1)
        for token in room.tokens[:7]:
            room.answer(token, 1, 2)
        room.answer(room.tokens[7], 1, 0, locked=False)
        raters = room.live.trainer(room.session)["raters"]
        unlocked = {one["alias"] for one in raters if not one["locked"]}
        gone = next(one for one in raters if one["locked"])
        alias = gone["alias"]
        room.live.remove(room.session, gone["handle"], THEN)
        room.step("revealed", 1)
        assert len(set(gather(held.folder).ratings["rater"])) == 6 and len(unlocked) == 1
        text = everything(opened(held))
        assert not re.search(rf"\b({alias}|{unlocked.pop()})\b", text)
        assert level_counts(opened(held), 1) == [[0, 0, 6, 0]] * 6


def test_of_a_small_group_no_level_of_anyone_is_shown(held: Sessions) -> None:
    held.hold([levels[:4] for levels in SIX], [levels[:4] for levels in NEARER])
    found = opened(held)
    text = everything(found)
    assert (
        "<svg" not in text
        and "One dot a rater" not in text
        and "4 raters gave a level, from level 0 to 2: too few to show more." in text
    )
    assert "Fewer than 5 raters gave a level on any criterion, so whether the group splits cannot be said." in text
    assert "No criterion has 5 levels, so no figure of agreement is made." in text
    assert "Fewer than 5 raters gave a level in both rounds on any criterion, so no movement is shown." in text
    assert "Fewer than 5 raters gave a level on the same criterion, so no figure of a rater is shown." in text
    assert not any(alias in text for alias in set(found.gathered.ratings["rater"]))
    row = table(found, "levels-exists_and_current")[0]
    assert [row[f"Level {level}"] for level in range(4)] == ["too few"] * 4 and (row["Lowest"], row["Highest"]) == (
        "0",
        "2",
    )
    assert {row["As the reference"] for row in table(found, "reference")} == {"fewer than 5"}
    assert {(row["At the standard"], row["Raters"]) for row in table(found, "criteria-by-spread")} == {("too few", "4")}


def test_no_agreement_beyond_chance_is_a_plain_nought(held: Sessions) -> None:
    held.hold([(0, 1, 1, 2, 2, 3)] * 6)
    found = opened(held)
    assert found.session
    (figure,) = figures.forests(found, found.session)
    assert [(one[1], other[1]) for one, other in zip(figure.rows, figure.exact, strict=True) if "kappa" in one[0]] == [("0.00", "0")]  # fmt: skip


def test_of_two_raters_not_even_the_range_is_shown(held: Sessions) -> None:
    held.hold([levels[:2] for levels in SIX])
    text = everything(opened(held))
    assert "2 raters gave a level: too few to show more." in text and not re.search(r"from level \d to", text)


def test_no_rater_is_shown_on_one_criterion_nor_for_audit(held: Sessions) -> None:
    held.hold(SIX[:1])
    found = opened(held)
    assert (
        "With fewer than 3 criteria a rater&#39;s difference from the others would nearly be the level itself"
        in sections.raters(found).html
    )
    held.hold(SIX, now=THEN.replace(hour=11))
    aliases = set(opened(held).gathered.ratings["rater"])
    shown, audit = everything(opened(held)), everything(opened(held, purpose="audit"))
    assert any(alias in shown for alias in aliases) and not any(re.search(rf"\b{alias}\b", audit) for alias in aliases)
    assert "A report for audit has no figure of any rater, under whatever name." in audit


def test_use_of_levels_and_the_boundary_by_alias_with_what_they_can_tell(held: Sessions) -> None:
    held.hold(MIXED)
    found = opened(held)
    given = found.gathered.ratings
    for row in table(found, "level-use"):
        own = list(given.loc[given["rater"] == row["Alias"], "level"])
        assert [int(row[f"Level {level}"]) for level in range(4)] == [own.count(level) for level in range(4)]
        assert row["Own levels that are 1 or 2"] == f"{sum(one in (1, 2) for one in own) / 6:.0%}"
    edge = table(found, "raters-at-the-standard")
    assert [row["Alias"] for row in edge] == sorted(set(given["rater"]))
    met = given.assign(yes=given["level"] >= 2).groupby("rater")["yes"].sum()
    # the order of chances is that of levels at the standard: every rater has the same criteria
    by_chance = sorted(edge, key=lambda row: int(row["Chance of the standard"].rstrip("%")))
    assert [int(met[row["Alias"]]) for row in by_chance] == sorted(met)
    said = sections.raters(found).html
    assert "is not shown (p = " in said and "6 raters, 6 criteria of one case as items, 36 levels)" in said
    assert "Over several cases nothing is tested here: an alias is one person within its session alone." in said
    assert "At the boundary 1|2 it tells who would sooner say that the standard is met." in said
    assert "With fewer than 8 levels each it cannot be told from what this case asked for" in said
    held.hold(SIX, now=THEN.replace(hour=11))
    assert (
        "Severity at the boundary 1|2 alone cannot be had. 4 criteria of one case: with fewer than 5"
        in sections.raters(opened(held)).html
    )


def test_raters_who_differ_throughout_are_found_and_four_criteria_are_too_few_to_test(held: Sessions) -> None:
    held.hold(((0, 0, 1, 1, 2, 3),) * 4)
    assert "With fewer than 5 criteria of one case (4 here) chance alone could make any difference" in sections.raters(opened(held)).html  # fmt: skip
    held.hold(((0, 0, 1, 1, 2, 3),) * 5, now=THEN.replace(hour=11))
    said = sections.raters(opened(held)).html
    assert (
        "The criteria differ no more than chance gives, so raters are compared as if all criteria were alike." in said
    )
    assert "Some raters gave lower levels than others throughout this case, by more than chance gives (p &lt; .001 by permutation within criteria" in said  # fmt: skip


def test_reference_levels_wait_until_the_group_saw_them(held: Sessions) -> None:
    held.hold(SIX, to="revealed")
    found = opened(held)
    assert (
        "The reference levels were not shown to the group yet, so they are not shown here."
        in sections.reference(found).html
    )
    assert "The reference is" not in everything(found) and "reference" not in tables(found)


# What cannot be said


def test_without_a_session_the_vignettes_and_what_to_do(held: Sessions) -> None:
    found = opened(held)
    text = page(found)
    assert "No session was held yet." in text and "Hold a session with: sampling calibrate." in text
    assert "Ms A. and the allotment" in text and len(table(found, "vignettes")) == 12
    assert STANDING_SENTENCE in text and set(tables(found)) == {"vignettes", "reproduce"}


@pytest.mark.parametrize("levels", [((2,) * 6,) * 6, ((3,) * 6,), ((1,),) * 6, ((0, 3, 0, 3, 0),)])
def test_degenerate_answers_are_said_in_words(held: Sessions, levels: tuple[tuple[int, ...], ...]) -> None:
    held.hold(levels, levels)
    found = opened(held)
    text = everything(found)
    assert not NOT_A_NUMBER.search(text), NOT_A_NUMBER.search(text)
    if len(set(levels[0])) == 1 and len(levels[0]) > 1:
        assert "No variation: every level is" in text
    if len(levels) == 1 and len(levels[0]) == 5:
        assert "One case was rated by two or more raters: a coefficient compares disagreement" in text


def test_codes_in_place_of_levels_are_counted_beside(held: Sessions) -> None:
    with closing((room := held.open(criteria=2)).journal):
        room.join(6)
        room.step("scoring", 1)
        for place, token in enumerate(room.tokens):
            given: list[dict[str, Any]] = [{"criterion": room.refs[0], "level": place % 3}]
            given.append(
                {"criterion": room.refs[1], "code": "not_applicable"}
                if place
                else {"criterion": room.refs[1], "level": 1}
            )
            room.live.answer(room.session, token, 1, given, locked=True, now=THEN)
        room.step("revealed", 1)
    text = everything(opened(held))
    assert "1 rater gave a level: too few to show more." in text and not NOT_A_NUMBER.search(text)


def test_movement_is_shown_only_of_criteria_with_enough_raters_in_both_rounds(held: Sessions) -> None:
    with closing((room := held.open(criteria=2)).journal):
        scored(room, 1, SIX[:2])
        room.step("revealed", 1)
        room.step("scoring", 2)
        for place, token in enumerate(room.tokens):
            given: list[dict[str, Any]] = [{"criterion": room.refs[0], "level": 2}, {"criterion": room.refs[1]}]
            given[1] |= {"level": 1} if place < 4 else {"code": "not_accessible"}
            room.live.answer(room.session, token, 2, given, locked=True, now=THEN)
        room.step("revealed", 2)
    found = opened(held)
    assert [row["Criterion"] for row in table(found, "movement")] == ["Exists and is current"]
    assert "Levels in round 1 and round 2, 1 of 2 criteria together" in sections.rounds(found).html
    second = table(found, "levels-made_with_the_person")[1]
    assert (second["Level 1"], second["Raters with a level"], second["Lowest"], second["No level, by code"]) == (
        "too few", "4", "1", "too few",
    )  # fmt: skip


def test_a_vignette_or_rubric_that_is_not_here_any_more_is_said(held: Sessions) -> None:
    held.hold(SIX)
    found = opened(held)
    gone = report_of(found.gathered, Shelf(shelf().policy, (), ()))
    text = everything(gone)
    assert "The vignette is not here any more as it was, so its reference levels are not shown." in text
    assert "Exists and current" in text and "; not here any more as it was" in text and not NOT_A_NUMBER.search(text)


# Over time, and what was written down


def test_sessions_of_two_vignettes_stand_together_and_the_same_one_side_by_side(held: Sessions) -> None:
    first = held.hold(SIX, now=FIRST)
    held.hold(NEARER[:5], now=THEN.replace(day=1), vignette=OTHER, rubric="escalation_rationale")
    other = opened(held)
    said = sections.holding(other).html
    assert (
        "This session&#39;s vignette was not used in an earlier one. Used again next quarter, it becomes an anchor."
        in said
    )
    assert (
        "No vignette was scored in two sessions with enough raters, so nothing shows whether thresholds hold." in said
    )
    assert (
        "0 of 2 came back (none yet). Due: Ms A. and the allotment (last used 20 August 2026). For 1 more there is none"
        in said
    )
    assert len(table(other, "sessions")) == 2 and "thresholds" not in tables(other)
    pooled = {row["Figure"]: row for row in table(other, "agreement-sessions")}["Exact agreement"]
    assert pooled["Lower end"] != "none" and float(pooled["Lower end"]) < float(pooled["Value"]) < float(
        pooled["Upper end"]
    )
    pairs = [pair for given in (*SIX, *NEARER[:5]) for pair in combinations(given, 2)]
    assert float(pooled["Value"]) == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    assert pooled["Rests on"] == "11 criteria in 2 sessions on 2 vignettes"
    held.hold(NEARER)
    again = opened(held)
    said = sections.holding(again).html
    assert "Of 1 anchor: whether the thresholds hold is open on 1." in said and "1 of 2 came back (Ms A." in said
    rows = table(again, "thresholds")[:2]
    assert [row["Session"] for row in rows] == ["20 August 2026, 09:30 UTC", "20 November 2026, 09:30 UTC"]
    assert [(row["At the standard"], row["As the reference"]) for row in rows] == [
        ("3 of 6", "1 of 6"),
        ("3 of 6", "0 of 6"),
    ]
    assert opened(held, session=first).before == ()
    november = opened(held, period="2026-11")
    assert (len(november.span), november.session) == (2, november.gathered.told[2])
    august = opened(held, period="2026-08").session
    assert august is not None and august.id == first


def test_actions_are_followed_until_they_are_closed(held: Sessions) -> None:
    def action(letter: str, due: str = "2026-09-30") -> dict[str, str]:
        return {"action": letter * 32, "text": f"Action {letter}", "owner": "team lead", "due": due}

    held.hold(SIX, record={**RECORD, "actions": [action("a"), action("b")]}, now=FIRST)
    done = [
        {"action": "a" * 32, "finding": "done", "note": "in the handbook"},
        {"action": "b" * 32, "finding": "in_hand"},
    ]
    held.hold(SIX, record={**RECORD, "reviewed": done}, now=FIRST.replace(month=9))
    held.hold(SIX, record={**RECORD, "actions": [action("c", "2026-12-31")]})
    found = opened(held, today="2026-11-22")
    rows = {row["Action"]: row["What became of it"] for row in table(found, "actions-revisited")}
    assert rows == {"Action b": "in hand (20 September 2026)"}
    assert table(found, "actions")[0]["What became of it"] == "not revisited yet"
    second = opened(held, session=found.gathered.told[1].id)
    became = {row["Action"]: row["What became of it"] for row in table(second, "actions-revisited")}
    assert became["Action a"] == "done (20 September 2026: in the handbook)"
    assert (
        table(opened(held, today="2027-02-01"), "actions")[0]["What became of it"] == "not revisited yet, and overdue"
    )


def test_proposals_stand_beside_the_wording_and_hostile_words_are_words(held: Sessions) -> None:
    with closing((room := held.open()).journal):
        scored(room, 1, SIX)
        room.step("revealed", 1)
        for place, text in enumerate((f"=HYPERLINK(1) {HOSTILE}", "Each contact has a telephone number.")):
            proposal = {"proposal": str(place) * 32, "criterion": room.refs[0], "level": place + 1, "text": text}
            room.live.write(room.session, "anchor_proposed", proposal, 0, THEN)
        room.live.write(room.session, "group_recorded", {**RECORD, "decisions": HOSTILE}, 0, THEN)
    found = opened(held)
    rows = table(found, "proposed-wordings")
    criterion = next(one for one in shelf().rubrics if one.id == RUBRIC).criteria[0]
    assert [(row["Of"], row["As it stands"]) for row in rows] == [
        (f"Level {level}", criterion.levels[level]) for level in (1, 2)
    ]
    assert (
        rows[0]["Proposed"].startswith("'=HYPERLINK") and HOSTILE not in page(found) and "&lt;script&gt;" in page(found)
    )
    told = {row["Item"]: row["Answered"] for row in table(found, "grras")}
    assert [item for item, answered in told.items() if answered != "yes"] == ["4", "5", "6", "12"]
    assert "Missing: 4, who the raters are" in sections.grras(found).html


def test_what_people_write_for_grras_is_shown_and_what_they_do_not_is_missing(held: Sessions) -> None:
    held.hold(SIX)
    found = open_report(str(held.folder))
    rows = {row["Item"]: row for row in table(found, "grras")}
    assert len(rows) == 15 and {item for item, row in rows.items() if row["Answered"] != "yes"} == {
        "4",
        "5",
        "6",
        "12",
        "14",
    }
    assert (rows["14"]["Answered"], rows["14"]["What is told"]) == (
        "no: whoever plans the sessions can write it",
        "nothing",
    )
    assert rows["4"]["What is told"].startswith("Whoever had the join code, which was open to the group, could rate.")
    assert "Answers were sealed in the journal until the reveal" in rows["9"]["What is told"]
    said = sections.grras(found).html
    assert "10 of 15 items of GRRAS" in said and "The trainer can write it, under “raters” in agreement.toml." in said
    path = write_template(held.folder)
    assert load_told(held.folder) == {}
    path.write_text(
        'raters = "Six nurses, half a day with the rubric."\nmeaning = "Reword level 2."\n', encoding="utf-8"
    )
    rows = {row["Item"]: row for row in table(open_report(str(held.folder)), "grras")}
    assert rows["4"]["Answered"] == "yes" and rows["4"]["What is told"].endswith(
        "Six nurses, half a day with the rubric."
    )
    assert {item for item, row in rows.items() if row["Answered"] != "yes"} == {"5", "6", "12"}
    path.write_text('rater = "x"\nknown = 3\n', encoding="utf-8")
    with pytest.raises(PolicyError, match="agreement.toml has 2 faults") as raised:
        open_report(str(held.folder))
    assert [one.message for one in raised.value.findings][1] == "`known` must be text"
    with pytest.raises(PolicyError, match="agreement.toml is there already. Edit it, or move it away first"):
        write_template(held.folder)


def test_anchors_show_each_session_its_distance_from_the_reference_and_the_change(held: Sessions) -> None:
    strict = tuple(tuple(max(0, level - 1) for level in given) for given in MIXED)
    held.hold(MIXED, now=FIRST)
    held.hold([given[:4] for given in MIXED], now=FIRST.replace(month=9))
    held.hold(strict, now=THEN, to="revealed")
    hidden = opened(held)
    name = "anchor-1"
    assert {row["Mean distance from it (95% CI)"] for row in table(hidden, name)} == {"not shown"}
    held.hold(strict, now=THEN.replace(hour=11))
    found = opened(held)
    rows = table(found, name)
    assert [row["Session"] for row in rows] == [
        "20 August 2026, 09:30 UTC",
        "20 November 2026, 09:30 UTC",
        "20 November 2026, 11:30 UTC",
    ]
    references = {one.ref: one.level for one in found.vignette.references}  # type: ignore[union-attr]
    refs = found.session.opened.criteria  # type: ignore[union-attr]
    for row, given in zip(rows, (MIXED, strict, strict), strict=True):
        every = [(level, references[ref]) for ref, levels in zip(refs, given, strict=True) for level in levels]
        assert [int(row[f"Level {level}"]) for level in range(4)] == [
            [one for one, _ in every].count(level) for level in range(4)
        ]
        known = [level - agreed for level, agreed in every if agreed is not None]
        assert signed(row["Mean distance from it (95% CI)"]) == pytest.approx(np.mean(known), abs=0.0051)
        assert row["Within 1 of the reference"] == f"{np.mean([abs(one) <= 1 for one in known]):.0%} of {len(known)}"
    change = np.mean([level for given in strict for level in given]) - np.mean(
        [level for given in MIXED for level in given]
    )
    assert signed(rows[2]["Mean change since the first (95% CI)"]) == pytest.approx(change, abs=0.0051)
    said = sections.holding(found).html
    assert "Of 1 anchor: the thresholds have become stricter on 1." in said
    assert (
        "1 session on it not compared: another version of it, another rubric or version of one, or too few raters."
        in said
    )
    assert (
        f"Since 20 August 2026 the thresholds have become stricter: levels are {-change:.2f} lower on average" in said
    )
    assert not NOT_A_NUMBER.search(said) and not any(alias in said for alias in set(found.gathered.ratings["rater"]))


def signed(cell: str) -> float:
    """Returns the difference that a cell begins with, as "0.86 lower (-1.20 to -0.52)"."""
    size, side, *_ = cell.split()
    return float(size) * {"lower": -1, "higher": 1}[side]


def test_an_actions_owner_is_not_shown_for_audit(held: Sessions) -> None:
    action = {"action": "a" * 32, "text": "Agree it", "owner": "Pat Example", "due": "2026-12-30"}
    held.hold(SIX, record={**RECORD, "actions": [action]}, now=FIRST)
    held.hold(SIX, record=RECORD)
    assert "Pat Example" in everything(opened(held))
    audit = everything(opened(held, purpose="audit"))
    assert "Pat Example" not in audit and "not shown for audit" in audit


# The page and its files


def test_the_same_journal_gives_the_same_bytes(two_rounds: tuple[Sessions, Report]) -> None:
    held, found = two_rounds
    assert everything(found) == everything(open_report(str(held.folder)))


def test_the_standing_sentence_and_every_file_that_is_named(two_rounds: tuple[Sessions, Report]) -> None:
    held, found = two_rounds
    text = page(found)
    figures = sections.all_figures(found)
    assert len(figures) == 9 and all(any(STANDING_SENTENCE in note for note in one.notes) for one in figures)
    assert text.count(STANDING_SENTENCE) >= len(figures) + 2
    assert set(re.findall(r"<code>([\w-]+)\.csv</code>", text)) == set(tables(found))
    assert all(row[files.CAUTION] == STANDING_SENTENCE for name in tables(found) for row in table(found, name))
    assert all(len(row) == len(one.columns) for one in figures for row in (*one.rows, *one.exact))
    assert not re.search(r"[0-9a-f]{64}", text.replace(found.gathered.head.split()[1], "").replace(found.session.opened.vignette_digest, "")  # type: ignore[union-attr]
                         .replace(found.session.opened.rubric.digest, ""))  # type: ignore[union-attr]  # fmt: skip
    assert str(held.folder) not in text


def test_what_cannot_be_asked_is_refused_in_words(held: Sessions) -> None:
    for asked, words in (
        ({"purpose": "gossip"}, "Say for which purpose the report is made: training, supervision, audit"),
        ({"today": "22.11.2026"}, 'The day of the report must be written as "2026-11-22"'),
        ({"period": "2026-13"}, 'The period must be a month or a span of months, as "2026-10" or "2026-10:2026-12"'),
        ({"period": "2026-10:2026-09"}, "The period must be a month or a span of months"),
        ({"period": "2026-10"}, "No session of 2026-10 to 2026-10 was revealed here"),
        ({"session": "f" * 32}, "There is no session with that id here"),
    ):
        with pytest.raises(UsageError, match=words):
            opened(held, **asked)
    assert PURPOSES == ("training", "supervision", "audit")


@pytest.fixture
def page_file(held: Sessions, tmp_path: Path) -> Iterator[Path]:
    held.hold(
        MIXED,
        now=FIRST,
        record={**RECORD, "actions": [{"action": "a" * 32, "text": "Agree it", "owner": "", "due": "2026-09-30"}]},
    )
    held.hold(MIXED, NEARER, record=RECORD)
    path = tmp_path / "report.html"
    path.write_text(page(opened(held)), encoding="utf-8")
    yield path


def test_axe_finds_nothing_on_a_wide_and_on_a_narrow_screen(page_file: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        for width in (1280, 320):
            # axe is put into the page as a script, which the page's own policy forbids to anyone else
            context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
            shown = context.new_page()
            shown.goto(page_file.as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            result = Axe().run(shown)
            assert result.violations_count == 0, result.generate_report()
            assert 'img "Dot plot, one dot a rater. Round 1: 1 at level 0' in shown.locator("body").aria_snapshot()
            assert [shown.locator(f"figure#{name} svg").count() for name in ("raters-at-the-standard", "anchor-1")] == [1, 1]  # fmt: skip
            context.close()
        browser.close()


# The charts


def charts() -> tuple[Figure, ...]:
    rounds = (
        Round("Round 1", 200, (0, 150, 49, 1), f"It splits {HOSTILE}", 1, 3, [("not applicable", 2)]),
        Round("Round 2", 4, None, "4 raters gave a level, from level 1 to 2: too few to show more.", 1, 2),
    )
    about = {"name": "a", "finding": "It splits", "method": "Rules."}
    rows = (Difference("Wren", -2.5, 6), Difference(f"Avocet {HOSTILE}", 0.0, 6))
    return (
        dot_chart(rounds, 2, **about, reference="The reference is level 0.", reference_level=0),
        lollipop_chart(rows, ("gives lower levels", "gives higher levels"), basis="n = 2.", **about),
    )


@pytest.mark.parametrize("place", [0, 1])
def test_a_chart_is_well_formed_and_nothing_lies_outside(place: int) -> None:
    figure, again = charts()[place], charts()[place]
    root = ElementTree.fromstring(figure.svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert figure == again and "<script" not in figure.svg and root.attrib["aria-hidden"] == "true"
    assert all(len(row) == len(figure.columns) for row in figure.rows)
    for element in root.iter():
        for name, most in (("x", width), ("cx", width), ("x1", width), ("x2", width), ("y", height), ("cy", height)):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= most + 1, (element.tag, element.attrib)


def test_there_is_a_dot_for_each_rater_and_none_for_a_small_round() -> None:
    figure, _ = charts()
    root = ElementTree.fromstring(figure.svg)
    dots = [one for one in root.iter() if one.tag.endswith("circle")]
    assert len(dots) == 200 and len({(one.attrib["cx"], one.attrib["cy"]) for one in dots}) == 200
    assert figure.rows[1] == ("Round 2", "4", *["too few"] * 4, "1", "2", "too few")
    alone = dot_chart([Round("Round 1", 4, None, "4 raters gave a level.")], 2, name="a", finding="Few", method="")
    assert (alone.svg, alone.refusal) == ("", "4 raters gave a level.")


def test_aliases_stand_in_the_order_of_their_names() -> None:
    assert [row[0][:6] for row in charts()[1].rows] == ["Avocet", "Wren"]
    none = lollipop_chart((), ("", ""), name="a", finding="", basis="", method="")
    assert (none.svg, none.refusal) == ("", "No rater can be compared.")


def scored(room: Room, number: int, levels: tuple[tuple[int, ...], ...]) -> None:
    """Lets raters in and scores and locks a round."""
    room.join(len(levels[0]))
    room.step("scoring", number)
    for place, token in enumerate(room.tokens):
        room.answer(token, number, {ref: levels[row][place] for row, ref in enumerate(room.refs)})


def test_a_late_joiner_counts_in_round_2_alone(held: Sessions) -> None:
    with closing((room := held.open()).journal):
        scored(room, 1, SIX)
        room.step("revealed", 1)
        room.join()
        room.step("scoring", 2)
        for token in room.tokens:
            room.answer(token, 2, 2)
        room.step("revealed", 2)
    found = opened(held)
    assert found.session is not None
    assert [agreeing.answers_of(found, found.session, number)["rater"].nunique() for number in (1, 2)] == [
        6,
        7,
    ]
    assert {row["Raters in both"] for row in table(found, "movement")} == {"6"}
