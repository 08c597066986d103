"""The sections of the page, each a pure function from facts to one HTML fragment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sampling.chain import utc_moment
from sampling.disclosure import shown_percent
from sampling.frame import EXCLUSIONS
from sampling.page import charts, words
from sampling.page import facts as counting
from sampling.page.facts import Facts
from sampling.page.words import capital, counted, day_of
from sampling.policy import COUNT_CAP
from sampling.quality import page_environment
from sampling.randomness import parse_ref

MOST_LISTED = 1_000  # beyond that a page is no longer read; the worklist has them all
_CASELOAD, _TWO = 20, 2  # the usual example: two of a caseload of 20


@dataclass(frozen=True)
class Fragment:
    """A part of the page. JupyterLab shows it as HTML; its text is the part's first sentence."""

    html: str
    words: str = ""

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.words


def _render(name: str, words_: str = "", **context: object) -> Fragment:
    return Fragment(page_environment().get_template(f"draw_{name}.html.j2").render(**context).strip() + "\n", words_)


def _moment(text: str) -> str:
    moment: datetime = utc_moment(text)
    return f"{day_of(moment.date())}, {moment:%H:%M} UTC"


def look() -> Fragment:
    """Returns the style of the fragments, for a notebook that is open in JupyterLab. The finished page brings
    its own.
    """
    style, _, _ = page_environment().get_template("draw.css").render().partition("/* page only */")
    return Fragment(f"<style>{style}</style>", "Ready.")


def heading(facts: Facts) -> dict[str, Any]:
    """Returns title, lead and key facts of the page's head."""
    about = facts.pack.commitment
    month = date.fromisoformat(f"{about['period']}-01")
    drawn = f"{len(facts.drawn):,}" if facts.is_drawn else "not yet"
    level = f"{facts.level}: {words.LEVELS[facts.level][0]}" if facts.level else "none before the draw"
    return {
        "title": f"Cases drawn for supervision, {month:%B %Y}"
        if facts.is_drawn
        else f"The draw for supervision, {month:%B %Y}: committed, not drawn yet",
        "lead": f"A random draw of {counted(facts.wanted, 'case')} for each practitioner, from those with "
        "recent recorded change first.",
        "facts": [
            ("Draw date", day_of(facts.as_of)),
            ("Practitioners", f"{len(facts.practitioners):,}"),
            ("Cases that could be drawn", f"{about['size']:,}"),
            ("Left out, with reasons", f"{about['exclusions_size']:,}"),
            ("Cases drawn", drawn),
            ("Evidence level", level),
        ],
        "draw_id": about["draw_id"],
        "software": facts.pack.plan["software"],
    }


def summary(facts: Facts) -> Fragment:
    """Returns the verdict: what was drawn, whether it verifies, what it is worth as evidence, and the notes of the freeze."""
    withdrawn = facts.pack.entry("withdrawn")
    reference = parse_ref(facts.pack.commitment["randomness_ref"])
    failed = facts.verification.failed
    drawn = facts.drawn
    if withdrawn:
        reason = words.WITHDRAWN.get(withdrawn["data"]["reason"], "a reason that the log states")
        mark, verdict, more = "stop", "This draw is withdrawn. Do not use it.", f"It stays visible: {reason}."
    elif failed:
        mark, verdict = "stop", f"Do not use this draw: the check “{failed}” fails."
        more = "Restore the folder from a copy and verify it again. The table of checks below says what was found."
    elif not facts.is_drawn:
        mark, verdict = "note", "The frame is committed. Nothing is drawn yet."
        more = "Publish the commitment below where the service cannot change it. " + words.NEXT_STEP[
            reference.kind
        ].format(round=f"{reference.round:,}")
    else:
        mark, verdict = (
            "good",
            f"{counted(len(drawn), 'case')} {'was' if len(drawn) == 1 else 'were'} drawn for "
            f"{drawn['practitioner_key'].nunique():,} of "
            f"{counted(len(facts.practitioners), 'practitioner')}.",
        )
        done = len(facts.verification.checks)
        more = (
            f"All {done} checks pass: the draw follows, step by step, from what was committed before "
            "the randomness was used."
        )
    level, entry = words.LEVELS.get(facts.level), facts.pack.entry("drawn")
    return _render(
        "summary",
        f"{verdict} {more}",
        mark=mark,
        verdict=verdict,
        more=more,
        level=facts.level,
        meaning=level,
        reason=entry["data"]["reason"] if entry else "",
        higher=words.HIGHER.get(facts.level),
        notes=facts.notes,
    )


def drawn(facts: Facts) -> Fragment:
    """Returns what was drawn: from caseload to draw, team by team, shortfalls in words, and the cases by
    short key.
    """
    if not facts.is_drawn:
        return Fragment("", "Nothing is drawn yet.")
    selected = facts.selected.sort_values(["team", "case_key"]).head(MOST_LISTED)
    columns = ["case_key", "team", "way", "reasons", "probability", "state"]
    listed = [
        {
            "key": str(key)[:8],
            "team": team,
            "why": words.WAYS[str(way)],
            "reasons": reasons or "no recent recorded change",
            "chance": chance,
            "state": words.STATES[str(state)],
        }
        for key, team, way, reasons, chance, state in selected[columns].itertuples(index=False)
    ]
    return _render(
        "drawn",
        chart=charts.flow(facts),
        teams=counting.team_counts(facts),
        sentences=_shortfall_sentences(facts),
        practitioners=words.PRACTITIONERS,
        cases=listed,
        total=len(facts.selected),
        tabled=facts.tabled,
    )


def _shortfall_sentences(facts: Facts) -> list[str]:
    found = counting.shortfall(facts)
    quota = facts.pack.plan["quota"].get("volatile", 0)
    sentences = []
    if found["few_volatile"]:
        text = (
            f"{counted(found['few_volatile'], 'practitioner')} had fewer than {counted(quota, 'case')} "
            "with recent recorded change"
        )
        sentences.append(
            f"{text}; {counted(found['top_ups'], 'case')} {'was' if found['top_ups'] == 1 else 'were'} "
            "drawn from their other cases instead."
        )
    if found["few"]:
        sentences.append(
            f"{counted(found['few'], 'practitioner')} had fewer than {counted(facts.wanted, 'case')} "
            "altogether; what there was, was drawn."
        )
    if found["none"]:
        sentences.append(f"{counted(found['none'], 'practitioner')} had no case that could be drawn{_unplaced(found)}.")
    sentences += _stream_sentences(facts)
    replaced = int((facts.cases["state"] == "replaced").sum())
    if replaced:
        sentences.append(
            f"{counted(replaced, 'case')} {'was' if replaced == 1 else 'were'} replaced by the next rank, "
            "for a logged reason."
        )
    return sentences


def _unplaced(found: dict[str, int]) -> str:
    """Returns what to say of practitioners with neither case nor team: they may have left, or the extract may lack them."""
    if not found["unplaced"]:
        return ""
    which = "each of them" if found["unplaced"] == found["none"] else f"{found['unplaced']:,} of them"
    return f"; {which} has no open case and no team in the extract, so check whether that person works here with cases"


def _stream_sentences(facts: Facts) -> list[str]:
    """The stream draws from those cases of its stratum whose practitioner gives none of these otherwise (sampling/draw.py)."""
    streamed = int(((facts.cases["way"] == counting.STREAM) & (facts.cases["state"] != "replacement")).sum())
    if not streamed:
        return []
    stratum = facts.pack.plan["stream"]["stratum"]
    pool, whole = int(facts.cases["pooled"].sum()), int((facts.cases["stratum"] == stratum).sum())
    which = f"the {whole:,} cases {words.STRATA[stratum]}"
    if pool < whole:
        which = f"{pool:,} of {which}, those whose practitioner gives none of these by allocation or top-up"
    return [f"The random stream drew {counted(streamed, 'case')} more from {which}, so that these have a chance too."]


def signals(facts: Facts) -> Fragment:
    """Returns how often each reason occurs among the cases with recent recorded change, and what the source
    could not tell.
    """
    counts, whole = counting.signal_counts(facts), len(facts.volatile)
    rows = []
    for signal, count in counts:
        told = signal not in facts.untold_signals
        shown = (f"{count:,}", shown_percent(count, whole)) if told else (words.UNTOLD, "")
        window = f"{signal.window_days} days" if signal.window_days else "on the draw date"
        rows.append(
            (
                capital(signal.one),
                "major" if signal.major else "one of several",
                window,
                *shown,
                signal.source,
            )
        )
    rule = (facts.policy.major, facts.policy.distinct)
    return _render(
        "signals",
        chart=charts.reasons(facts),
        rows=rows,
        rule=rule,
        cap=COUNT_CAP,
        untold=[capital(signal.one) for signal in facts.untold_signals],
        cannot_tell=facts.cannot_tell,
    )


def fairness(facts: Facts) -> Fragment:
    """Returns who could be drawn first, by sex, age band and ethnic group, as far as recorded: the bias
    table.
    """
    return _render("fairness", chart=charts.eligibility(facts))


def left_out(facts: Facts) -> Fragment:
    """Returns the cases that could not be drawn, by reason, and the tabled cases."""
    counts = facts.exclusions["stratum"].value_counts()
    rows = [
        (EXCLUSIONS.get(str(code), str(code)), f"{int(counts[code]):,}")
        for code in sorted(counts.index, key=lambda code: (-int(counts[code]), str(code)))
    ]
    return _render(
        "left_out",
        rows=rows,
        total=len(facts.exclusions),
        tabled=counted(facts.tabled, "case") if facts.tabled else "",
    )


def evidence(facts: Facts) -> Fragment:
    """Returns commitment, randomness, seed and each check by its name, and how an outsider checks the draw."""
    about, entry = facts.pack.commitment, facts.pack.entry("drawn")
    trail = [
        ("Commitment", about["commit"]),
        ("Committed", _moment(facts.pack.log[0]["at"])),
        ("Randomness promised", about["randomness_ref"]),
    ]
    if entry:
        trail += [
            ("Seed", entry["data"]["seed"]),
            ("Drawn", _moment(entry["at"])),
            ("Why this level", f"{facts.level}: {entry['data']['reason']}"),
        ]
    checks = [
        {
            "name": check.name,
            "words": words.CHECKS[check.name],
            "mark": "stop" if not check.ok else "good" if check.done else "plain",
            "result": "fails" if not check.ok else "passes" if check.done else "to come",
            "detail": capital(check.detail),
        }
        for check in facts.verification.checks
    ]
    return _render("evidence", trail=trail, checks=checks)


def limits(facts: Facts) -> Fragment:
    """Returns what the draw can and cannot support. It ends the page."""
    fewest = counting.fewest_compatible(_CASELOAD, _TWO)
    return _render("limits", "The page is complete.", fewest=fewest, caseload=_CASELOAD, wanted=facts.wanted)
