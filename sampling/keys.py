"""Keys instead of identifiers: HMAC-SHA256 with a secret of the service's own, and the private store that leads back.

A key is HMAC-SHA256(secret, kind | system | local id) in hex. Without the secret nobody can test a guessed NHS number or
name against it, which a plain hash would allow (NHS numbers are few enough to try all of them). The fields are joined with
the unit separator U+001F, which no id may hold, so that no two ids share a message.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from sampling.errors import SecretError

SECRET_VARIABLE = "SAMPLING_SECRET"
HOME_VARIABLE = "SAMPLING_HOME"
_SEPARATOR = "\x1f"
_SECRET_BYTES = 32  # NIST SP 800-107: an HMAC key of at least the hash's output length, 32 bytes for SHA-256


def private_home() -> Path:
    """Returns the folder of the private store: $SAMPLING_HOME, else the user's own data folder. Never inside the project."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("case-sampling", appauthor=False))


def load_secret(home: Path | None = None) -> bytes:
    """Returns the service's secret: from $SAMPLING_SECRET (64 hex digits), else from the private store, created on first use.

    Raises SecretError when the given secret is malformed, or the stored one can be read by other users.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        try:
            secret = bytes.fromhex(given.strip())
        except ValueError:
            secret = b""
        if len(secret) < _SECRET_BYTES:
            raise SecretError(
                f"The secret in {SECRET_VARIABLE} must be at least {2 * _SECRET_BYTES} hexadecimal digits. "
                'Make one with: python -c "import secrets; print(secrets.token_hex(32))"'
            )
        return secret
    return _stored_secret((home or private_home()) / "secret.key")


def _stored_secret(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create_secret(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SecretError(f"Other users of this machine can read the secret {path}. Run: chmod 600 '{path}'")
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not hexadecimal text"
        raise SecretError(
            f"The secret {path} cannot be read ({reason}). Restore it from your backup, or name another folder in {HOME_VARIABLE}."
        ) from None
    if len(secret) < _SECRET_BYTES:
        raise SecretError(
            f"The secret {path} is too short. Restore it from your backup; a new one would give every case a new key."
        )
    return secret


def _create_secret(path: Path) -> None:
    """Writes a new secret whole, or finds the one that another process has just written."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails if the secret has appeared meanwhile; os.replace would overwrite it
        except FileExistsError:
            pass
    finally:
        temporary.unlink()


class Keyring:
    """Makes keys and remembers, for the private store alone, which local id each came from."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.local_ids: dict[str, dict[str, str]] = {}

    def key(self, kind: str, system: str, local_id: str) -> str:
        """Returns the key (64 hex digits) of one local id; `kind` is case, practitioner, person, team or staff.

        >>> Keyring(bytes(32)).key("case", "demo", "0012")[:16] == Keyring(bytes(32)).key("case", "demo", "12")[:16]
        False
        """
        message = _SEPARATOR.join((kind, system, local_id)).encode("utf-8", "surrogatepass")
        key = hmac.new(self._secret, message, hashlib.sha256).hexdigest()
        self.local_ids.setdefault(kind, {})[key] = local_id
        return key

    def keys(self, kind: str, system: str, local_ids: Iterable[str]) -> dict[str, str]:
        """Returns local id -> key for the distinct ids given."""
        return {local_id: self.key(kind, system, local_id) for local_id in dict.fromkeys(local_ids)}

    def prefix(self, kind: str, system: str) -> str:
        """Returns the text that stands before each local id in the message of that kind's keys."""
        return kind + _SEPARATOR + system + _SEPARATOR

    def pads(self) -> tuple[bytes, bytes]:
        """Returns the outer and inner HMAC key blocks (RFC 2104), for an engine that hashes millions of ids by itself."""
        block = (hashlib.sha256(self._secret).digest() if len(self._secret) > 64 else self._secret).ljust(64, b"\0")
        return bytes(b ^ 0x5C for b in block), bytes(b ^ 0x36 for b in block)
