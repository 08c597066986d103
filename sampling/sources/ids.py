"""What an id must look like before it is keyed, and the traps that spreadsheets and exports lay for ids.

Every check works on the distinct ids of a column and says how many are at fault, never which: an id is
never shown.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sampling.errors import Severity

MAXIMUM_ID_BYTES = 64
SUPPRESSED = "*"  # what published tables have in place of a small number; as an id it would be one person
SUPPRESSED_ID = "a suppressed id (*) names nobody"
UNSUPPRESSED = "Ask for the extract without suppression: it is read here, not published."
_NHS_WEIGHTS = np.arange(10, 1, -1)  # NHS Data Dictionary, NHS NUMBER: weights 10 to 2, modulus 11
_NHS_SHARE, _NHS_LEAST = 0.9, 20  # fewer than twenty ids, or a share below nine in ten, may be chance
_CONTROL = r"\p{Cc}"
_DECIMAL, _ROUNDED = r"^[0-9]+\.0+$", r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"


@dataclass(frozen=True)
class IdFault:
    """One thing that is wrong with a column of ids: `count` says how many distinct ids it touches."""

    code: str
    message: str
    next_step: str
    severity: Severity
    count: int


def badly_shaped(ids: pa.Array) -> pa.Array:
    """Returns true for each id that is blank, longer than 64 bytes of UTF-8, or holds a control character."""
    text = ids.cast(pa.string())
    blank = pc.equal(pc.utf8_trim_whitespace(text), "")
    control = pc.match_substring_regex(text, _CONTROL)
    return pc.or_(pc.or_(blank, control), pc.greater(pc.binary_length(text), MAXIMUM_ID_BYTES))


def folded_twins(distinct: pa.Array) -> int:
    """Returns how many ids differ from another only by case, spacing at the ends or the spelling of an
    accent.

    >>> folded_twins(pa.array(["SR-1", "sr-1 ", "SR-2"]))
    1
    """
    text = pc.utf8_trim_whitespace(distinct.cast(pa.string()))
    plain = pc.string_is_ascii(text)
    others = [
        unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())
        for value in text.filter(pc.invert(plain)).to_pylist()
    ]
    folded = pa.concat_arrays([pc.ascii_lower(text.filter(plain)), pa.array(others, pa.string())])
    return len(folded) - len(pc.unique(folded))


def look_like_nhs_numbers(distinct: pa.Array) -> bool:
    """Returns whether at least nine in ten of twenty or more ids are ten digits with a valid NHS check
    digit.
    """
    if len(distinct) < _NHS_LEAST:
        return False
    bare = pc.replace_substring_regex(distinct.cast(pa.string()), r"[ \-]", "")
    ten = bare.filter(pc.match_substring_regex(bare, r"^[0-9]{10}$"))
    if len(ten) < _NHS_SHARE * len(distinct):
        return False
    joined = "".join(ten.to_pylist()).encode("ascii")
    digits = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 10).astype(np.int64) - ord("0")
    check = (11 - (digits[:, :9] @ _NHS_WEIGHTS) % 11) % 11  # 10 is no digit, so such a number is never valid
    return int((check == digits[:, 9]).sum()) >= _NHS_SHARE * len(distinct)


def column_faults(column: str, distinct: pa.Array) -> list[IdFault]:
    """Returns the faults of a whole column of ids: decimals, rounded numbers, NHS numbers as case ids, near
    twins.
    """
    faults = []
    text = distinct.cast(pa.string())
    for code, pattern, message in (
        (
            "ID_DECIMAL",
            _DECIMAL,
            "the ids end in .0, so an export read them as numbers and leading zeros may be lost",
        ),
        ("ID_ROUNDED", _ROUNDED, "the ids are in scientific notation, so their last digits are lost"),
    ):
        count = pc.sum(pc.match_substring_regex(text, pattern)).as_py() or 0
        if count:
            faults.append(IdFault(code, message, "Export the column again as text.", "error", count))
    if column == "case_id" and look_like_nhs_numbers(distinct):
        faults.append(
            IdFault(
                "ID_IS_NHS_NUMBER",
                "the column plainly holds NHS numbers",
                "Give each case the record system's own id; one person may have several cases.",
                "error",
                1,
            )
        )
    twins = folded_twins(distinct)
    if twins:
        faults.append(
            IdFault(
                "ID_NEAR_TWIN",
                "ids differ from another only by capitals, spaces at the ends or the spelling of an accent",
                "They are kept apart; if they are one, correct them at the source.",
                "note",
                twins,
            )
        )
    return faults
