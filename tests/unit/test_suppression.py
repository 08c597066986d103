"""Suppression of tables published together: worked examples, differencing, refusals, what a reader is told, and mistaken callers."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import pandas as pd
import pytest

from sampling.errors import ProgramError
from sampling.suppression import (
    Cell,
    Ratio,
    Relation,
    Suppressed,
    Table,
    adds_up,
    load_profile,
    mean,
    month_after,
    percent,
    same_cells,
    suppress,
)

TEAMS = {"North": (12, 3), "South": (15, 9), "East": (3, 1), "West": (22, 12)}


def service(name: str = "service", teams: dict[str, tuple[int, int]] = TEAMS) -> Table:
    """Returns the table of a service: cases scored, those that met the standard, their share."""
    frame = pd.DataFrame.from_dict(teams, orient="index", columns=["scored", "met"])
    frame.loc["All"] = frame.sum()
    return Table(name, frame, {"All": list(teams)}, ratios=[percent("met", "scored", "share")])


def pack(whole: Table, team: str) -> Table:
    """Returns a team's own table."""
    return Table(f"{whole.name}: {team}", whole.counts.loc[[team]], ratios=whole.ratios)


def column(counts: list[int], known: bool = False) -> Table:
    """Returns one column of counts with its total."""
    names = [chr(ord("a") + place) for place in range(len(counts))]
    frame = pd.DataFrame({"n": [*counts, sum(counts)]}, index=[*names, "all"])
    return Table("t", frame, {"all": names}, known=frozenset({("all", "n")}) if known else frozenset())


def texts(release: Suppressed, table: str = "t", name: str = "n") -> list[str]:
    """Returns a shown column."""
    return list(release.table(table).shown[name])


# Worked examples


def test_a_service_under_each_profile() -> None:
    found = {
        name: suppress([service()], load_profile(name)).tables[0].shown.agg(" ".join, axis=1).to_dict()
        for name in ("mhsds", "hes", "dfe", "none")
    }
    assert found["mhsds"] == {
        "North": "10 * *",
        "South": "15 10 60",
        "East": "* * *",
        "West": "20 10 55",
        "All": "50 25 48",
    }
    assert found["hes"] == {
        "North": "10 * *",
        "South": "15 10 *",
        "East": "* * *",
        "West": "20 10 55",
        "All": "50 25 48",
    }
    assert found["dfe"] == {"North": "c c c", "South": "15 c c", "East": "c c c", "West": "22 c c", "All": "52 25 48"}
    assert found["none"]["East"] == "3 1 33.3" and found["none"]["All"] == "52 25 48.1"


def test_one_small_number_takes_another_with_it_where_the_total_is_exact() -> None:
    dfe = load_profile("dfe")
    assert texts(suppress([column([3, 12, 40])], dfe)) == ["c", "c", "40", "55"]
    assert texts(suppress([column([1, 6, 20])], dfe)) == ["c", "c", "c", "27"]  # 1 + 6 = 7 leaves two values only
    assert texts(suppress([column([8, 12, 40])], dfe)) == ["8", "12", "40", "60"]
    assert texts(suppress([column([0, 12, 40])], dfe)) == ["0", "12", "40", "52"]


def test_a_number_that_readers_know_from_elsewhere_is_not_hidden_in_vain() -> None:
    table = Table("t", column([3, 6, 40]).counts, {"all": list("abc")}, known=frozenset({("b", "n")}))
    assert texts(suppress([table], load_profile("dfe"))) == ["c", "6", "c", "49"]


def test_equals_are_hidden_together_so_that_neither_name_nor_order_chooses() -> None:
    assert texts(suppress([column([3, 12, 12, 30])], load_profile("dfe"))) == ["c", "c", "c", "30", "57"]


def test_that_two_hidden_numbers_are_equal_is_known_too() -> None:
    """2 + 12 + 12: who knows that the two are equal knows that the 2 is even, which leaves 2 and 4. So the 30 goes as well."""
    assert texts(suppress([column([2, 12, 12, 30])], load_profile("dfe"))) == ["c", "c", "c", "c", "56"]


def test_the_hidden_cells_are_named_by_reason() -> None:
    found = suppress([column([3, 12, 40])], load_profile("dfe")).tables[0]
    assert found.primary == {Cell("t", "a", "n")} and found.secondary == {Cell("t", "b", "n")} and found.told_apart


def test_what_cannot_exist_is_not_applicable_and_counts_for_nothing() -> None:
    frame = pd.DataFrame({"scored": [20, None, 30], "met": [10, None, 20]}, index=["a", "b", "all"]).astype("Int64")
    frame.loc["all"] = [20, 10]
    table = Table("t", frame, {"all": ["a", "b"]}, ratios=[percent("met", "scored", "share")])
    shown = suppress([table], load_profile("dfe")).tables[0].shown
    assert list(shown.loc["b"]) == ["z", "z", "z"] and list(shown.loc["a"]) == ["20", "10", "50"]


def test_a_percentage_of_a_count_that_is_used_and_not_shown_is_shown_unless_the_count_is_small() -> None:
    frame = pd.DataFrame({"scored": [20, 20, 20], "met": [10, 3, 17]}, index=["a", "b", "c"])
    table = Table("t", frame, ratios=[percent("met", "scored", "share")], inside=frozenset({"met"}))
    shown = suppress([table], load_profile("dfe")).tables[0].shown
    assert list(shown.columns) == ["scored", "share"] and list(shown["share"]) == ["50", "c", "c"]


def test_means_go_before_counts_where_means_alone_give_a_number_away() -> None:
    levels = {"level 0": 0, "level 3": 3}
    frame = pd.DataFrame({"scored": [10, 30], "met": [9, 20], "level 0": [1, 10], "level 3": [9, 20]}, index=["a", "b"])
    sums = {"scored": list(levels), "met": ["level 3"]}
    ratios: list[Ratio] = [percent("met", "scored", "share"), mean("mean", levels, "scored")]
    table = Table("t", frame, columns_add=sums, ratios=ratios, inside=frozenset(levels))
    shown = suppress([table], load_profile("mhsds")).tables[0].shown
    assert list(shown.loc["a"]) == ["10", "10", "*", "*"]  # 2.7 of 10 would tell that one of them did not meet it
    assert list(shown.loc["b"]) == ["30", "20", "67", "2.0"]


# Differencing


@pytest.mark.parametrize("profile", ["mhsds", "hes", "dfe"])
def test_team_packs_and_the_service_hide_the_same_numbers(profile: str) -> None:
    whole = service()
    packs = [pack(whole, team) for team in TEAMS]
    relations = [r for p, team in zip(packs, TEAMS, strict=True) for r in same_cells(whole, team, p, team)]
    release = suppress([whole, *packs], load_profile(profile), relations=relations)
    assert release.refusal == ""
    for p, team in zip(packs, TEAMS, strict=True):
        assert list(release.table(p.name).shown.loc[team]) == list(release.table("service").shown.loc[team])


def test_the_service_total_less_the_packs_gives_no_team_away() -> None:
    whole = service()
    total = Table("total", whole.counts.loc[["All"]])
    packs = [pack(whole, team) for team in ("North", "South", "West")]  # East, with three cases, has no pack
    alone = suppress(packs, load_profile("dfe"))
    assert [alone.table(p.name).shown.iat[0, 0] for p in packs] == ["12", "15", "22"]  # 52 - 12 - 15 - 22 = 3
    relations = adds_up(total, "All", [(p, str(p.counts.index[0])) for p in packs], complete=False)
    release = suppress([total, *packs], load_profile("dfe"), relations=relations)
    assert [release.table(p.name).shown.iat[0, 0] for p in packs] == ["c", "15", "22"]
    assert release.table("total").shown.at["All", "scored"] == "52"


def test_a_cumulative_table_less_last_months_gives_the_new_cases_away_unless_hidden() -> None:
    dfe = load_profile("dfe")
    last, this = (Table(month, pd.DataFrame({"n": counts}, index=["a", "b"])) for month, counts in MONTHS)
    first = suppress([last], dfe)
    assert texts(first, "September") == ["30", "40"]
    assert texts(suppress([this], dfe), "October") == ["32", "52"]  # 32 - 30 = 2
    second = suppress([this], dfe, relations=month_after(this, last), earlier=[first])
    assert texts(second, "October") == ["c", "52"]
    assert "with 1 earlier release" in second.sentences[1]


MONTHS = (("September", [30, 40]), ("October", [32, 52]))


def test_nothing_that_is_public_already_can_be_hidden() -> None:
    dfe = load_profile("dfe")
    parts, total = column([3, 12]), Table("later", pd.DataFrame({"n": [15]}, index=["all"]))
    first = suppress([Table("t", parts.counts.loc[["a", "b"]])], dfe)
    assert texts(first) == ["c", "12"]
    relations = [Relation(Cell("later", "all", "n"), (Cell("t", "a", "n"), Cell("t", "b", "n")))]
    second = suppress([total], dfe, relations=relations, earlier=[first])
    assert texts(second, "later") == ["c"]  # the total must go, since 12 cannot any more


def test_a_number_that_an_earlier_release_shows_rounded_stays_shown_and_another_is_hidden() -> None:
    """Team b's 30 (28 to 32) is public, so hiding it again would keep nothing from anyone: England's exact 36 has to go, and not b."""
    mhsds = load_profile("mhsds")
    old = Table("old", pd.DataFrame({"n": [32]}, index=["b"]))
    teams = Table("teams", pd.DataFrame({"n": [4, 32]}, index=["a", "b"]))
    england = Table("England", pd.DataFrame({"n": [36]}, index=["all"]), area="national")
    sums = adds_up(england, "all", [(teams, "a"), (teams, "b")])
    first = suppress([old], mhsds)
    assert texts(first, "old") == ["30"]
    fresh = suppress([teams, england], mhsds, relations=sums)
    assert (texts(fresh, "teams"), texts(fresh, "England")) == (["*", "*"], ["36"])
    second = suppress([teams, england], mhsds, relations=[*sums, *same_cells(old, "b", teams, "b")], earlier=[first])
    assert (texts(second, "teams"), texts(second, "England")) == (["*", "30"], ["*"])


def test_a_figure_that_an_earlier_release_shows_cannot_be_taken_back() -> None:
    """A mean of 2.7 from levels 0 and 3 of some ten cases says that one case was at level 0. Once that is public, how many did not meet
    the standard must not be asked again: nothing that could be hidden now would help.
    """
    mhsds, levels = load_profile("mhsds"), {"level 0": 0, "level 3": 3}
    counts = pd.DataFrame({"scored": [10], "level 0": [1], "level 3": [9]}, index=["a"])
    figure = mean("mean", levels, "scored")
    old = Table("old", counts, columns_add={"scored": list(levels)}, ratios=[figure], inside=frozenset(levels))
    first = suppress([old], mhsds)
    assert texts(first, "old", "mean") == ["2.7"]
    frame = pd.DataFrame({"scored": [10], "met": [9]}, index=["a"])
    new = Table("new", frame, ratios=[percent("met", "scored", "share")])
    relations = [
        Relation(Cell("new", "a", "scored"), (Cell("old", "a", "scored"),)),
        Relation(Cell("new", "a", "met"), (Cell("old", "a", "level 3"),)),
    ]
    second = suppress([new], mhsds, relations=relations, earlier=[first])
    assert second.tables == () and "In new a small number could be worked out" in second.refusal


def test_the_sums_of_an_earlier_release_hold_in_later_ones() -> None:
    """55 less 40 was a plus b. To show b now, though no sum of this release names a, would tell that a is 3."""
    dfe = load_profile("dfe")
    councils = Table("councils", pd.DataFrame({"n": [3, 12, 40]}, index=list("abc")))
    region = Table("region", pd.DataFrame({"n": [55]}, index=["all"]))
    sums = adds_up(region, "all", [(councils, row) for row in "abc"])
    first = suppress([councils, region], dfe, relations=sums)
    assert texts(first, "councils") == ["c", "c", "40"] and texts(first, "region") == ["55"]
    later = Table("later", pd.DataFrame({"n": [12]}, index=["b"]))
    second = suppress([later], dfe, relations=same_cells(later, "b", councils, "b"), earlier=[first])
    assert texts(second, "later") == ["c"]


def test_what_the_choice_of_a_hidden_number_gave_away_counts_in_later_releases() -> None:
    """b was hidden because it was smaller than the 13 that is shown, so it is 12 at most, and a 3 at least. Were England's table to say
    that a is one of 1 to 4 (k), two values would be left: so there it says no more than that it is hidden.
    """
    dfe = load_profile("dfe")
    old = column([3, 12, 13])
    first = suppress([old], dfe)
    assert texts(first) == ["c", "c", "13", "28"]
    england = Table("England", pd.DataFrame({"n": [3]}, index=["a"]), area="national")
    second = suppress([england], dfe, relations=same_cells(england, "a", old, "a"), earlier=[first])
    assert texts(second, "England") == ["c"] and texts(suppress([england], dfe), "England") == ["k"]


def test_what_is_new_since_last_month_may_turn_out_to_be_large_to_a_reader() -> None:
    """7 then 10, shown as * and 10: what is new is 3, and from 1 to 11 for all that a reader knows. Nothing more is hidden for it."""
    hes = load_profile("hes")
    last, this = (
        Table(name, column(counts).counts, {"all": ["a", "b"]}) for name, counts in (("m1", [7, 20]), ("m2", [10, 23]))
    )
    first = suppress([last], hes)
    second = suppress([this], hes, relations=month_after(this, last), earlier=[first])
    assert texts(first, "m1") == ["*", "20", "25"] and texts(second, "m2") == ["10", "25", "35"]


def test_councils_and_their_region_are_protected_as_one() -> None:
    dfe = load_profile("dfe")
    councils = Table("councils", pd.DataFrame({"n": [3, 6, 40]}, index=["a", "b", "c"]))
    region = Table("region", pd.DataFrame({"n": [49]}, index=["all"]), area="regional")
    release = suppress([councils, region], dfe, relations=adds_up(region, "all", [(councils, row) for row in "abc"]))
    assert texts(release, "region") == ["50"]
    assert texts(release, "councils") == ["c", "6", "40"]  # 50 stands for 45 to 54, so a could be any of 1 to 5
    exact = suppress(
        [councils, region],
        load_profile("none"),
        relations=adds_up(region, "all", [(councils, "a"), (councils, "b"), (councils, "c")]),
    )
    assert texts(exact, "region") == ["49"]


def test_an_exact_national_total_hides_a_second_team() -> None:
    mhsds = load_profile("mhsds")
    teams = Table("teams", pd.DataFrame({"n": [3, 30]}, index=["a", "b"]))
    england = Table("England", pd.DataFrame({"n": [33]}, index=["all"]), area="national")
    relations = adds_up(england, "all", [(teams, "a"), (teams, "b")])
    release = suppress([teams, england], mhsds, relations=relations)
    assert texts(release, "England") == ["33"] and texts(release, "teams") == ["*", "30"]  # 28 to 32 leaves 1 to 4
    teams = Table("teams", pd.DataFrame({"n": [4, 32]}, index=["a", "b"]))
    england = Table("England", pd.DataFrame({"n": [36]}, index=["all"]), area="national")
    release = suppress([teams, england], mhsds, relations=adds_up(england, "all", [(teams, "a"), (teams, "b")]))
    assert texts(release, "England") == ["36"] and texts(release, "teams") == [
        "*",
        "*",
    ]  # 30 stands for 28 to 32, so 36 would leave 4 alone


def test_a_third_month_is_held_against_both_before() -> None:
    dfe = load_profile("dfe")
    months = [
        Table(name, pd.DataFrame({"n": [a, b]}, index=["a", "b"]))
        for name, a, b in (("m1", 30, 40), ("m2", 32, 52), ("m3", 34, 60))
    ]
    one = suppress(months[:1], dfe)
    two = suppress(months[1:2], dfe, relations=month_after(months[1], months[0]), earlier=[one])
    three = suppress(months[2:], dfe, relations=month_after(months[2], *months[:2]), earlier=[one, two])
    assert [texts(release, name) for release, name in ((one, "m1"), (two, "m2"), (three, "m3"))] == [
        ["30", "40"],
        ["c", "52"],
        ["c", "60"],  # 34 would tell of four new cases since m1
    ]
    with pytest.raises(ProgramError, match="A declared sum names a cell of table m1, column n, that is not there"):
        suppress(months[2:], dfe, relations=month_after(months[2], *months[:2]), earlier=[two])


# Refusals


def test_a_total_known_from_elsewhere_can_make_a_table_unsafe() -> None:
    release = suppress([column([4], known=True)], load_profile("mhsds"))
    assert release.tables == () and release.sentences == ()
    assert release.refusal.startswith("Not shown: no way to hide numbers makes this release safe. In t a small number")
    assert "Put small groups together, or cover more months." in release.refusal
    with pytest.raises(ProgramError, match="The release has no table t"):
        release.table("t")


def test_a_known_number_is_no_secret_itself() -> None:
    frame = pd.DataFrame({"drawn": [2]}, index=["a"])
    release = suppress([Table("t", frame, known=frozenset({("a", "drawn")}))], load_profile("mhsds"))
    assert release.refusal == "" and texts(release, name="drawn") == ["*"]


def test_where_all_is_small_readers_are_not_told_which_numbers_are() -> None:
    frame = pd.DataFrame({"x": [0, 1], "y": [0, 1], "z": [1, 1]}, index=["a", "b"])
    full = frame.assign(all=frame.sum(axis=1))
    full.loc["all"] = full.sum()
    found = suppress([Table("t", full, {"all": ["a", "b"]}, {"all": ["x", "y", "z"]})], load_profile("dfe")).tables[0]
    assert not found.told_apart
    assert any("each is small, or would help to work a small one out" in sentence for sentence in found.sentences)
    assert set(found.shown.to_numpy().ravel()) == {"0", "c"}


def test_what_readers_were_not_told_once_they_do_not_know_later() -> None:
    """The same small table again a month later: had readers been told which numbers are small, nothing could be shown now."""
    frame = pd.DataFrame({"x": [0, 1], "y": [0, 1], "z": [1, 1]}, index=["a", "b"])
    full = frame.assign(all=frame.sum(axis=1))
    full.loc["all"] = full.sum()
    old, new = (Table(name, full, {"all": ["a", "b"]}, {"all": ["x", "y", "z"]}) for name in ("old", "new"))
    first = suppress([old], load_profile("dfe"))
    relations = [relation for row in full.index for relation in same_cells(new, row, old, row)]
    second = suppress([new], load_profile("dfe"), relations=relations, earlier=[first])
    assert not first.tables[0].told_apart and second.refusal == "" and not second.tables[0].told_apart
    pd.testing.assert_frame_equal(second.table("new").shown, first.table("old").shown)


def test_three_numbers_that_round_to_zero_get_no_mark_that_says_so_where_their_sum_would_tell() -> None:
    frame = column([1, 1, 1]).counts
    release = suppress([Table("t", frame, {"all": list("abc")}, area="national")], load_profile("dfe"))
    assert texts(release) == ["c", "c", "c", "c"]
    assert texts(suppress([Table("t", frame.loc[["a", "b"]], area="national")], load_profile("dfe"))) == ["k", "k"]


# What a reader is told


def test_the_sentences_under_a_table() -> None:
    found = suppress([service()], load_profile("dfe")).tables[0].sentences
    assert found == (
        "Suppression profile dfe: Department for Education, children's social care statistics.",
        "c stands for 1 to 5, or for a number that would give such a one away.",
        "0 is exactly none.",
        "z stands where a number does not apply.",
        "6 of the 10 counts are hidden: 3 because they are small and 3 because a small one could be worked out from them.",
        "Percentages, rates and means are computed from the exact counts and then rounded; 4 are hidden, because a count behind them "
        "is small or hidden, or because they would give one away.",
        "Whatever is worked out from all that is shown, at least 3 different values stay possible for each hidden small number.",
    )


def test_the_sentences_of_other_profiles() -> None:
    mhsds = suppress([service()], load_profile("mhsds"))
    assert "* stands for 0 to 4, or for a number that would give such a one away." in mhsds.tables[0].sentences
    assert any(
        "rounded to the nearest 5, so they need not add up" in sentence for sentence in mhsds.tables[0].sentences
    )
    assert mhsds.sentences == ("3 counts are hidden in 1 table.",)
    none = suppress([service()], load_profile("none"))
    assert (
        "Do not publish this table or pass it on." in none.sentences[0] and none.tables[0].sentences == none.sentences
    )
    national = Table("n", pd.DataFrame({"n": [2, 30]}, index=["a", "b"]), area="national")
    found = suppress([national], load_profile("dfe")).tables[0]
    assert "k stands for 1 to 4, which rounds to zero and is not zero." in found.sentences and texts(
        Suppressed("dfe", (found,), (), "", (), ()), "n"
    ) == ["k", "30"]
    exact = suppress([national], load_profile("mhsds")).tables[0]
    assert "None of the 2 counts is hidden." in exact.sentences and list(exact.shown["n"]) == ["2", "30"]


def test_a_printed_release_holds_no_true_count() -> None:
    release = suppress([column([3, 12, 40])], load_profile("dfe"))
    assert "12" not in repr(release)


# Mistaken callers


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (Table("t", pd.DataFrame({"n": [1, 2]}, index=["a", "a"])), "Table t: a row or column name stands twice"),
        (Table("t", pd.DataFrame({"n": [1]}, index=[7])), "Table t: rows and columns are named by text"),
        (Table("t", pd.DataFrame({"n": [-1]}, index=["a"])), "Table t: a count is negative or no whole number"),
        (Table("t", pd.DataFrame({"n": [1.5]}, index=["a"])), "Table t: a count is negative or no whole number"),
        (Table("t", pd.DataFrame({"n": [1]}, index=["a"]), inside=frozenset("x")), "Table t has no column x"),
        (
            Table("t", pd.DataFrame({"n": [1]}, index=["a"]), known=frozenset({("b", "n")})),
            "known names 1 rows that are not there",
        ),
        (
            Table("t", pd.DataFrame({"n": [1]}, index=["a"]), ratios=[percent("n", "n", "n")]),
            "a figure has the name of a column",
        ),
        (
            Table("t", pd.DataFrame({"n": [9, 9]}, index=["a", "all"]), {"all": ["b"]}),
            "table t, column n, that is not there",
        ),
        (
            Table("t", pd.DataFrame({"n": [9, 8]}, index=["a", "all"]), {"all": ["a"]}),
            "column n: a declared total is not the sum",
        ),
        (
            Table("t", pd.DataFrame({"n": [8, 9]}, index=["a", "all"]), {"all": ["a"]}),
            "column n: a declared total is not the sum",
        ),
        (
            Table("t", pd.DataFrame({"n": [9], "m": [10]}, index=["a"]), ratios=[percent("m", "n")]),
            "Table t: m is more than n in a row",
        ),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table: Table, words: str) -> None:
    with pytest.raises(ProgramError, match=words):
        suppress([table], load_profile("mhsds"))


def test_two_tables_of_one_name_are_refused() -> None:
    first = suppress([column([9, 9])], load_profile("mhsds"))
    with pytest.raises(
        ProgramError, match="Two tables of a release, or of this and an earlier one, have the same name"
    ):
        suppress([column([9, 9])], load_profile("mhsds"), earlier=[first])


# A reader who has the program and tries it on every table there could be


def every_column(rows: int, total: int) -> Iterator[tuple[int, ...]]:
    """Yields each way to share out a total among so many rows, in rising order."""
    for counts in itertools.combinations_with_replacement(range(total + 1), rows):
        if sum(counts) == total:
            yield counts


@pytest.mark.parametrize("profile", ["mhsds", "hes", "dfe"])
@pytest.mark.parametrize("total", [6, 9, 14, 20])
def test_nor_by_someone_who_tries_the_program_on_every_table(profile: str, total: int) -> None:
    meant: dict[tuple[str, ...], set[tuple[int, ...]]] = defaultdict(set)
    for counts in every_column(3, total):
        release = suppress([column(list(counts), known=True)], load_profile(profile))
        if not release.refusal:
            shown = texts(release)
            for order in itertools.permutations(range(3)):
                meant[tuple(shown[place] for place in order)].add(tuple(counts[place] for place in order))
    for shown_texts, tables in meant.items():
        for place, text in enumerate(shown_texts):
            assert text.isdigit() or len({counts[place] for counts in tables}) > 1, (shown_texts, tables)
