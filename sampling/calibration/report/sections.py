"""The sections of a calibration report, each a pure function from what was opened to one HTML fragment; empty where there is no session yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sampling.calibration.report import agreeing, figures, tables
from sampling.calibration.report.anchors import Anchor, anchors, due_now, overall
from sampling.calibration.report.by_alias import (
    ByAlias,
    boundary_sentence,
    by_alias,
    difference_sentences,
    use_sentences,
)
from sampling.calibration.report.due import due_sentence
from sampling.calibration.report.opening import Report
from sampling.calibration.report.recording import items, missing_words
from sampling.calibration.report.words import (
    day_in_words,
    listed,
    moment_in_words,
    month_in_words,
    rubric_title,
    titles,
    vignette_title,
)
from sampling.calibration.state import Session
from sampling.evidence.agreement.sentences import STANDING_SENTENCE, agreement_sentence
from sampling.evidence.agreement.summaries import CONFORMITY
from sampling.evidence.results import counted
from sampling.evidence.sentences import percent
from sampling.page.sections import Fragment
from sampling.page.words import day_of
from sampling.plots.figure import Figure
from sampling.quality import page_environment
from sampling.reporting.tables import Table

NOTHING = Fragment("", "Nothing yet.")
HOLD = "Hold a session with: sampling calibrate. Its pages lead through it, and once a round is revealed this page reports it."
_AUTHORS = "The reference levels are those of the vignette's authors, who say why. No panel set them: where your leads differ, theirs count."
_ONE_CASE = (
    "From one case nobody's strictness can be told: with another a rater may lie elsewhere. The expected levels are those of a "
    "model of this case's criteria (a cumulative logit), in the order of aliases."
)
_OTHERS = "The groups may have been other people, and whoever met the case before may remember it: a difference need not be a change of anybody's thresholds."
_CHANGED = "Only a new version of a rubric changes an anchor: take these to whoever publishes it."


@dataclass(frozen=True)
class Heading:
    """The head of a report: title, lead, key facts, and what is kept at its foot."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]


def look() -> Fragment:
    """Returns the style of the fragments, for a notebook that is open in JupyterLab."""
    style, _, _ = page_environment().get_template("draw.css").render().partition("/* page only */")
    return Fragment(f"<style>{style}{page_environment().get_template('evidence.css').render()}</style>", "Ready.")


def heading(found: Report) -> Heading:
    """Returns what stands above a report."""
    session = found.session
    if session is None:
        lead = "What there is to calibrate with, and how to begin."
        return Heading("Calibration: no session yet", lead, (("Sessions revealed", "0"), ("Purpose", found.purpose)))
    case = vignette_title(found, session)
    raters = agreeing.answers_of(found, session, found.rounds[0])["rater"].nunique()
    return Heading(
        f"Calibration: agreement of a group on “{case}”",
        f"How {counted(raters, 'rater')} applied the levels of one rubric to one invented case on {day_in_words(session.opened_at)}.",
        (
            ("Session", moment_in_words(session.opened_at)), ("Rubric", rubric_title(found, session)),
            ("Criteria", str(len(session.opened.criteria))), ("Rounds revealed", listed([str(one) for one in found.rounds])),
            ("Purpose", found.purpose), ("As of", day_of(found.today) if found.today else ""),
        ),
    )  # fmt: skip


def first_words(found: Report) -> Fragment:
    """Returns which criteria split the group, and how sure that is; without a session what to do, and the vignettes there are."""
    if found.session is None:
        return _begin(found)
    answer = _answer(found, found.session)
    return _render("first", answer, answer=answer, standing=STANDING_SENTENCE, how_sure=_how_sure(found, found.session))


def _begin(found: Report) -> Fragment:
    waiting = len(found.gathered.sessions)
    answer = f"{counted(waiting, 'session')} opened, and no round revealed." if waiting else "No session was held yet."
    first = _render("first", answer, answer=answer, standing=STANDING_SENTENCE, how_sure=(HOLD,))
    listing = _section("What a group can score", (), (), (tables.vignettes(found),))
    return Fragment(first.html + listing.html, f"{answer} {HOLD}")


def _answer(found: Report, session: Session) -> str:
    shown = agreeing.spreads(found, session)
    if not shown:
        return f"Fewer than {session.opened.least} raters gave a level on any criterion, so whether the group splits cannot be said."
    splits, named = agreeing.splitting(shown), titles(found)
    of = counted(len(shown), "criterion", "criteria")
    if not splits:
        return f"On none of {of} does the group split at the threshold."
    return f"The group splits at the threshold on {len(splits)} of {of}: {listed([named[one.criterion] for one in splits])}."


def _how_sure(found: Report, session: Session) -> list[str]:
    first = agreeing.of_round(found, session, 1)
    said = []
    if first is not None:
        said = [agreement_sentence(one) for _, one in first.named[:2]]
        standard = first.named[4][1].value
        if standard is not None:
            cut = agreeing.cut_of(found, session)
            said.append(f"On whether a criterion reaches level {cut}, {percent(standard)} of pairs agree.")
        said += first.warnings
    hidden = len(session.opened.criteria) - len(agreeing.spreads(found, session))
    if hidden:
        said.append(
            f"{counted(hidden, 'criterion', 'criteria')} with fewer than {session.opened.least} levels: no figure is made of these."
        )
    said.append("This is one case. How the same group would score another, only other cases can show.")
    if len(found.rounds) > 1:
        said.append(f"Figures are of round 1 unless they say otherwise. {CONFORMITY}")
    return said


def levels(found: Report) -> Fragment:
    """Returns a dot plot for each criterion."""
    if found.session is None:
        return NOTHING
    return _section("Levels by criterion", (), figures.dots(found, found.session))


def spread(found: Report) -> Fragment:
    """Returns the criteria by how far they part the raters."""
    if found.session is None:
        return NOTHING
    said = "Talk about the uppermost first: what in the case, or in the wording of a level, made raters part?"
    return _section("Which criteria part the raters", (said,), (), (tables.spread(found, found.session),))


def agreement(found: Report) -> Fragment:
    """Returns the figures of agreement for each round, or why there are none."""
    if found.session is None:
        return NOTHING
    drawn = figures.forests(found, found.session)
    why = (
        () if drawn else (f"No criterion has {found.session.opened.least} levels, so no figure of agreement is made.",)
    )
    return _section("Agreement", why, drawn)


def rounds(found: Report) -> Fragment:
    """Returns how levels moved from round 1 to round 2."""
    session = found.session
    if session is None:
        return NOTHING
    if len(found.rounds) < 2:
        return _section("Round 1 to round 2", ("One round was revealed.",))
    whole = tables.movement(found, session)
    if whole is None:
        few = f"Fewer than {session.opened.least} raters gave a level in both rounds on any criterion, so no movement is shown."
        return _section("Round 1 to round 2", (few, CONFORMITY))
    return _section("Round 1 to round 2", (CONFORMITY,), (), (whole, tables.movement_by_criterion(found, session)))


def raters(found: Report) -> Fragment:
    """Returns what single raters did, under aliases, with what it can tell and what not; or why that is not shown."""
    if found.session is None:
        return NOTHING
    title, told = "Raters, under aliases", by_alias(found, found.session)
    if isinstance(told, str):
        return _section(title, (told,))
    model = told.severity
    said = (_ONE_CASE, *model.notes) if model.raters else (f"No severity can be had. {model.reason}",)
    words = (*difference_sentences(told), *said, boundary_sentence(told), *use_sentences(told))
    return _section(title, words, _of_raters(told), _tables_of_raters(told))


def _of_raters(told: ByAlias) -> tuple[Figure, ...]:
    edge = figures.boundary(told)
    return (figures.raters(told), *(() if edge is None else (edge,)))


def _tables_of_raters(told: ByAlias) -> tuple[Table, ...]:
    return (*((tables.severity(told.severity),) if told.severity.raters else ()), tables.level_use(told))


def reference(found: Report) -> Fragment:
    """Returns levels beside the reference, or why there is none to show."""
    title, session = "Beside the reference levels", found.session
    if session is None:
        return NOTHING
    if found.vignette is None:
        return _section(title, ("The vignette is not here any more as it was, so its reference levels are not shown.",))
    if session.step not in ("reference", "finished"):
        return _section(title, ("The reference levels were not shown to the group yet, so they are not shown here.",))
    return _section(title, (_AUTHORS,), (), (tables.reference(found, session),))


def holding(found: Report) -> Fragment:
    """Returns whether thresholds hold: each anchor session by session, this session's vignette by criterion too, and which anchors are due."""
    session = found.session
    if session is None:
        return NOTHING
    every, due = anchors(found, session), due_now(found)
    said = [overall(every)]
    if not found.before:
        said.append(
            "This session's vignette was not used in an earlier one. Used again next quarter, it becomes an anchor."
        )
    said += [_OTHERS] if every else []
    said += [] if due is None else [due_sentence(due)]
    shown = (tables.holding(found, session),) if found.before else ()
    return _section("Do thresholds hold?", said, _of_anchors(found, every), shown)


def _of_anchors(found: Report, every: tuple[Anchor, ...]) -> tuple[Figure, ...]:
    return tuple(figures.anchor(one, place, found.shelf.policy.tolerance) for place, one in enumerate(every, 1))


def over_sessions(found: Report) -> Fragment:
    """Returns the sessions of the span, and agreement over all of them."""
    if found.session is None:
        return NOTHING
    drawn = _pooled(found)
    said = (
        "Pairs of raters are of one session each, and who came twice counts twice: an alias is one person within its session alone. Intervals are over vignettes: how the "
        "figures might be with others."
    )
    title = f"Sessions from {month_in_words(found.first)} to {month_in_words(found.last)}"
    return _section(title, (said,), drawn, (tables.sessions(found),))


def _pooled(found: Report) -> tuple[Figure, ...]:
    both = agreeing.over_sessions(found)
    when = "over the sessions, round 1"
    return () if both is None else (figures.forest(both, name="agreement-sessions", when=when),)


def proposals(found: Report) -> Fragment:
    """Returns the wordings that the group proposes for anchors."""
    if found.session is None:
        return NOTHING
    if not found.session.proposals:
        return _section("Proposed wordings for anchors", ("No other wording was proposed.",))
    return _section("Proposed wordings for anchors", (_CHANGED,), (), (tables.proposals(found, found.session),))


def group_record(found: Report) -> Fragment:
    """Returns the record of group supervision, with what became of the actions of earlier sessions."""
    session = found.session
    if session is None:
        return NOTHING
    every = (tables.group_record(session), tables.actions(found, session), tables.revisited(found, session))
    said = () if session.record else ("No record was written down in this session.",)
    return _section("Record of group supervision", said, (), [one for one in every if one.rows])


def grras(found: Report) -> Fragment:
    """Returns where each item of the reporting guideline GRRAS is answered, and of those that are missing who can write them."""
    if found.session is None:
        return NOTHING
    every = items(found, found.session)
    missing = missing_words(every)
    said = f"{len(every) - len(missing)} of {len(every)} items of GRRAS (Kottner and others 2011) are answered."
    ask = (
        ("What only people can say stands in a file beside the sessions, which this writes: sampling account DIR.",)
        if missing
        else ()
    )
    return _section("What a report on agreement must tell", (said, *ask), (), (tables.grras(every),), missing)


def reproduce(found: Report) -> Fragment:
    """Returns what is needed to make the same report again."""
    said = "The same journal, words of people, vignettes, rubrics and software give the same bytes. A later session adds to the journal, and changes its head."
    return _section("To make this again", (said, STANDING_SENTENCE), (), (tables.reproduce(found),))


def all_figures(found: Report) -> tuple[Figure, ...]:
    """Returns every figure of the report in order."""
    session = found.session
    if session is None:
        return ()
    told = by_alias(found, session)
    return (
        *figures.dots(found, session),
        *figures.forests(found, session),
        *(() if isinstance(told, str) else _of_raters(told)),
        *_of_anchors(found, anchors(found, session)),
        *_pooled(found),
    )


def all_tables(found: Report) -> tuple[Table, ...]:
    """Returns every table of the report in order, less those behind a figure."""
    session = found.session
    if session is None:
        return (tables.vignettes(found), tables.reproduce(found))
    whole, told = tables.movement(found, session), by_alias(found, session)
    every = (
        tables.spread(found, session), *(() if whole is None else (whole, tables.movement_by_criterion(found, session))),
        *(() if isinstance(told, str) else _tables_of_raters(told)), tables.reference(found, session),
        *((tables.holding(found, session),) if found.before else ()), tables.sessions(found), tables.proposals(found, session),
        tables.group_record(session), tables.actions(found, session), tables.revisited(found, session), tables.grras(items(found, session)), tables.reproduce(found),
    )  # fmt: skip
    return tuple(one for one in every if one.rows)


def _section(
    title: str, sentences: Sequence[str] = (), drawn: Sequence[Figure] = (), shown: Sequence[Table] = (), items: Sequence[str] = ()
) -> Fragment:  # fmt: skip
    return _render("section", f"{title}.", title=title, sentences=sentences, figures=drawn, tables=shown, items=items)


def _render(name: str, words: str, **context: Any) -> Fragment:
    text = page_environment().get_template(f"calibration_{name}.html.j2").render(**context)
    return Fragment(text.strip() + "\n", words)
