"""The coverage tracker: what fell due and was done, of which kind, for whom and about what; of the service and its teams, never of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from sampling.assurance import coverage_release
from sampling.assurance.coverage import AGENDA, KINDS, NO_VERDICT, open_on
from sampling.assurance.coverage_calendar import MEANING, calendar_frame
from sampling.assurance.facts import FORMAL
from sampling.assurance.noted import requests_of, trained_of
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.lines import OF_SESSIONS, ServiceLine, left_out, service_lines
from sampling.assurance.report.parts import Block, Fold, Part, share, table_of
from sampling.page.words import capital, counted
from sampling.plots.calendar import calendar_chart
from sampling.plots.figure import Figure
from sampling.reporting.tables import Table
from sampling.scoring.rules.session_rules import AGENDA as AGENDA_WORDS
from sampling.scoring.rules.session_rules import KIND_LABELS
from sampling.scoring.settings.assignments import FIRST
from sampling.suppression import load_profile
from sampling.tickets import digest

TITLE = "Coverage tracker: how often, of which kind, how complete"
DUE = "Due is the sum of in time, late and not done. What fell due in these months counts in them, also where it was done later."
DUES = (
    "Each time that a case or supervisee falls due counts, and each discussion sets the clock anew: so more can be due than there are cases, and "
    "a floor that is met early again and again counts as often."
)
NOT_ALONE = (
    "How often says little by itself: what the sessions covered stands below, what they led to under the audit, the action log and the "
    "patterns. Figures of one supervisee stand on that pair's own page alone."
)
NO_FUNCTIONS = "No closed session says which functions of supervision it served."
FEWEST_TOLD = 5  # requests of supervisees: of fewer, those who know the service could tell whose they are (our choice)
WEEKS_A_CHART = 14  # a quarter, with the weeks that it begins and ends in
_LINE = ("Rule", "Threshold", "Interval", "Row", "Due", "In time", "Late, with a reason", "Late, no reason noted", "Not done", "Exempt", "Excused", "To come")  # fmt: skip


def tracker(found: Assurance) -> Part:
    """Returns the whole section."""
    return Part(
        TITLE,
        (
            Block(sentences=(NOT_ALONE,)),
            due(found),
            teams(found),
            weeks(found),
            kinds(found),
            cases(found),
            pairs(found),
        ),
    )


def due(found: Assurance) -> Block:
    """Returns what fell due by rule, at each threshold, with the interval and the row of the requirements."""
    return Block(due_words(found), (DUE, DUES), (due_table(found),))


def due_words(found: Assurance) -> str:
    """Returns the finding on formal one-to-ones and cases at the floor, or at the norm where there is no floor."""
    said = []
    for what, rules in (("formal one-to-ones", OF_SESSIONS), ("discussions of cases", ("case",))):  # fmt: skip
        lines = [one for one in service_lines(found) if one.rule in rules and one.tally.due]
        least = [one for one in lines if one.threshold == "floor"] or lines
        if least:
            said.append(
                f"{share(sum(one.tally.in_time for one in least), sum(one.tally.due for one in least))} {what} in time"
            )
    return "; ".join(said) or "Nothing fell due in these months"


def due_table(found: Assurance) -> Table:
    """Returns a row each rule and threshold of the service."""
    rows = tuple(_line(one) for one in service_lines(found))
    policy = f"Policy: {found.asked.policy.title}. Where each interval is written down stands under Methods."
    under = (policy, left) if (left := left_out(found)) else (policy,)
    return Table("coverage", "What fell due, and what became of it: the service", _LINE, rows, under)


def _line(one: ServiceLine) -> tuple[str, ...]:
    counts = one.tally
    numbers = (
        counts.due, counts.in_time, counts.late_with_reason, counts.late_without_reason, counts.not_done, counts.exempt, counts.excused,
        counts.to_come,
    )  # fmt: skip
    return (one.words, one.threshold, one.interval, one.row, *map(str, numbers))


def teams(found: Assurance) -> Block:
    """Returns the same by team; a team in which one person alone had anything due is put together with others."""
    one = coverage_release.release(
        found.material.facts,
        found.asked.policy,
        found.asked.window,
        found.asked.today,
        suppression=load_profile("none"),
    )
    tables = tuple(
        table_of(f"coverage-teams-{place}", f"{name}, by team", frame)
        for place, (name, frame) in enumerate(one.tables.items(), 1)
    )
    return Block(
        "By team",
        (one.refusal,) if one.refusal else (),
        folds=(Fold("What fell due, by team", tables=tables),) if tables else (),
    )


def weeks(found: Assurance) -> Block:
    """Returns the calendar of the teams, a chart each quarter."""
    return Block("Week by week", (), (), calendars(found))


def calendars(found: Assurance) -> tuple[Figure, ...]:
    """Returns the calendars, each of so many weeks that it can be read on paper."""
    window = found.asked.window
    frame = calendar_frame(found.material.facts, found.asked.policy, window, found.asked.today, by="team")
    letters = {(row, week.date()): letter for row, week, letter in zip(frame["row"], frame["week"], frame["letter"], strict=True)}  # fmt: skip
    rows, days = sorted({row for row, _ in letters}), sorted({week for _, week in letters})
    spans = [days[place : place + WEEKS_A_CHART] for place in range(0, len(days), WEEKS_A_CHART)] or [[]]
    return tuple(_calendar(rows, span, letters, place) for place, span in enumerate(spans, 1))


def _calendar(rows: Sequence[str], weeks_: Sequence[date], letters: dict[tuple[str, date], str], place: int) -> Figure:
    late = sum(letters[row, week] == "L" for row in rows for week in weeks_)
    whole = len(rows) * len(weeks_)
    span = f", weeks from {_short(weeks_[0])} to {_short(weeks_[-1] + 6 * timedelta(days=1))}" if weeks_ else ""
    return calendar_chart(
        rows,
        [_short(week) for week in weeks_],
        {(row, _short(week)): letters[row, week] for row in rows for week in weeks_},
        MEANING,
        name=f"calendar-{place}",
        finding=f"Something was late or not done in {share(late, whole)} weeks of the teams{span}",
        basis="A row each team of two supervisees or more, a column each week from Monday; a week with several has the gravest.",
        method="Late, not done and due are by the day on which a formal one-to-one fell due, done by the day on which one was held; letters carry "
        "the meaning, shades repeat them.",
    )


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def kinds(found: Assurance) -> Block:
    """Returns what supervision there was: kinds of session, functions that they served, agenda items of the formal one-to-ones."""
    balance = found.coverage.balance
    held = sum(balance.kinds.values())
    rows = tuple((KIND_LABELS[kind][0], str(balance.kinds[kind]), "yes" if kind == FORMAL else "no: adds to it, never replaces it") for kind in KINDS)  # fmt: skip
    table = Table("kinds", "Sessions by kind (rows A4 to A6, C2, D2)", ("Kind", "Sessions", "Counts to coverage"), rows)
    if not held:
        return Block("No session of these months is in the journal", files=(table,))
    said = (agenda_words(found), *(() if balance.described else (NO_FUNCTIONS,)))
    functions = (functions_table(found),) if balance.described else ()
    heading = f"{capital(share(balance.kinds[FORMAL], held))} sessions in the journal were formal one-to-ones"
    return Block(
        heading,
        said,
        (agenda_table(found),),
        folds=(Fold("Kinds of session, and the functions that they served", tables=(table, *functions)),),
    )


def functions_table(found: Assurance) -> Table:
    """Returns how many sessions served each of the four functions, of those that say which."""
    balance = found.coverage.balance
    rows = tuple(
        (capital(name.replace("_", " ")), share(number, balance.described))
        for name, number in balance.functions.items()
    )
    caption = f"Functions served, of {counted(balance.described, 'session')} that say which (rows B1, E4)"
    return Table("functions", caption, ("Function", "Sessions"), rows)


def agenda_table(found: Assurance) -> Table:
    """Returns how many formal one-to-ones covered each agenda item."""
    balance = found.coverage.balance
    rows = tuple((AGENDA_WORDS[item][0], share(balance.agenda[item], balance.formal)) for item in AGENDA)
    caption = f"Agenda items covered, of {counted(balance.formal, 'formal one-to-one')} (row A7)"
    return Table("agenda", caption, ("Item", "Covered"), rows)


def agenda_words(found: Assurance) -> str:
    """Returns which agenda item was covered least often."""
    balance = found.coverage.balance
    if not balance.formal:
        return "No formal one-to-one of these months is closed in the journal, so nothing can be said of agendas."
    item = min(AGENDA, key=lambda one: balance.agenda[one])
    return f"The agenda item covered least often is “{AGENDA_WORDS[item][0].lower()}”: {share(balance.agenda[item], balance.formal)} formal one-to-ones."


def cases(found: Assurance) -> Block:
    """Returns how cases came to supervision, which were never discussed, and the exemptions."""
    every = found.coverage.pairs
    drawn, tabled = sum(one.drawn for one in every), sum(one.tabled for one in every)
    missed, never, held = undiscussed(found)
    whole, discussed = drawn_discussed(found)
    good = sum(one.registered for one in found.coverage.exemptions)
    bad = len(found.coverage.exemptions) - good
    rows = (
        ("Drawn cases discussed in formal one-to-ones, to cases put forward (E5)", f"{drawn} : {tabled}"),
        ("Cases drawn for these months that were discussed in a session by today (A12)", share(discussed, whole)),
        ("Open cases that no formal one-to-one of these months discussed (C13)", share(missed, held)),
        ("Of these, never since records begin", str(never)),
        ("Exemptions with their reason and both references (C1)", str(good)),
        ("Exemptions without, which do not count (C1)", str(bad)),
    )
    table = Table("cases", "Cases in supervision", ("What", "Number"), rows)
    heading = (
        f"{capital(share(missed, held))} open cases were not discussed in a formal one-to-one"
        if held
        else "Who holds which open case is not known"
    )
    return Block(heading, (NO_VERDICT.replace("how many are right", "the right ratio of drawn cases to others"),), (table,))  # fmt: skip


def undiscussed(found: Assurance) -> tuple[int, int, int]:
    """Returns (open cases not discussed in the window, never discussed, open cases that somebody is known to hold)."""
    ends = min(found.asked.window.last, found.asked.today)
    every = found.coverage.pairs
    held = sum(open_on(case, ends) and case.holder_on(ends) is not None for case in found.material.facts.cases)
    return sum(len(one.undiscussed) for one in every), sum(len(one.never_discussed) for one in every), held


def drawn_discussed(found: Assurance) -> tuple[int, int]:
    """Returns (cases drawn for the window's months, of these discussed in a session since its first day, by journal or extract)."""
    table, begins = found.material.gathered.cases, found.asked.window.first
    drawn = set(table[(table["stage"] == FIRST) & table["period"].isin(found.months)]["case"])
    closed = [one for one in found.material.facts.sessions if one.closed and one.held_on >= begins]
    said = {digest(case) for one in closed for case in one.discussed}
    said |= {digest(one.key) for one in found.material.facts.cases if any(talk.on >= begins for talk in one.discussed)}
    return len(drawn), len(drawn & said)


def asked_for(found: Assurance) -> tuple[tuple[str, str], ...]:
    """Returns (what, number) of training of supervisors, and of what supervisees asked for; a few of these could be told apart, so are not told."""
    spans, trained = found.coverage.spans, {digest(key) for key in trained_of(found.material.entries)}
    noted = sum(one.supervisor in trained for one in spans)
    window = found.asked.window
    said = requests_of(found.material.entries, window.first, window.last)
    asked = (
        ("Supervision does not meet somebody's needs: said in these months (B14)", said.flags, said.flags_answered),
        ("Objections to a third person's access, of these months (D13)", said.objections, said.objections_decided),
        ("Requests for a redaction, of these months (D13)", said.redactions, said.redactions_decided),
    )
    return (
        ("Supervisors with a day of training in supervision (B4, E3)", share(noted, len(spans))),
        *((words, told_in_fives(number, answered)) for words, number, answered in asked),
    )


def told_in_fives(number: int, answered: int) -> str:
    """Returns how many requests there are, and with an answer, in steps of five: exact numbers of two spans could be subtracted to one request."""
    if number < FEWEST_TOLD:
        return _step(number)
    return f"{_step(number)}; with an answer: {_step(answered)}"


def _step(number: int) -> str:
    least = number // FEWEST_TOLD * FEWEST_TOLD
    return f"{least} to {least + FEWEST_TOLD - 1}" if least else f"fewer than {FEWEST_TOLD}"


def pairs(found: Assurance) -> Block:
    """Returns changes of supervisor, span of supervision and agreements, as counts over the service."""
    every, spans = found.coverage.pairs, sorted(one.supervisees for one in found.coverage.spans)
    changed = sum(one.changes > 0 for one in every)
    agreed = Counter(one.agreement.partition(";")[0].removesuffix(".").removeprefix("Agreement: ") for one in every)
    middle = "none is recorded" if not spans else f"{spans[0]} to {spans[-1]}, most often {Counter(spans).most_common(1)[0][0]}"  # fmt: skip
    rows = (
        ("Supervisees whose supervisor changed (B8)", share(changed, len(every))),
        ("Supervisees of a supervisor (B4)", middle),
        *((f"Agreement: {words} (C7, D7)", str(number)) for words, number in sorted(agreed.items())),
        *asked_for(found),
    )
    table = Table("pairs", "Supervisors, supervisees and agreements", ("What", "Number"), rows)
    said = f"{counted(len(spans), 'supervisor')}, {counted(len(every), 'supervisee')}. {NO_VERDICT}"
    return Block(
        "Who supervises whom",
        (said,),
        folds=(Fold("Changes of supervisor, span of supervision and agreements", tables=(table,)),),
    )
