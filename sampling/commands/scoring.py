"""The command `score`: the scoring server of one computer. Heavy libraries are imported inside, as in extracts.py."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sampling.commands.common import command, port_number

DEFAULT_PORT = 8866


def add_score(commands: Any) -> None:
    """Adds the command `score`."""
    parser = command(commands, "score", _score, "Open the drawn cases for scoring, in a browser on this computer.")
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="the folder of a draw, or the one in which your draws lie side by side"
    )
    parser.add_argument(
        "--as",
        dest="name",
        default="",
        metavar="NAME",
        help="who scores; with a people file, only this person's address",
    )
    parser.add_argument(
        "--people", type=Path, metavar="FILE", help="who has which role (default: people.toml beside the draws)"
    )
    parser.add_argument(
        "--journal",
        default="",
        metavar="WHERE",
        help="where decisions are kept: a file or postgresql://… (default: journal/journal.sqlite beside the draws)",
    )
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="scoring policy (default: scoring.toml beside the draws, else policies/scoring.toml)",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"port of this computer, 0 for any (default: {DEFAULT_PORT})",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    parser.add_argument("--lab", action="store_true", help="open the notebooks in JupyterLab instead; needs --as")


def _score(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.scoring.server.opening import Asked, open_asked, person_of

    asked = Asked(options.folder, options.journal, options.people, options.policy, options.name)
    service = open_asked(asked, now=options.now)
    try:
        if options.lab:
            return _lab(service, options)
        persons = [person_of(service, options.name)] if options.name else list(service.people.everyone)
        _serve(service, [(person.key, person.name) for person in persons], options)
    finally:
        service.close()
    return {"stopped": True}, "Stopped. Everything that a page showed as saved is in the journal."


def _lab(service: Any, options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.errors import UsageError
    from sampling.scoring.server.lab import open_lab
    from sampling.scoring.server.opening import person_of

    if not options.name:
        raise UsageError("Say who scores in JupyterLab: --as NAME.")
    files = {"people": options.people, "policy": options.policy, "journal": options.journal}
    places = {
        name: str(given if "://" in str(given) else Path(given).absolute()) for name, given in files.items() if given
    }
    person = person_of(service, options.name)
    open_lab(
        service.home,
        {"draws": str(service.home), "rater": person.name, **places},
        port=options.port,
        browser=not options.no_browser,
    )
    return {"stopped": True}, "JupyterLab is stopped."


def _serve(service: Any, people: list[tuple[str, str]], options: argparse.Namespace) -> None:
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # two seconds a start; see sampling.batch.notebooks
    from sampling.scoring.server import launch
    from sampling.scoring.server.identity import places_for

    places = places_for(people)

    warnings = service.warnings()

    def ready(port: int) -> None:
        addresses = [(place.name, launch.address(place, port)) for place in places]
        options.tell(_as_json(addresses, warnings) if options.json else _in_words(addresses, warnings))
        if len(places) == 1 and not options.no_browser:
            launch.open_browser(addresses[0][1])

    launch.serve(service, places, port=options.port, ready=ready)


def _as_json(addresses: list[tuple[str, str]], warnings: list[str]) -> str:
    rows = [{"address": address, "name": name} for name, address in addresses]
    return json.dumps({"addresses": rows, "warnings": warnings}, sort_keys=True)


def _in_words(addresses: list[tuple[str, str]], warnings: list[str]) -> str:
    width = max(len(name) for name, _ in addresses)
    what = (
        "Open this address in a browser on this computer. It signs you in, so keep it to yourself:"
        if len(addresses) == 1
        else "Each person opens their own address in a browser on this computer. It signs them in, so give it to nobody else:"
    )
    lines = [f"  {name:<{width}}  {address}" for name, address in addresses]
    told = [f"Warning: {warning}" for warning in warnings]
    return "\n".join([*told, what, *lines, "Stop with Ctrl+C. What a page shows as saved is stored already."])
