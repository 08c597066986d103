"""Evidence gathered once for many reports: a batch reads its draws and its journal once and hands each run what it found.

Every report of a batch then speaks of one state of the journal, however long the batch takes. What is handed over goes from process to
process in memory; no file of it is written.
"""

from __future__ import annotations

import pickle
from contextlib import closing
from datetime import date
from pathlib import Path

from sampling.errors import StateError
from sampling.journal.store import Journal
from sampling.policy import shared_folder
from sampling.reporting.gathering import Gathered, gather
from sampling.scoring.settings.home import default_journal, default_policy
from sampling.scoring.settings.policy import load_scoring_policy

Place = tuple[str, str, str]

_held: dict[Place, Gathered] = {}


def evidence_of(home: Path, journal: str, day: date) -> Gathered:
    """Returns what draws and journal hold: what this process was handed, or else what it reads now. `journal` "" is the one beside
    the draws; `day` decides which actions are overdue.

    Raises StateError when there is no draw, no journal, a private folder is missing, or a case was scored with a rubric version that
    is not here.
    """
    found = _held.get(_place(home, journal, day))
    if found is not None:
        return found
    if not journal and not default_journal(home).is_file():
        raise StateError("Nothing was scored there yet: the draws have no journal beside them. Run: sampling score DIR")
    policy = load_scoring_policy(default_policy(home))
    with closing(Journal.open(journal or default_journal(home))) as opened:
        return gather(home, opened, policy, shared_folder("rubrics"), today=day)


def pack_up(home: Path, journal: str, day: date, gathered: Gathered) -> bytes:
    """Returns what `hold` takes: evidence of this place and day, for another process of ours."""
    return pickle.dumps((_place(home, journal, day), gathered), protocol=pickle.HIGHEST_PROTOCOL)


def hold(packed: bytes) -> None:
    """Makes this process, and those forked from it, take its evidence from what `pack_up` returned."""
    place, gathered = pickle.loads(packed)
    _held[place] = gathered


def _place(home: Path, journal: str, day: date) -> Place:
    return str(home.absolute()), journal, day.isoformat()
