"""The check that anyone can run on a draw, with the standard library alone and no case data.

It recomputes the whole draw from the shareable pack and names the first check that fails. It shares nothing with the engine that
drew but the primitives of sampling.tickets; the verifier in every pack (sampling/share/cst1_verify.py) does not share even those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sampling.errors import StateError
from sampling.pack import REGISTER, SHARE
from sampling.recompute import CheckFailed, Evidence, file_digest
from sampling.storage import finish_step

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
    "commitment.json": "commit",
    "randomness.json": "randomness",
    "manifest.csv": "selection",
}
_NEEDED = (
    "commitment.json",
    "plan.json",
    "frame.csv",
    "exclusions.csv",
    "teams.csv",
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
    """The result: ok, or the name of the first check that failed."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> str | None:
        """Returns the first failing check's name, or None."""
        return next((check.name for check in self.checks if not check.ok), None)

    @property
    def ok(self) -> bool:
        """Returns whether every check passed."""
        return self.failed is None


def verify_draw(folder: Path, published_commit: str | None = None) -> Verification:
    """Returns the verification of a draw's folder, or of its share folder alone.

    `published_commit` is the commitment as it was published, which is what ties the pack to a day. Raises StateError where the
    folder holds no draw at all.
    """
    if (folder / SHARE).is_dir():
        finish_step(folder)
        share = folder / SHARE
    else:
        share = folder
    if not any((share / name).is_file() for name in _NEEDED):
        raise StateError(
            "There is no draw in that folder. Name the folder that `sampling freeze --out` made, or its share folder."
        )
    evidence = Evidence(share, published_commit)
    return Verification(tuple(_run(name, evidence) for name in CHECKS))


def _run(name: str, evidence: Evidence) -> Check:
    check: Callable[[], str | None] = getattr(evidence, f"check_{name}")
    try:
        missing = [
            file
            for file in _NEEDED
            if _FILE_CHECKS.get(file, "sequence" if file == REGISTER else "log") == name
            and not (evidence.share / file).is_file()
        ]
        if missing:
            raise CheckFailed(f"{missing[0]} is missing")
        detail = check()
        for file, expected in evidence.logged_files.items():
            if _FILE_CHECKS.get(file, "log") == name and file_digest(evidence.share / file) != expected:
                raise CheckFailed(f"{file} is not the file that was logged")
    except CheckFailed as failure:
        return Check(name, False, str(failure))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        return Check(name, False, f"a file is missing or damaged ({type(fault).__name__})")
    return Check(name, True, detail or "nothing to check before the draw", detail is not None)
