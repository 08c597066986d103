"""What was drawn, for those who will review it: the summary that commands print, and the worklist with the service's own ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sampling.errors import StateError
from sampling.keys import private_home
from sampling.pack import Pack, open_pack, reviewed


def summary(pack: Pack) -> dict[str, Any]:
    """Returns what `freeze` and `draw` print: digests, sizes and, once drawn, seed, evidence level and the cases under review."""
    about = {name: pack.commitment[name] for name in ("draw_id", "frame", "exclusions", "commit", "size", "strata")}
    withdrawn, drawn = pack.entry("withdrawn"), pack.entry("drawn")
    if withdrawn:
        about["withdrawn"] = withdrawn["data"]["reason"]
    if drawn is None:
        return about
    return {
        **about,
        "seed": drawn["data"]["seed"],
        "evidence_level": drawn["data"]["evidence_level"],
        "selected": selected_cases(pack),
    }


def selected_cases(pack: Pack) -> list[dict[str, Any]]:
    """Returns the drawn cases with their keys, in order of practitioner, stratum and rank; `drawn_by` is quota or stream."""
    rows = {row["case"]: row for row in pack.manifest() if row["status"] == "selected"}
    keyed = pack.keyed_cases()
    found = [
        {
            "case_key": case_key,
            "practitioner_key": practitioner_key,
            "stratum": stratum,
            "rank": int(rows[case]["rank"]),
            "ticket": rows[case]["ticket"],
            "probability": rows[case]["probability"],
            "drawn_by": "stream" if rows[case]["stream"] else "quota",
        }
        for case_key, practitioner_key, stratum, case in keyed[
            ["case_key", "practitioner_key", "stratum", "case"]
        ].itertuples(index=False)
        if case in rows
    ]
    return sorted(found, key=lambda row: (row["practitioner_key"], row["stratum"], row["rank"], row["case_key"]))


def worklist(folder: Path) -> pd.DataFrame:
    """Returns the cases under review with the service's own ids, from the private store: for the service's own eyes.

    Columns: practitioner, team, case, stratum, reasons, state. Raises StateError when the private store of this draw is not here.
    """
    pack = open_pack(folder)
    state = reviewed(pack.manifest(), pack.log)
    path = private_home() / "local_ids" / f"{pack.commitment['commit']}.parquet"
    if not path.is_file():
        raise StateError(
            "The private store that leads back to the service's ids is not on this machine, or SAMPLING_HOME names another folder."
        )
    local = pd.read_parquet(path).set_index("key")["local_id"]
    cases = pack.keyed_cases()
    cases = cases[cases["case"].isin(list(state))]
    table = pd.DataFrame(
        {
            "practitioner": cases["practitioner_key"].map(local).fillna(cases["practitioner_key"]),
            "team": cases["team"],
            "case": cases["case_key"].map(local).fillna(cases["case_key"]),
            "case_key": cases["case_key"],
            "stratum": cases["stratum"],
            "reasons": cases["reasons"],
            "state": cases["case"].map(state),
        }
    )
    return table.sort_values(["practitioner", "stratum", "case"]).reset_index(drop=True)
