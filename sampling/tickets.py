"""The primitives of the draw protocol `cst1`, in the standard library alone (docs/methods.md, decisions/0001).

Every field is hashed before it is joined to others, so that no separator can be forged: the fields ("P1|HV", "x") and
("P1", "HV|x") give different leaves. Only SHA-256, text and whole numbers decide who is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

KEY_PATTERN = re.compile(r"^[A-Za-z0-9._:/-]{1,64}$")
MAXIMUM_WEIGHT = 1000


def digest(text: str) -> str:
    """Returns H(text): the SHA-256 of the text's UTF-8 bytes, as 64 lowercase hexadecimal digits."""
    return sha256(text.encode("utf-8")).hexdigest()


def _checked(key: str, what: str) -> str:
    if not isinstance(key, str) or not KEY_PATTERN.fullmatch(key):
        raise ValueError(f"{what} must be text of 1 to 64 characters out of A-Z a-z 0-9 . _ : / -")
    return key


def leaf(practitioner_key: str, stratum: str, case_key: str, weight: int = 1) -> str:
    """Returns the digest of one row of the frame, or of the exclusions ledger with the reason code as stratum.

    Raises ValueError when a key is malformed or the weight is no whole number from 1 to 1000.

    >>> leaf("P01", "volatile", "C-0001", 1)
    '0209fa891d0b54a94f4899d531a496e295200c2a12c4047b3ff79119a37ac044'
    """
    _checked(practitioner_key, "a practitioner key")
    _checked(case_key, "a case key")
    _checked(stratum, "a stratum")
    if isinstance(weight, bool) or not isinstance(weight, int) or not 1 <= weight <= MAXIMUM_WEIGHT:
        raise ValueError(f"a weight must be a whole number from 1 to {MAXIMUM_WEIGHT}")
    return blinded_leaf(digest(practitioner_key), digest(stratum), digest(case_key), weight)


def blinded_leaf(practitioner_digest: str, stratum_digest: str, case_digest: str, weight: int) -> str:
    """Returns the same leaf from the digests of its keys, which is all that a blinded pack holds."""
    return digest("cst1/leaf|" + practitioner_digest + stratum_digest + case_digest + digest(str(weight)))


def group_digest(practitioner_key: str, stratum: str, leaves: Iterable[str]) -> str:
    """Returns the digest of one practitioner's stratum, so that one caseload can be proven complete on its own."""
    return blinded_group_digest(digest(practitioner_key), digest(stratum), leaves)


def blinded_group_digest(practitioner_digest: str, stratum_digest: str, leaves: Iterable[str]) -> str:
    """Returns the same group digest from the digests of its keys."""
    ordered = sorted(leaves)
    return digest("cst1/group|" + practitioner_digest + stratum_digest + str(len(ordered)) + "|" + "".join(ordered))


def frame_digest(groups: Iterable[str], size: int) -> str:
    """Returns the digest of a whole frame or ledger from its group digests; `size` is its number of rows.

    >>> frame_digest([], 0)
    '28a3b05a4ae44d55de87b978a001be25e83a9cef1fc068372589212043297696'
    """
    return digest("cst1/frame|" + str(size) + "|" + "".join(sorted(groups)))


def commit(draw_id: str, frame: str, exclusions: str, plan_text: str, randomness_ref: str) -> str:
    """Returns the commitment: what is published before the randomness is known."""
    return digest("cst1/commit|" + digest(draw_id) + frame + exclusions + digest(plan_text) + digest(randomness_ref))


def seed(commitment: str, public_randomness: str) -> str:
    """Returns the seed of a draw: it depends on all that was committed and on the randomness that came after."""
    return digest("cst1/seed|" + commitment + digest(public_randomness))


def ticket(seed_hex: str, case_key: str) -> str:
    """Returns a case's ticket. Practitioner and stratum are left out on purpose: reallocating a case cannot change it.

    >>> ticket("0" * 64, "C-0001")
    '0c4beb4da48cf533fe7f02eec1c01ed14a73bf073fb92efc7d2bef541e02cd3f'
    """
    return blinded_ticket(seed_hex, digest(case_key))


def blinded_ticket(seed_hex: str, case_digest: str) -> str:
    """Returns the same ticket from the digest of the case key."""
    return digest("cst1/ticket|" + seed_hex + case_digest)
