"""The check that anyone can run on a draw, with the standard library alone and no case data.

It recomputes the whole draw from the shareable pack and names the first check that fails. It shares nothing with the engine that
drew but the primitives of sampling.tickets; the verifier in every pack (sampling/share/cst1_verify.py) does not share even those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sampling.errors import RandomnessError, StateError
from sampling.pack import REGISTER, SHARE
from sampling.recompute import Evidence
from sampling.recompute_files import CheckFailed

CHECKS = (
    "frame",
    "exclusions",
    "commit",
    "randomness",
    "seed",
    "tickets",
    "ranks",
    "probabilities",
    "selection",
    "log",
    "sequence",
)
# Which check speaks for a file whose bytes are not the logged ones, where its content still passes.
_FILE_CHECKS = {
    "frame.csv": "frame",
    "exclusions.csv": "exclusions",
    "plan.json": "commit",
    "teams.csv": "commit",
    "tabled.csv": "commit",
    "signals.toml": "commit",
    "commitment.json": "commit",
    "randomness.json": "randomness",
    "timestamp.tsr": "randomness",
    "manifest.csv": "selection",
}
_NEEDED = (
    "commitment.json",
    "plan.json",
    "frame.csv",
    "exclusions.csv",
    "teams.csv",
    "tabled.csv",
    "signals.toml",
    "log.jsonl",
    "log.head",
    REGISTER,
)


@dataclass(frozen=True)
class Check:
    """One check of a verification. `done` is False where there is nothing to check yet."""

    name: str
    ok: bool
    detail: str
    done: bool = True


@dataclass(frozen=True)
class Verification:
    """The result: ok, or the name of the first check that failed.

    `unchecked` is what had to be taken on trust, as sentences; `withdrawn` why the draw was withdrawn, or None.
    """

    checks: tuple[Check, ...]
    unchecked: tuple[str, ...] = ()
    withdrawn: str | None = None

    @property
    def failed(self) -> str | None:
        """Returns the first failing check's name, or None."""
        return next((check.name for check in self.checks if not check.ok), None)

    @property
    def ok(self) -> bool:
        """Returns whether every check passed."""
        return self.failed is None


def verify_draw(
    folder: Path,
    published_commit: str | None = None,
    timestamp_roots: bytes | None = None,
    log_head: str | None = None,
) -> Verification:
    """Returns the verification of a draw's folder, or of its share folder alone. It writes nothing.

    `published_commit` is the commitment as it was published, which is what ties the pack to a day; `timestamp_roots` are the PEM
    certificates that are trusted to vouch for time stamps; `log_head` is a log.head as it was noted, which the log must still hold.
    Raises StateError where the folder holds no draw at all.
    """
    share = folder / SHARE if (folder / SHARE).is_dir() else folder
    if not any((share / name).is_file() for name in _NEEDED):
        raise StateError(
            "There is no draw in that folder. Name the folder that `sampling freeze --out` made, or its share folder."
        )
    evidence = Evidence(share.absolute(), published_commit, timestamp_roots, log_head)
    checks = tuple(_run(name, evidence) for name in CHECKS)
    try:
        unchecked = evidence.unchecked
    except _DAMAGE:  # the checks have said so
        unchecked = ()
    return Verification(checks, unchecked, evidence.withdrawn)


# What a file that was changed or is missing makes the standard library raise.
_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError)


def _run(name: str, evidence: Evidence) -> Check:
    check: Callable[[], str | None] = getattr(evidence, f"check_{name}")
    try:
        missing = [
            file
            for file in _NEEDED
            if _FILE_CHECKS.get(file, "sequence" if file == REGISTER else "log") == name
            and not evidence.path(file).is_file()
        ]
        if missing:
            raise CheckFailed(f"{missing[0]} is missing")
        detail = check()
        for file, expected in evidence.logged_files.items():
            if _FILE_CHECKS.get(file, "log") == name and evidence.digest(file) != expected:
                raise CheckFailed(f"{file} is not the file that was logged")
    except CheckFailed as failure:
        return Check(name, False, str(failure))
    except RandomnessError as failure:
        return Check(name, False, failure.message)
    except _DAMAGE as fault:
        return Check(name, False, f"a file is missing or damaged ({type(fault).__name__})")
    return Check(name, True, detail or "nothing to check before the draw", detail is not None)
