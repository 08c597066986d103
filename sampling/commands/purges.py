"""The command `purge`: what is due to be deleted, a plan, its approval by a second person, the deletion, legal holds, and the log of all that."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sampling.commands.common import command

# As the events have them (sampling.journal.events_retention, whose libraries are slow to load; a test holds the two together).
HOLD_REASONS = (
    "complaint", "claim", "inquest", "safeguarding_review", "public_inquiry", "police", "employment_tribunal",
    "subject_access_request", "legal_advice",
)  # fmt: skip
LIFT_REASONS = ("matter_closed", "legal_advice", "set_by_mistake")


def add_purge(commands: Any) -> None:
    """Adds the command `purge` with its six parts."""
    text = "Delete what a retention rule says has been kept for long enough: one person plans, a second approves."
    parser = commands.add_parser("purge", help=text, description=text)
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder in which your draws lie side by side")
    parser.add_argument(
        "--journal",
        default="",
        metavar="WHERE",
        help="the journal: a file or postgresql://… (default: journal/journal.sqlite beside the draws)",
    )
    parser.add_argument(
        "--people", type=Path, metavar="FILE", help="the people file (default: people.toml beside the draws)"
    )
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_plan(parts)
    _add_holds(parts)
    command(parts, "log", _log, "Show the legal holds and the deletion log, as the journal has them.")


def _add_plan(parts: Any) -> None:
    plan = command(
        parts,
        "plan",
        _plan,
        "Count what is due, by class and month; with --out write a plan of it. Nothing is deleted.",
    )
    plan.add_argument("--out", type=Path, metavar="FILE", help="the plan to write, absent; it holds counts and no id")
    _add_name(plan, "who plans, as in the people file; needed with --out", required=False)
    approve = command(parts, "approve", _approve, "Approve a plan: by somebody else than the person who made it.")
    approve.add_argument("plan", type=Path, metavar="PLAN", help="the plan's file")
    _add_name(approve, "who approves, as in the people file")
    run = command(parts, "run", _run, "Delete what an approved plan names, or finish a run that was stopped.")
    run.add_argument("plan", type=Path, metavar="PLAN", help="the plan's file")


def _add_holds(parts: Any) -> None:
    hold = command(
        parts,
        "hold",
        _hold,
        "Set a legal hold: nothing of a person, of a case, or at all is deleted until it is lifted.",
    )
    _add_name(hold, "who sets it, as in the people file")
    hold.add_argument("--because", required=True, choices=HOLD_REASONS, help="why")
    scope = hold.add_mutually_exclusive_group(required=True)
    scope.add_argument("--person", default="", metavar="ID", help="a name of the people file, or a staff id")
    scope.add_argument("--case", default="", metavar="ID", help="the id of a drawn case in your own system")
    scope.add_argument("--everything", action="store_true", help="everything that is here")
    lift = command(parts, "lift", _lift, "Lift a legal hold.")
    lift.add_argument("hold", metavar="HOLD", help="the hold's id, or its first figures")
    _add_name(lift, "who lifts it, as in the people file")
    lift.add_argument("--because", required=True, choices=LIFT_REASONS, help="why")


def _add_name(parser: argparse.ArgumentParser, text: str, *, required: bool = True) -> None:
    parser.add_argument("--as", dest="name", default="", required=required, metavar="NAME", help=text)


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[Any]:
    from sampling.assurance.purging import Purger

    with closing(Purger.open(options.folder, journal=options.journal, people=options.people)) as purger:
        yield purger


def _plan(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.errors import UsageError

    if options.out is not None and not options.name:
        raise UsageError("Say who plans: --as NAME. A plan that may be carried out has an author.")
    with _opened(options) as purger:
        due = purger.look(options.now.date())
        plan = purger.plan(options.out, options.name, options.now) if options.out is not None else None
    counts = [
        {"class": kept.id, "entries": entries, "files": files, "month": month, "rule": kept.rule}
        for kept, month, entries, files in due.counts()
    ]
    result = {
        "counts": counts,
        "entries": len(due.entries),
        "files": len(due.files),
        "held": due.held,
        "plan": plan.digest if plan else "",
        "waiting": dict(due.waiting),
    }
    return result, "\n".join(_plan_words(result, options))


def _much(entries: int, files: int, joined: str = " and ") -> str:
    """Returns how many entries and files, those of which there are none left out, in words."""
    found = [f"{entries} {'entry' if entries == 1 else 'entries'}"] if entries or not files else []
    found += [f"{files} {'file or folder' if files == 1 else 'files or folders'}"] if files else []
    return joined.join(found)


def _plan_words(result: dict[str, Any], options: argparse.Namespace) -> list[str]:
    lines = [f"Due on {options.now.date()}: {_much(result['entries'], result['files'])}."]
    lines += [
        f"  {one['month']}  {one['class']}: {_much(one['entries'], one['files'])}. Rule: {one['rule']}"
        for one in result["counts"]
    ]
    lines.append(f"Kept by a legal hold: {result['held']}.")
    lines += [
        f"Kept since the day that starts its clock is not known here: {number} of the class {name}."
        for name, number in sorted(result["waiting"].items())
    ]
    if result["plan"]:
        lines.append(f"Written: {options.out}. A second person reads it and runs:")
        lines.append(f"sampling purge {options.folder} approve {options.out} --as NAME")
    else:
        lines.append(
            "This was a dry run. With --out FILE --as NAME a plan is written that a second person can approve."
        )
    return lines


def _approve(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.assurance.plans import read_plan

    plan = read_plan(options.plan)
    with _opened(options) as purger:
        purger.approve(plan, options.name, options.now)
    text = f"Approved. To delete what it names: sampling purge {options.folder} run {options.plan}"
    return {"approved": True, "plan": plan.digest}, text


def _run(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.assurance.plans import read_plan

    plan = read_plan(options.plan)
    with _opened(options) as purger:
        done = purger.run(plan, options.now)
        head = purger.journal.head()
    words = {
        "purged": f"Deleted: the content of {_much(done.entries, done.files, ', and ')}.",
        "finished": f"An earlier run had deleted the entries. Of its files {done.files} were still there; now they are gone, too.",
        "done": "This plan was carried out before. Nothing was left to do.",
    }
    lines = [words[done.state], *([done.left] if done.left else [])]
    lines.append(f"The deletion log is in the journal. Its head is\n{head[0]} {head[1]}")
    lines.append("A deletion reaches no copy: docs/retention.md says what to do with your backups.")
    result = {"entries": done.entries, "files": done.files, "left": done.left, "plan": plan.digest, "state": done.state}
    return {**result, "head": f"{head[0]} {head[1]}"}, "\n".join(lines)


def _hold(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    with _opened(options) as purger:
        name = purger.hold(options.name, options.because, person=options.person, case=options.case, now=options.now)
    return {
        "hold": name
    }, f"The hold stands. Its id is {name[:8]}. Nothing that it covers is deleted until it is lifted."


def _lift(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    with _opened(options) as purger:
        name = purger.lift(options.hold, options.name, options.because, options.now)
    return {"hold": name}, f"The hold {name[:8]} is lifted. What it covered is due again by its own clock."


def _log(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.journal.views_retention import deletions, holds

    with _opened(options) as purger:
        entries = purger.journal.entries()
        names = purger.names.people.names
    held = holds(entries).astype(object).to_dict("records")
    gone = deletions(entries).astype(object).to_dict("records")
    lines = ["Legal holds:", *(_hold_line(row, names) for row in held)] if held else ["There was never a legal hold."]
    lines += ["Deletions:", *(_deletion_line(row, names) for row in gone)] if gone else ["Nothing was deleted so far."]
    standing = sum(bool(row["stands"]) for row in held)
    return {"deletions": len(gone), "holds": len(held), "standing": standing}, "\n".join(lines)


def _hold_line(row: dict[Any, Any], names: Any) -> str:
    by = names.get(row["set_by"], "someone without a seat")
    end = "" if row["stands"] else f" Lifted on {row['lifted_at']:%Y-%m-%d}."
    why = str(row["reason"]).replace("_", " ")
    return f"  {str(row['hold'])[:8]}  {row['scope']}, set on {row['set_at']:%Y-%m-%d} by {by}: {why}.{end}"


def _deletion_line(row: dict[Any, Any], names: Any) -> str:
    planner, second = (names.get(row[name], "someone without a seat") for name in ("planned_by", "approved_by"))
    what = _much(row["entries"], row["files"])
    return f"  {row['deleted_at']:%Y-%m-%d}  {what}. Rule: {row['rule']}. Planned by {planner}, approved by {second}."
