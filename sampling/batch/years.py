"""Two years of an invented service: a draw a month, each scored by scripted raters, with a change of practice whose effect is known.

A report on the months must find that effect, and must find none in a twin without it. The draws are real: frozen, committed to, drawn
and logged one by one, each dated in its month, with randomness that someone typed (evidence level L0: it proves nothing). All of it
follows from the seed and the service's secret. A real extract is refused: nobody but a person may score it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sampling import workflow
from sampling.batch.practice import refuse_unless_invented
from sampling.batch.practice_raters import chances
from sampling.batch.years_brought import write_brought
from sampling.batch.years_diary import Span
from sampling.batch.years_model import EFFECTS, Member, Model
from sampling.batch.years_people import posts_of, write_years_people
from sampling.batch.years_scoring import LONGEST, Scored, Scoring
from sampling.batch.years_supervised import Supervised
from sampling.batch.years_truth import truth_of
from sampling.chain import canonical_json, parse_json
from sampling.errors import StateError, UsageError
from sampling.frame import months_before
from sampling.keys import Keyring
from sampling.model import Period
from sampling.pack import open_pack
from sampling.randomness import from_operator, parse_ref
from sampling.reporting.account import FILE as ACCOUNT
from sampling.scoring.parts.world import World
from sampling.scoring.service import open_service
from sampling.scoring.settings.assignments import FIRST, Review
from sampling.scoring.settings.draws import Draw, local_ids
from sampling.scoring.settings.home import PEOPLE
from sampling.sources.synthesis import synthesise
from sampling.sources.synthetic_core import Settled
from sampling.storage import whole_folder

MONTHS, CHANGED_IN_MONTH = 24, 13
SOURCE, TRUTH = "invented", "truth.json"  # below the home of the draws
FORMAT, FILES, CASES = "canonical", "parquet", 240
SERVICE = Settled(teams=3, staff=15)
# Of each team three cases a month from all the rest, where the shipped plan has one: claims about the service rest on these.
PLAN, PLAN_TEXT = "plan.toml", '[stream]\nstratum = "other"\nn = 3\n'
MONTHS_HELD = (
    6  # the last months, whose sessions are in the journal: those of the months before stand in the extract alone
)
LEAD_IN_MONTHS = 3  # before the first draw: signals look back
_DRAWN_AT = time(8, 0, tzinfo=UTC)
_FRAME_COLUMNS = ["case", "case_key", "practitioner", "practitioner_key", "team", "stratum"]


@dataclass(frozen=True)
class YearsOrder:
    """What the years are asked for: so many months up to `until`. `changed_in` is the month, counted from 1, from which practice is
    changed, or None for a service without a change.
    """

    home: Path
    seed: int
    until: Period
    months: int = MONTHS
    changed_in: int | None = CHANGED_IN_MONTH
    cases: int = CASES

    @property
    def periods(self) -> tuple[Period, ...]:
        """Returns the months, oldest first."""
        first = self.until.first_day
        days = [months_before(first, back) for back in range(self.months - 1, -1, -1)]
        return tuple(Period(f"{day:%Y-%m}") for day in days)

    @property
    def changed_from(self) -> str:
        """Returns the first month with the change, or ""."""
        return self.periods[self.changed_in - 1].text if self.changed_in else ""

    @property
    def about(self) -> dict[str, Any]:
        """Returns what decides about the years, as JSON: what truth.json keeps of the order."""
        return {
            "cases": self.cases,
            "changed_from": self.changed_from,
            "months": self.months,
            "seed": self.seed,
            "until": self.until.text,
        }


@dataclass(frozen=True)
class Years:
    """What the years came to: the home of the draws and journal, the truth as JSON, and counts."""

    home: Path
    truth: Mapping[str, Any]
    counts: Mapping[str, int]


def play_years(
    order: YearsOrder, keyring: Keyring, *, now: datetime, say: Callable[[str], None] = lambda text: None
) -> Years:
    """Makes the home of the order, whole or not at all, and returns what it holds; one that is there already is only read.

    In it are the invented extract (SOURCE), a folder for each draw, named after its month, the journal, people.toml, what these people
    wrote about their change for the reports (ACCOUNT), and truth.json.
    Raises UsageError for an order that cannot be, or whose last follow-up lies after `now`; StateError when the folder holds anything
    else.
    """
    _refuse_impossible(order, now)
    home = order.home.absolute()
    if home.is_dir() and any(home.iterdir()):
        return _there_already(order, home)
    with whole_folder(home) as folder:
        say(f"Inventing a service of {order.cases} cases")
        refuse_unless_invented(_invent(order, folder))
        _draw_all(order, folder, keyring, say)
        truth, counts = _score_all(order, folder, keyring, say)
        written = {**truth, "order": order.about, "counts": dict(counts)}
        (folder / ACCOUNT).write_text(_account(order), encoding="ascii")
        _bring(order, folder)
        (folder / TRUTH).write_text(canonical_json(written) + "\n", encoding="ascii")
    return Years(home, written, counts)


def _refuse_impossible(order: YearsOrder, now: datetime) -> None:
    if order.months < 1 or order.cases < 60 or order.seed < 0 or not 0 <= (order.changed_in or 0) <= order.months:
        raise UsageError(
            "The years need at least 1 month and 60 cases, a seed from 0, and a change in one of the months (or none)."
        )
    ends = datetime.combine(order.until.last_day, _DRAWN_AT) + LONGEST
    if ends > now:
        raise UsageError(
            f"The scoring of {order.until.text} goes on until {ends.date().isoformat()}, which has not come yet. Name an earlier month."
        )


def _there_already(order: YearsOrder, home: Path) -> Years:
    """Returns what an earlier run made. Raises StateError when it was another order's, or somebody else's folder."""
    path = home / TRUTH
    try:
        truth = parse_json(path.read_text(encoding="ascii")) if path.is_file() else {}
    except ValueError:  # not what this program wrote
        truth = {}
    if not isinstance(truth, dict) or truth.get("order") != order.about:
        raise StateError("That folder holds something else. Name a new folder for the years; nothing is overwritten.")
    refuse_unless_invented(str(home / SOURCE))
    return Years(home, truth, truth["counts"])


def _invent(order: YearsOrder, folder: Path) -> str:
    """Returns the place of the extract: the whole span and the months that its first signals look back on, written once."""
    source = folder / SOURCE
    synthesise(
        format=FORMAT,
        files=FILES,
        cases=order.cases,
        months=order.months + LEAD_IN_MONTHS,
        seed=order.seed,
        until=order.until.text,
        out=source,
        settled=SERVICE,
    )
    return str(source)


def _account(order: YearsOrder) -> str:
    """Returns what the people of this service wrote about their change, for the reports: of a service without one, its title alone."""
    lines = ['title = "An invented service: nobody in it exists"']
    if order.changed_from:
        listed = ", ".join(f'"{ref}"' for ref in EFFECTS)
        what = "Template for escalation notes, with a review date"
        lines += ["[[change]]", f'from = "{order.changed_from}"', f'what = "{what}"', f"criteria = [{listed}]"]
    return "\n".join(lines) + "\n"


def _bring(order: YearsOrder, folder: Path) -> None:
    """Writes what such a service would bring to its quarterly review beside its journal."""
    days = (order.periods[0].first_day, order.until.last_day)
    changed = Period(order.changed_from).first_day if order.changed_from else None
    write_brought(folder, days, changed, chances("years", str(order.seed), "brought"))


def _draw_all(order: YearsOrder, folder: Path, keyring: Keyring, say: Callable[[str], None]) -> None:
    """Freezes and draws every month from the one extract, each as of its last day."""
    extract = workflow.open_source(str(folder / SOURCE), keyring, notes=())
    plan = folder / PLAN
    plan.write_text(PLAN_TEXT, encoding="ascii")
    for period in order.periods:
        if period.text.endswith("-01") or period == order.periods[0]:
            say(f"Drawing the months of {period.text[:4]}")
        now = datetime.combine(period.last_day, _DRAWN_AT) + timedelta(days=1)
        out = folder / period.text
        workflow.freeze(extract, workflow.FreezeOrder(period, plan=plan), out, keyring=keyring, now=now)
        typed = f"invented years, seed {order.seed}, {period.text}"
        workflow.draw(out, from_operator(parse_ref("operator"), typed), now=now + timedelta(minutes=5))


def _score_all(
    order: YearsOrder, folder: Path, keyring: Keyring, say: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Returns the truth and the counts, after scoring every month in its turn."""
    write_years_people(folder / PEOPLE, posts_of(folder / SOURCE))
    opened_at = datetime.combine(order.periods[0].last_day, _DRAWN_AT) + timedelta(days=1, hours=1)
    service = open_service(folder, keyring=keyring, now=opened_at)
    try:
        world = service.world()
        refs = tuple(
            rubric.ref(one) for rubric in world.rubrics.in_use(world.draws[-1].profile) for one in rubric.criteria
        )
        model = Model(order.seed, refs, order.changed_from)
        span = _span(order, opened_at)
        supervised = Supervised(service, folder / SOURCE, keyring, seed=order.seed, span=span)
        total, populations = Scored(), []
        reviews = _by_draw(world)
        for draw in world.draws:
            if draw.period.endswith("-01") or draw is world.draws[0]:
                say(f"Scoring the months of {draw.period[:4]}")
            population = model.population(draw.period, _members(draw, world, reviews[draw.commit]))
            scored = Scoring(
                service, world, model, draw, population, reviews[draw.commit], supervised.diary.until
            ).score()
            total = Scored(**{name: count + getattr(scored, name) for name, count in asdict(total).items()})
            populations.append(population)
        drawn = {draw.period: frozenset(case.case for case in draw.under_review) for draw in world.draws}
        supervision = supervised.end(datetime.combine(order.until.last_day, _DRAWN_AT) + LONGEST)
    finally:
        service.close()
    truth = {**truth_of(model, populations, drawn), "supervision": supervision}
    return truth, {**asdict(total), "draws": len(populations)}


def _span(order: YearsOrder, opened_at: datetime) -> Span:
    """Returns when supervision is written: from the day after the opening, and in the last months alone."""
    changed_from = Period(order.changed_from).first_day if order.changed_from else None
    held_from = max(order.periods[-MONTHS_HELD:][0].first_day, opened_at.date() + timedelta(days=1))
    return Span(opened_at, order.until.last_day, changed_from, held_from)


def _by_draw(world: World) -> dict[str, list[Review]]:
    """Returns commitment -> the reviews of that draw, seeded vignettes left out."""
    found: dict[str, list[Review]] = {draw.commit: [] for draw in world.draws}
    for review in world.reviews.values():
        if not review.planted:
            found[review.commit].append(review)
    return found


def _members(draw: Draw, world: World, reviews: list[Review]) -> list[Member]:
    """Returns the cases of a month that could be drawn, each with the name of the rater who would score it."""
    rows = open_pack(draw.folder).keyed_cases()[_FRAME_COLUMNS].to_dict("records")
    ids = local_ids(draw.commit, {str(row[name]) for row in rows for name in ("case_key", "practitioner_key")})
    of_case = {one.case: world.names[one.rater] for one in reviews if one.stage == FIRST}
    leading = world.people.having("supervisor")
    of_person = {key: one.name for one in leading for key in one.practitioners}
    of_team = {team: one.name for one in leading for team in one.teams}
    return [
        Member(
            case=row["case"],
            case_id=ids[row["case_key"]],
            practitioner=row["practitioner"],
            practitioner_id=ids[row["practitioner_key"]],
            team=row["team"],
            rater=of_case.get(row["case"]) or of_person.get(row["practitioner_key"]) or of_team[row["team"]],
            stratum=row["stratum"],
        )
        for row in rows
    ]
