"""The four kinds of public randomness, each checked against what was committed (docs/decisions/0002).

A reference (`randomness_ref`) is committed before the randomness exists: `drand:<chain hash>:<round>`,
`two-party:<H(nonce A)>:<H(nonce B)>`, `dice` or `operator`. What arrives later is hostile until it fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sampling.drand import (
    CHAINS,
    DEFAULT_CHAIN,
    QUICKNET,
    Chain,
    aware,
    check_pulse,
    known_chain,
    pulse_fields,
    read_pulse,
    round_at,
    round_number,
    shown,
    signature_can_be_checked,
    time_of_round,
)
from sampling.errors import RandomnessError
from sampling.tickets import digest

__all__ = [
    "CHAINS",
    "DEFAULT_CHAIN",
    "QUICKNET",
    "Chain",
    "Kind",
    "Randomness",
    "RandomnessRef",
    "check_stored",
    "evidence_level",
    "from_dice",
    "from_nonces",
    "from_operator",
    "from_pulse",
    "parse_ref",
    "round_at",
    "time_of_round",
]

Kind = Literal["drand", "two-party", "dice", "operator"]

DICE = 20  # 20 ten-sided dice: 66 bits, more than anyone can search between two rolls
WITNESSES_FOR_L2 = 2
MAXIMUM_TEXT = 1_000

_HEX_64 = re.compile(r"[0-9a-f]{64}")
_DICE_SEPARATORS = re.compile(r"[ ,\t\r\n]+")
_DICE = re.compile(rf"[0-9]{{{DICE}}}")
_FORMS = "drand:<chain hash>:<round>, two-party:<H(nonce A)>:<H(nonce B)>, dice or operator"


@dataclass(frozen=True)
class RandomnessRef:
    """What was promised before the randomness was known. `text` is exactly what was committed."""

    kind: Kind
    text: str
    chain_hash: str = ""
    round: int = 0
    commitments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Randomness:
    """Randomness that fits its reference. `text` enters the seed; `checks` says what was checked or not.

    `signature_checked` is False for a beacon's pulse whose signature could not be checked here: anyone could have made it.
    """

    kind: Kind
    text: str
    proof: Mapping[str, object] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    signature_checked: bool = True

    def stored(self, ref: RandomnessRef) -> dict[str, object]:
        """Returns what randomness.json holds; `check_stored` is its counterpart."""
        about = {"kind": self.kind, "ref": ref.text, "text": self.text}
        return {**about, "proof": dict(self.proof), "checks": list(self.checks)}


def parse_ref(text: str, *, chains: Mapping[str, Chain] = CHAINS) -> RandomnessRef:
    """Returns the reference that the text spells, or raises RandomnessError saying which form was expected.

    >>> parse_ref("dice").kind
    'dice'
    >>> parse_ref("drand:" + QUICKNET.chain_hash + ":27946612").round
    27946612
    """
    if not isinstance(text, str):
        raise RandomnessError(f"The randomness reference must be text. Write {_FORMS}.")
    if text == "dice" or text == "operator":
        return RandomnessRef("dice" if text == "dice" else "operator", text)
    form, *parts = text.split(":")
    if form == "drand" and len(parts) == 2:
        chain = known_chain(parts[0], chains)
        return RandomnessRef("drand", text, chain_hash=chain.chain_hash, round=round_number(parts[1]))
    if form == "two-party" and len(parts) == 2:
        return _parse_two_party(text, parts)
    raise RandomnessError(f"The randomness reference {shown(text)} has none of the known forms. Write {_FORMS}.")


def _parse_two_party(text: str, commitments: Sequence[str]) -> RandomnessRef:
    for party, commitment in zip("AB", commitments, strict=True):
        if not _HEX_64.fullmatch(commitment):
            raise RandomnessError(
                f"Party {party}'s commitment must be the SHA-256 of its nonce, 64 lowercase hexadecimal "
                f"digits, got {shown(commitment)}. Ask party {party} for it again."
            )
    if commitments[0] == commitments[1]:
        # Who copies the other's commitment can copy the nonce once it is revealed: one party then chose both.
        raise RandomnessError(
            "Both parties have the same commitment, so one has copied the other's. "
            "Have each party make a nonce of its own."
        )
    return RandomnessRef("two-party", text, commitments=tuple(commitments))


def from_pulse(ref: RandomnessRef, pulse_text: str, *, chains: Mapping[str, Chain] = CHAINS) -> Randomness:
    """Returns the randomness of a drand pulse (the JSON of one round), checked against the reference."""
    _expect(ref, "drand", "a drand pulse")
    chain = known_chain(ref.chain_hash, chains)
    return _from_fields(ref, chain, read_pulse(pulse_text))


def _from_fields(ref: RandomnessRef, chain: Chain, fields: object) -> Randomness:
    pulse = pulse_fields(chain, fields)
    checks = check_pulse(chain, pulse, ref.round)
    return Randomness("drand", str(pulse["randomness"]), {"pulse": pulse}, checks, signature_can_be_checked())


def from_nonces(ref: RandomnessRef, a: str, b: str) -> Randomness:
    """Returns the randomness of two revealed nonces in the declared order; each must fit its commitment."""
    _expect(ref, "two-party", "a pair of nonces")
    for party, nonce, commitment in zip("AB", (a, b), ref.commitments, strict=True):
        # A nonce that fits no commitment may belong to a draw that is still open: its value is never shown.
        if not isinstance(nonce, str) or not _HEX_64.fullmatch(nonce):
            raise RandomnessError(
                f"Party {party}'s nonce must be 64 lowercase hexadecimal digits. Ask party {party} for it again."
            )
        if digest(nonce) != commitment:
            raise RandomnessError(
                f"Party {party}'s nonce does not fit its commitment {shown(commitment)}. Check the order "
                "of the two nonces and that they belong to this draw; a party that cannot reveal is logged."
            )
    checks = ("Each nonce fits the commitment of its party.",)
    return Randomness("two-party", a + b, {"nonces": [a, b]}, checks)


def from_dice(ref: RandomnessRef, digits: str, witnesses: Sequence[str] = ()) -> Randomness:
    """Returns the randomness of 20 ten-sided dice. Witnesses are keys; only how many there were is kept.

    >>> from_dice(parse_ref("dice"), "01234 56789 01234 56789", ("k1", "k2")).text
    '01234567890123456789'
    """
    _expect(ref, "dice", "a row of dice")
    readable = isinstance(digits, str) and len(digits) <= MAXIMUM_TEXT
    plain = _DICE_SEPARATORS.sub("", digits) if readable else ""
    if not _DICE.fullmatch(plain):
        raise RandomnessError(
            f"The dice must be exactly {DICE} digits 0 to 9 (spaces and commas may stand between them), got "
            f"{len(plain)} characters. Read them again in the order in which they were rolled."
        )
    if any(not isinstance(witness, str) or not witness.strip() for witness in witnesses):
        raise RandomnessError("A witness is blank. Name each witness, or leave the witness out.")
    return _dice(plain, len({witness.strip() for witness in witnesses}))


def _dice(digits: str, witnesses: int) -> Randomness:
    checks = (
        f"There are {DICE} digits.",
        f"Witnesses named: {witnesses}. That the dice fell so is their word; it cannot be recomputed.",
    )
    return Randomness("dice", digits, {"digits": digits, "witnesses": witnesses}, checks)


def from_operator(ref: RandomnessRef, text: str) -> Randomness:
    """Returns randomness that someone typed: allowed for training and the demo, and evidence of nothing."""
    _expect(ref, "operator", "an operator's text")
    if not isinstance(text, str) or not text.strip() or len(text) > MAXIMUM_TEXT:
        raise RandomnessError(
            f"The operator's text must have 1 to {MAXIMUM_TEXT:,} characters. "
            "Type any text, but no name and no identifier."
        )
    if any("\ud800" <= c <= "\udfff" for c in text):  # half a character: bytes that were not UTF-8
        raise RandomnessError("The operator's text has a character that cannot be stored. Type letters.")
    return Randomness("operator", text, {}, ("Someone typed this and could have tried many: no evidence.",))


def evidence_level(
    ref: RandomnessRef,
    *,
    frozen_at: datetime,
    third_party_timestamp: bool,
    witnesses: int,
    signature_checked: bool = True,
    chains: Mapping[str, Chain] = CHAINS,
) -> tuple[str, str]:
    """Returns what a draw is worth as evidence, "L0" to "L3", and the reason as a sentence.

    `third_party_timestamp`: someone else's time stamp on the commitment is older than the randomness.
    """
    frozen = aware(frozen_at)
    if ref.kind == "operator":
        return "L0", "Someone chose the randomness, so the draw could have been steered."
    if ref.kind == "two-party":
        return "L2", "Neither party alone could steer the draw."
    if ref.kind == "dice":
        if witnesses >= WITNESSES_FOR_L2:
            return "L2", f"The dice were rolled before {witnesses} named witnesses."
        return "L1", "The dice were logged, but fewer than two witnesses were named."
    if not signature_checked:
        return "L0", "The pulse's signature was not checked, so that anyone could have made it."
    if time_of_round(ref.chain_hash, ref.round, chains=chains) <= frozen:
        return "L0", "The pulse was already public at the freeze, so the draw could have been steered."
    if third_party_timestamp:
        return "L3", "A third party's time stamp shows that the commitment came before the beacon's pulse."
    return "L1", "The round was still to come at the freeze, but only the service's own clock says so."


def check_stored(
    ref: RandomnessRef, stored: Mapping[str, object], *, chains: Mapping[str, Chain] = CHAINS
) -> list[str]:
    """Returns what is wrong with the content of a randomness.json, as sentences; nothing where it fits."""
    if not isinstance(stored, Mapping):
        return ["randomness.json must hold one JSON object."]
    failures = [
        f"The {name} in randomness.json is not the committed one."
        for name, committed in (("kind", ref.kind), ("ref", ref.text))
        if stored.get(name) != committed
    ]
    proof, text = stored.get("proof"), stored.get("text")
    try:
        proven = _from_proof(ref, proof if isinstance(proof, Mapping) else {}, text, chains)
    except RandomnessError as error:
        return [*failures, error.message]
    if text != proven.text:
        failures.append("The text in randomness.json is not what its proof gives.")
    return failures


def _from_proof(
    ref: RandomnessRef, proof: Mapping[str, object], text: object, chains: Mapping[str, Chain]
) -> Randomness:
    if ref.kind == "drand":
        return _from_fields(ref, known_chain(ref.chain_hash, chains), proof.get("pulse"))
    if ref.kind == "two-party":
        nonces = proof.get("nonces")
        if not isinstance(nonces, list) or len(nonces) != 2:
            raise RandomnessError("The proof in randomness.json must hold the two nonces.")
        return from_nonces(ref, nonces[0], nonces[1])
    if ref.kind == "dice":
        witnesses, digits = proof.get("witnesses"), proof.get("digits")
        if type(witnesses) is not int or witnesses < 0:
            raise RandomnessError("The proof in randomness.json must say how many witnesses were named.")
        if not isinstance(digits, str) or not _DICE.fullmatch(digits):
            raise RandomnessError(f"The proof in randomness.json must hold the {DICE} digits of the dice.")
        return _dice(digits, witnesses)
    return from_operator(ref, text if isinstance(text, str) else "")


def _expect(ref: RandomnessRef, kind: Kind, given: str) -> None:
    if ref.kind != kind:
        raise RandomnessError(
            f"This draw was committed to {ref.kind} randomness, but {given} was handed in. Hand in what was committed."
        )
