"""What a page tells of a draw, counted from its pack: the private frame, the manifest, the log and the
verification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.chain import parse_json
from sampling.errors import StateError
from sampling.model import Extract
from sampling.pack import Pack, reviewed
from sampling.policy import COUNT_CAP, Signal, SignalPolicy, load_signals
from sampling.signals import SIGNALS_A_WORD, signal_table
from sampling.tickets import digest
from sampling.verify import Verification

NOT_RECORDED, NOT_STATED = "Not recorded", "Not stated"
NO_TEAM = "Team not recorded"
UNTOLD = "untold.json"
QUOTA, TOP_UP, STREAM = "quota", "top-up", "stream"
# Broad groups of the ONS Census 2021 from the NHS ethnic category codes (NHS data dictionary) and the DfE
# codes of Annex A: the
# single codes are too small to show in one service.
_ETHNIC_GROUPS = {
    "White": "A B C WBRI WIRI WIRT WROM WOTH",
    "Mixed": "D E F G MWBC MWBA MWAS MOTH",
    "Asian": "H J K L R AIND APKN ABAN AOTH CHNE",
    "Black": "M N P BCRB BAFR BOTH",
    "Another group": "S OOTH",
    NOT_STATED: "Z REFU",
    NOT_RECORDED: "99 NOBT",
}
_ETHNIC_GROUP = {code: group for group, codes in _ETHNIC_GROUPS.items() for code in codes.split()}
_ABSENT = ("", "not recorded", "unknown", "not known")
_CHARACTERISTICS = {"sex": "Sex", "age_band": "Age band", "ethnicity": "Ethnic group"}


@dataclass(frozen=True)
class Facts:
    """A draw, read once. `cases` has a row a frame case with `way` (quota, top-up, stream or empty) and
    `state` (sampling/pack.py).
    """

    pack: Pack
    verification: Verification
    policy: SignalPolicy
    cases: pd.DataFrame
    exclusions: pd.DataFrame
    practitioners: pd.DataFrame
    tabled: int
    notes: tuple[str, ...]
    cannot_tell: tuple[str, ...]
    untold_signals: tuple[Signal, ...]

    @property
    def is_drawn(self) -> bool:
        """Returns whether the draw was made."""
        return self.pack.entry("drawn") is not None

    @property
    def level(self) -> str:
        """Returns the evidence level, L0 to L3, or nothing before the draw."""
        entry = self.pack.entry("drawn")
        return str(entry["data"]["evidence_level"]) if entry else ""

    @property
    def wanted(self) -> int:
        """Returns the number of cases wanted for each practitioner."""
        return sum(self.pack.plan["quota"].values())

    @property
    def as_of(self) -> date:
        """Returns the draw date."""
        return date.fromisoformat(self.pack.commitment["as_of"])

    @property
    def volatile(self) -> pd.DataFrame:
        """Returns the cases with recent recorded change."""
        return self.cases[self.cases["stratum"] == "volatile"]

    @property
    def drawn(self) -> pd.DataFrame:
        """Returns the cases that the draw selected, those replaced since included."""
        return self.cases[self.cases["state"].isin(("selected", "replaced"))]

    @property
    def selected(self) -> pd.DataFrame:
        """Returns the cases that the draw selected, and those that replaced one."""
        return self.cases[self.cases["state"] != ""]


def gather(pack: Pack, verification: Verification, extract: Extract | None = None) -> Facts:
    """Returns what the page tells of that draw; `extract` adds what the source could not tell."""
    frame = _with_outcome(pack)
    names = pd.read_parquet(pack.private / "teams.parquet")
    teams = names["team"].fillna("").replace("", NO_TEAM).set_axis(names["practitioner_key"])
    practitioners = pd.DataFrame({"practitioner_key": names["practitioner_key"], "team": teams.to_numpy()})
    signal_file = pack.share / "signals.toml"
    policy = load_signals("adult", signal_file)  # the file's own profile holds, not this one
    return Facts(
        pack,
        verification,
        policy,
        frame.assign(team=frame["practitioner_key"].map(teams).fillna(NO_TEAM)),
        pd.read_parquet(pack.private / "exclusions.parquet"),
        practitioners,
        pd.read_parquet(pack.private / "tabled.parquet")["case_key"].nunique(),
        _texts(pack.private / "notes.json"),
        extract.cannot_tell if extract else (),
        _untold(policy, pack, extract),
    )


def _texts(path: Path) -> tuple[str, ...]:
    """Returns the texts that the freeze noted. Raises StateError for a file that it did not write."""
    try:
        found = parse_json(path.read_text(encoding="ascii"))
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise StateError(f"private/{path.name} of this draw is not as it was written. Put it back from your backup.")
    return tuple(found)


def _untold(policy: SignalPolicy, pack: Pack, extract: Extract | None) -> tuple[Signal, ...]:
    """Returns the signals that the extract could not tell: those noted at the freeze, in older packs those that follow from the
    extract. A database is asked for its tables only while it is read.
    """
    noted = pack.private / UNTOLD
    if noted.is_file():
        missing = _texts(noted)
    elif extract is None or not extract.tables:
        return ()
    else:
        day = date.fromisoformat(pack.commitment["as_of"])
        missing = signal_table(policy, day, frozenset(extract.tables), extract.cannot).cannot_tell
    return tuple(signal for signal in policy.signals if signal.id in missing)


def _with_outcome(pack: Pack) -> pd.DataFrame:
    """Returns the private frame with what the draw made of each case."""
    frame = pack.keyed_cases()
    if "case" not in frame:  # packs of before keep the keys alone
        frame = frame.assign(case=frame["case_key"].map(digest))
    if pack.entry("drawn") is None:
        return frame.assign(way="", state="", probability="", pooled=False)
    rows = pd.DataFrame(pack.manifest())
    state = reviewed(pack.manifest(), pack.log)
    rows = rows.assign(state=rows["case"].map(state).fillna(""), pooled=rows["stream"] != "")
    rows["rank"] = rows["rank"].astype("int64")
    joined = frame.merge(
        rows[["case", "state", "pooled", "probability", "rank"]], on="case", how="left", validate="one_to_one"
    )
    quota: Mapping[str, int] = pack.plan["quota"]
    allocated = joined["stratum"].map(lambda stratum: quota.get(stratum, 0)).astype("int64")
    # A replacement has a rank beyond the allocation; it stands in for a case of the same group, by quota
    # where there is one.
    by_quota = (joined["rank"] <= allocated) | ((joined["state"] == "replacement") & (allocated > 0))
    way = by_quota.map({True: QUOTA, False: TOP_UP}).mask(joined["pooled"], STREAM)
    return joined.assign(way=way.where(joined["state"] != "", ""))


def shortfall(facts: Facts) -> dict[str, int]:
    """Returns what the caseloads did not give: practitioners with too few volatile cases, with too few at
    all, with none that could be drawn, of these with no open case and no known team; top-ups.
    """
    wanted = int(facts.pack.plan["quota"].get("volatile", 0))
    everyone = pd.Index(facts.practitioners["practitioner_key"])
    held = facts.cases.groupby("practitioner_key").size().reindex(everyone, fill_value=0)
    volatile = facts.volatile.groupby("practitioner_key").size().reindex(everyone, fill_value=0)
    staff, holders = facts.practitioners, {*facts.cases["practitioner_key"], *facts.exclusions["practitioner_key"]}
    return {
        "few_volatile": int(((volatile < wanted) & (held > 0)).sum()),
        "few": int(((held < facts.wanted) & (held > 0)).sum()),
        "none": int((held == 0).sum()),
        "unplaced": int((~staff["practitioner_key"].isin(holders) & (staff["team"] == NO_TEAM)).sum()),
        "top_ups": int(((facts.cases["way"] == TOP_UP) & (facts.cases["state"] != "replacement")).sum()),
    }


def signal_counts(facts: Facts) -> list[tuple[Signal, int]]:
    """Returns each signal with the number of volatile cases that have it, most common first, those that cannot be told last."""
    volatile = facts.volatile
    counts = []
    for position, signal in enumerate(facts.policy.signals):
        word, slot = divmod(position, SIGNALS_A_WORD)
        found = (volatile[f"word{word}"].astype("int64") // 16**slot) % (COUNT_CAP + 1)
        counts.append((signal, int((found > 0).sum())))
    return sorted(counts, key=lambda pair: (pair[0] in facts.untold_signals, -pair[1]))


def group_of(characteristic: str, value: Any) -> str:
    """Returns the group that a recorded value belongs to; a value that is not there is a group of its own.

    >>> group_of("ethnicity", "R"), group_of("ethnicity", None), group_of("ethnicity", "X9")
    ('Asian', 'Not recorded', 'Another code')
    """
    if value is None or value != value or str(value).strip().lower() in _ABSENT:
        return NOT_RECORDED
    text = str(value).strip()
    if characteristic == "ethnicity":
        return _ETHNIC_GROUP.get(text.upper(), "Another code")
    return text[:1].upper() + text[1:]


def _place(group: str) -> tuple[int, int, str]:
    """Returns what a group is sorted by: age bands by age, other groups by name, the unrecorded last."""
    last = {NOT_STATED: 1, NOT_RECORDED: 2}.get(group, 0)
    age = re.match(r"\d+", group)
    return last, int(age.group()) if age else 0, group


def eligible_groups(facts: Facts) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Returns, for each recorded characteristic, its groups with (name, cases in the frame, of these
    volatile); unrecorded last.
    """
    tables = []
    for column, title in _CHARACTERISTICS.items():
        known = {value: group_of(column, value) for value in facts.cases[column].unique()}
        groups = facts.cases[column].map(known).fillna(NOT_RECORDED)
        counted = (facts.cases["stratum"] == "volatile").groupby(groups).agg(["size", "sum"])
        rows = [(str(name), int(size), int(volatile)) for name, size, volatile in counted.itertuples()]
        tables.append((title, sorted(rows, key=lambda row: _place(row[0]))))
    return tables


def team_counts(facts: Facts) -> list[dict[str, Any]]:
    """Returns, for each team, practitioners, frame, volatile and what was drawn by quota, top-up and stream."""
    teams = sorted({*facts.practitioners["team"], *facts.cases["team"]}, key=lambda name: (name == NO_TEAM, name))
    staff = facts.practitioners.groupby("team").size()
    frame = facts.cases.groupby("team").size()
    volatile = facts.volatile.groupby("team").size()
    drawn = facts.drawn.groupby(["team", "way"]).size()
    return [
        {
            "team": team,
            "practitioners": int(staff.get(team, 0)),
            "frame": int(frame.get(team, 0)),
            "volatile": int(volatile.get(team, 0)),
            **{way: int(drawn.get((team, way), 0)) for way in (QUOTA, TOP_UP, STREAM)},
        }
        for team in teams
    ]


def fewest_compatible(caseload: int, sampled: int) -> int:
    """Returns the fewest sound cases in a caseload that leave a 5 in 100 chance, or more, that all of the
    sampled ones are sound.

    That is the one-sided 95% bound of the hypergeometric distribution (docs/methods.md), in whole numbers.

    >>> fewest_compatible(20, 2)
    5
    """
    for sound in range(sampled, caseload + 1):
        part = whole = 1
        for taken in range(sampled):
            part, whole = part * (sound - taken), whole * (caseload - taken)
        if 20 * part >= whole:
            return sound
    return caseload
