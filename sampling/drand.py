"""drand's public beacon: its two chains, when a round is due, and whether a pulse is genuine.

A pulse is handed in as a file and is hostile input until it is checked; nothing here uses the network.
The BLS signature is checked where the optional library py_ecc is installed (`sampling[beacon]`).
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from sampling.chain import parse_json
from sampling.errors import RandomnessError

MAXIMUM_PULSE_TEXT = 10_000  # a real pulse is about 600 characters
_SHOWN = 24
_HEX_BYTES = re.compile(r"([0-9a-f]{2}){1,128}")
# Nine digits reach the year 2118 on the faster chain, and keep each round's time inside the calendar.
_ROUND = re.compile(r"[1-9][0-9]{0,8}")
_BLS_ON_G1 = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"  # RFC 9380, section 8.8.1


@dataclass(frozen=True)
class Chain:
    """One drand chain. Its hash is SHA-256 over the other fields; a test recomputes it."""

    name: str
    chain_hash: str
    public_key: str
    group_hash: str
    genesis: int
    period: int
    scheme: Literal["pedersen-bls-chained", "bls-unchained-g1-rfc9380"]


# The main network of the League of Entropy, as https://api.drand.sh/<chain hash>/info publishes it.
DEFAULT_CHAIN = Chain(
    name="default",
    chain_hash="8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce",
    public_key="868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31",
    group_hash="176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a",
    genesis=1_595_431_050,
    period=30,
    scheme="pedersen-bls-chained",
)
QUICKNET = Chain(
    name="quicknet",
    chain_hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key="83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
    "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
    "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
    group_hash="f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e",
    genesis=1_692_803_367,
    period=3,
    scheme="bls-unchained-g1-rfc9380",
)
CHAINS: Mapping[str, Chain] = {chain.chain_hash: chain for chain in (DEFAULT_CHAIN, QUICKNET)}


def known_chain(chain_hash: str, chains: Mapping[str, Chain] = CHAINS) -> Chain:
    """Returns the chain of that hash, or raises RandomnessError with the hashes that are known."""
    if chain_hash not in chains:
        known = ", ".join(f"{chain.chain_hash} ({chain.name})" for chain in chains.values())
        raise RandomnessError(f"The drand chain {shown(chain_hash)} is not known. Use one of: {known}.")
    return chains[chain_hash]


def round_number(text: str) -> int:
    """Returns the round that the text spells, or raises RandomnessError."""
    if not _ROUND.fullmatch(text):
        raise RandomnessError(
            "The drand round must be a whole number of 1 to 9 digits without a leading zero, "
            f"got {shown(text)}. Write the round that is published after the freeze."
        )
    return int(text)


def round_at(chain_hash: str, when: datetime, *, chains: Mapping[str, Chain] = CHAINS) -> int:
    """Returns the round that is current at a moment: floor((t - genesis) / period) + 1.

    >>> round_at(DEFAULT_CHAIN.chain_hash, datetime(2026, 4, 20, tzinfo=UTC))
    6040406
    """
    chain = known_chain(chain_hash, chains)
    elapsed = int(aware(when).timestamp()) - chain.genesis
    if elapsed < 0:
        start = time_of_round(chain_hash, 1, chains=chains)
        raise RandomnessError(f"The {chain.name} chain began on {start:%Y-%m-%d}, after that moment. Give a later one.")
    return elapsed // chain.period + 1


def time_of_round(chain_hash: str, number: int, *, chains: Mapping[str, Chain] = CHAINS) -> datetime:
    """Returns the UTC moment at which a round is due.

    >>> time_of_round(DEFAULT_CHAIN.chain_hash, 6040406).isoformat()
    '2026-04-20T00:00:00+00:00'
    """
    chain = known_chain(chain_hash, chains)
    seconds = chain.genesis + (round_number(str(number)) - 1) * chain.period
    return datetime.fromtimestamp(seconds, tz=UTC)


def read_pulse(text: str) -> object:
    """Returns what the JSON of a pulse holds, whatever it is; `pulse_fields` judges it."""
    if not isinstance(text, str) or len(text) > MAXIMUM_PULSE_TEXT:
        raise RandomnessError(
            "The pulse file is too long: a pulse has about 600 characters, and at most "
            f"{MAXIMUM_PULSE_TEXT:,} are read. Hand in the JSON of one round."
        )
    try:
        pulse: object = parse_json(text)
    except (ValueError, RecursionError):
        raise RandomnessError("The pulse file is not JSON. Hand in the beacon's answer as it came.") from None
    return pulse


def pulse_fields(chain: Chain, pulse: object) -> dict[str, str | int]:
    """Returns round, randomness, signature and, on a chained scheme, previous_signature, each well formed."""
    if not isinstance(pulse, Mapping):
        raise RandomnessError("The pulse file is no JSON object. Hand in the beacon's answer as it came.")
    if type(pulse.get("round")) is not int:  # bool is an int too, and is no round
        raise RandomnessError("The pulse has no round that is a whole number. Hand in the beacon's answer as it came.")
    on_g1 = chain.scheme == "bls-unchained-g1-rfc9380"
    read: dict[str, str | int] = {
        "round": pulse["round"],
        "randomness": _hex_field(pulse, "randomness", (32,)),
        "signature": _hex_field(pulse, "signature", (48,) if on_g1 else (96,)),
    }
    if not on_g1:  # round 1 follows the 32 bytes of the group's hash
        read["previous_signature"] = _hex_field(pulse, "previous_signature", (32, 96))
    return read


def _hex_field(pulse: Mapping[str, object], name: str, sizes: Sequence[int]) -> str:
    value = pulse.get(name)
    if isinstance(value, str) and _HEX_BYTES.fullmatch(value) and len(value) // 2 in sizes:
        return value
    digits = " or ".join(str(2 * size) for size in sizes)
    seen = shown(value) if isinstance(value, str) else "nothing" if value is None else "no text"
    raise RandomnessError(
        f"The pulse's {name} must be {digits} lowercase hexadecimal digits, got {seen}. Hand in the pulse of "
        "the committed chain as its address .../public/<round> gives it."
    )


def check_pulse(chain: Chain, pulse: Mapping[str, str | int], number: int) -> tuple[str, ...]:
    """Returns what was checked of a pulse, or raises RandomnessError where it is not of that round."""
    if pulse["round"] != number:
        raise RandomnessError(
            f"The pulse is of round {shown(str(pulse['round']))}, but round {number} was committed. "
            f"Hand in the answer of https://api.drand.sh/{chain.chain_hash}/public/{number}."
        )
    if sha256(bytes.fromhex(str(pulse["signature"]))).hexdigest() != pulse["randomness"]:
        raise RandomnessError(
            f"The pulse's randomness {shown(str(pulse['randomness']))} is not the SHA-256 of its signature. "
            "The file was altered or damaged: fetch it again."
        )
    return (
        f"The pulse is of round {number} of the {chain.name} chain, as committed.",
        "Its randomness is the SHA-256 of its signature.",
        _check_signature(chain, pulse),
    )


def signature_can_be_checked() -> bool:
    """Returns whether the library that checks a beacon's BLS signature is installed here."""
    return importlib.util.find_spec("py_ecc") is not None


def _check_signature(chain: Chain, pulse: Mapping[str, str | int]) -> str:
    if not signature_can_be_checked():
        return (
            "Its BLS signature was not checked, because py_ecc is not installed here: compare the randomness "
            "with the beacon's own site, or install sampling[beacon]."
        )
    key, signature = bytes.fromhex(chain.public_key), bytes.fromhex(str(pulse["signature"]))
    number = int(pulse["round"]).to_bytes(8, "big")
    if chain.scheme == "pedersen-bls-chained":
        message = sha256(bytes.fromhex(str(pulse["previous_signature"])) + number).digest()
        genuine = bool(importlib.import_module("py_ecc.bls").G2Basic.Verify(key, message, signature))
    else:
        genuine = _verify_on_g1(key, sha256(number).digest(), signature)
    if not genuine:
        raise RandomnessError(
            f"The pulse's BLS signature is not the {chain.name} chain's for round {pulse['round']}: "
            "the beacon did not make it. Fetch the pulse again, from another of drand's addresses if need be."
        )
    return f"Its BLS signature was made with the {chain.name} chain's key."


def _verify_on_g1(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Returns whether a signature on G1 is the key's; py_ecc has only signatures on G2 ready made."""
    curve = importlib.import_module("py_ecc.optimized_bls12_381")
    points = importlib.import_module("py_ecc.bls.g2_primitives")
    hash_to_g1 = importlib.import_module("py_ecc.bls.hash_to_curve").hash_to_G1
    try:
        point, key = points.pubkey_to_G1(signature), points.signature_to_G2(public_key)
    except ValueError:  # not the encoding of a point on the curve
        return False
    # The pairing cannot see a point of small order added to a signature; without this check, such a sum would
    # be a second "genuine" signature, with a randomness of the forger's liking.
    if any(curve.is_inf(p) or not points.subgroup_check(p) for p in (point, key)):
        return False
    hashed = hash_to_g1(message, _BLS_ON_G1, sha256)
    product = curve.pairing(curve.G2, point, final_exponentiate=False)
    product *= curve.pairing(key, curve.neg(hashed), final_exponentiate=False)
    return bool(curve.final_exponentiate(product) == curve.FQ12.one())


def aware(when: datetime) -> datetime:
    """Returns the moment; raises ValueError where it has no time zone, as its round would be a guess."""
    if when.tzinfo is None:
        raise ValueError("a moment must carry its time zone")
    return when


def shown(value: str) -> str:
    """Returns a public value in quotes, cut short and without control characters.

    >>> shown("0" * 64)
    '"000000000000000000000000…"'
    """
    plain = "".join(c if c.isprintable() else "?" for c in value[:_SHOWN])
    return f'"{plain}{"…" if len(value) > _SHOWN else ""}"'
