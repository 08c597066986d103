"""Suppression: nothing hidden in a breakdown may follow from everything that the page shows, the exact totals included."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from sampling.disclosure import HIDDEN, rounded, shown_percent, suppressed_breakdown

Groups = Sequence[tuple[int, int]]
DEMO = ((229, 49), (161, 33), (6, 1))  # sex in the demo: the last row was derivable
ANY, ONE_TO_FOUR = (0, 10**6), (1, 4)  # what a hidden number could be: by the rule, and by the rule that was
Shown = list[tuple[str, str, str]]


def shown(groups: Groups) -> Shown | None:
    """Returns what the page shows of these groups (cases, of these with recent change)."""
    found = suppressed_breakdown([(str(place), *group) for place, group in enumerate(groups)])
    return None if found is None else [(row.cases, row.having, row.share) for row in found]


def candidates(row: tuple[str, str, str], most: tuple[int, int], hidden: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yields each (cases, having) that the row could stand for, up to the totals, with what a hidden number could be."""
    least, top = hidden
    cases = range(1, min(most[0], top) + 1) if row[0] == HIDDEN else range(max(1, int(row[0]) - 2), int(row[0]) + 3)
    for n in cases:
        around = (int(row[1]) - 2, int(row[1]) + 2) if row[1] != HIDDEN else (least, min(most[1], top))
        having = range(max(0, around[0]), min(n, around[1]) + 1)
        yield from ((n, k) for k in having if row[2] in (HIDDEN, shown_percent(k, n)))


def solved(groups: Groups, table: Shown, hidden: tuple[int, int]) -> list[set[tuple[int, int]]]:
    """Returns what each row can be for someone who knows the page, both totals exact: a search over every table."""
    whole = (sum(n for n, _ in groups), sum(k for _, k in groups))
    options = [list(candidates(row, whole, hidden)) for row in table]

    def sums(parts: Sequence[list[tuple[int, int]]]) -> set[tuple[int, int]]:
        found = {(0, 0)}
        for part in parts:
            found = {(a + n, b + k) for a, b in found for n, k in part if a + n <= whole[0] and b + k <= whole[1]}
        return found

    return [
        {(n, k) for n, k in own if (whole[0] - n, whole[1] - k) in others}
        for place, own in enumerate(options)
        for others in [sums(options[:place] + options[place + 1 :])]
    ]


def recovered(groups: Groups, table: Shown, hidden: tuple[int, int] = ANY) -> int:
    """Returns how many hidden numbers have one possible value only."""
    return sum(
        row[column] == HIDDEN and len({pair[column] for pair in pairs}) < 2
        for row, pairs in zip(table, solved(groups, table, hidden), strict=True)
        for column in (0, 1)
    )


def random_tables(number: int, most: int, seed: int) -> Iterator[Groups]:
    """Yields tables of two to four groups, one of them small."""
    chance = random.Random(seed)
    for _ in range(number):
        sizes = [chance.randint(1, most) for _ in range(chance.randint(1, 3))] + [chance.randint(1, 9)]
        rate = chance.choice((0.05, 0.1, 0.2, 0.5, 0.95))
        yield [(size, sum(chance.random() < rate for _ in range(size))) for size in sizes]


def old_rule(groups: Groups) -> Shown:
    """The rule before: each number by itself, with no thought of the totals."""

    def count(n: int) -> str:
        return HIDDEN if 0 < n < 5 else str(rounded(n))

    def share(k: int, n: int) -> str:
        return HIDDEN if n < 5 or 0 < k < 5 or 0 < n - k < 5 else shown_percent(k, n)

    return [(count(n), count(k), share(k, n)) for n, k in groups]


def test_the_solver_undoes_the_rule_that_was() -> None:
    tables = list(random_tables(60, 40, 1))
    assert sum(recovered(groups, old_rule(groups), ONE_TO_FOUR) for groups in tables) > 15


def test_nothing_hidden_can_be_worked_out() -> None:
    hidden = some_shown = 0
    for groups in random_tables(250, 30, 2):
        table = shown(groups)
        if table is None:
            continue
        assert recovered(groups, table) == 0, (groups, table)
        hidden += sum(row[1] == HIDDEN for row in table)
        some_shown += any(row[1] != HIDDEN for row in table)
    assert hidden > 100 and some_shown > 20  # the rule hides, and does not simply hide all


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yields each way to share out the total among so many groups, none empty."""
    if parts == 1:
        yield (total,)
        return
    for first in range(1, total - parts + 2):
        yield from ((first, *rest) for rest in compositions(total - first, parts - 1))


@pytest.mark.parametrize(("groups", "size"), [(2, size) for size in range(2, 21)])
def test_nor_by_someone_who_tries_the_very_rule_on_every_table(groups: int, size: int) -> None:
    for volatile in range(size + 1):
        tables: dict[tuple[tuple[str, str, str], ...], list[Groups]] = defaultdict(list)
        for sizes in compositions(size, groups):
            for having in product(*(range(n + 1) for n in sizes)):
                pairs = tuple(zip(sizes, having, strict=True))
                table = shown(pairs) if sum(having) == volatile else None
                if table is not None:
                    tables[tuple(table)].append(pairs)
        for table, meant in tables.items():
            for row, column in product(range(groups), (0, 1)):
                if table[row][column] == HIDDEN:
                    assert len({pairs[row][column] for pairs in meant}) > 1, (table, meant)


def test_one_hidden_row_takes_the_next_smallest_with_it() -> None:
    assert shown(DEMO) == [("230", "50", "21%"), ("160", HIDDEN, HIDDEN), ("5", HIDDEN, HIDDEN)]
    assert recovered(DEMO, shown(DEMO) or []) == 0
    assert shown([(100, 40), (60, 20), (3, 1)]) == [("100", "40", "40%"), (HIDDEN, HIDDEN, HIDDEN), (HIDDEN,) * 3]


def test_a_share_stands_where_each_part_of_it_is_five_or_more() -> None:
    for groups in random_tables(300, 60, 3):
        for (cases, having), row in zip(groups, shown(groups) or [], strict=False):
            if row[2] != HIDDEN:
                assert having >= 5 and cases - having >= 5 and HIDDEN not in row
            assert all(text == HIDDEN or int(text) % 5 == 0 for text in row[:2])


def test_a_breakdown_that_totals_would_give_away_is_not_shown_at_all() -> None:
    assert shown([(4, 1)]) is None
    assert shown([(300, 3)]) is None
    assert shown([(2, 0), (2, 0)]) is None
    assert shown([(300, 90)]) == [("300", "90", "30%")]


def test_a_large_table_takes_no_time() -> None:
    groups = [(10_000 + n, 2_000 + n) for n in range(20)] + [(3, 1)]
    assert (shown(groups) or [])[-1] == (HIDDEN,) * 3
