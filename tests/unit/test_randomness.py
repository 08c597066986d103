"""Public randomness: what fits its reference, what is refused in which words, what each kind is worth."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import randomness as r
from sampling.drand import MAXIMUM_PULSE_TEXT
from sampling.errors import RandomnessError
from sampling.tickets import digest

# Round 1000 of quicknet, as the beacon publishes it for anyone.
QUICKNET_1000 = {
    "round": 1000,
    "randomness": "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    "signature": "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
}
NONCES = ("a1" * 32, "b2" * 32)
FROZEN = datetime(2026, 4, 19, 12, 0, tzinfo=UTC)


def drand_ref(number: int, chain: r.Chain = r.DEFAULT_CHAIN) -> r.RandomnessRef:
    return r.parse_ref(f"drand:{chain.chain_hash}:{number}")


def two_party() -> r.RandomnessRef:
    return r.parse_ref("two-party:" + ":".join(digest(nonce) for nonce in NONCES))


def real_pulse(shared_data: Path, number: int) -> dict[str, object]:
    pulse: dict[str, object] = json.loads((shared_data / "drand" / f"default-round-{number}.json").read_text())
    return pulse


# -- references and rounds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("dice", "dice"),
        ("operator", "operator"),
        (f"drand:{r.QUICKNET.chain_hash}:1", "drand"),
        (f"two-party:{'0' * 64}:{'1' * 64}", "two-party"),
    ],
)
def test_each_form_is_read_and_keeps_its_text(text: str, kind: str) -> None:
    ref = r.parse_ref(text)
    assert (ref.kind, ref.text) == (kind, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'reference "" has none of the known forms. Write drand:'),
        ("Dice", "none of the known forms"),
        ("dice ", "none of the known forms"),
        ("drand:1", "none of the known forms"),
        ("nist:1:2", "none of the known forms"),
        ("drand:" + "0" * 64 + ":1", "drand chain .* is not known. Use one of: 8990e7a9"),
        (f"drand:{r.DEFAULT_CHAIN.chain_hash}:0", "whole number of 1 to 9 digits"),
        (f"drand:{r.DEFAULT_CHAIN.chain_hash}:07", "without a leading zero"),
        (f"drand:{r.DEFAULT_CHAIN.chain_hash}:1234567890", "1 to 9 digits"),
        (f"drand:{r.DEFAULT_CHAIN.chain_hash}:١", "1 to 9 digits"),
        (f"drand:{r.DEFAULT_CHAIN.chain_hash}:1\n", "1 to 9 digits"),
        (f"two-party:{'0' * 63}:{'1' * 64}", "Party A's commitment must be the SHA-256"),
        (f"two-party:{'0' * 64}:{'F' * 64}", "Party B's commitment"),
        (f"two-party:{'0' * 64}:{'0' * 64}", "one has copied the other's"),
    ],
)
def test_malformed_references_are_refused(text: str, message: str) -> None:
    with pytest.raises(RandomnessError, match=message):
        r.parse_ref(text)


def test_a_reference_that_is_no_text_is_refused() -> None:
    with pytest.raises(RandomnessError, match="must be text"):
        r.parse_ref(7)  # type: ignore[arg-type]


def test_a_long_reference_is_shown_cut_short_and_without_control_characters() -> None:
    with pytest.raises(RandomnessError) as caught:
        r.parse_ref("\x1b[31m" + "x" * 5_000)
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(("chain", "number"), [(r.DEFAULT_CHAIN, 6_040_406), (r.QUICKNET, 27_946_612)])
def test_rounds_of_the_protocol(chain: r.Chain, number: int) -> None:
    midnight = datetime(2026, 4, 20, tzinfo=UTC)
    assert r.round_at(chain.chain_hash, midnight) == number
    assert r.time_of_round(chain.chain_hash, number) <= midnight < r.time_of_round(chain.chain_hash, number + 1)


def test_a_round_does_not_depend_on_the_zone_in_which_a_moment_is_written() -> None:
    summer_time = datetime(2026, 4, 20, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    assert r.round_at(r.DEFAULT_CHAIN.chain_hash, summer_time) == 6_040_406


def test_a_moment_before_the_chain_or_without_zone_has_no_round() -> None:
    with pytest.raises(RandomnessError, match="default chain began on 2020-07-22"):
        r.round_at(r.DEFAULT_CHAIN.chain_hash, datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        r.round_at(r.DEFAULT_CHAIN.chain_hash, datetime(2026, 1, 1))
    with pytest.raises(RandomnessError, match="1 to 9 digits"):
        r.time_of_round(r.DEFAULT_CHAIN.chain_hash, 0)
    with pytest.raises(RandomnessError, match="is not known"):
        r.round_at("x", FROZEN)


@pytest.mark.parametrize("chain", [r.DEFAULT_CHAIN, r.QUICKNET], ids=lambda chain: chain.name)
def test_a_chain_hash_is_the_digest_of_the_constants(chain: r.Chain) -> None:
    content = chain.period.to_bytes(4, "big") + chain.genesis.to_bytes(8, "big")
    content += bytes.fromhex(chain.public_key) + bytes.fromhex(chain.group_hash)
    content += b"" if chain.name == "default" else chain.name.encode()
    assert sha256(content).hexdigest() == chain.chain_hash


def test_the_constants_are_those_that_the_beacon_publishes(shared_data: Path) -> None:
    info = json.loads((shared_data / "drand" / "default-info.json").read_text())
    chain = r.CHAINS[info["hash"]]
    published = (
        info["public_key"],
        info["groupHash"],
        info["genesis_time"],
        info["period"],
        info["schemeID"],
    )
    assert (chain.public_key, chain.group_hash, chain.genesis, chain.period, chain.scheme) == published


# -- drand pulses


@pytest.mark.parametrize("number", [1, 2])
def test_real_pulses_of_the_default_chain_are_genuine(shared_data: Path, number: int) -> None:
    pulse = real_pulse(shared_data, number)
    found = r.from_pulse(drand_ref(number), json.dumps(pulse))
    assert found.text == pulse["randomness"]
    assert found.proof == {"pulse": pulse}
    assert "BLS signature was made with the default chain's key" in found.checks[-1]
    assert r.check_stored(drand_ref(number), found.stored(drand_ref(number))) == []


def test_a_real_pulse_of_quicknet_is_genuine() -> None:
    found = r.from_pulse(drand_ref(1000, r.QUICKNET), json.dumps(QUICKNET_1000))
    assert found.text == QUICKNET_1000["randomness"]
    assert "quicknet chain's key" in found.checks[-1]


def test_a_pulse_of_another_round_is_refused(shared_data: Path) -> None:
    with pytest.raises(RandomnessError, match='of round "2", but round 1 was committed.*public/1'):
        r.from_pulse(drand_ref(1), json.dumps(real_pulse(shared_data, 2)))


def test_a_changed_randomness_is_refused() -> None:
    changed = {**QUICKNET_1000, "randomness": "0" * 64}
    with pytest.raises(RandomnessError, match="is not the SHA-256 of its signature"):
        r.from_pulse(drand_ref(1000, r.QUICKNET), json.dumps(changed))


def test_a_relabelled_pulse_fails_by_its_signature(shared_data: Path) -> None:
    relabelled = {**real_pulse(shared_data, 1), "round": 5}
    with pytest.raises(RandomnessError, match="BLS signature is not the default chain's for round 5"):
        r.from_pulse(drand_ref(5), json.dumps(relabelled))
    with pytest.raises(RandomnessError, match="BLS signature is not the quicknet chain's for round 1001"):
        r.from_pulse(drand_ref(1001, r.QUICKNET), json.dumps({**QUICKNET_1000, "round": 1001}))


def with_signature(signature: bytes) -> str:
    randomness = sha256(signature).hexdigest()
    return json.dumps({"round": 1000, "randomness": randomness, "signature": signature.hex()})


@pytest.mark.parametrize("signature", [bytes(48), b"\xff" * 48, b"\xc0" + bytes(47), b"\x80" + bytes(46) + b"\x01"])
def test_a_signature_that_is_no_point_of_the_group_is_refused(signature: bytes) -> None:
    with pytest.raises(RandomnessError, match="BLS signature is not the quicknet chain's"):
        r.from_pulse(drand_ref(1000, r.QUICKNET), with_signature(signature))


def test_a_second_signature_made_from_the_genuine_one_is_refused() -> None:
    """Signature + a point of small order passes the pairing equation: so a forger could choose."""
    bls = importlib.import_module("py_ecc.bls.g2_primitives")
    curve = importlib.import_module("py_ecc.optimized_bls12_381")
    genuine = bls.pubkey_to_G1(bytes.fromhex(str(QUICKNET_1000["signature"])))
    off_group = bls.pubkey_to_G1(b"\x80" + bytes(46) + b"\x04")  # x = 4 is on the curve and not in the group
    forged = curve.add(genuine, curve.multiply(off_group, curve.curve_order))
    with pytest.raises(RandomnessError, match="BLS signature is not the quicknet chain's"):
        r.from_pulse(drand_ref(1000, r.QUICKNET), with_signature(bls.G1_to_pubkey(forged)))


def test_another_chain_can_be_given_and_its_key_decides() -> None:
    bls = importlib.import_module("py_ecc.bls.g2_primitives")
    curve = importlib.import_module("py_ecc.optimized_bls12_381")
    hashing = importlib.import_module("py_ecc.bls.hash_to_curve")
    secret = 271_828_182_845
    key = bls.G2_to_signature(curve.multiply(curve.G2, secret)).hex()
    own = dataclasses.replace(r.QUICKNET, name="own", chain_hash="e" * 64, public_key=key)
    tag = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
    point = hashing.hash_to_G1(sha256((1000).to_bytes(8, "big")).digest(), tag, sha256)
    text = with_signature(bls.G1_to_pubkey(curve.multiply(point, secret)))
    ref = r.parse_ref(f"drand:{'e' * 64}:1000", chains={own.chain_hash: own})
    assert "own chain's key" in r.from_pulse(ref, text, chains={own.chain_hash: own}).checks[-1]
    with pytest.raises(RandomnessError, match="quicknet chain's for round 1000"):
        r.from_pulse(drand_ref(1000, r.QUICKNET), text)


def test_without_the_library_the_signature_is_said_to_be_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    found = r.from_pulse(drand_ref(1000, r.QUICKNET), json.dumps(QUICKNET_1000))
    assert "not checked, because py_ecc is not installed" in found.checks[-1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("<html>", "is not JSON"),
        ("[" * 9_000, "is not JSON"),
        ("9" * 9_000, "is not JSON"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        (" " * (MAXIMUM_PULSE_TEXT + 1), "too long"),
        ("{}", "no round that is a whole number"),
        ('{"round": true}', "no round that is a whole number"),
        ('{"round": "1000"}', "no round that is a whole number"),
        ('{"round": 1000.0}', "no round that is a whole number"),
        ('{"round": 1000}', "randomness must be 64 lowercase hexadecimal digits, got nothing"),
        (json.dumps({**QUICKNET_1000, "randomness": 5}), "randomness must be .* got no text"),
        (json.dumps({**QUICKNET_1000, "signature": "AB" * 48}), "signature must be 96 lowercase"),
        (json.dumps({**QUICKNET_1000, "signature": "ab" * 96}), "signature must be 96 lowercase"),
    ],
)
def test_a_file_that_is_no_pulse_is_refused(text: str, message: str) -> None:
    with pytest.raises(RandomnessError, match=message):
        r.from_pulse(drand_ref(1000, r.QUICKNET), text)


def test_a_chained_pulse_needs_its_previous_signature(shared_data: Path) -> None:
    pulse = real_pulse(shared_data, 2)
    del pulse["previous_signature"]
    with pytest.raises(RandomnessError, match="previous_signature must be 64 or 192"):
        r.from_pulse(drand_ref(2), json.dumps(pulse))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=100),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
PULSES = st.fixed_dictionaries(
    {},
    optional={name: JSON_VALUES | st.just(value) for name, value in QUICKNET_1000.items() if name != "signature"},
)


@settings(deadline=None)
@given(text=st.text(max_size=300) | JSON_VALUES.map(json.dumps) | PULSES.map(json.dumps))
def test_no_text_at_all_gets_past_the_pulse_reader(text: str) -> None:
    with pytest.raises(RandomnessError):
        r.from_pulse(drand_ref(1000, r.QUICKNET), text)


@settings(deadline=None)
@given(
    stored=st.dictionaries(st.sampled_from(["kind", "ref", "text", "proof", "checks", "x"]), JSON_VALUES) | JSON_VALUES
)
@pytest.mark.parametrize("ref", [drand_ref(5), two_party(), r.parse_ref("dice")], ids=lambda ref: ref.kind)
def test_no_stored_value_at_all_passes_without_its_proof(ref: r.RandomnessRef, stored: object) -> None:
    assert r.check_stored(ref, stored)  # type: ignore[arg-type]


# -- nonces, dice, operator


def test_two_nonces_are_joined_in_the_declared_order() -> None:
    found = r.from_nonces(two_party(), *NONCES)
    assert found.text == NONCES[0] + NONCES[1]
    assert r.check_stored(two_party(), found.stored(two_party())) == []


def test_nonces_in_the_wrong_order_or_shape_are_refused_without_showing_them() -> None:
    with pytest.raises(RandomnessError, match="Party A's nonce does not fit its commitment") as caught:
        r.from_nonces(two_party(), NONCES[1], NONCES[0])
    assert NONCES[1][:8] not in caught.value.message
    with pytest.raises(RandomnessError, match="Party B's nonce must be 64 lowercase"):
        r.from_nonces(two_party(), NONCES[0], NONCES[1].upper())
    with pytest.raises(RandomnessError, match="Party A's nonce must be 64"):
        r.from_nonces(two_party(), NONCES[0] + "\n", NONCES[1])


def test_dice_keep_the_digits_and_the_number_of_witnesses_only() -> None:
    ref = r.parse_ref("dice")
    found = r.from_dice(ref, "0, 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9\n", ("key-1", "key-2", "key-1 "))
    assert found.text == "01234567890123456789"
    assert found.proof == {"digits": found.text, "witnesses": 2}
    assert "key-1" not in json.dumps(found.stored(ref))
    assert r.check_stored(ref, found.stored(ref)) == []


@pytest.mark.parametrize("digits", ["", "1" * 19, "1" * 21, "1" * 19 + "x", "١" * 20, "-" + "1" * 20, "1" * 5_000])
def test_dice_must_be_twenty_plain_digits(digits: str) -> None:
    with pytest.raises(RandomnessError, match="exactly 20 digits 0 to 9"):
        r.from_dice(r.parse_ref("dice"), digits)


def test_a_blank_witness_is_refused() -> None:
    with pytest.raises(RandomnessError, match="witness is blank"):
        r.from_dice(r.parse_ref("dice"), "1" * 20, ("key-1", " "))


@pytest.mark.parametrize("text", ["", "  \n", "x" * 1_001])
def test_an_operator_must_type_something_short(text: str) -> None:
    with pytest.raises(RandomnessError, match="1 to 1,000 characters"):
        r.from_operator(r.parse_ref("operator"), text)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(RandomnessError, match="cannot be stored"):
        r.from_operator(r.parse_ref("operator"), "a\udc80")


def test_an_operators_text_is_kept_exactly() -> None:
    ref = r.parse_ref("operator")
    found = r.from_operator(ref, "  Thursday’s training ")
    assert found.text == "  Thursday’s training "
    assert r.check_stored(ref, json.loads(json.dumps(found.stored(ref)))) == []


def test_another_kind_than_was_committed_is_refused() -> None:
    with pytest.raises(RandomnessError, match="committed to dice randomness, but an operator's text was handed in"):
        r.from_operator(r.parse_ref("dice"), "anything")
    with pytest.raises(RandomnessError, match="committed to operator randomness, but a drand pulse"):
        r.from_pulse(r.parse_ref("operator"), "{}")


# -- what it is worth, and what is stored


FUTURE, PUBLIC = drand_ref(6_040_406), drand_ref(6_000_000)


@pytest.mark.parametrize(
    ("ref", "stamped", "witnesses", "level", "reason"),
    [
        (r.parse_ref("operator"), True, 2, "L0", "Someone chose"),
        (PUBLIC, True, 0, "L0", "already public at the freeze"),
        (FUTURE, False, 0, "L1", "own clock"),
        (FUTURE, True, 0, "L3", "third party's time stamp"),
        (two_party(), False, 0, "L2", "Neither party alone"),
        (r.parse_ref("dice"), False, 2, "L2", "2 named witnesses"),
        (r.parse_ref("dice"), True, 1, "L1", "fewer than two"),
    ],
)
def test_evidence_levels(ref: r.RandomnessRef, stamped: bool, witnesses: int, level: str, reason: str) -> None:
    found = r.evidence_level(ref, frozen_at=FROZEN, third_party_timestamp=stamped, witnesses=witnesses)
    assert found[0] == level
    assert reason in found[1]


def test_a_round_that_is_due_at_the_very_moment_of_the_freeze_is_public() -> None:
    due = r.time_of_round(FUTURE.chain_hash, FUTURE.round)
    for frozen_at, level in ((due, "L0"), (due - timedelta(seconds=1), "L1")):
        assert r.evidence_level(FUTURE, frozen_at=frozen_at, third_party_timestamp=False, witnesses=0)[0] == level


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "operator"}, "kind in randomness.json is not the committed one"),
        ({"ref": "operator"}, "ref in randomness.json is not the committed one"),
        ({"text": "1" * 20}, "text in randomness.json is not what its proof gives"),
        ({"proof": {}}, "must say how many witnesses"),
        ({"proof": {"witnesses": True, "digits": "0" * 20}}, "must say how many witnesses"),
        ({"proof": {"witnesses": 2, "digits": "0" * 19}}, "the 20 digits"),
        ({"proof": None}, "must say how many witnesses"),
    ],
)
def test_a_changed_randomness_file_is_found(change: dict[str, object], message: str) -> None:
    ref = r.parse_ref("dice")
    stored = {**r.from_dice(ref, "0" * 20).stored(ref), **change}
    assert any(message in failure for failure in r.check_stored(ref, stored))
