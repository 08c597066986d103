"""The record of an invented service a week after its draw: what was rewritten after supervision stands in it, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from sampling.keys import Keyring
from sampling.model import Extract, Profile
from sampling.pack import open_pack
from sampling.scoring.settings.draws import Draw, local_ids
from sampling.scoring.settings.snapshot import cases_of
from sampling.sources.notes import with_notes
from sampling.sources.opening import extension_beside
from sampling.sources.synthesis import seed_of
from sampling.sources.synthetic_notes import CRISIS_PLAN, rewritten
from sampling.sources.tables import arrow_schema


def later_extract(
    draw: Draw,
    source: str,
    extract: Extract,
    keyring: Keyring,
    extension: Path | None,
    *,
    gaps: Mapping[str, tuple[str, ...]],
    on: date,
) -> Extract:
    """Returns the extract as it would be on a later day: for each case key of `gaps` the notes that mend these criteria, written `on`."""
    wanted = cases_of(open_pack(draw.folder))
    noted = with_notes(extract, extension or extension_beside(source, extract.format), keyring, wanted)
    local = local_ids(draw.commit, set(gaps))
    seed = seed_of(source) or 0
    rows, plans = [], []
    for key, refs in sorted(gaps.items()):
        own = local.get(key, key)
        for rubric in dict.fromkeys(ref.partition("/")[0] for ref in refs):
            criteria = [ref.partition("/")[2] for ref in refs if ref.startswith(rubric + "/")]
            note = rewritten(_bare(own), cast(Profile, draw.profile), rubric, criteria, on=on, seed=seed)
            case = key if extract.ids == "key" else own
            rows.append({"case_id": case, "written_on": note.written_on, "kind": note.kind, "text": note.text})
            plans += [case] if rubric == CRISIS_PLAN else []
    notes = (*noted.tables.get("notes", ()), pa.Table.from_pylist(rows, schema=arrow_schema("notes")))
    return replace(noted, tables={**noted.tables, "notes": notes, **_with_new_plans(noted, plans, on)})


def _bare(local: str) -> str:
    """Returns a local id without the provider's code that MHSDS puts before it: the name under which the notes were invented."""
    return local.rpartition(":")[2]


def _with_new_plans(extract: Extract, cases: list[str], on: date) -> dict[str, tuple[pa.Table, ...]]:
    """Returns the plans with the crisis plans of these cases updated on that day, where the plans are in memory."""
    parts = [part for part in extract.tables.get("plans", ()) if isinstance(part, pa.Table)]
    if len(parts) < len(extract.tables.get("plans", ())) or not parts:
        return {}
    changed = []
    for part in parts:
        mine = pc.and_(
            pc.is_in(part["case_id"], value_set=pa.array(cases, pa.string())), pc.equal(part["kind"], "crisis")
        )
        place = part.schema.get_field_index("updated")
        updated = pc.if_else(mine, pa.scalar(on, pa.date32()), part["updated"])
        changed.append(part.set_column(place, part.schema.field(place), updated))
    return {"plans": tuple(changed)}
