"""Over many seeds each pair of a caseload is drawn equally often: no case is favoured, no two go together."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from sampling import tickets

SEEDS = 20_000
CASES = [tickets.digest(f"C-{number:04}") for number in range(20)]
# 190 pairs leave 189 degrees of freedom: mean 189, standard deviation 19.4;
# 270 is passed by chance about once in 10,000.
PAIRS_BOUND = 270
SINGLES_BOUND = 50  # 19 degrees of freedom: passed by chance about once in 10,000


def drawn_pairs() -> Counter[tuple[str, str]]:
    """Returns how often each pair was drawn, over seeds that are the same on each run."""
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(SEEDS):
        seed = tickets.seed("0" * 64, str(number))
        first, second, *_ = sorted(CASES, key=lambda case: tickets.blinded_ticket(seed, case))
        counts[min(first, second), max(first, second)] += 1
    return counts


def chi_square(observed: list[int], expected: float) -> float:
    return sum((count - expected) ** 2 for count in observed) / expected


def test_pairs_are_uniform_over_20000_seeds() -> None:
    counts = drawn_pairs()
    pairs = [counts[min(pair), max(pair)] for pair in combinations(CASES, 2)]
    assert len(pairs) == 190
    assert sum(pairs) == SEEDS
    assert chi_square(pairs, SEEDS / 190) < PAIRS_BOUND

    singles = [sum(count for pair, count in counts.items() if case in pair) for case in CASES]
    assert chi_square(singles, 2 * SEEDS / 20) < SINGLES_BOUND
