"""The main path, one function a stage: open, freeze, draw, replace, withdraw. Times and randomness are passed in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from sampling.chain import canonical_json, extended, utc_moment, utc_text
from sampling.commitment import FreezeOrder
from sampling.draw import allocate, draw_manifest
from sampling.engine import Hasher, open_hasher
from sampling.errors import ReplacementError, StateError, VerificationError
from sampling.freezing import build, freeze, refuse_spent
from sampling.keys import Keyring, load_secret
from sampling.model import Extract
from sampling.pack import BLINDED_COLUMNS, Pack, append_step, open_pack, read_rows
from sampling.randomness import Randomness, evidence_level, parse_ref
from sampling.replacement import WITHDRAWALS, checked_people, checked_reason, next_rank
from sampling.review import selected_cases, summary, worklist
from sampling.scoring.settings.begun import is_rated, journal_beside
from sampling.sources.opening import open_extract
from sampling.storage import locked
from sampling.tickets import KEY_PATTERN, digest, seed
from sampling.timestamps import check_token
from sampling.verify import verify_draw

__all__ = [
    "FreezeOrder",
    "Stamp",
    "build",
    "draw",
    "freeze",
    "local_keyring",
    "open_source",
    "replace",
    "selected_cases",
    "summary",
    "withdraw",
    "worklist",
]


@dataclass(frozen=True)
class Stamp:
    """An RFC 3161 time-stamp reply over the commitment, and the root certificates (PEM) that the service trusts."""

    token: bytes
    roots: bytes | None


def open_source(
    source: str,
    keyring: Keyring,
    *,
    format: str | None = None,
    extension: Path | None = None,
    as_of: date | None = None,
    draw_date: date | None = None,
    notes: Collection[str] | None = None,
) -> Extract:
    """Returns the extract with all its findings. Raises SourceError only when nothing can be read at all.

    `as_of` is the day of the extract, where it does not say; `draw_date` the day on which caseloads are counted, where it is known.
    `notes` are the keys of the cases whose notes are to be read; without it no note is read, and with none of them the table is
    only checked.
    """
    return open_extract(
        source, keyring, format=format, extension=extension, as_of=as_of, draw_date=draw_date, notes=notes
    )


def local_keyring() -> Keyring:
    """Returns a keyring with the service's own secret."""
    return Keyring(load_secret())


def draw(
    folder: Path, randomness: Randomness, *, now: datetime, witnesses: int = 0, stamp: Stamp | None = None
) -> Pack:
    """Draws the frozen frame with the randomness and returns the draw opened.

    `witnesses` is how many people saw the dice; `stamp` is a third party's time stamp over the commitment. Raises StateError when the
    draw is drawn or withdrawn already, VerificationError when the frozen frame does not verify, RandomnessError for a false stamp.
    """
    folder = folder.absolute()
    open_pack(folder)
    with locked(folder), open_hasher() as hasher:
        pack = open_pack(folder)
        if pack.entry("drawn") or pack.entry("withdrawn"):
            raise StateError(
                f"The draw {pack.commitment['draw_id']} is {'withdrawn' if pack.entry('withdrawn') else 'drawn already'}. A draw is made once."
            )
        _refuse_share_alone(pack)
        _refuse_unsound(pack)
        ref = parse_ref(pack.commitment["randomness_ref"])
        stamped = check_token(stamp.token, pack.commitment["commit"], roots=stamp.roots) if stamp else None
        frozen_at = stamped or utc_moment(pack.log[0]["at"])
        level, why = evidence_level(
            ref,
            frozen_at=frozen_at,
            third_party_timestamp=stamped is not None,
            witnesses=witnesses,
            signature_checked=randomness.signature_checked,
        )
        the_seed = seed(pack.commitment["commit"], randomness.text)
        refuse_spent(pack.folder.parent, pack.commitment["draw_id"], the_seed, out=pack.folder)
        blinded = hasher.read_csv(pack.share / "frame.csv", BLINDED_COLUMNS)
        shares = allocate(hasher.groups(blinded), teams=_teams(pack), **_plan_arguments(pack.plan))
        manifest = draw_manifest(blinded, the_seed, shares, pack.plan["reserve"], hasher)
        files = {
            "manifest.csv": _csv_bytes(manifest, pack, hasher),
            "randomness.json": (canonical_json(randomness.stored(ref)) + "\n").encode("ascii"),
        }
        if stamp:
            files["timestamp.tsr"] = stamp.token
        about: dict[str, Any] = {"evidence_level": level, "reason": why, "seed": the_seed, "witnesses": witnesses}
        about["signature_checked"] = randomness.signature_checked
        about |= {"stamped_at": utc_text(stamped)} if stamped else {}
        about["files"] = {name: sha256(data).hexdigest() for name, data in files.items()}
        append_step(pack, extended(pack.log, "drawn", now, about), files)
    return open_pack(folder)


def _refuse_share_alone(pack: Pack) -> None:
    if not (pack.private / "frame.parquet").is_file():
        raise StateError("The private folder of this draw is not here. Draw and replace where the draw was frozen.")


def _refuse_unsound(pack: Pack) -> None:
    verification = verify_draw(pack.folder)
    if not verification.ok:
        raise VerificationError(
            f"The frozen draw does not verify: the check {verification.failed} fails. Restore the folder from a copy; nothing was drawn."
        )


def _plan_arguments(plan: Mapping[str, Any]) -> dict[str, Any]:
    stream = plan["stream"]
    return {
        "quota": plan["quota"],
        "order": plan["order"],
        "stream": (stream["stratum"], stream["n"]) if stream else None,
    }


def _teams(pack: Pack) -> dict[str, str]:
    return {row["practitioner"]: row["team"] for row in read_rows(pack.share / "teams.csv")}


def _csv_bytes(manifest: pa.Table, pack: Pack, hasher: Hasher) -> bytes:
    scratch = pack.private / ".manifest.csv"
    try:
        hasher.write_csv(manifest, scratch)
        return scratch.read_bytes()
    finally:
        scratch.unlink(missing_ok=True)


def replace(
    folder: Path,
    case_key: str,
    *,
    reason: str,
    requested_by: str,
    approved_by: str,
    keyring: Keyring,
    now: datetime,
    journal: str | Path | None = None,
) -> dict[str, Any]:
    """Replaces a drawn case by the next rank and returns what was logged, with the replacement's case_key.

    `journal` is where ratings are kept; by default the journal beside the draws, where there is one. Raises ReplacementError when the
    reason, the people or the case do not allow it: a case that anyone has begun to rate stays, or a poor rating could be replaced away.
    """
    kind, name = checked_reason(reason)
    checked_people(requested_by, approved_by)
    if not KEY_PATTERN.fullmatch(case_key):
        raise ReplacementError("That is not a case key. Copy it from `sampling worklist DIR`.")
    open_pack(folder)
    with locked(folder):
        pack = open_pack(folder)
        _refuse_share_alone(pack)
        if pack.entry("withdrawn"):
            raise StateError(f"The draw {pack.commitment['draw_id']} is withdrawn. Nothing in it is replaced.")
        row, following = next_rank(list(pack.manifest()), pack.log, digest(case_key))
        _refuse_rated(pack, row["case"], journal)
        data = {
            "approved_by": keyring.key("staff", "names", approved_by.strip()),
            "case": row["case"],
            "kind": kind,
            "practitioner": row["practitioner"],
            "reason": name,
            "replacement": following,
            "requested_by": keyring.key("staff", "names", requested_by.strip()),
            "stratum": row["stratum"],
        }
        append_step(pack, extended(pack.log, "replaced", now, data), {})
    keyed = pack.keyed_cases().set_index("case")
    return {
        "kind": kind,
        "reason": name,
        "replaced": case_key,
        "replacement": str(keyed.loc[following, "case_key"]) if following else None,
    }


def _refuse_rated(pack: Pack, case: str, journal: str | Path | None) -> None:
    where = journal or journal_beside(pack.folder)
    if where is not None and is_rated(where, str(pack.commitment["commit"]), case):
        raise ReplacementError(
            "Somebody has begun to rate this case, so that it is not replaced any more. If it cannot be scored, give its criteria "
            "the code for a record that is not accessible."
        )


def withdraw(folder: Path, *, reason: str, now: datetime) -> Pack:
    """Withdraws a draw: it stays visible, with its reason (one of WITHDRAWALS), and its draw_id stays taken."""
    reason = reason.strip().upper().replace("-", "_").replace(" ", "_")
    if reason not in WITHDRAWALS:
        raise StateError(
            f"A withdrawal needs one of these reasons, since the commitment stays visible: {', '.join(WITHDRAWALS)}."
        )
    open_pack(folder)
    with locked(folder):
        pack = open_pack(folder)
        if pack.entry("withdrawn"):
            raise StateError("The draw is withdrawn already.")
        append_step(pack, extended(pack.log, "withdrawn", now, {"reason": reason}), {})
    return open_pack(folder)
