"""notebooks/06_assurance.ipynb runs by papermill for three editions of a quarter; a month and a year are opened directly on the same service."""

from __future__ import annotations

import csv
import html
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from sampling.assurance.coverage_counts import tally
from sampling.assurance.gathering import GatheredAssurance, gather_assurance
from sampling.assurance.patterns import Scope, pattern_id
from sampling.assurance.patterns_words import state_words
from sampling.assurance.reading import profile_named
from sampling.assurance.report import commissioned, files, sections, seen
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.kept import Release
from sampling.assurance.report.kept import keep as keep_shown
from sampling.assurance.report.lines import service_lines
from sampling.assurance.report.opening import asked_for, assure, open_assurance
from sampling.assurance.report.period import span_of
from sampling.assurance.report.releasing import ACTIONS, COVERAGE, PATTERNS, keep_release, release_of, span_words
from sampling.assurance.report.tracker import due_table
from sampling.batch.assured import AssuranceOrder, assurance_report
from sampling.batch.rendering import pdf_of
from sampling.batch.years import YearsOrder, play_years
from sampling.cli import main
from sampling.errors import StateError, UsageError
from sampling.journal.events_assurance import PatternOutcome, PatternResponse, PatternSeen
from sampling.journal.records import CURRENT, Draft
from sampling.journal.store import Journal
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.quality import page_environment
from sampling.reporting.beside import kept_actions
from sampling.scoring.settings.home import default_journal
from sampling.suppression import load_profile
from tests.chromium import ARGUMENTS, chromium_path
from tests.pdf import read_pdf

QUARTER, TODAY = "2026-07:2026-09", "2026-10-20"
SECRET = "7a" * 32  # always the same draws, so that the same patterns stand
EDITIONS = ("governance", "commissioner", "inspector")
ESCALATION = pattern_id("missed_escalation", Scope("", "escalation_rationale"))
LONGEST = 18_000  # CSS pixels at 1280 of width, folded as it opens
MOST_PAGES = 11  # of A4, of the governance edition
HOMES: list[Path] = []  # that of the module, which nothing is written to
SECTIONS = ("first_words", "tests", "coverage", "audit", "actions", "patterns", "effectiveness", "untold", "methods")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three months of an invented service with its extract, on which leaders answered one pattern."""
    folder = tmp_path_factory.mktemp("assurance")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder / "private"))
        patch.setenv(SECRET_VARIABLE, SECRET)
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        order = YearsOrder(folder / "years", 5, Period("2026-09"), months=3, changed_in=2, cases=80)
        play_years(order, Keyring(load_secret()), now=now)
        said: dict[str, Any] = {"pattern": ESCALATION, "response": "1" * 32}
        with closing(Journal.open(default_journal(folder / "years"))) as journal:
            for payload in (
                PatternSeen(pattern=ESCALATION, rule="missed_escalation", month="2026-08", seen_on=date(2026, 9, 4)),
                PatternResponse(**said, decided_on=date(2026, 9, 7), what="Thresholds in the team meeting", owner="Team manager", due=date(2026, 9, 30)),
                PatternOutcome(**said, outcome="partly", on=date(2026, 9, 30)),
            ):  # fmt: skip
                subject = payload.subject.format_map(vars(payload))
                journal.append(
                    [Draft(secrets.token_hex(16), "a" * 64, payload, subject=subject, base=CURRENT)], now=now
                )
        HOMES[:] = [folder / "years"]
        yield folder / "years"


@pytest.fixture
def home(played: Path, tmp_path: Path, private_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of its own, without what an earlier test made."""
    shutil.copytree(played.parent / "private", private_store, dirs_exist_ok=True)
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    return Path(shutil.copytree(played, tmp_path / "years"))


@pytest.fixture
def shared(played: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the module itself, for tests that write nothing."""
    monkeypatch.setenv(HOME_VARIABLE, str(played.parent / "private"))
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    return played


@cache
def gathered(played: Path, today: str, source: str) -> GatheredAssurance:
    """What every report of a day is made from: read once for all tests."""
    return gather_assurance(played, "", source, today=date.fromisoformat(today), profile=profile_named())


def opened(home: Path, edition: str = "governance", period: str = QUARTER, **more: str) -> Assurance:
    asked = {"purpose": "audit", "today": TODAY, **more}
    source = asked.pop("source", str(HOMES[0] / "invented"))
    order = asked_for(str(home), period=period, edition=edition, **asked)
    return assure(order, gathered(HOMES[0], asked["today"], source))


@cache
def read(shared: Path, edition: str) -> Assurance:
    """What several tests read of the quarter, and none writes to."""
    return opened(shared, edition)


def page(found: Assurance) -> str:
    return "\n".join(getattr(sections, name)(found).html for name in SECTIONS)


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_command_writes_three_editions_and_the_private_files_and_the_same_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [
        "assurance",
        str(home),
        "--period",
        QUARTER,
        "--today",
        TODAY,
        "--source",
        str(home / "invented"),
        "--no-pdf",
        "--json",
    ]
    assert main(asked) == 0
    out, private = home / "reports" / "2026-09" / "assurance-quarter", home / "assurance" / "2026-07_2026-09"
    told = json.loads(capsys.readouterr().out)["pages"]
    assert told == {edition: str(out / edition / "pack.html") for edition in EDITIONS}
    first, mine = written(out), written(private)
    assert all(first[f"{edition}/{name}"] for edition in EDITIONS for name in ("pack.html", "pack.ipynb"))
    _nobody(home, first, mine)
    assert {path.stat().st_mode & 0o777 for path in private.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (private, private / "pairs")} == {0o700}
    assert all(
        set(json.loads(text)) >= {"lines", "sentences", "undiscussed"} for name, text in mine.items() if "pairs" in name
    )
    assert any("Worker's folder, no day noted: " in text.decode() for text in mine.values())
    patterns = json.loads(mine["patterns.json"])
    assert ESCALATION in {one["id"] for one in patterns["patterns"]} and patterns["respond_within_days"] == 28
    _accessible(out)
    assert main(asked) == 0
    assert written(out) == first and written(private) == mine


def _nobody(home: Path, reports: dict[str, bytes], private: dict[str, bytes]) -> None:
    """No id of the service, name, path or supervisee's digest is in what the meeting reads; no id, name or path in the rest."""
    people = (home / "people.toml").read_text(encoding="utf-8")
    names = re.findall(r'(?m)^(?:name|id) = "(.+)"$', people)
    every = b"\n".join(
        [*reports.values(), *private.values(), *(name.encode() for name in (*reports, *private))]
    ).decode()
    assert names and not [name for name in names if name in every]
    assert str(home) not in every and not re.search(r"P\d{3}-\d{4}|C\d{3}-\d{5}", every)
    digests = [Path(name).stem for name in private if name.startswith("pairs/")]
    shown = b"\n".join(reports.values()).decode()
    assert digests and not [one for one in digests if one in shown]


def _accessible(out: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        for edition in EDITIONS:
            for width in (1280, 320):
                context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
                one = context.new_page()
                one.goto((out / edition / "pack.html").as_uri())
                assert one.evaluate("document.documentElement.scrollWidth") <= width
                assert width < 1280 or one.evaluate("document.documentElement.scrollHeight") < LONGEST
                _contents(one)
                assert [fault["id"] for fault in Axe().run(one).response["violations"]] == []
                assert one.locator("table").evaluate_all(
                    "all => all.every(one => one.caption && one.querySelector('th[scope=row]'))"
                )
                context.close()
        browser.close()


def _contents(one: Page) -> None:
    """Each line of the contents leads by keyboard to its heading, and what is folded opens by keyboard."""
    links = one.get_by_role("navigation", name="Contents").get_by_role("link")
    assert [link.inner_text() for link in links.all()] == one.locator("main h2[id^=at-]").all_inner_texts()[
        -links.count() :
    ]
    links.last.focus()
    one.keyboard.press("Enter")
    assert one.evaluate("document.querySelector(':target').textContent") == links.last.inner_text()
    summary = one.locator("details.more:not([open]) > summary").last
    summary.focus()
    one.keyboard.press("Enter")
    assert one.locator("details.more").last.get_attribute("open") is not None


def test_governance_reads_function_beside_frequency_and_where_each_number_is_from(shared: Path) -> None:
    found = read(shared, "governance")
    text = page(found)
    order = ["What is as it should be", "What is not", "What nobody can tell", "The four tests of oversight", "Coverage tracker", "Sampling audit",
             "What speaks against it", "Action log", "Patterns, and what leaders did", "Effectiveness", "What cannot be told", "Methods"]  # fmt: skip
    places = [found_at.start() for one in order if (found_at := re.search(rf"<h[23](?: id=\"[^\"]+\")?>{one}", text))]
    assert len(places) == len(order)
    assert places == sorted(places)
    assert text.count("Where the answer is from:") == 4 and text.count("It does not show:") == 4
    assert (
        "7 September 2026: Thresholds in the team meeting (Team manager, by 30 September 2026). Partly done on 30 September 2026."
        in text
    )
    assert "C11" in text and "norm" in text and "floor" in text
    tables = files.tables(found)
    assert {
        "coverage",
        "calendar-1",
        "audited",
        "focus",
        "record",
        "patterns",
        "responses",
        "intervals",
        "reproduce",
    } <= set(tables)
    rows = list(csv.DictReader(tables["coverage"].splitlines()))
    parts = ("In time", "Late, with a reason", "Late, no reason noted", "Not done")
    assert (
        "Supervisors with a day of training in supervision (B4, E3)" in tables["pairs"]
        and "fewer than 5" in tables["pairs"]
    )
    assert rows and all(int(row["Due"]) == sum(int(row[name]) for name in parts) for row in rows)
    assert not any(len(one.sentences) == 0 for one in found.coverage.pairs)


def test_the_first_words_are_few_counted_truly_and_the_page_is_short_until_it_is_opened(shared: Path) -> None:
    found = read(shared, "governance")
    text = sections.first_words(found).html
    lists = {
        title: re.findall("<li>", said)
        for title, said in re.findall(r"<h2 id=[^>]+>([^<]+)</h2>(.*?)(?=<h2|$)", text, re.S)
    }
    said = {sections.WELL: "As it should be", sections.NEARLY: "So but for a few", sections.NOT_WELL: "Not so", sections.UNTOLD: "Nobody can tell"}  # fmt: skip
    assert set(lists) <= set(said) and len(lists[sections.NOT_WELL]) <= 9
    for title, items in lists.items():
        assert f"{said[title]}: {len(items)}. " in text
    for share in re.findall(r"\((\d+)%\) in time", text.split(sections.NOT_WELL)[1]):
        assert int(share) < 95, "what is done but for a few stands by itself"
    whole = page(found)
    rows = list(csv.DictReader(files.tables(found)["patterns"].splitlines()))
    assert len(rows) == len(found.patterns.found) and rows
    shown = re.sub(r"<details.*?</details>", "", whole, flags=re.S)
    assert shown.count("<tr>") < whole.count("<tr>") / 2
    folded = html.unescape("".join(re.findall(r"<details.*?</details>", whole, re.S)))
    assert all(state_words(one) in folded for one in found.patterns.found)
    anchors = [anchor for anchor, _ in sections.contents(found)]
    assert all(whole.count(f'id="{anchor}"') == 1 for anchor in anchors) and len(anchors) == 8


def test_patterns_stand_in_groups_that_add_up_to_every_one_those_without_a_response_first(shared: Path) -> None:
    found = read(shared, "governance")
    every = {one.id: one for one in seen.running(found)}
    for rule in {one.rule.id for one in every.values()}:
        mine = [one for one in found.answered if one.pattern in every and every[one.pattern].rule.id == rule]
        silent, late = sum(one.due is not None for one in mine), sum(one.late for one in mine)
        table = seen.grouped_table(found, rule)
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        assert len({row["About"] for row in rows}) == len(rows)
        assert sum(int(row["Patterns"]) for row in rows) == len(mine)
        counts = [[int(one) for one in re.findall(r"\d+", row["Without a response"])] or [0] for row in rows]
        assert sum(one[0] for one in counts) == silent and sum(sum(one[1:]) for one in counts) == late
        assert [sum(one[1:]) for one in counts] == sorted((sum(one[1:]) for one in counts), reverse=True)
        said = seen.finding(found, rule)
        assert said.startswith(f"{len(mine)} pattern") and (
            f"{silent} without a response, {'all' if late == silent > 1 else late} of them" in said
        ) is bool(silent)
        assert said in html.unescape(sections.patterns(found).html)
    (one,) = [one for one in every.values() if one.id == ESCALATION]
    teams = [replace(one, id=f"{number:032x}", scope=Scope(f"Team {number}", one.scope.about)) for number in range(6)]
    wide = replace(found, patterns=replace(found.patterns, found=(*teams, one)), answered=found.answered)
    (row,) = seen.grouped_table(wide, one.rule.id).rows
    assert row[1].startswith("the service (") and row[1].endswith("; 3 more teams") and row[2] == "7"


def test_the_page_on_paper_is_short_and_says_in_which_file_the_rest_stands(shared: Path) -> None:
    found = read(shared, "governance")
    given = {"software": "", "body": page(found), "tables": (), **files.heading(found)}
    paper = read_pdf(pdf_of(page_environment().get_template("assurance.html.j2").render(given)))
    assert len(paper.pages) <= MOST_PAGES, len(paper.pages)
    text = re.sub(r"\s+", " ", " ".join(paper.text(number) for number in range(len(paper.pages))))
    named = set(
        re.findall(r"(?:tables/|(?<=\.csv),)([a-z0-9-]+)\.csv", text.replace(" ", ""))
    )  # a line may end in a name
    assert {"patterns", "intervals", "reproduce", "levels", "rationale-over-time"} <= named <= set(files.tables(found))
    folds = [fold for part in sections.parts(found) for block in part.blocks for fold in block.folds]
    assert folds and all(fold.summary in text for fold in folds if len(fold.summary) < 60)
    assert not [item for fold in folds for item in fold.items if item in text]


def test_an_inspector_reads_three_answers_and_no_grade(shared: Path) -> None:
    text = page(read(shared, "inspector"))
    for question in (
        "Can staff describe how they get supervision?",
        "Does supervision strengthen practice?",
        "Do leaders respond when variation or risk emerges?",
    ):
        assert f"<h3>{question}</h3>" in text
    assert "No staff survey" in text or "survey" in text
    assert not re.search(r"\b(outstanding|requires improvement|inadequate)\b", text, re.IGNORECASE)


@pytest.mark.parametrize(("period", "charts"), [("2026-09", 1), ("2025-10:2026-09", 4)])
def test_a_month_and_a_year_are_opened_and_say_the_same_twice(home: Path, period: str, charts: int) -> None:
    found = opened(home, period=period)
    assert sum(name.startswith("calendar") for name in files.tables(found)) == charts
    again = opened(home, period=period)
    assert page(found) == page(again) and files.tables(found) == files.tables(again)
    assert files.pair_files(found) == files.pair_files(again)


def test_without_an_extract_and_files_the_report_stands_and_says_what_it_cannot(home: Path, tmp_path: Path) -> None:
    asked = asked_for(str(home), period="2026-09", purpose="audit", edition="governance", today=TODAY)
    (tmp_path / "nothing").mkdir()
    found = assure(asked, gathered(HOMES[0], TODAY, ""), tmp_path / "nothing")
    text = html.unescape(page(found))
    assert "No extract was given: sessions that the journal lacks" in text and "The four tests of oversight" in text
    assert found.effect.absent and all(one in text for one in found.effect.absent)
    assert "of the review of effect were not brought" in text


def test_a_commissioner_sees_released_numbers_alone(shared: Path) -> None:
    found = read(shared, "commissioner")
    text = page(found)
    places = [text.index(f"Test {number} of 4") for number in (1, 2, 3, 4)]
    assert places == sorted(places)
    assert "team meeting" not in text and "Team manager" not in text and "<svg" not in text
    assert found.release is not None
    shown = [table for name in (COVERAGE, ACTIONS) for table in found.release.shown[0].parts[name].tables]
    assert shown
    four = html.unescape(text)[: html.unescape(text).index("Test 1 of 4", text.index("The four answers"))]
    for number, table in ((1, shown[0]), (3, shown[-1])):
        said = [
            f"{column[:1].lower()}{column[1:]} {cell}"
            for column, cell in zip(table.columns[1:], table.rows[-1][1:], strict=True)
            if cell not in "*-"
        ]
        assert (
            f"Test {number}: {table.caption}, {table.rows[-1][0][:1].lower()}{table.rows[-1][0][1:]}: {'; '.join(said)}"
            in four
        )
    assert (
        "Test 2: What formal one-to-ones covered, safeguarding indicators: formal one-to-ones " in four
        and re.search(r"Test 4: (Of \d+ patterns? that may be told, leaders answered \d+|No pattern)", four)
    )
    for table in shown:
        exact = [
            cell for row in table.rows for name, cell in zip(table.columns[1:], row[1:], strict=True) if "%" not in name
        ]
        assert all(cell in ("*", "-") or int(cell) % 5 == 0 for cell in exact)
    assert str(found.material.gathered.digest)[:16] not in text
    (mine,) = [one for one in found.answered if one.pattern == ESCALATION]
    every = tuple(
        replace(one, responses=mine.responses) for one in found.answered
    )  # whichever pattern is large enough to leave
    told = release_of(replace(found, release=None, answered=every)).shown[0].parts[PATTERNS].sentences
    assert any("7 September 2026, partly on 30 September 2026" in words for words in told), told


def test_what_left_stays_as_it_is_and_no_span_is_subtracted_from_another(home: Path) -> None:
    found = read(HOMES[0], "commissioner")
    first = replace(found, asked=replace(found.asked, home=home))
    keep_release(first)
    assert [one.first for one, _ in kept_actions(home) or ()] == ["2026-07"]  # an evidence report made later knows it

    def asked_again(period: str = QUARTER, **more: Any) -> Release:
        return release_of(replace(first, asked=replace(first.asked, window=span_of(period), **more)))

    assert first.release is not None
    assert "may not leave the service: its numbers are not kept yet" in page(
        first
    )  # opened by hand, not by the command
    assert "not kept yet" not in page(replace(first, release=asked_again()))
    again = asked_again(today=date(2026, 12, 1))
    assert again.fresh is None and again.shown == first.release.shown
    month = asked_again("2026-09")
    assert month.shown == () and month.fresh is None
    assert (
        "No new number of September 2026 is shown, since numbers of July to September 2026 have left the service"
        in month.why
    )
    year = asked_again("2025-10:2026-09")
    assert year.shown == first.release.shown and year.fresh is None
    assert "by the policy" not in year.why  # the page's own
    asked = replace(first.asked, window=span_of("2025-10:2026-09"))
    said = commissioned.answers(replace(first, asked=asked, release=year))
    inside = [words for words in said if not words.startswith("Test 2: No improvement") and "Whether" not in words]
    assert inside and all(re.match(r"Test [1-4]: July to September 2026: ", words) for words in inside), said
    assert not any("July to September 2026: " in words for words in commissioned.answers(first))
    assert commissioned.ROUNDED in page(first)
    other = asked_again("2025-10:2026-09", policy=profile_named("york"))
    assert (
        "The numbers of July to September 2026 left by the policy strictest: their coverage is measured by it, and not by york, which stands "
        "under Methods." in other.why
    )
    assert (
        span_words(other.shown[0]) == "July to September 2026, as released on 20 October 2026 by the policy strictest"
    )
    unnoted = replace(first.release.shown[0], policy="")
    keep_shown(home, unnoted)
    assert "July to September 2026 left by a policy that was not noted" in asked_again("2025-10:2026-09").why
    keep_shown(home, first.release.shown[0])
    with pytest.raises(
        StateError, match="left the service under the profile mhsds. Under another one the two could be compared"
    ):
        asked_again(suppression=load_profile("hes"))
    with pytest.raises(
        StateError, match="left the service by the policy strictest, and leave once. On a page about another"
    ):
        asked_again(policy=profile_named("york"))
    kept = next((home / "releases" / "assurance").glob("*.json"))
    kept.write_text("{}", encoding="utf-8")
    with pytest.raises(StateError, match=r"releases/assurance/2026-07_2026-09.json is not one that this version wrote"):
        asked_again()


def test_numbers_of_a_span_that_is_not_over_do_not_leave(shared: Path) -> None:
    found = opened(shared, "commissioner", today="2026-09-30")
    assert found.release is not None and found.release.shown == ()
    assert "No number is shown: those of July to September 2026 leave the service once, when it is over." in page(found)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"purpose": ""}, "An assurance report is made for audit. Set the purpose to audit. Say for which purpose"),
        ({"purpose": "training"}, "An assurance report is made for audit. Set the purpose to audit."),
        ({"edition": "press"}, "There is no edition of that name. Choose one of: governance, commissioner, inspector."),
        ({"period": "2026-Q3"}, 'The period must be a month, a quarter or a year, as "2026-10"'),
        ({"period": "2026-08:2026-09"}, "The period must be a month, a quarter or a year"),
        ({"today": "yesterday"}, 'The day of the report must be written as "2026-11-01".'),
        ({"edition": "commissioner", "suppression": "none"}, "A commissioner's report leaves the service, so it needs a suppression profile"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_in_words(home: Path, asked: dict[str, str], words: str) -> None:
    whole = {"period": QUARTER, "edition": "governance", **asked}
    with pytest.raises(UsageError, match=re.escape(words)):
        opened(home, **whole)


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_of_what_is_brought_that_is_none_is_not_read_as_nothing_brought(
    shared: Path, tmp_path: Path, made: bool
) -> None:
    named = tmp_path / "brougth"
    if made:
        named.write_text("a file")
    asked: dict[str, str] = {"period": QUARTER, "purpose": "audit", "edition": "governance", "today": TODAY}
    with pytest.raises(UsageError, match="The folder of what the service brings is not there, or is a file"):
        open_assurance(str(shared), brought=str(named), **asked)


def test_no_line_of_coverage_is_of_one_supervisee(shared: Path) -> None:
    found = read(shared, "governance")
    one = next(due.subject for due in found.dues if due.rule == "everyone")
    kept = tuple(due for due in found.dues if due.rule != "professional" or due.subject == one)
    starter = replace(next(due for due in kept if due.rule == "everyone"), rule="new_starter", subject="f" * 64)
    line = next(line for line in found.coverage.lines if line.rule == "everyone")
    new = replace(line, rule="new_starter", words="Formal one-to-one with a new starter", tally=tally([starter]))
    lines = (new, *(line for line in found.coverage.lines if line.rule != "new_starter"))
    alone = replace(
        found,
        dues=(*(due for due in kept if due.rule != "new_starter"), starter),
        coverage=replace(found.coverage, lines=lines),
    )
    shown = {one.words: one for one in service_lines(alone)}
    assert "Professional supervision" not in shown and "Formal one-to-one with a new starter" not in shown
    assert shown["Formal one-to-one, whichever interval"].tally.due == line.tally.due + 1
    said = "About one supervisee alone, and so without a line of their own here: Professional supervision."
    assert due_table(alone).sentences[-1] == said
    assert "professional supervision (floor)" not in page(alone) and len(service_lines(found)) == len(
        found.coverage.lines
    )


def test_where_the_report_cannot_be_made_nothing_is_written(home: Path) -> None:
    order = AssuranceOrder(home, QUARTER, date(2026, 10, 20), pdf=False)
    taken = order.folder
    taken.mkdir(parents=True)
    (taken / "letter.txt").write_text("mine")
    with pytest.raises(
        UsageError, match="The report cannot go there: reports/2026-09/assurance-quarter holds other files"
    ):
        assurance_report(order)
    assert written(taken) == {"letter.txt": b"mine"} and not (home / "releases").exists() and not order.private.exists()
    with pytest.raises(UsageError, match="The period must be a month"):
        assurance_report(replace(order, period="2026"))
