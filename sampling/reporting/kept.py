"""Releases of suppressed tables as they were published, kept beside the draws: a later release may not be subtracted from them.

A file holds true counts, so it stays in the service like the journal: `releases/` is private, and nobody is named in it. Teams are keys there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.chain import parse_json
from sampling.errors import StateError
from sampling.storage import write_whole
from sampling.suppression import (
    Cell,
    Comparison,
    Ratio,
    Relation,
    ShownTable,
    Source,
    Suppressed,
    Table,
    load_profile,
)

FOLDER = "releases"
_VERSION = 1


def keep(folder: Path, identity: str, about: Mapping[str, Any], release: Suppressed) -> None:
    """Writes a release into its file, named by its identity. `about` is what a later release must know of it beside its tables."""
    data = {"version": _VERSION, "identity": identity, "about": dict(about), **_plain(release)}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)
    write_whole(folder / f"{identity}.json", (text + "\n").encode("utf-8"))


def load_kept(folder: Path) -> dict[str, tuple[dict[str, Any], Suppressed]]:
    """Returns identity -> (about, release) of every release of these draws, in order of identity; one that was refused has no table.

    Raises StateError for a file that this version did not write: without it nobody knows what readers have seen already.
    """
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            data = parse_json(path.read_text(encoding="utf-8"))
            if data["version"] != _VERSION:
                raise ValueError(data["version"])
            found[str(data["identity"])] = (data["about"], _release(data))
        except (OSError, ValueError, KeyError, TypeError):
            raise StateError(
                f"{FOLDER}/{path.name} is not one that this version wrote. It says what readers have seen already: put back the copy "
                "from your backup, or nothing can be published under a profile that hides numbers."
            ) from None
    return found


def _plain(release: Suppressed) -> dict[str, Any]:
    return {
        "profile": release.profile,
        "tables": [_plain_table(table) for table in release.tables],
        "sentences": list(release.sentences),
        "refusal": release.refusal,
        "relations": [[list(one.total), [list(part) for part in one.parts], one.rest] for one in release.relations],
        "compared": [[list(one.more), list(one.less), one.gap, one.exact] for one in release.compared],
    }


def _release(data: Mapping[str, Any]) -> Suppressed:
    profile = load_profile(data["profile"])
    tables = []
    for one in data["tables"]:
        table = _table(one)
        shown = _frame(one["shown"])
        source = Source(table, profile, True, _cells(one["hidden"]), _cells(one["figures"]), _cells(one["unsure"]))
        tables.append(
            ShownTable(
                table.name, shown, _cells(one["primary"]), _cells(one["secondary"]), one["told_apart"], tuple(one["sentences"]), source
            )
        )  # fmt: skip
    return Suppressed(
        data["profile"], tuple(tables), tuple(data["sentences"]), data["refusal"],
        tuple(Relation(Cell(*total), tuple(Cell(*part) for part in parts), rest) for total, parts, rest in data["relations"]),
        tuple(Comparison(Cell(*more), Cell(*less), gap, exact) for more, less, gap, exact in data["compared"]),
    )  # fmt: skip


def _plain_table(shown: ShownTable) -> dict[str, Any]:
    table, source = shown.source.table, shown.source
    return {
        "name": table.name,
        "counts": _plain_frame(table.counts.astype("Int64").astype(object).where(table.counts.notna(), None)),
        "rows_add": {total: list(parts) for total, parts in table.rows_add.items()},
        "columns_add": {total: list(parts) for total, parts in table.columns_add.items()},
        "ratios": [[one.name, dict(one.part), one.whole, one.kind, one.per, one.large_only] for one in table.ratios],
        "inside": sorted(table.inside),
        "known": sorted(map(list, table.known)),
        "area": table.area,
        "shown": _plain_frame(shown.shown),
        "told_apart": shown.told_apart,
        "sentences": list(shown.sentences),
        **{name: sorted(map(list, getattr(shown, name))) for name in ("primary", "secondary")},
        **{name: sorted(map(list, getattr(source, name))) for name in ("hidden", "figures", "unsure")},
    }


def _table(one: Mapping[str, Any]) -> Table:
    return Table(
        one["name"], _frame(one["counts"]).astype("Int64"), one["rows_add"], one["columns_add"], tuple(Ratio(*ratio) for ratio in one["ratios"]),
        frozenset(one["inside"]), frozenset((row, column) for row, column in one["known"]), one["area"],
    )  # fmt: skip


def _cells(rows: Any) -> frozenset[Cell]:
    return frozenset(Cell(*row) for row in rows)


def _plain_frame(frame: pd.DataFrame) -> dict[str, Any]:
    return {"rows": list(frame.index), "columns": list(frame.columns), "cells": frame.to_numpy().tolist()}


def _frame(data: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(data["cells"], index=pd.Index(data["rows"]), columns=pd.Index(data["columns"]))
