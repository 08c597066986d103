"""Commands on the journal of what people decided: verify, export, backup, restore."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

from sampling.commands.common import command

_BACK = (
    "Warning: what a retention rule has deleted since this backup was made is back. To leave it out, restore once more to another place "
    "with --purged-by and a newer backup or export, then delete this one; or plan a purge now."
)
_AGAIN = "What the newer journal had deleted was left out, and that stands in the restored journal. What was deleted later still is back."
_WHERE = "the journal: its SQLite file, or postgresql://…"


def add_journal(commands: Any) -> None:
    """Adds the command `journal` with its four parts."""
    text = "Verify, export, back up or restore the journal of what people decided."
    parser = commands.add_parser("journal", help=text, description=text)
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    verify = command(parts, "verify", _verify, "Check that no entry of a journal was changed, removed or slipped in.")
    verify.add_argument("where", metavar="WHERE", help=_WHERE)
    verify.add_argument(
        "--head",
        metavar="'N HASH'",
        help="the head as it was noted or published, which gives away that the end was cut off or written anew",
    )
    export = command(
        parts, "export", _export, "Write a journal as CSV, Parquet and chained JSON lines: not for sharing."
    )
    export.add_argument("where", metavar="WHERE", help=_WHERE)
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write, absent or empty")
    export.add_argument(
        "--open-seals",
        action="store_true",
        help="show sealed ratings in the views, with the lead key of the private store",
    )
    backup = command(parts, "backup", _backup, "Copy a journal while others write to it, and verify the copy.")
    backup.add_argument("where", metavar="WHERE", help=_WHERE)
    backup.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write, absent")
    restore = command(parts, "restore", _restore, "Write a backup, or an export's entries.jsonl, to a new place.")
    restore.add_argument("file", type=Path, metavar="FILE", help="the backup")
    restore.add_argument(
        "--to", required=True, metavar="WHERE", help="where no journal is yet: a path, or postgresql://…"
    )
    restore.add_argument(
        "--purged-by",
        type=Path,
        metavar="NEWER",
        help="a newer backup or an export's entries.jsonl of the same journal: what was deleted in it by a retention rule is not brought back",
    )


def _verify(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.errors import VerificationError
    from sampling.journal.store import Journal

    with closing(Journal.open(options.where)) as journal:
        found, name = journal.verify(options.head), journal.id
    about = {
        "bad": found.bad,
        "entries": found.entries,
        "head": found.head_text,
        "journal": name,
        "notes": list(found.notes),
        "ok": found.ok,
        "purged": dict(found.purged),
        "why": found.why,
    }
    lines = [f"Note: {note}." for note in found.notes]
    if found.ok:
        lines += _purged_words(found.purged)
        lines.append(f"The journal verifies: {found.entries} entries. Its head is\n{found.head_text}")
        lines.append("Note the head elsewhere: only one that was noted shows that the end was not cut off since.")
    else:
        lines.append(f"The journal does not verify. {found.why}")
    return {**about, "exit": 0 if found.ok else VerificationError.exit_code}, "\n".join(lines)


def _purged_words(purged: tuple[tuple[str, int], ...]) -> list[str]:
    if not purged:
        return []
    number = sum(count for _, count in purged)
    were = "1 content was" if number == 1 else f"{number} contents were"
    lines = [f"{were} deleted under retention rules, and the chain still holds:"]
    return [*lines, *(f"  {count} under the rule {rule}" for rule, count in purged)]


def _export(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.errors import SecretError, VerificationError
    from sampling.journal.export import export
    from sampling.journal.sealing import load_lead_key
    from sampling.journal.store import SYSTEM, Journal, Opener

    with closing(Journal.open(options.where)) as journal:
        seen = journal
        if options.open_seals:
            key = load_lead_key(journal.id)
            if key is None:
                raise SecretError(
                    "The lead key of this journal is not in the private store, so that its seals stay closed."
                )
            seen = journal.as_(Opener(b"", SYSTEM, key))
        counts, outcome = export(seen, options.out, today=options.now.date())
    about = {
        "entries": outcome.entries,
        "head": outcome.head_text,
        "ok": outcome.ok,
        "rows": counts,
        "why": outcome.why,
    }
    text = f"Wrote {outcome.entries} entries and {len(counts)} views to {options.out}. They hold what people wrote: not for sharing."
    if not outcome.ok:
        text += f"\nThe chain of the entries does not hold. {outcome.why}"
    return {**about, "exit": 0 if outcome.ok else VerificationError.exit_code}, text


def _backup(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.journal.backup import backup
    from sampling.journal.sealing import lead_key_path
    from sampling.journal.store import Journal

    with closing(Journal.open(options.where)) as journal:
        done, key = backup(journal, options.out), lead_key_path(journal.id)
    text = f"The backup {options.out} verifies: {done.entries} entries. Its head is\n{done.head_text}"
    text += f"\nKeep the lead key with your other secrets, apart from the backup: {key}"
    return {"entries": done.entries, "file": str(options.out), "head": done.head_text}, text


def _restore(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.journal.backup import restore
    from sampling.journal.sealing import load_lead_key
    from sampling.journal.store import Journal

    done = restore(options.file, options.to, purged_by=options.purged_by, now=options.now)
    with closing(Journal.open(options.to)) as journal:
        has_key = load_lead_key(journal.id) is not None
    text = f"Restored {done.entries} entries; the journal verifies. Its head is\n{done.head_text}"
    text += "\n" + (_AGAIN if options.purged_by is not None else _BACK)
    if not has_key:
        text += "\nIts lead key is not in the private store here. Bring it from the old place, or sealed ratings cannot be unsealed."
    return {"entries": done.entries, "head": done.head_text, "lead_key": has_key}, text
