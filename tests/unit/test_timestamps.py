"""RFC 3161 time stamps, against an authority that `openssl ts` plays."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import RandomnessError
from sampling.timestamps import check_token

COMMIT = "4cf335ebf8dd279d3a075d7b5b3e8c3b5bf65e47293b64dd7421bd3639f26a6f"
CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Authority of the test
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = authority
[authority]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping authority with a root certificate of its own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "c.cnf").write_text(CONFIGURATION)
        (folder / "serial").write_text("01\n")
        new_key = [
            "req",
            "-config",
            "c.cnf",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-noenc",
        ]
        self.openssl(*new_key, "-x509", "-days", "30", "-extensions", "ca", "-keyout", "ca.key", "-out", "ca.pem")
        self.openssl(*new_key, "-subj", "/CN=Clock", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "c.cnf"]
        request = ["x509", "-req", "-in", "tsa.csr", "-days", "30", "-extensions", "stamping"]
        self.openssl(*request, *signed, "-out", "tsa.pem")

    def openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=60)

    @property
    def roots(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def stamp(self, text: str, digest: str = "sha256") -> bytes:
        (self.folder / "text").write_text(text, newline="\n")
        self.openssl("ts", "-query", "-data", "text", f"-{digest}", "-cert", "-out", "q.tsq")
        self.openssl("ts", "-reply", "-config", "c.cnf", "-queryfile", "q.tsq", "-out", "r.tsr")
        return (self.folder / "r.tsr").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.fail("openssl plays the authority and is not here: apt-get install openssl")
    return Authority(tmp_path_factory.mktemp("authority") / "a")


def test_a_time_stamp_on_the_commitment_gives_its_moment(authority: Authority) -> None:
    moment = check_token(authority.stamp(COMMIT), COMMIT, roots=authority.roots)
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)


@pytest.mark.parametrize("text", ["0" * 64, COMMIT + "\n", COMMIT.upper()])
def test_a_time_stamp_on_something_else_is_refused(authority: Authority, text: str) -> None:
    with pytest.raises(RandomnessError, match="on something else than the SHA-256"):
        check_token(authority.stamp(text), COMMIT, roots=authority.roots)


def test_another_hash_than_sha256_is_refused(authority: Authority) -> None:
    with pytest.raises(RandomnessError, match="on something else than the SHA-256"):
        check_token(authority.stamp(COMMIT, "sha512"), COMMIT, roots=authority.roots)


def test_another_authority_is_not_believed(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with pytest.raises(RandomnessError, match="does not lead to the root certificates"):
        check_token(authority.stamp(COMMIT), COMMIT, roots=other.roots)


def test_a_changed_moment_breaks_the_signature(authority: Authority) -> None:
    token = authority.stamp(COMMIT)
    year = datetime.now(UTC).strftime("%Y").encode()
    at = token.index(b"\x18\x0f" + year) + 2  # the GeneralizedTime of the token, as RFC 3161 places it
    forged = token[:at] + b"%04d" % (int(year) - 1) + token[at + 4 :]
    with pytest.raises(RandomnessError, match="does not lead to the root certificates"):
        check_token(forged, COMMIT, roots=authority.roots)


@pytest.mark.parametrize("token", [b"", b"no token", b"0" * 100_001])
def test_bytes_that_are_no_time_stamp_are_refused(authority: Authority, token: bytes) -> None:
    with pytest.raises(RandomnessError, match=r"Hand in the \.tsr file"):
        check_token(token, COMMIT, roots=authority.roots)


def test_roots_must_be_given_and_be_certificates(authority: Authority) -> None:
    token = authority.stamp(COMMIT)
    with pytest.raises(RandomnessError, match="proves nothing without a root certificate"):
        check_token(token, COMMIT, roots=None)
    with pytest.raises(RandomnessError, match="are not PEM text"):
        check_token(token, COMMIT, roots=b"no certificate")


def test_a_malformed_commitment_is_a_programming_error(authority: Authority) -> None:
    with pytest.raises(ValueError, match="64 lowercase"):
        check_token(b"x", "x", roots=authority.roots)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RandomnessError, match=r"Install sampling\[timestamp\]"):
        check_token(b"x", COMMIT, roots=b"x")


@pytest.fixture(scope="module")
def genuine(authority: Authority) -> tuple[bytes, datetime]:
    """A time stamp on the commitment, and its moment."""
    token = authority.stamp(COMMIT)
    return token, check_token(token, COMMIT, roots=authority.roots)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_no_changed_byte_gets_past(authority: Authority, genuine: tuple[bytes, datetime], data: st.DataObject) -> None:
    """Whatever byte is changed, the answer is the genuine moment or a refusal, never another or a crash."""
    token, moment = genuine
    at, value = data.draw(st.integers(0, len(token) - 1)), data.draw(st.integers(0, 255))
    try:
        found = check_token(token[:at] + bytes([value]) + token[at + 1 :], COMMIT, roots=authority.roots)
    except RandomnessError:
        return
    assert found == moment
