"""RFC 3161 time stamps: a third party's signed word that a commitment existed by then (evidence level L3).

What is stamped is the commitment's text: the 64 hexadecimal digits, without a line end. The check needs the
optional library rfc3161-client (`sampling[timestamp]`), which verifies the signature and its certificates. It
reads strict DER alone, and so refuses a response whose certificates are not in the order that DER asks for.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from datetime import UTC, datetime
from hashlib import sha256

from sampling.errors import RandomnessError

MAXIMUM_TOKEN = 100_000  # bytes; a response with its certificates has about 6,000
_SHA_256 = "2.16.840.1.101.3.4.2.1"
_COMMIT = re.compile(r"[0-9a-f]{64}")


def check_token(token: bytes, commit: str, *, roots: bytes | None) -> datetime:
    """Returns the UTC moment of a time-stamp response (the DER of a .tsr file) on a commitment.

    `roots` are the PEM certificates that are trusted to vouch for time-stamping authorities. Without them
    nothing can be believed, so that None is refused. Raises RandomnessError saying what does not hold.
    """
    if not _COMMIT.fullmatch(commit):
        raise ValueError("a commitment has 64 lowercase hexadecimal digits")
    if importlib.util.find_spec("rfc3161_client") is None:
        raise RandomnessError("Time stamps cannot be checked here. Install sampling[timestamp], and try again.")
    if roots is None:
        raise RandomnessError(
            "A time stamp proves nothing without a root certificate that you trust. "
            "Give the PEM file that the time-stamping authority publishes."
        )
    if not isinstance(token, bytes) or not 0 < len(token) <= MAXIMUM_TOKEN:
        raise RandomnessError(
            f"The time stamp must be a file of at most {MAXIMUM_TOKEN:,} bytes. Hand in the .tsr file."
        )
    return _verified_moment(token, commit, roots)


def _verified_moment(token: bytes, commit: str, roots: bytes) -> datetime:
    tsp = importlib.import_module("rfc3161_client")
    builder = tsp.VerifierBuilder(roots=_certificates(roots))
    try:
        response = tsp.decode_timestamp_response(token)
        stamped = response.tst_info
        imprint = stamped.message_imprint
        algorithm, message = imprint.hash_algorithm.dotted_string, bytes(imprint.message)
        moment: datetime = stamped.gen_time
    except ValueError:  # what the library raises on bytes that are no response, or one without a token
        raise RandomnessError(
            "The time stamp is no RFC 3161 response in DER that was granted. Hand in the .tsr file."
        ) from None
    expected = sha256(commit.encode("ascii")).digest()
    if algorithm != _SHA_256 or message != expected:
        raise RandomnessError(
            "The time stamp is on something else than the SHA-256 of this commitment's text. "
            "Check that it belongs to this draw, and that no line end was stamped with the text."
        )
    try:
        builder.build().verify(response, expected)
    except (tsp.VerificationError, ValueError):
        raise RandomnessError(
            "The time stamp's signature does not lead to the root certificates given. "
            "Check that they are those of the authority that made it."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _certificates(roots: bytes) -> list[object]:
    x509 = importlib.import_module("cryptography.x509")
    try:
        return list(x509.load_pem_x509_certificates(roots))
    except ValueError:
        raise RandomnessError(
            "The root certificates are not PEM text. Hand in the file with -----BEGIN CERTIFICATE----- in it."
        ) from None
