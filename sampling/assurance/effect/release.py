"""What of the review may leave the service: survey, incidents, indicators and counts of feedback, small numbers hidden by one profile.

Each wave, quarter and value is protected by itself, from its own rows alone. So it looks the same in the release of a month, a quarter and a
year, and none of them can be subtracted from another (docs/effectiveness.md). What overlaps what left, of the same indicator or survey, is not
shown (left.py). Whatever else the review holds stays inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pandas as pd

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.effect.incidents import ALL
from sampling.assurance.effect.indicators import indicators
from sampling.assurance.effect.left import moved, moved_from, wave_title
from sampling.assurance.effect.partners import DIRECTIONS
from sampling.assurance.effect.quarters import quarter_of, quarters_of
from sampling.assurance.effect.results import Effectiveness, Released
from sampling.assurance.effect.survey import SERVICE, asked_of, counts_of, group_responses, shown_items
from sampling.evidence.sentences import percent as whole_percent
from sampling.reporting.tables import Table as Shown
from sampling.suppression import Cell, Profile, Relation, ShownTable, Suppressed, Table, percent, rate, suppress

ANSWERED, AGREE, OTHERWISE = "Answers", "Agree", "Do not agree"
INCIDENTS, ENTRIES = "Incidents", "Entries"
ALL_FEEDBACK = "All feedback"
NOT_ENDED = "A quarter leaves once it is over: {quarter} is not."
STAYS = (
    "Training needs, balancing measures, partners' words and counts from before stay inside the service. Counts of criteria leave through the "
    "evidence report alone, so that nothing can be subtracted."
)
Part = tuple[Mapping[str, Shown], Mapping[str, str]]


def released(effect: Effectiveness, profile: Profile) -> Released:
    """Returns what may leave of a review under a suppression profile, beside what left before (`effect.left`), with a sentence for each table that may not be shown."""
    tables: dict[str, Shown] = {}
    refused: dict[str, str] = {}
    for found, reasons in (
        *(_wave(effect, wave, profile) for wave in _waves(effect)),
        *_quarters(effect, profile),
        indicators(effect, profile),
    ):
        tables |= found
        refused |= reasons
    return Released(tables, refused, (STAYS,))


def _waves(effect: Effectiveness) -> list[date]:
    return sorted({one.wave for one in effect.brought.responses if effect.window.has(one.wave)})


def wave_tables(effect: Effectiveness, wave: date) -> dict[str, Table]:
    """Returns the counts of a wave for suppression: item -> groups by how they answered. Empty where too few responded.

    How many answered an item is taken as known to the reader, exactly: then one item tells nothing of another, and each is protected by
    itself. What stays protected is how they answered.
    """
    answers = [one for one in effect.brought.responses if one.wave == wave]
    groups = group_responses(answers, effect.policy.numbers.fewest_responses)
    of_service, of_teams = shown_items(groups, effect.policy)
    found = {}
    for item in effect.policy.item:
        if item.id in of_service:
            kept = groups if item.id in of_teams else {SERVICE: groups[SERVICE]}
            rows = {name: _answered(*counts_of(some, item.id)) for name, some in kept.items()}
            found[item.id] = Table(
                f"{wave.isoformat()} {item.id}",
                pd.DataFrame.from_dict(rows, orient="index"),
                rows_add={SERVICE: [name for name in rows if name != SERVICE]} if len(rows) > 1 else {},
                columns_add={ANSWERED: (AGREE, OTHERWISE)},
                ratios=[percent(AGREE, ANSWERED)],
                known=frozenset((name, ANSWERED) for name in rows),
            )
    return found


def _answered(agree: int, answered: int) -> dict[str, int]:
    return {ANSWERED: answered, AGREE: agree, OTHERWISE: answered - agree}


def _wave(effect: Effectiveness, wave: date, profile: Profile) -> Part:
    tables, title, day = wave_tables(effect, wave), wave_title(wave), moved_from(wave, effect.left)
    if day is not None:
        return {}, {title: moved(wave, day)}
    if not tables:
        return {}, {title: f"{title}: too few responses to show any of them."}
    texts = {one.id: one.text for one in effect.policy.item}
    done = {item: suppress([table], profile) for item, table in tables.items()}
    shown = {item: release.tables[0] for item, release in done.items() if not release.refusal}
    refused = {f"{title}, {texts[item]}": release.refusal for item, release in done.items() if release.refusal}
    groups = list(dict.fromkeys(str(name) for one in shown.values() for name in one.shown.index))
    rate_words = _rate_words(effect, wave)
    found = {}
    for group in groups:
        mine = {item: one for item, one in shown.items() if group in one.shown.index}
        rows = tuple((texts[item], *(str(cell) for cell in one.shown.loc[group])) for item, one in mine.items())
        columns = ("Item", *(str(name) for name in next(iter(mine.values())).shown.columns))
        caption = f"{title}: {group}"
        under = (*(rate_words if group == SERVICE else ()), *_under(list(mine.values())))
        found[caption] = Shown(
            f"released-survey-{wave.isoformat()}-{groups.index(group)}", caption, columns, rows, under
        )
    return found, refused


def _rate_words(effect: Effectiveness, wave: date) -> tuple[str, ...]:
    answers = [one for one in effect.brought.responses if one.wave == wave]
    asked = asked_of(effect.brought.asked, wave, answers, SERVICE)
    if not asked:
        return ("How many were asked was not brought, so there is no response rate.",)
    return (f"{whole_percent(len(answers) / asked)} of those asked answered. Those who did not may think otherwise.",)


def _under(tables: Sequence[ShownTable]) -> tuple[str, ...]:
    """Returns what is said under every one of these tables alike; how many numbers of each are hidden is not counted up."""
    return tuple(sentence for sentence in tables[0].sentences if all(sentence in one.sentences for one in tables))


def _quarters(effect: Effectiveness, profile: Profile) -> Iterator[Part]:
    for quarter in quarters_of(effect.window.first, effect.window.last):
        last = window_of(quarter).last
        if last > effect.today:
            yield {}, {quarter: NOT_ENDED.format(quarter=quarter)}
        elif effect.window.has(last):
            yield from (
                _shown(
                    f"{what}, {quarter}",
                    f"released-{slug}-{quarter.lower()}",
                    suppress([table], profile, relations=sums),
                )
                for what, slug, table, sums in quarter_tables(effect, quarter)
            )


def quarter_tables(effect: Effectiveness, quarter: str) -> Iterator[tuple[str, str, Table, list[Relation]]]:
    """Yields what is told of a quarter for suppression: what it is, a short name, the table, and the sum that a reader knows."""
    themes = Counter(one.theme for one in effect.brought.incidents if quarter_of(one.on) == quarter)
    if themes:
        table = _incidents(effect, quarter, themes)
        yield "Incidents by theme", "incidents", table, _sum(table, ALL, INCIDENTS)
    said = Counter(one.direction for one in effect.brought.feedback if quarter_of(one.on) == quarter)
    if said:
        rows = {way: said[way] for way in DIRECTIONS}  # type: ignore[index]
        table = Table(f"{quarter} feedback", pd.DataFrame({ENTRIES: {**rows, ALL_FEEDBACK: said.total()}}))
        yield "Partner feedback", "partners", table, _sum(table, ALL_FEEDBACK, ENTRIES)


def _sum(table: Table, total: str, column: str) -> list[Relation]:
    parts = tuple(Cell(table.name, str(row), column) for row in table.counts.index if row != total)
    return [Relation(Cell(table.name, total, column), parts)]


def _incidents(effect: Effectiveness, quarter: str, found: Counter[str]) -> Table:
    """Returns the counts by theme; what they are counted against is known to everybody, so its rate is one more figure of the total."""
    rows = {one.words: {INCIDENTS: found[one.id]} for one in effect.policy.theme}
    against = {f"{one.what} (known)": one.number for one in effect.brought.against if one.quarter == quarter}
    counts = pd.DataFrame.from_dict({**rows, ALL: {INCIDENTS: found.total(), **against}}, orient="index")
    per = effect.policy.numbers.rate_per
    ratios = [
        rate(f"Per {per:,} {what.removesuffix(' (known)')}", INCIDENTS, what, per=per, large_only=True)
        for what in against
    ]
    known = frozenset((ALL, what) for what in against)
    return Table(f"{quarter} incidents", counts, ratios=ratios, inside=frozenset(against), known=known)


def _shown(caption: str, slug: str, release: Suppressed) -> Part:
    if release.refusal:
        return {}, {caption: release.refusal}
    one = release.tables[0]
    rows = tuple(
        (str(name), *(str(cell) for cell in row))
        for name, row in zip(one.shown.index, one.shown.to_numpy(), strict=True)
    )
    return {caption: Shown(slug, caption, ("", *(str(name) for name in one.shown.columns)), rows, one.sentences)}, {}
