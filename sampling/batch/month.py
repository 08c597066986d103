"""The monthly cycle for one service: check, then the notebook that freezes, draws and verifies, then its
page.

The notebook decides nothing either: it calls sampling.workflow. What stands here is what both need to hand to
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sampling import page, quality, workflow
from sampling.batch import practice, practice_pages
from sampling.batch.notebooks import CellError, page_of, run_notebook
from sampling.chain import utc_moment, utc_text
from sampling.errors import NotebookError, SourceError, StateError, UsageError, VerificationError
from sampling.handing_in import handed_in
from sampling.keys import Keyring
from sampling.model import Extract, Period
from sampling.pack import Pack, is_pack, open_pack
from sampling.policy import shared_folder
from sampling.randomness import Randomness
from sampling.scoring.settings.preparing import prepare_from
from sampling.sources.opening import open_extract
from sampling.sources.synthesis import synthesise
from sampling.storage import write_whole
from sampling.tickets import seed
from sampling.verify import verify_draw

NOTEBOOK = "01_draw.ipynb"
REPORT = "report"
PAGE, CHECK_PAGE, RUN = "draw.html", "check.html", "draw.ipynb"
# The service that the demo invents: the same on every machine, large enough for two teams and some
# shortfalls.
DEMO_FORMAT, DEMO_CASES, DEMO_MONTHS, DEMO_SEED = "mhsds", 400, 12, 20261
# What the stored notebook does not hold: paths can carry a name or number, and the time would make each run
# another file.
_PRIVATE = ("source", "reading", "policies", "randomness", "out", "now")


@dataclass(frozen=True)
class MonthOrder:
    """What a month is asked for. `as_of` is the draw date, the period's last day unless given; `extract_day` the day of the
    extract, where it does not say. `randomness` has one of operator, pulse, nonces and dice (with witnesses), or nothing yet.
    `practice` has scripted raters score the drawn cases of an invented service, and dates the draw nine days back.
    """

    period: Period
    out: Path
    source: str = ""
    format: str | None = None
    extension: Path | None = None
    as_of: date | None = None
    extract_day: date | None = None
    draw_id: str = ""
    plan: Path | None = None
    signals: Path | None = None
    randomness_ref: str = "operator"
    randomness: Mapping[str, object] | None = None
    practice: bool = False

    @property
    def report(self) -> Path:
        """Returns the folder of the pages: it stays with the service, unlike share/."""
        return self.out / REPORT

    @property
    def draw_date(self) -> date:
        """Returns the day on which caseloads are counted."""
        return self.as_of or self.period.last_day


@dataclass(frozen=True)
class MonthResult:
    """What a month came to: what `--json` prints, and the same in words."""

    about: dict[str, Any]
    text: str


def run(
    order: MonthOrder, *, now: datetime, say: Callable[[str], None] | None = None, progress: bool = False
) -> MonthResult:
    """Runs the month and writes report/check.html, report/draw.ipynb and report/draw.html below `order.out`.

    The same order gives the same draw and the same page again; a run that was killed goes on. With errors in
    the extract nothing is
    frozen, and the result has them all. Raises the SamplingError of the stage that failed.
    """
    tell = say or (lambda text: None)
    source = _absolute(order.source)
    if not source:
        tell("Inventing a synthetic service")
        source = service("", order.out, order.period)
    today = now
    if order.practice:
        practice.refuse_unless_invented(source)
        if not any((order.randomness or {}).values()):
            practice.refuse_undrawn(order.out)
        now -= practice.LASTS
    tell("Checking the extract")
    extract = open_extract(
        source,
        workflow.local_keyring(),
        format=order.format,
        extension=order.extension,
        as_of=order.extract_day,
        draw_date=order.draw_date,
        notes=(),
    )
    check_page = quality.page(extract, made_at=utc_text(now)).encode("utf-8")
    _clear_earlier_check(order)
    if extract.errors:
        write_whole(order.report / CHECK_PAGE, check_page)
        return _refused(order, extract)
    tell("Freezing, drawing and verifying")
    run_path = _run_notebook(order, source, now, progress=progress)
    if not order.practice:  # a practice takes the record of two days, each once
        _take_record(order, source, extract, now)
    tell("Writing the page")
    result = _finished(order, extract, run_path, check_page)
    if not order.practice:
        return result
    tell("Scoring, signing and following up by scripted raters")
    return _practised(order, source, extract, result, now=today)


def _practised(order: MonthOrder, source: str, extract: Extract, result: MonthResult, *, now: datetime) -> MonthResult:
    keyring = workflow.local_keyring()
    done = practice.practise(order.out, source, extract, keyring, now=now, extension=order.extension)
    index = practice_pages.write_pages(done, order.out, order.report, keyring)
    counts = {name: getattr(done, name) for name in ("signed", "seen", "moderated", "sessions", "rescored")}
    words = [
        f"{done.signed} ratings are signed by scripted raters, {done.rescored} cases scored again a week later.",
        f"Begin here: {index}",
        f"To score a case yourself: sampling score {order.out.parent}",
    ]
    return MonthResult({**result.about, "index": str(index), "practice": counts}, "\n".join([result.text, *words]))


def _take_record(order: MonthOrder, source: str, extract: Extract, now: datetime) -> None:
    """Takes the record of the drawn cases along, so that they can be scored. The same record again changes nothing."""
    pack = open_pack(order.out)
    if pack.entry("drawn") and not pack.entry("withdrawn"):
        prepare_from(order.out, source, extract, workflow.local_keyring(), now, extension=order.extension)


def _absolute(source: str) -> str:
    return source if not source or "://" in source else str(Path(source).absolute())


def _clear_earlier_check(order: MonthOrder) -> None:
    """Takes away the page of a check that failed before, where it stands alone: a draw is frozen into an
    empty folder only.
    """
    earlier = order.report / CHECK_PAGE
    if (
        not is_pack(order.out)
        and earlier.is_file()
        and list(order.out.iterdir()) == [order.report]
        and list(order.report.iterdir()) == [earlier]
    ):
        earlier.unlink()
        order.report.rmdir()


def _refused(order: MonthOrder, extract: Extract) -> MonthResult:
    where = order.report / CHECK_PAGE
    about = {
        "error": SourceError.kind,
        "exit": SourceError.exit_code,
        "check": str(where),
        "findings": [
            {"code": finding.code, "text": finding.line(), "where": finding.where} for finding in extract.errors
        ],
        "message": quality.verdict(extract),
    }
    return MonthResult(about, f"{quality.report(extract)}\nNothing was frozen. The same as a page: {where}")


def _run_notebook(order: MonthOrder, source: str, now: datetime, *, progress: bool) -> Path:
    parameters = {
        "source": source,
        "reading": _given(format=order.format, extension=order.extension, extract_day=order.extract_day),
        "period": order.period.text,
        "as_of": order.as_of.isoformat() if order.as_of else "",
        "draw_id": order.draw_id,
        "policies": _given(plan=order.plan, signals=order.signals),
        "randomness_ref": order.randomness_ref,
        "randomness": _given(**(order.randomness or {})),
        "out": str(order.out.absolute()),
        "now": utc_text(now),
    }
    try:
        return run_notebook(
            shared_folder("notebooks") / NOTEBOOK,
            parameters,
            order.report / RUN,
            private=_PRIVATE,
            progress=progress,
        )
    except CellError as error:
        if error.cause is NotebookError:
            raise
        failure = error.cause(error.message)  # a stage's own error keeps its exit code on its way out of the notebook
    raise failure


def _given(**values: object) -> dict[str, object]:
    """Returns what is given, days and paths as text, these absolute: the notebook may run in another folder."""
    given = {name: value.absolute() if isinstance(value, Path) else value for name, value in values.items() if value}
    return {name: str(value) if isinstance(value, Path | date) else value for name, value in given.items()}


def _finished(order: MonthOrder, extract: Extract, run_path: Path, check_page: bytes) -> MonthResult:
    pack = open_pack(order.out)
    draw = page.gather(pack, verify_draw(order.out), extract)
    where = order.report / PAGE
    write_whole(where, page_of(run_path, "draw.html.j2", **page.heading(draw)).encode("utf-8"))
    write_whole(order.report / CHECK_PAGE, check_page)
    about = {
        "check": str(order.report / CHECK_PAGE),
        "commit": pack.commitment["commit"],
        "draw_id": pack.commitment["draw_id"],
        "drawn": draw.is_drawn,
        "evidence_level": draw.level,
        "exit": 0 if draw.verification.ok else VerificationError.exit_code,
        "failed": draw.verification.failed,
        "page": str(where),
        "synthetic": not order.source,
    }
    lines = [page.summary(draw).words, f"Commitment: {pack.commitment['commit']}"]
    lines += [f"Evidence level {draw.level}."] if draw.level else []
    lines += ["The service is invented: none of its people exists."] if not order.source else []
    return MonthResult(
        about,
        "\n".join(
            [
                *lines,
                f"The page: {where}",
                f"The check of the extract: {order.report / CHECK_PAGE}",
                f"To hand on: {pack.share}",
            ]
        ),
    )


def service(source: str, out: Path, period: Period) -> str:
    """Returns the source, or where none is given a synthetic service beside the draw, invented on first use."""
    if source:
        return source
    folder = out.absolute().parent / f"synthetic-{period.text}"
    if not folder.is_dir():
        synthesise(
            format=DEMO_FORMAT,
            cases=DEMO_CASES,
            months=DEMO_MONTHS,
            seed=DEMO_SEED,
            out=folder,
            until=period.text,
        )
    return str(folder)


def asked(period: str, randomness_ref: str, draw_id: str, as_of: str, policies: Mapping[str, str]) -> dict[str, Any]:
    """Returns the notebook's parameters as workflow.FreezeOrder takes them. Raises UsageError for a policy
    that there is not.
    """
    _refuse_unknown("policies", policies, ("plan", "signals"))
    return {
        "period": Period(period),
        "randomness_ref": randomness_ref,
        "draw_id": draw_id,
        "as_of": _day(as_of),
        **{name: Path(value) for name, value in policies.items() if value},
    }


def read_as(reading: Mapping[str, str]) -> dict[str, Any]:
    """Returns the notebook's `reading` as workflow.open_source takes it. Raises UsageError for a part that there is not."""
    _refuse_unknown("reading", reading, ("format", "extension", "extract_day"))
    return {
        "format": reading.get("format") or None,
        "extension": Path(reading["extension"]) if reading.get("extension") else None,
        "as_of": _day(reading.get("extract_day", "")),
    }


def _day(text: str) -> date | None:
    """Returns the day that the text spells, or None for an empty one. Raises UsageError for any other."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("A day must be written as 2026-10-31.") from None


def _refuse_unknown(parameter: str, given: Mapping[str, object], known: Sequence[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UsageError(f"{parameter} has no part {' and no part '.join(unknown)}. It may have: {', '.join(known)}.")


def moment(text: str) -> datetime | None:
    """Returns the time that the text spells, or None for an empty one. Raises UsageError for any other."""
    try:
        return utc_moment(text) if text else None
    except ValueError:
        raise UsageError("The time must be written as 2026-11-01T09:00:00Z.") from None


def randomness_of(pack: Pack, keyring: Keyring, **given: Any) -> tuple[Randomness, int] | None:
    """Returns the randomness handed in and the number of witnesses, or None where there is none yet.

    None also where the draw is made or withdrawn already: it is then shown, and never made again. Raises StateError when it was
    made with other randomness.
    """
    _refuse_unknown("randomness", given, ("operator", "pulse", "nonces", "dice", "witnesses"))
    found = handed_in(pack, keyring, **given)
    drawn = pack.entry("drawn")
    if found and drawn and seed(pack.commitment["commit"], found[0].text) != drawn["data"]["seed"]:
        raise StateError(
            f"The draw {pack.commitment['draw_id']} is drawn already, with other randomness. A draw is made once; "
            "leave the randomness out to see its page."
        )
    return None if drawn or pack.entry("withdrawn") else found
