"""How Annex A writes names of sheets, headers and codes, and what they say once their many spellings are set
aside.

Source of the codes: Ofsted, ILACS Annex A template, sheet "Codes_used", August 2019.
"""

from __future__ import annotations

import re
import unicodedata

_SHEET_NAME = re.compile(r"^\s*list[\s_\-.]*0?(\d{1,2})(?!\d)", re.IGNORECASE)
_APOSTROPHES = re.compile("['‘’‛`´\"“”]")
_CODE_PREFIX = re.compile(r"^\s*[a-z]{1,2}\)\s*", re.IGNORECASE)
_LEADING_CODE = re.compile(r"^([A-Za-z]{1,3}\d{0,2}[A-Za-z]?)\s*(?:[:\-–]|$)")
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
UNTOLD = frozenset({"unknown", "u", "not known", "not recorded", "not stated", "x", "n a", "not applicable"})


def list_number(sheet: str) -> int | None:
    """Returns which list a sheet holds, by its name, or None.

    >>> [list_number(name) for name in ("List_3", "List 3", "list3", "List 10 Adoption", "List 12")]
    [3, 3, 3, 10, None]
    """
    match = _SHEET_NAME.match(sheet)
    return int(match[1]) if match and 1 <= int(match[1]) <= 11 else None


def plain_header(text: str) -> str:
    """Returns a header without case, no-break spaces, curly quotes, brackets or other punctuation, to
    compare it by.

    >>> plain_header("Child’s\u00a0Legal Status (Y/N)) ") == plain_header("child's legal status (y/n)")
    True
    """
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", text))


def without_prefix(text: str) -> str:
    """Returns a cell without the letter that orders Ofsted's codes.

    >>> without_prefix("b) Female"), without_prefix("zz) T4: Temporary placement"), without_prefix("Yes")
    ('Female', 'T4: Temporary placement', 'Yes')
    """
    return _CODE_PREFIX.sub("", text).strip()


def yes_or_no(text: str) -> bool | None:
    """Returns what a yes/no cell says, or None when it says neither.

    >>> [yes_or_no(text) for text in ("a) Yes", "b) No", "Y", "no", "c) Unknown", "a)Yes")]
    [True, False, True, False, None, True]
    """
    plain = plain_header(without_prefix(text))
    return True if plain in _YES else False if plain in _NO else None


def short_code(text: str) -> str:
    """Returns the code in front of a description, or the text without its ordering letter.

    >>> short_code("C2: FCO"), short_code("a) U1: Foster placement"), short_code("a) WBRI")
    ('C2', 'U1', 'WBRI')
    """
    plain = without_prefix(text)
    match = _LEADING_CODE.match(plain)
    return match[1].upper() if match else plain


_SEXES = {"male": "male", "m": "male", "female": "female", "f": "female", "neither": "neither"}
_AGE_BANDS = (
    (1, "under 1"),
    (5, "1-4"),
    (10, "5-9"),
    (16, "10-15"),
    (18, "16-17"),
)  # as the children in need census
OLDEST_BAND = "18 and over"


def sex_of(text: str) -> str | None:
    """Returns male, female or neither, or None where the cell says that it is not known.

    >>> sex_of("b) Female"), sex_of("a) Male"), sex_of("c) Not stated/recorded (or unborn)")
    ('female', 'male', None)
    """
    return _SEXES.get(plain_header(without_prefix(text)))


def age_band(age: float) -> str | None:
    """Returns the age band of an age in years, whole or not; Annex A writes -1 for an unborn child.

    >>> age_band(6.138), age_band(0.85), age_band(-1), age_band(17.99), age_band(21)
    ('5-9', 'under 1', 'unborn', '16-17', '18 and over')
    """
    if not -1 <= age < 120:
        return None
    if age < 0:
        return "unborn"
    return next((band for limit, band in _AGE_BANDS if age < limit), OLDEST_BAND)
