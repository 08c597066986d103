"""Cases that were scored more than once: by two raters, again after a rewrite, and the fresh cases of the same practitioner."""

from __future__ import annotations

import pandas as pd

from sampling.reporting import monthly
from sampling.reporting.gathering import Gathered
from sampling.reporting.windows import Windows
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, SECOND

_KEYS = ["draw_id", "case", "ref"]


def repair_pairs(gathered: Gathered) -> pd.DataFrame:
    """Returns draw_id, case, ref, practitioner, before (level at the first scoring) and after (at the latest follow-up), a row a
    criterion of a case that was scored again.
    """
    scores = gathered.scores
    first = scores[scores["stage"] == FIRST][[*_KEYS, "practitioner", "level"]].rename(columns={"level": "before"})
    again = scores[scores["stage"].isin(FOLLOW_UPS)].sort_values("stage", kind="stable")
    latest = again.drop_duplicates(_KEYS, keep="last")[[*_KEYS, "level"]].rename(columns={"level": "after"})
    return first.merge(latest, on=_KEYS)


def double_scored(gathered: Gathered) -> pd.DataFrame:
    """Returns the pairs of levels that two raters gave to the same criterion of the same case, each their own: draw_id, case, ref,
    own_level_first, own_level_second.
    """
    scores = gathered.scores[gathered.scores["own_level"].notna()]
    first, second = (scores[scores["stage"] == stage] for stage in (FIRST, SECOND))
    return first[[*_KEYS, "own_level"]].merge(second[[*_KEYS, "own_level"]], on=_KEYS, suffixes=("_first", "_second"))


def transfer_pairs(gathered: Gathered, span: Windows, ref: str) -> pd.DataFrame:
    """Returns case, practitioner, before and after: of each practitioner the last drawn case before the dated change and the next fresh one
    from it on, on one criterion.

    The pair is made around the change and not around a case that was scored again: that one was chosen for its low first score, and any
    fresh case would look better beside it (docs/evidence-report.md, "Repair, transfer, improvement").
    """
    scores = monthly.followed(gathered).scores
    rows = scores[(scores["stage"] == FIRST) & (scores["ref"] == ref) & scores["level"].notna()]
    rows = rows.sort_values(["practitioner", "period", "case"], kind="stable")
    before = rows[rows["period"].isin(span.before.periods)].drop_duplicates("practitioner", keep="last")
    after = rows[rows["period"].isin(span.after.periods)].drop_duplicates("practitioner", keep="first")
    table = after[["case", "practitioner", "level"]].merge(
        before[["practitioner", "level"]], on="practitioner", suffixes=("_after", "_before")
    )
    table = table.rename(columns={"level_after": "after", "level_before": "before"})
    return table[["case", "practitioner", "before", "after"]]
