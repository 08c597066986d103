"""The primitives of the protocol: what they refuse, and that no separator or type can be forged."""

from __future__ import annotations

import ast
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import tickets

KEYS = st.from_regex(tickets.KEY_PATTERN, fullmatch=True).filter(lambda key: not key.endswith("\n"))
MALFORMED = ["", "a" * 65, "a b", "P1|HV", "naïve", "tab\t", "line\n", "nul\0", "a,b", 'a"b', "٣"]


@pytest.mark.parametrize("key", MALFORMED)
@pytest.mark.parametrize(("place", "what"), [(0, "a practitioner key"), (1, "a stratum"), (2, "a case key")])
def test_malformed_keys_are_refused(place: int, what: str, key: str) -> None:
    keys = ["P1", "volatile", "C1"]
    keys[place] = key
    with pytest.raises(ValueError, match=f"{what} must be text of 1 to 64 characters"):
        tickets.leaf(*keys)


@pytest.mark.parametrize("key", [None, 12, 1.0, b"C1", True, ["C1"]])
def test_keys_that_are_no_text_are_refused(key: object) -> None:
    with pytest.raises(ValueError, match="a case key must be text"):
        tickets.leaf("P1", "volatile", key)  # type: ignore[arg-type]


@pytest.mark.parametrize("weight", [0, -1, 1001, 1.0, "1", True, None])
def test_weights_are_whole_numbers_from_1_to_1000(weight: object) -> None:
    with pytest.raises(ValueError, match="whole number from 1 to 1000"):
        tickets.leaf("P1", "volatile", "C1", weight)  # type: ignore[arg-type]


def test_the_bounds_of_keys_and_weights_are_allowed() -> None:
    assert len(tickets.leaf("P", "v", "c" * 64, 1000)) == 64
    assert len(tickets.leaf("A-Z.a_z:0/9", "v", "0", 1)) == 64


def test_a_refused_key_is_not_shown() -> None:
    with pytest.raises(ValueError) as caught:
        tickets.leaf("P1", "volatile", "Jane Example 943 476 5919")
    assert "Jane" not in str(caught.value)


def test_a_leading_zero_makes_another_case() -> None:
    assert tickets.ticket("0" * 64, "0012") != tickets.ticket("0" * 64, "12")


@given(a=st.tuples(KEYS, KEYS, KEYS), b=st.tuples(KEYS, KEYS, KEYS))
def test_different_rows_have_different_leaves(a: tuple[str, str, str], b: tuple[str, str, str]) -> None:
    assert (tickets.leaf(*a) == tickets.leaf(*b)) == (a == b)


@given(text=st.text(min_size=2, max_size=12), cuts=st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_moving_text_across_a_field_border_changes_the_digest(text: str, cuts: tuple[int, int]) -> None:
    def leaf(cut: int) -> str:
        return tickets.blinded_leaf(tickets.digest(text[:cut]), tickets.digest(text[cut:]), "c", 1)

    first, second = (min(cut, len(text)) for cut in cuts)
    assert (leaf(first) == leaf(second)) == (first == second)


def test_a_weight_cannot_run_into_the_case() -> None:
    assert tickets.leaf("P1", "v", "C1", 11) != tickets.leaf("P1", "v", "C11", 1)


def test_each_kind_of_message_has_a_tag_of_its_own() -> None:
    same = "0" * 64
    digests = {tickets.blinded_ticket(same, same), tickets.seed(same, "x"), tickets.frame_digest([same], 1)}
    digests |= {tickets.group_digest("a", "b", [same]), tickets.digest(same + same)}
    assert len(digests) == 5


def test_reallocation_leaves_the_ticket_and_changes_the_leaf() -> None:
    assert tickets.leaf("P1", "volatile", "C1") != tickets.leaf("P2", "volatile", "C1")
    assert tickets.blinded_ticket("0" * 64, tickets.digest("C1")) == tickets.ticket("0" * 64, "C1")


@given(keys=st.lists(KEYS, min_size=1, max_size=6, unique=True), data=st.data())
def test_the_order_of_rows_and_groups_is_irrelevant(keys: list[str], data: st.DataObject) -> None:
    leaves = [tickets.leaf("P1", "volatile", key) for key in keys]
    mixed = data.draw(st.permutations(leaves))
    assert tickets.group_digest("P1", "volatile", leaves) == tickets.group_digest("P1", "volatile", mixed)
    assert tickets.frame_digest(leaves, len(leaves)) == tickets.frame_digest(mixed, len(leaves))


def test_every_part_of_a_commitment_counts() -> None:
    parts = ["2026-10/adult", "f" * 64, "e" * 64, "{}", "dice"]
    whole = tickets.commit(*parts)
    for place in range(len(parts)):
        changed = [part + "0" if i == place else part for i, part in enumerate(parts)]
        assert tickets.commit(*changed) != whole


def test_a_digest_is_that_of_the_utf8_bytes() -> None:
    assert tickets.digest("Ærø") == sha256("Ærø".encode()).hexdigest()


def test_the_module_uses_the_standard_library_alone() -> None:
    tree = ast.parse(Path(tickets.__file__).read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= set(sys.stdlib_module_names)
