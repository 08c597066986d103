"""Handing in the randomness: the one way for commands and notebook alike, checked against what was committed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sampling.errors import RandomnessError, UsageError
from sampling.keys import Keyring
from sampling.pack import Pack
from sampling.randomness import Randomness, from_dice, from_nonces, from_operator, from_pulse, parse_ref
from sampling.replacement import folded_name


def handed_in(
    pack: Pack,
    keyring: Keyring,
    *,
    pulse: str | Path | None = None,
    nonces: Sequence[str] | None = None,
    dice: str | None = None,
    operator: str | None = None,
    witnesses: Sequence[str] = (),
) -> tuple[Randomness, int] | None:
    """Returns the randomness and how many different witnesses there were, or None where none is handed in yet.

    `pulse` is the path of a drand round's JSON. Raises UsageError for more than one way, RandomnessError for what was not promised.
    """
    ways = [value for value in (pulse, nonces, dice, operator) if value is not None]
    if len(ways) > 1:
        raise UsageError(
            "Give the randomness in exactly one way: --pulse FILE, --nonce A --nonce B, --dice DIGITS or --operator TEXT."
        )
    ref = parse_ref(pack.commitment["randomness_ref"])
    if pulse is not None:
        return from_pulse(ref, _read_pulse(Path(pulse))), 0
    if nonces is not None:
        if len(nonces) != 2:
            raise UsageError("Two nonces are needed: --nonce A --nonce B, in the order of the commitment.")
        return from_nonces(ref, *nonces), 0
    if dice is not None:
        # Spelt alike, they are one witness. Only keys are compared, and only their number is stored.
        folded = {folded_name(name) for name in witnesses} - {""}
        keys = sorted(keyring.key("staff", "names", name) for name in folded)
        return from_dice(ref, dice, keys), len(keys)
    return (from_operator(ref, operator), 0) if operator is not None else None


def _read_pulse(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise RandomnessError(
            "The pulse file cannot be read. Fetch the round again, as any drand relay serves it."
        ) from None
