"""Sealed entries: encrypted when they are written, so that whoever reads the database before both raters have signed learns nothing.

Each entry has a content key of its own (AES-256-GCM). The key is wrapped twice: for the journal's lead (X25519 and HKDF-SHA256), and
for its author (a key derived from the service's secret and the author's key). To unseal is to publish the content keys.
AES-GCM alone does not bind a text to one key, so the chain holds the digest of what was said (sampling.journal.chaining): a key that
opens it to another text is refused. docs/decisions/0010-sealing.md says what sealing does not do.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sampling.errors import SecretError
from sampling.journal.chaining import body_text, read_body
from sampling.keys import private_home

PADDED_TO = 512  # bytes: a short rating and a comment of one line look the same
_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D, section 5.2.1.1


@dataclass(frozen=True)
class Opener:
    """Who looks at a journal: the service's secret, the person, and the lead's private key where it is at hand."""

    secret: bytes = field(repr=False)
    actor: str
    lead_key: bytes | None = field(default=None, repr=False)


def new_lead_key() -> tuple[bytes, str]:
    """Returns a private X25519 key and its public half in hex."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw().hex()


def lead_key_path(journal: str, home: Path | None = None) -> Path:
    """Returns where the private lead key of a journal lies in the private store."""
    return (home or private_home()) / "seals" / f"{journal}.key"


def store_lead_key(journal: str, key: bytes, home: Path | None = None) -> None:
    """Writes the private lead key, for its owner's eyes alone. Raises SecretError when the private store refuses."""
    path = lead_key_path(journal, home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SecretError(f"The lead key {path} cannot be written ({error.strerror}). No journal was made.") from None


def load_lead_key(journal: str, home: Path | None = None) -> bytes | None:
    """Returns the private lead key of a journal, or None where it is not here. Raises SecretError when others can read it, or it is malformed."""
    path = lead_key_path(journal, home)
    if not path.is_file():
        return None
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretError(f"Other users of this machine can read the lead key {path}. Run: chmod 600 '{path}'")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SecretError(f"The lead key {path} is no key. Restore it from your backup.")
    return key


def subject_token(secret: bytes, review: str, subject: str) -> str:
    """Returns what stands for a sealed subject: the same for the same subject of the same review, and nothing to whoever lacks the secret."""
    key = _derived(secret, "csj1/subject")
    return hmac.new(key, f"{review}|{subject}".encode("ascii"), sha256).hexdigest()[:32]


def seal(plain: str, *, entry: str, opener: Opener, lead_public: str) -> str:
    """Returns the sealed body's text for the text of a plain body."""
    content_key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
    data = plain.encode("ascii")
    padded = data + b" " * (-len(data) % PADDED_TO)
    return body_text(
        {
            "author": _wrap(_author_key(opener.secret, opener.actor), content_key, entry),
            "cipher": AESGCM(content_key).encrypt(nonce, padded, entry.encode("ascii")).hex(),
            "lead": _wrap_for_lead(content_key, entry, lead_public),
            "nonce": nonce.hex(),
        }
    )


def unseal(sealed: str, content_key: bytes, *, entry: str) -> str | None:
    """Returns the plain body's text, or None when the key does not open it."""
    try:
        body = read_body(sealed)
        plain = AESGCM(content_key).decrypt(_hex(body["nonce"]), _hex(body["cipher"]), entry.encode("ascii"))
        return plain.decode("ascii").rstrip(" ")
    except (InvalidTag, KeyError, ValueError, TypeError):
        return None


def content_key(sealed: str, *, entry: str, author: str, opener: Opener | None) -> bytes | None:
    """Returns the content key of a sealed body, where the opener is its author or the lead; else None."""
    if opener is None or (opener.actor != author and opener.lead_key is None):
        return None
    try:
        body = read_body(sealed)
        if opener.actor == author:
            own = _unwrap(_author_key(opener.secret, author), body["author"], entry)
            if own is not None:
                return own
        return _unwrap_for_lead(opener.lead_key, body["lead"], entry) if opener.lead_key else None
    except (KeyError, ValueError, TypeError):
        return None


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode("ascii")).derive(secret)


def _author_key(secret: bytes, actor: str) -> bytes:
    return _derived(secret, f"csj1/author|{actor}")


def _wrap(key: bytes, content_key: bytes, entry: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return (nonce + AESGCM(key).encrypt(nonce, content_key, entry.encode("ascii"))).hex()


def _unwrap(key: bytes, wrapped: str, entry: str) -> bytes | None:
    data = _hex(wrapped)
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], entry.encode("ascii"))
    except InvalidTag:
        return None


def _wrap_for_lead(content_key: bytes, entry: str, lead_public: str) -> dict[str, str]:
    once = X25519PrivateKey.generate()
    public = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(lead_public)))
    key = _lead_wrapping_key(shared, public, bytes.fromhex(lead_public))
    return {"public": public.hex(), "wrapped": _wrap(key, content_key, entry)}


def _unwrap_for_lead(lead_key: bytes, part: Mapping[str, Any], entry: str) -> bytes | None:
    private = X25519PrivateKey.from_private_bytes(lead_key)
    public = _hex(part["public"])
    shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    return _unwrap(_lead_wrapping_key(shared, public, private.public_key().public_bytes_raw()), part["wrapped"], entry)


def _lead_wrapping_key(shared: bytes, once: bytes, lead: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=once + lead, info=b"csj1/lead").derive(shared)


def _hex(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("expected hexadecimal digits")
    return bytes.fromhex(text)
