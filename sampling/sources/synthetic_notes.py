"""Invented notes for the cases of a synthetic service: some say all that the rubrics ask for, some half of it, some nothing.

One line of a note is one sentence of synthetic_note_words, so that what an invented note says can be told again from its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

import pandas as pd

from sampling.model import Profile
from sampling.sources import synthetic_note_words as words
from sampling.sources.synthetic import Simulated
from sampling.sources.synthetic_hostile import HOSTILE_TEXTS
from sampling.sources.tables import ACCOUNTABLE_ROLES

ESCALATION, CRISIS_PLAN, SAFEGUARDING = words.WORDINGS
_WITH_NOTES = 0.85  # of the open cases; the rest have none that we were given
_UNPROMPTED = {ESCALATION: 0.45, SAFEGUARDING: 0.25}  # of the cases whose events hold no such thing
_LOOKS_BACK = 120  # days
_REVIEWED_AFTER = 7  # days: what came of a review stands in a later note than its date
_PLAN_VALID = 365  # days; NHS England measure MHS19
_NO_DEPENDANTS = 0.12
_EDGES = (0.09, 0.32, 0.80)  # shares of level 0, of 0 and 1, of 0 to 2
_TRIGGERS = {
    ESCALATION: frozenset(
        "crisis_referral crisis_contact ed_liaison admission discharge place_of_safety contact_not_attended out_of_hours_contact "
        "strategy_discussion missing_episode placement_move emergency_protection".split()
    ),
    SAFEGUARDING: frozenset("safeguarding_concern child_protection_parent strategy_discussion conference_held".split()),
}
# Of each rubric: the notes that tell it, as days after the start, kind, and the criteria that the note may speak to.
_THREADS: Mapping[str, tuple[tuple[int, str, tuple[str, ...]], ...]] = {
    ESCALATION: (
        (0, "phone contact", ("trigger_recognised", "situation_and_change")),
        (0, "duty action", ("options_weighed", "decision_and_reason")),
        (1, "phone contact", ("told_and_response",)),
        (1, "management oversight", ("deviation_and_review",)),
        (_REVIEWED_AFTER, "progress note", ("deviation_and_review",)),
    ),
    CRISIS_PLAN: ((0, "care plan", tuple(words.CRISIS_PLAN)),),
    SAFEGUARDING: (
        (0, "safeguarding", ("concern", "evidence")),
        (0, "visit", ("immediate_actions", "voice_and_consent")),
        (2, "management oversight", ("rationale_against_threshold",)),
        (9, "progress note", ("follow_up",)),
    ),
}
_LEADS = {
    "phone contact": ("Telephone contact.", "Call taken at the desk.", "Rang back as asked."),
    "duty action": ("Duty entry.", "Duty, in the afternoon.", "Entry by duty."),
    "management oversight": (
        "Management oversight.",
        "Case talked through with the manager.",
        "Oversight after the event.",
    ),
    "care plan": ("Crisis and contingency plan.", "Care plan and crisis plan."),
    "safeguarding": ("Safeguarding entry.", "Entry about safeguarding."),
    "visit": ("Visit at home.", "Home visit, two workers.", "Seen at home."),
    "progress note": ("Progress note.", "Update."),
}
_MANAGERS_NOTES = ("management oversight",)


@dataclass(frozen=True)
class Note:
    """One invented note of a case."""

    written_on: date
    kind: str
    text: str


@dataclass(frozen=True)
class Mark:
    """What one line of an invented note says: the criterion, the level it reaches (-1: not applicable), and where it stands."""

    rubric: str
    criterion: str
    level: int
    start: int
    end: int


@dataclass(frozen=True)
class _Case:
    """One open case: `since` is the day on which each thread began, `plan` that of its crisis plan."""

    id: str
    profile: Profile
    author: str
    since: Mapping[str, date]
    plan: date | None
    last_day: date
    chance: Callable[[str], float]

    def pick(self, options: tuple[str, ...], slot: str) -> str:
        return options[int(self.chance(slot) * len(options))]


def notes_frame(simulated: Simulated, seed: int) -> pd.DataFrame:
    """Returns the canonical table `notes` for the open cases of a service; the same service and seed give the same notes."""
    rows = []
    managers = _managers(simulated)
    for case in _cases(simulated, seed):
        for number, note in enumerate(_notes_of(case)):
            author = managers.get(case.author, case.author) if note.kind in _MANAGERS_NOTES else case.author
            ref = f"NOTE/{_digest(f'{case.id}|{number}'):016x}"[:15]
            rows.append((case.id, note.written_on, note.kind, author or None, ref, note.text))
    if simulated.hostile:
        rows += _hostile(simulated)
    frame = pd.DataFrame(rows, columns=["case_id", "written_on", "kind", "author_id", "ref", "text"])
    return frame.assign(written_on=pd.to_datetime(frame["written_on"]))


def _hostile(simulated: Simulated) -> list[tuple[str, date, str, str | None, str, str]]:
    """Returns notes that hold what real ones hold: markup, formulas, control characters, 32,000 characters."""
    ids = _open_cases(simulated)["case_id"].tolist()
    return [
        (ids[place % len(ids)], simulated.last_day, "progress note", None, f"NOTE/H{place:02d}", text)
        for place, text in enumerate(HOSTILE_TEXTS)
    ]


def rewritten(case_id: str, profile: Profile, rubric: str, criteria: Iterable[str], *, on: date, seed: int) -> Note:
    """Returns the note that mends these criteria of a case: the same story, told as the anchors of level 2 and 3 ask."""
    case = _Case(case_id, profile, "", {rubric: on}, on, on, _chances(seed, case_id))
    kind = "care plan" if rubric == CRISIS_PLAN else "progress note"
    lines = [
        line
        for criterion in criteria
        for line in _lines(case, rubric, criterion, 3 if case.chance(criterion) > 0.6 else 2)
    ]
    return Note(on, kind, "\n".join(["Entry rewritten after supervision.", *lines]))


def marks(text: str) -> tuple[Mark, ...]:
    """Returns what the lines of an invented note say, in order; the lines of any other note say nothing."""
    found, start = [], 0
    for line in text.split("\n"):
        for rubric, criterion, level, pattern in _PATTERNS:
            if pattern.fullmatch(line):
                found.append(Mark(rubric, criterion, level, start, start + len(line)))
                break
        start += len(line) + 1
    return tuple(found)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[a-z_]+\}", template)
    text = "(.+?)".join(re.escape(part) for part in parts)
    return re.compile(text, re.IGNORECASE)


_PATTERNS = tuple(
    (rubric, criterion, level, _pattern(template))
    for rubric, wordings in words.WORDINGS.items()
    for criterion, wording in wordings.items()
    for level, templates in (
        (3, (wording.three,)),
        (2, wording.two),
        (1, wording.one),
        (-1, (wording.none,) if wording.none else ()),
    )
    for template in templates
)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _chances(seed: int, case_id: str) -> Callable[[str], float]:
    """Returns a chance from 0 to 1 for each thing to decide about a case, its own for each name."""
    return lambda name: _digest(f"{seed}|{case_id}|{name}") / 2**64


def _open_cases(simulated: Simulated) -> pd.DataFrame:
    cases = simulated.frames["cases"]
    return cases[cases["closed"].isna() & (cases["opened"] <= pd.Timestamp(simulated.last_day))]


def _cases(simulated: Simulated, seed: int) -> Iterable[_Case]:
    holders, plans = _holders(simulated), _crisis_plans(simulated)
    last = {rubric: _last_event(simulated, kinds) for rubric, kinds in _TRIGGERS.items()}
    cases = _open_cases(simulated)
    for case_id, opened in zip(cases["case_id"], cases["opened"], strict=True):
        chance = _chances(seed, case_id)
        if chance("notes") >= _WITH_NOTES:
            continue
        since = {
            rubric: day
            for rubric in _TRIGGERS
            if (day := _start(case_id, rubric, last[rubric], opened.date(), simulated.last_day, chance)) is not None
        }
        holder = holders.get(case_id, "")
        yield _Case(case_id, simulated.profile, holder, since, plans.get(case_id), simulated.last_day, chance)


def _start(
    case_id: str, rubric: str, events: Mapping[str, date], opened: date, end: date, chance: Callable[[str], float]
) -> date | None:
    """Returns the day on which the thread of a rubric began: that of the last such event, or one out of the blue, or none."""
    day = events.get(case_id)
    if day is None or (end - day).days > _LOOKS_BACK:
        if chance(f"{rubric} unprompted") >= _UNPROMPTED[rubric]:
            return None
        day = end - timedelta(days=5 + int(chance(f"{rubric} day") * 50))
    return max(day, opened)


def _managers(simulated: Simulated) -> dict[str, str]:
    staff = simulated.frames["practitioners"].dropna(subset=["supervisor_id"])
    return dict(zip(staff["practitioner_id"], staff["supervisor_id"], strict=True))


def _holders(simulated: Simulated) -> dict[str, str]:
    held = simulated.frames["allocations"]
    held = held[held["ended"].isna() & held["role"].isin(ACCOUNTABLE_ROLES)].sort_values("started", kind="stable")
    return dict(zip(held["case_id"], held["practitioner_id"], strict=True))


def _crisis_plans(simulated: Simulated) -> dict[str, date]:
    plans = simulated.frames["plans"]
    plans = plans[(plans["kind"] == "crisis") & plans["updated"].notna()]
    return {case: day.date() for case, day in zip(plans["case_id"], plans["updated"], strict=True)}


def _last_event(simulated: Simulated, kinds: frozenset[str]) -> dict[str, date]:
    events = simulated.frames["events"]
    events = events[events["kind"].isin(kinds) & (events["happened_on"] <= pd.Timestamp(simulated.last_day))]
    latest = events.groupby("case_id")["happened_on"].max()
    return {str(case): day.date() for case, day in latest.items()}


def _notes_of(case: _Case) -> list[Note]:
    """Returns the notes of one case, oldest first: its threads, and what else happens on a caseload."""
    notes = [note for rubric, day in case.since.items() for note in _thread(case, rubric, day)]
    if case.profile == "adult" and case.plan is not None:
        notes += _thread(case, CRISIS_PLAN, case.plan)
    routine = words.ROUTINE[case.profile]
    for number in range(2 + int(case.chance("routine") * 4)):
        kind, text = routine[int(case.chance(f"routine {number}") * len(routine))]
        notes.append(
            Note(case.last_day - timedelta(days=int(case.chance(f"routine day {number}") * _LOOKS_BACK)), kind, text)
        )
    return sorted(notes, key=lambda note: note.written_on)


def _thread(case: _Case, rubric: str, day: date) -> list[Note]:
    notes = []
    for after, kind, criteria in _THREADS[rubric]:
        on = day + timedelta(days=after)
        if on > case.last_day:
            break
        lines = [
            line
            for criterion in criteria
            for line in _lines(case, rubric, criterion, _level(case, rubric, criterion, day))
        ]
        if criteria == ("deviation_and_review",):
            lines = lines[1:] if after == _REVIEWED_AFTER else lines[:1]
        if after == _REVIEWED_AFTER and not lines:
            continue
        notes.append(Note(on, kind, "\n".join([case.pick(_LEADS[kind], f"lead {rubric} {after} {kind}"), *lines])))
    return notes


def _level(case: _Case, rubric: str, criterion: str, day: date) -> int:
    """Returns how well a case's record will speak to one criterion: by chance, better with some authors than with others."""
    if criterion == "exists_and_current":
        crisis = case.since.get(ESCALATION)
        stale = (case.last_day - day).days > _PLAN_VALID or (crisis is not None and day < crisis)
        return 1 if stale else 3 if case.chance("plan seen again") > 0.7 else 2
    author = _digest(f"author|{case.author}") / 2**64
    luck = case.chance(f"{rubric}/{criterion}") + 0.3 * (author - 0.5) + 0.2 * (case.chance("whole") - 0.5)
    return sum(luck >= edge for edge in _EDGES)


def _lines(case: _Case, rubric: str, criterion: str, level: int) -> list[str]:
    """Returns the lines that bring a record to that level of a criterion."""
    wording = words.WORDINGS[rubric][criterion]
    if wording.none and case.chance("no dependants") < _NO_DEPENDANTS:
        return [wording.none]
    if level == 0:
        return []
    slot = f"variant {rubric} {criterion}"
    templates = (case.pick(wording.one if level == 1 else wording.two, slot), *((wording.three,) if level > 2 else ()))
    gaps = _gaps(case, rubric)
    return [_capital(template.format_map(gaps)) for template in templates]


def _gaps(case: _Case, rubric: str) -> dict[str, str]:
    stories = words.STORIES[rubric, case.profile]
    story = stories[int(case.chance(f"story {rubric}") * len(stories))]
    day = case.plan if rubric == CRISIS_PLAN and case.plan else case.since.get(rubric, case.last_day)
    hour = 9 + int(case.chance(f"hour {rubric}") * 6)
    return {
        **story,
        "day": _day(day),
        "made": _day(day),
        "shared": _day(day + timedelta(days=3)),
        "old": f"{day:%B %Y}",
        "review": _day(
            day + timedelta(days=_REVIEWED_AFTER if rubric == ESCALATION else 90 if rubric == CRISIS_PLAN else 14)
        ),
        "time": f"{hour:02d}:{int(case.chance('minute') * 12) * 5:02d}",
        "later": f"{hour + 1:02d}:{int(case.chance('later') * 12) * 5:02d}",
        "latest": f"{hour + 4:02d}:00",
        "decider": case.pick(words.DECIDERS, "decider"),
        "owner": case.pick(words.OWNERS, "owner"),
        "deviation": case.pick(words.DEVIATIONS, "deviation"),
    }


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
