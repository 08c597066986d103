"""The commands `calibrate` and `calibration-report`: live calibration sessions, and what they showed. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from sampling.commands.common import command, day, port_number

DEFAULT_PORT = 8870
DEFAULT_HOME = Path("outputs") / "calibration"
PURPOSES = ("training", "supervision", "audit")


def add_calibrate(commands: Any) -> None:
    """Adds the command `calibrate`."""
    parser = command(
        commands, "calibrate", _calibrate, "Hold a live calibration session: a group scores one invented case and sees how far it agrees."
    )  # fmt: skip
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=DEFAULT_HOME,
        metavar="DIR",
        help=f"where the sessions are kept (default: {DEFAULT_HOME.as_posix()})",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="one address of this computer in the room's network, such as 192.168.1.20, so that phones can join (default: this computer alone). "
        "It opens the port to everyone in that network, over plain HTTP unless there is a certificate: docs/calibration.md says what others can read",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"port of this computer, 0 for any (default: {DEFAULT_PORT})",
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="a PEM certificate, to serve over HTTPS")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the PEM key of the certificate")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")


def add_calibration_report(commands: Any) -> None:
    """Adds the command `calibration-report`."""
    parser = command(
        commands, "calibration-report", _report, "Report a calibration session: where the group split, how far it agreed, and what it wrote down."
    )  # fmt: skip
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=DEFAULT_HOME,
        metavar="DIR",
        help=f"where the sessions are kept (default: {DEFAULT_HOME.as_posix()})",
    )
    parser.add_argument(
        "--session", default="", metavar="ID", help="the session (default: the newest of which a round was revealed)"
    )
    parser.add_argument(
        "--period",
        default="",
        metavar="SPAN",
        help="the months of which all sessions stand together, as 2026-10:2026-12 (default: the twelve up to the session)",
    )
    parser.add_argument(
        "--purpose",
        choices=PURPOSES,
        default=PURPOSES[0],
        help="for audit no figure of a rater is shown, under whatever alias (default: training)",
    )
    parser.add_argument(
        "--as-of", type=day, metavar="DAY", help="the day on which actions are overdue or not (default: the session's)"
    )
    parser.add_argument("--no-pdf", action="store_true", help="the page and tables alone")
    parser.add_argument(
        "--practice",
        action="store_true",
        help="in a folder without sessions, let six scripted raters hold one on an invented case first",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where reports go, each in a folder of its own (default: DIR/reports)",
    )


def _report(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.batch.calibrated import CalibrationOrder, calibration_report
    from sampling.batch.practice_calibration import hold_practice
    from sampling.batch.rendering import PAGE

    if options.practice:
        hold_practice(options.folder, options.now)
    order = CalibrationOrder(
        options.folder,
        session=options.session,
        period=options.period,
        purpose=options.purpose,
        today=options.as_of.isoformat() if options.as_of else "",
        out=options.out,
        pdf=not options.no_pdf,
    )
    files = calibration_report(order)
    return {"files": sorted(files), "page": files[PAGE]}, f"The report is made. Begin here: {files[PAGE]}"


def _calibrate(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.calibration.opening import open_live
    from sampling.calibration.server import app

    listen = app.Listen(options.host, options.port, options.certificate, options.key)

    def ready(trainer: str, join: str) -> None:
        told = {"join": join, "trainer": trainer}
        options.tell(json.dumps(told, sort_keys=True) if options.json else _in_words(trainer, join, listen))
        if not options.no_browser and (os.environ.get("DISPLAY") or not sys.platform.startswith("linux")):
            app.open_browser(trainer)

    with closing(open_live(options.folder, now=options.now)) as live:
        app.serve(live, listen, ready=ready)
    return {"stopped": True}, "Stopped. Everything that a page showed as saved is stored."


def _in_words(trainer: str, join: str, listen: Any) -> str:
    lines = ["The trainer opens this address. It signs you in, so keep it to yourself:", f"  {trainer}"]
    if listen.host in ("127.0.0.1", "localhost", "::1"):
        lines.append(
            "Raters can join on this computer alone. To let phones and laptops in, name this computer's address in the room's network: "
            "sampling calibrate --host 192.168.1.20"
        )
    else:
        lines.append(f"Raters scan the square on the wall, or open {join} and type the code beside it.")
        if listen.certificate is None:
            lines.append(
                "Others in this network could read along: invented cases, aliases, levels and the cookies of the pages go over it. Give --certificate and --key to encrypt it."
            )
    return "\n".join([*lines, "Stop with Ctrl+C. What a page shows as saved is stored already."])
