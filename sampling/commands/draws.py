"""Commands on draws: freeze, draw, replace, withdraw, verify, worklist. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sampling.commands.common import add_freeze_options, add_randomness_options, add_source_options, command
from sampling.errors import UsageError


def add_freeze(commands: Any) -> None:
    """Adds the command `freeze`."""
    parser = command(commands, "freeze", _freeze, "Freeze the frame of a month and commit to it.")
    add_source_options(parser)
    add_freeze_options(parser)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the draw, absent or empty; keep all draws of a service in one parent folder",
    )


def _freeze(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow
    from sampling.model import Period

    order = workflow.FreezeOrder(
        Period(options.period), options.randomness_ref, options.draw_id, options.as_of, options.plan, options.signals
    )
    keyring = workflow.local_keyring()
    extract = workflow.open_source(
        options.source,
        keyring,
        format=options.format,
        extension=options.extension,
        as_of=options.extract_day,
        draw_date=order.draw_date,
    )
    pack = workflow.freeze(extract, order, options.out, keyring=keyring, now=options.now)
    about = workflow.summary(pack)
    strata = ", ".join(f"{n:,} {stratum}" for stratum, n in about["strata"].items()) or "none"
    text = (
        f"Frozen: draw {about['draw_id']}. Cases that could be drawn: {about['size']:,} ({strata}). Exclusions: {pack.commitment['exclusions_size']:,}.\n"
        f"Commitment: {about['commit']}\n"
        f"Randomness: {order.randomness_ref}\n"
        "Next: publish the commitment where the service cannot change it, then run: "
        f"sampling draw {options.out}"
    )
    return about, text


def add_draw(commands: Any) -> None:
    """Adds the command `draw`."""
    parser = command(commands, "draw", _draw, "Draw the frozen month with the randomness that was promised.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder that freeze made")
    add_randomness_options(parser)
    parser.add_argument(
        "--timestamp",
        type=Path,
        metavar="FILE",
        help="RFC 3161 time-stamp reply (.tsr) over the commitment's text, for evidence level L3",
    )
    parser.add_argument(
        "--timestamp-roots",
        type=Path,
        metavar="PEM",
        help="the root certificates of time-stamping authorities that you trust",
    )


def _draw(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow
    from sampling.handing_in import handed_in
    from sampling.pack import open_pack

    found = handed_in(
        open_pack(options.folder),
        workflow.local_keyring(),
        pulse=options.pulse,
        nonces=options.nonce,
        dice=options.dice,
        operator=options.operator,
        witnesses=options.witness,
    )
    if found is None:
        raise UsageError(
            "Give the randomness in exactly one way: --pulse FILE, --nonce A --nonce B, --dice DIGITS or --operator TEXT."
        )
    roots = options.timestamp_roots.read_bytes() if options.timestamp_roots else None
    stamp = workflow.Stamp(options.timestamp.read_bytes(), roots) if options.timestamp else None
    pack = workflow.draw(options.folder, found[0], now=options.now, witnesses=found[1], stamp=stamp)
    about = workflow.summary(pack)
    drawn = pack.entry("drawn") or {"data": {"reason": ""}}
    text = (
        f"Drawn: {len(about['selected']):,} cases of draw {about['draw_id']}.\nSeed: {about['seed']}\n"
        f"Evidence level {about['evidence_level']}: {drawn['data']['reason']}\n"
        f"Head of the log: {len(pack.log)} {pack.log[-1]['hash']}\n"
        f"Next: sampling verify {options.folder}; the cases with your own ids: sampling worklist {options.folder}"
    )
    return about, text


def add_replace(commands: Any) -> None:
    """Adds the command `replace`."""
    parser = command(commands, "replace", _replace, "Replace a drawn case by the next rank.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")
    parser.add_argument("case_key", metavar="CASE_KEY", help="the key of the case, from worklist or draw --json")
    parser.add_argument(
        "--reason",
        required=True,
        metavar="R",
        help="CLOSED_BEFORE_T0, DUPLICATE, WRONG_PRACTITIONER, LEGAL_HOLD, SEALED or CONFLICT_OF_INTEREST",
    )
    parser.add_argument("--requested-by", required=True, metavar="X", help="who asks for it")
    parser.add_argument("--approved-by", required=True, metavar="Y", help="who approves it: another person")
    parser.add_argument(
        "--journal",
        metavar="WHERE",
        help="the journal of ratings, a path or postgresql://… (default: the one beside the draws, where there is one)",
    )


def _replace(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow

    done = workflow.replace(
        options.folder,
        options.case_key,
        reason=options.reason,
        requested_by=options.requested_by,
        approved_by=options.approved_by,
        keyring=workflow.local_keyring(),
        now=options.now,
        journal=options.journal,
    )
    text = (
        f"Replaced ({done['kind']}, {done['reason']}). The next rank is {done['replacement']}."
        if done["replacement"]
        else "Replaced; no rank is left to follow it."
    )
    return done, text


def add_withdraw(commands: Any) -> None:
    """Adds the command `withdraw`."""
    parser = command(commands, "withdraw", _withdraw, "Withdraw a draw; it stays visible with its reason.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")
    parser.add_argument(
        "--reason",
        required=True,
        metavar="R",
        help="WRONG_EXTRACT, WRONG_PERIOD, WRONG_PLAN, RANDOMNESS_NOT_REVEALED or RANDOMNESS_LOST",
    )


def _withdraw(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow

    pack = workflow.withdraw(options.folder, reason=options.reason, now=options.now)
    return {
        "draw_id": pack.commitment["draw_id"],
        "withdrawn": True,
    }, f"Draw {pack.commitment['draw_id']} is withdrawn and stays visible. Freeze again with another --draw-id."


def add_verify(commands: Any) -> None:
    """Adds the command `verify`."""
    parser = command(commands, "verify", _verify, "Recompute a whole draw and name the check that fails, if one does.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw, or its share folder alone")
    parser.add_argument("--commit", metavar="HEX", help="the commitment as it was published")
    parser.add_argument(
        "--log-head", metavar="'N HASH'", help="the log's head as it was noted after the draw or a replacement"
    )
    parser.add_argument(
        "--timestamp-roots",
        type=Path,
        metavar="PEM",
        help="the root certificates of time-stamping authorities that you trust, to check a time stamp",
    )


def _verify(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.errors import VerificationError
    from sampling.verify import verify_draw

    roots = options.timestamp_roots.read_bytes() if options.timestamp_roots else None
    result = verify_draw(options.folder, options.commit, roots, options.log_head)
    lines = [f"{'ok    ' if check.ok else 'FAILED'} {check.name}: {check.detail}" for check in result.checks]
    lines += [f"Not checked: {sentence}." for sentence in result.unchecked]
    lines += [f"This draw is withdrawn: {result.withdrawn}."] if result.withdrawn else []
    lines.append("The draw verifies." if result.ok else f"The draw does not verify: {result.failed}.")
    about = {
        "checks": [{"detail": c.detail, "name": c.name, "ok": c.ok} for c in result.checks],
        "failed": result.failed,
        "ok": result.ok,
        "unchecked": list(result.unchecked),
        "withdrawn": result.withdrawn,
    }
    return {**about, "exit": 0 if result.ok else VerificationError.exit_code}, "\n".join(lines)


def add_worklist(commands: Any) -> None:
    """Adds the command `worklist`."""
    parser = command(
        commands,
        "worklist",
        _worklist,
        "Show the drawn cases with your own ids, from the private store: not for sharing.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of the draw")


def _worklist(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling import workflow
    from sampling.scoring.rules.labels import written_name

    table = workflow.worklist(options.folder)
    read = table.assign(practitioner=table["practitioner"].map(written_name))  # Annex A's names are kept folded
    statement = (
        "Not a risk assessment: the reasons say what changed in the record, and decided only who could be drawn."
    )
    return {
        "cases": table.to_dict(orient="records"),
        "statement": statement,
    }, f"{statement}\n\n{read.to_string(index=False)}"
