"""The command `vignette`: check, show, list and publish calibration vignettes."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.commands.common import check_result, command

if TYPE_CHECKING:
    from sampling.rubric.vignettes import Vignette

_ABOUT = "Check, show, list and publish calibration vignettes: invented cases that a group scores together."


def add_vignette(commands: Any) -> None:
    """Adds the command `vignette` with its four parts."""
    group = commands.add_parser("vignette", help=_ABOUT, description=_ABOUT)
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser = command(
        parts, "check", _check, "Say everything that is wrong with a vignette, at once, with file and line."
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the vignette's folder, SLUG-VERSION")
    parser = command(
        parts, "show", _show, "Show a vignette as raters read it; with its reference levels only where asked."
    )
    parser.add_argument("which", metavar="FOLDER_OR_SLUG", help="a folder, SLUG-VERSION or a slug (its newest version)")
    parser.add_argument(
        "--references", action="store_true", help="the reference levels and their reasons too: for trainers"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.html", help="write it as a page to print")
    parser = command(parts, "list", _list, "List the vignettes, with the rubrics that each is for.")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="a folder of vignettes of your own (default: those of the program)"
    )
    parser.add_argument(
        "--sessions",
        type=Path,
        metavar="DIR",
        help="a folder of calibration sessions: say which vignettes are due as anchors this quarter",
    )
    about = (
        "Publish a vignette: from then on its text and reference levels are fixed, and it is offered for calibration."
    )
    parser = command(parts, "publish", _publish, about)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the vignette's folder, SLUG-VERSION")


def _check(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric.vignettes import check_vignette

    return check_result("The vignette", check_vignette(options.folder))


def _show(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric.vignettes import find_vignette, load_vignette, page
    from sampling.storage import write_whole

    folder = Path(options.which)
    found = load_vignette(folder) if folder.is_dir() else find_vignette(options.which)
    vignette = found.as_of(found.record_to)  # days that move are shown as they were written
    result = vignette.for_raters()
    if options.references:
        result["references"] = [
            {"code": entry.code, "hard": entry.hard, "level": entry.level, "ref": entry.ref, "why": entry.why}
            for entry in vignette.references
        ]
    text = page.plain_text(vignette, references=options.references)
    if options.out:
        write_whole(options.out, page.html(vignette, references=options.references).encode("utf-8"))
        text = f"Wrote {options.out}: {vignette.title}, {'with' if options.references else 'without'} reference levels."
    return result, text


def _list(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric.vignettes import load_all, page

    vignettes = [
        entry
        for planted in (False, True)
        for entry in load_all(options.folder, drafts=True, retired=True, planted=planted)
    ]
    lines = [
        f"{entry.id}  {entry.title}: {page.SETTINGS[entry.setting]}, {_plural(entry.words, 'word')}, for "
        f"{', '.join(entry.rubrics)}, {_status(entry)}"
        for entry in vignettes
    ]
    told: dict[str, Any] = {"vignettes": [_summary(entry) for entry in vignettes]}
    if options.sessions is not None:
        told["anchors_due"], words = _anchors(options.sessions, vignettes, options.now.date())
        lines.append(words)
    return told, "\n".join(lines) or "There is no vignette here."


def _anchors(folder: Path, vignettes: list[Vignette], today: date) -> tuple[list[str], str]:
    from sampling.calibration.policy import load_calibration_policy
    from sampling.calibration.report.due import anchors_due, due_sentence
    from sampling.calibration.report.gathering import gather
    from sampling.errors import StateError

    found = gather(folder)
    if not found.head:
        raise StateError("There are no sessions in that folder. Name the one that sampling calibrate was started with.")
    due = anchors_due(found.told, vignettes, load_calibration_policy(), today)
    return [one.vignette.id for one in due.due], due_sentence(due)


def _publish(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric.vignettes import load_vignette, publish

    vignette = load_vignette(options.folder)
    new = publish(vignette, options.folder.resolve().parent, options.now.date())
    said = "is published. Its text is fixed from now on" if new else "was published already. Nothing has been changed"
    return {
        **_summary(load_vignette(options.folder)),
        "new": new,
    }, f"{vignette.title} {said}.\nDigest {vignette.digest}"


def _status(vignette: Vignette) -> str:
    if vignette.retired:
        return f"retired on {vignette.retired}"
    for_what = ", planted among real cases and never read in a live session" if vignette.planted else ""
    return f"published on {vignette.published}{for_what}" if vignette.published else "a draft, not offered"


def _summary(vignette: Vignette) -> dict[str, Any]:
    return {
        "digest": vignette.digest,
        "id": vignette.id,
        "published": vignette.published,
        "retired": vignette.retired,
        "rubrics": dict(vignette.rubrics),
        "setting": vignette.setting,
        "title": vignette.title,
        "words": vignette.words,
    }


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
