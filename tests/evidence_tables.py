"""Small tables for the tests of the evidence statistics: cases in strata, scores of a service, pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

Stratum = tuple[int, Sequence[float | str | None]]  # its size, and what is known of each drawn case: a value, or a code


def drawn_cases(
    strata: Mapping[str, Stratum],
    *,
    draw: str = "d1",
    period: str = "2026-10",
    team: str = "t1",
    kind: str = "random",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns (cases, design) of one draw in which each key is a practitioner with one stratum. A text in place of a value is a code."""
    cases, design = [], []
    for practitioner, (size, values) in strata.items():
        place = {
            "draw_id": draw,
            "period": period,
            "team": team,
            "practitioner": practitioner,
            "stratum": kind,
            "kind": kind,
        }
        design.append({**place, "population": size, "drawn": len(values)})
        for number, value in enumerate(values):
            scored = isinstance(value, int | float)
            cases.append(
                {
                    **{name: place[name] for name in ("draw_id", "team", "practitioner", "stratum")},
                    "case": f"{draw}-{practitioner}-{number}",
                    "value": value if scored else None,
                    "code": "" if scored else value,
                }
            )
    columns = ["draw_id", "team", "practitioner", "stratum", "case", "value", "code"]
    table = pd.DataFrame(cases, columns=columns)
    return table.assign(value=table["value"].astype("Float64")), pd.DataFrame(design)


def joined(*parts: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns several draws as one pair of tables."""
    return (
        pd.concat([cases for cases, _ in parts], ignore_index=True),
        pd.concat([design for _, design in parts], ignore_index=True),
    )
