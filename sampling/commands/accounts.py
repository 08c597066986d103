"""The command `account`: the file in which people write what only people can say in an evidence report, or in one on calibration."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sampling.commands.common import command


def add_account(commands: Any) -> None:
    """Adds the command `account`."""
    about = "Write the file for what only people can say in a report; where it is there, say what is missing."
    parser = command(commands, "account", _account, about)
    parser.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="the folder in which your draws lie side by side, or that of calibration sessions",
    )


def _account(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.calibration.opening import JOURNAL
    from sampling.reporting.account import ASKED, FILE, load_account, write_template

    if (options.folder / JOURNAL).is_file():
        return _of_calibration(options.folder)
    path = options.folder / FILE
    if not path.exists():
        write_template(path)
        return {"file": str(path), "missing": [one.key for one in ASKED], "written": True}, (
            f"Written: {path}. It asks {len(ASKED)} questions; what you leave empty is shown as missing in each report."
        )
    missing = load_account(path).missing
    words = [
        f"{path} is there already and was not changed. {len(ASKED) - len(missing)} of {len(ASKED)} questions have an answer."
    ]
    words += [f"  missing: {one.key} ({one.heading}). {one.question}" for one in missing]
    return {"file": str(path), "missing": [one.key for one in missing], "written": False}, "\n".join(words)


def _of_calibration(folder: Path) -> tuple[dict[str, Any], str]:
    from sampling.calibration.report.told import ASKED, FILE, load_told, write_template

    path, asked = folder / FILE, tuple(ASKED.values())
    new = not path.exists()
    if new:
        write_template(folder)
    told = load_told(folder)
    missing = [one for one in asked if one.key not in told]
    words = [
        f"Written: {path}. It asks {len(asked)} questions; what you leave empty is shown as missing in each report."
        if new
        else f"{path} is there already and was not changed. {len(told)} of {len(asked)} questions have an answer."
    ]
    words += [] if new else [f"  missing: {one.key} ({one.heading}). {one.question}" for one in missing]
    return {"file": str(path), "missing": [one.key for one in missing], "written": new}, "\n".join(words)
