"""From a pack to the groups that its draw was drawn from, each with its size: what the design of the sample is read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow.parquet as pq

from sampling.chain import canonical_json
from sampling.pack import Pack
from sampling.scoring.settings.draws import Draw
from sampling.tickets import digest

Group = tuple[str, str, str, str]  # team, practitioner or "" for a pool, stratum, kind


class Groups:
    """The groups that a draw was drawn from: a practitioner's stratum, or a team's pool for the random stream.

    `of_case` is case -> group; `eligibility` and `sampling` are digests of the rules that the draw followed.
    """

    def __init__(self, pack: Pack) -> None:
        plan = pack.plan
        self.eligibility = digest(canonical_json(plan["signals"]))[:16]
        cool_off = {
            name: value for name, value in plan["cool_off"].items() if name != "from"
        }  # "from" names earlier draws
        rule = {**{name: plan[name] for name in ("quota", "order", "stream")}, "cool_off": cool_off}
        self.sampling = digest(canonical_json(rule))[:16]
        self.random = str(plan["stream"]["stratum"]) if plan["stream"] else ""
        named = pq.read_table(pack.private / "teams.parquet").to_pylist()
        self.team = {digest(row["practitioner_key"]): row["team"] or "" for row in named}
        self._of_stream = {digest(row["team_key"]): row["team"] or "" for row in named if row.get("team_key")}
        self.of_case: dict[str, Group] = {}
        self._sizes: dict[Group, list[int]] = {}
        for row in pack.manifest():
            group = self._group(row)
            self.of_case[row["case"]] = group
            size = self._sizes.setdefault(group, [0, 0])
            size[0] += 1
            size[1] += row["status"] == "selected"

    def _group(self, row: Mapping[str, str]) -> Group:
        """Returns (team, practitioner or "" for a pool, stratum, kind)."""
        if row["stream"]:
            return self._of_stream.get(row["stream"], ""), "", f"pool/{row['stratum']}", "random"
        kind = "random" if row["stratum"] == self.random else row["stratum"]
        return self.team.get(row["practitioner"], ""), row["practitioner"], row["stratum"], kind

    def rows(self, draw: Draw, signed: set[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """Yields a row of the design each group, those of which nothing was drawn too. `signed` holds (draw id, case)."""
        available: dict[Group, int] = {}
        for case in draw.under_review:
            group = self.of_case[case.case]
            available[group] = available.get(group, 0) + ((draw.draw_id, case.case) in signed)
        for group, (population, drawn) in self._sizes.items():
            team, practitioner, stratum, kind = group
            yield {
                "draw_id": draw.draw_id, "period": draw.period, "team": team, "practitioner": practitioner, "stratum": stratum,
                "kind": kind, "population": population, "drawn": drawn, "available": available.get(group, 0),
                "eligibility_rule": self.eligibility, "sampling_rule": self.sampling,
            }  # fmt: skip
