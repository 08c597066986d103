"""Suppression of tables that are published together: what is hidden, so that nothing hidden follows from all that is shown.

`suppress` is the door. profiles.py has the rules, table.py what a caller declares, system.py what a reader knows, secondary.py what else
must be hidden, release.py the shown tables, words.py the sentences. docs/suppression.md says it for the people who publish.
"""

from sampling.suppression.gather import Comparison, Source
from sampling.suppression.profiles import Profile, Rule, chart_refusal, load_profile
from sampling.suppression.release import ShownTable, Suppressed, suppress
from sampling.suppression.table import (
    Cell,
    Ratio,
    Relation,
    Table,
    adds_up,
    mean,
    month_after,
    percent,
    rate,
    same_cells,
)

__all__ = [
    "Cell",
    "Comparison",
    "Profile",
    "Ratio",
    "Relation",
    "Rule",
    "ShownTable",
    "Source",
    "Suppressed",
    "Table",
    "adds_up",
    "chart_refusal",
    "load_profile",
    "mean",
    "month_after",
    "percent",
    "rate",
    "same_cells",
    "suppress",
]
