"""Hash chains: what is written is read back, and nothing that was changed is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import py_ecc.bls  # noqa: F401  raises Python's recursion limit, so that a deep text would end the process
import pytest

from sampling.chain import (
    FIRST_PREVIOUS,
    canonical_json,
    chain_text,
    entry_hash,
    extended,
    head_text,
    parse_json,
    read_chain,
)

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)


def two() -> list[dict[str, Any]]:
    return extended(extended([], "frozen", AT, {"commit": "c"}), "drawn", AT, {"seed": "s"})


def test_a_chain_is_read_back_from_text_and_from_bytes() -> None:
    assert read_chain(chain_text(two())) == two()
    assert read_chain(chain_text(two()).encode("ascii")) == two()
    assert read_chain(b"") == []
    assert head_text([]) == f"0 {FIRST_PREVIOUS}\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.replace(b"\n", b"\x1c"),
        lambda data: data.replace(b"\n", b"\x0b"),
        lambda data: data + b"\n",
        lambda data: b"\n" + data,
        lambda data: data[:-1],
        lambda data: data.replace(b'"s"', b'"t"'),
        lambda data: data.replace(b'"data":', b'"data": '),
        lambda data: data.split(b"\n")[1] + b"\n",
        lambda data: b"\xff" + data,
        lambda data: b"[" * 100_000 + b"\n",
        lambda data: b"\n",
        lambda data: b"null\n",
        lambda data: b"[]\n",
    ],
)
def test_a_changed_chain_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError):
        read_chain(change(chain_text(two()).encode("ascii")))


@pytest.mark.parametrize(
    "fields",
    [
        {"event": None},
        {"event": 1},
        {"data": None},
        {"data": []},
        {"at": "2026-11-1T9:00:00Z"},
        {"at": "today"},
        {"at": 5},
        {"more": "x"},
        {"event": ...},
        {"data": ...},
        {"at": ...},
    ],
    ids=str,
)
def test_a_line_that_is_no_entry_is_refused_though_its_hash_is_right(fields: dict[str, Any]) -> None:
    entry = {name: value for name, value in {**two()[0], **fields}.items() if value is not ...}
    entry["hash"] = entry_hash(entry)
    with pytest.raises(ValueError, match="line 1"):
        read_chain(canonical_json(entry) + "\n")


def test_brackets_in_a_text_are_words_and_not_depth() -> None:
    assert parse_json('{"a": "%s", "b": "\\"["}' % ("[{" * 200)) == {"a": "[{" * 200, "b": '"['}


@pytest.mark.parametrize("text", ['"\\' * 200_000, '"a' * 200_000 + "\\", '"' * 200_000, "[]" * 200_000])
def test_a_long_broken_text_is_refused_in_time_that_grows_with_its_length(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        parse_json(text)
