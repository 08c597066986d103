"""The command `policy`: show what a supervision policy asks for, where each value comes from, and check a profile of one's own."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.commands.common import check_result, command

if TYPE_CHECKING:
    from sampling.assurance.profile import Origin, Profile

_ABOUT = "Show and check supervision policies: how often, for whom, where it is written down, and where that is said."
WIDTH = 110  # of the table: a wide terminal, and A4 on its side


def add_policy(commands: Any) -> None:
    """Adds the command `policy` with its two parts."""
    group = commands.add_parser("policy", help=_ABOUT, description=_ABOUT)
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "Show a policy profile as a table, the strictest of all unless one is named."
    parser = command(parts, "show", _show, about)
    parser.add_argument(
        "which",
        nargs="?",
        default="strictest",
        metavar="ID_OR_FILE",
        help="a profile's id or file (default: strictest)",
    )
    _add_folder(parser)
    parser = command(parts, "check", _check, "Say everything that is wrong with a profile, at once, with line numbers.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a profile, as policies/assurance/york.toml")


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, metavar="DIR", help="the folder of profiles (default: ours)")


def _check(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.assurance.reading import check_profile

    return check_result(options.file.name, check_profile(options.file)[1])


def _show(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.assurance.reading import load_profile, load_profiles, profile_named

    if options.which.endswith(".toml"):
        return _whole(profile := load_profile(Path(options.which))), _text(profile)
    profile = profile_named(options.which, options.folder)
    known = ", ".join(one.id for one in load_profiles(options.folder))
    return _whole(profile), f"{_text(profile)}\n\nProfiles: {known}; strictest is computed from them."


def _whole(profile: Profile) -> dict[str, Any]:
    figures = {"long_absence_days": profile.long_absence_days, "session_minutes": profile.session_minutes}
    scope = profile.scope
    return {
        "document": profile.document,
        "figures": {name: {"value": one.value, **_origin(one.origin)} for name, one in figures.items() if one},
        "folder": [
            {"every": one.every, "item": one.item, "words": one.words, **_origin(one.origin)} for one in profile.folder
        ],
        "id": profile.id,
        "intervals": [
            {
                "destination": one.destination,
                "every": one.every.words,
                "owner": one.owner,
                "rule": one.rule,
                "threshold": one.threshold,
                "until": one.until.words if one.until else "",
                **_origin(one.origin),
            }
            for one in profile.intervals
        ],
        "note": profile.note,
        "bank_holidays": [
            {"on": str(one.on), "words": one.words, **_origin(one.origin)} for one in profile.bank_holidays
        ],
        "readings": [{"purpose": one.purpose, "words": one.words, **_origin(one.origin)} for one in profile.readings],
        "scope": {"left_out": list(scope.left_out), "named_in": list(scope.named_in), **_origin(scope.origin)}
        if scope
        else None,
        "title": profile.title,
    }


def _origin(origin: Origin) -> dict[str, str]:
    return {
        "note": origin.note,
        "profile": origin.profile,
        "row": origin.row,
        "source": origin.source,
        "standing": origin.standing,
    }


def _text(profile: Profile) -> str:
    parts = [profile.title, *textwrap.wrap(profile.document, WIDTH), *textwrap.wrap(profile.note, WIDTH)]
    for heading, lines in _sections(profile):
        if lines:
            parts += ["", heading, *_table(lines)]
    return "\n".join(parts)


Line = tuple[str, str, "Origin"]


def _sections(profile: Profile) -> list[tuple[str, list[Line]]]:
    from sampling.assurance.rules import RULES

    figures: list[Line] = []
    if (away := profile.long_absence_days) is not None:
        figures.append(("Long absence", f"more than {away.value} days", away.origin))
    if (length := profile.session_minutes) is not None:
        figures.append(("Length of a formal one-to-one", f"{length.value} minutes", length.origin))
    if (scope := profile.scope) is not None:
        figures.append(("Roles left out", ", ".join(scope.left_out) or "none", scope.origin))
    intervals = [
        (RULES[one.rule].words + (f" ({one.owner})" if one.owner else ""), f"{one.words}, {one.threshold}", one.origin)
        for one in profile.intervals
    ]
    return [
        ("How often", intervals),
        ("Other values", figures),
        ("The worker's folder", [(one.words, one.every, one.origin) for one in profile.folder]),
        ("Who may read supervision records", [(one.words, one.purpose, one.origin) for one in profile.readings]),
        (
            "Bank holidays beyond the calendar's",
            [(one.words, str(one.on), one.origin) for one in profile.bank_holidays],
        ),
    ]


def _table(lines: list[Line]) -> list[str]:
    """Returns what and its value in two columns; beneath each the row, the profile, where it is said, and a note."""
    width = max(len(what) for what, _, _ in lines)
    shown = []
    for what, value, origin in lines:
        standing = "" if origin.standing == "stated" else f" [{origin.standing}]"
        shown.append(f"  {what:<{width}}  {value}")
        shown += _indented(f"{origin.row}, {origin.profile}: {origin.source}{standing}")
        shown += _indented(f"Note: {origin.note}") if origin.note else []
    return shown


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="      ", subsequent_indent="      ")
