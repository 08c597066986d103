"""rubric check, show, preview and publish as a person runs them; the page in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sampling.cli import main
from sampling.journal.events import Rated
from sampling.journal.store import Draft, Journal, Opener
from sampling.rubric import find_rubric, page, rubrics_in
from tests.chromium import ARGUMENTS, chromium_path

Run = Callable[..., tuple[int, dict[str, Any], str]]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RUBRICS = Path(__file__).parents[2] / "rubrics"
CURRENT = "crisis_plan_currency-1.0.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rubrics, for a test to change."""
    return shutil.copytree(RUBRICS, tmp_path / "rubrics")


def new_version(folder: Path, **fates: str) -> Path:
    """Writes crisis plan 1.1, a draft with its map: all criteria the same but for those named."""
    rubric = find_rubric("crisis_plan_currency", "1.0", folder)
    text = (folder / CURRENT).read_text(encoding="utf-8")
    text = text.replace('version = "1.0"', 'version = "1.1"')
    text = text.replace('status = "published"\npublished = 2026-11-22', 'status = "draft"')
    known = {criterion.id: fates.get(criterion.id, "same") for criterion in rubric.criteria}
    lines = "\n".join(f'{name} = "{fate}"' for name, fate in known.items())
    path = folder / "crisis_plan_currency-1.1.toml"
    path.write_text(f'{text}\n[[map]]\nfrom = "1.0"\n[map.criteria]\n{lines}\n', encoding="utf-8")
    return path


def without(path: Path, criterion: str) -> None:
    """Takes a criterion out of a rubric file."""
    head, *parts = path.read_text(encoding="utf-8").split("\n[[criterion]]\n")
    last, maps = parts[-1].split("\n[[map]]\n")
    kept = [part for part in [*parts[:-1], last] if f'id = "{criterion}"' not in part]
    path.write_text("\n[[criterion]]\n".join([head, *kept]) + "\n[[map]]\n" + maps, encoding="utf-8")


# check


def test_check_of_a_sound_file_is_silent(run_sampling: Run, capsys: pytest.CaptureFixture[str]) -> None:
    status, about, _ = run_sampling("rubric", "check", RUBRICS / CURRENT)
    assert (status, about) == (0, {"errors": 0, "exit": 0, "findings": [], "notes": 0, "ok": True})
    assert main(["rubric", "check", str(RUBRICS / CURRENT)]) == 0
    assert capsys.readouterr().out == "crisis_plan_currency-1.0.toml has no fault.\n"


def test_check_lists_every_fault_at_once(folder: Path, run_sampling: Run, capsys: pytest.CaptureFixture[str]) -> None:
    path = new_version(folder)
    text = (
        path.read_text(encoding="utf-8")
        .replace("critical = true", 'critical = "yes"')
        .replace("pass_level = 2", "pass_levl = 2")
    )
    path.write_text(text.replace('"crisis_plan_stale"', '"crisis_plan_stall"'), encoding="utf-8")
    status, about, _ = run_sampling("rubric", "check", path)
    assert status == 11 and (about["errors"], about["notes"], about["ok"]) == (4, 1, False)
    codes = [finding["code"] for finding in about["findings"]]
    assert codes == ["RUBRIC_KEY_MISSING", "RUBRIC_SIGNAL_UNKNOWN", "RUBRIC_KEY_UNKNOWN", "RUBRIC_TYPE", "RUBRIC_TYPE"]
    assert about["findings"][2]["where"] == "crisis_plan_currency-1.1.toml, line 17"
    assert main(["rubric", "check", str(path)]) == 11
    out = capsys.readouterr().out
    assert out.startswith("crisis_plan_currency-1.1.toml has 4 faults and 1 note.\n")
    assert (
        '  crisis_plan_currency-1.1.toml, line 17: the name is unknown here, got "pass_levl". Did you mean "pass_level"? '
        "[RUBRIC_KEY_UNKNOWN]\n"
    ) in out


def test_check_of_an_edited_publication_says_make_a_new_version(folder: Path, run_sampling: Run) -> None:
    path = folder / CURRENT
    path.write_text(path.read_text(encoding="utf-8").replace("12 months", "18 months"), encoding="utf-8")
    status, about, _ = run_sampling("rubric", "check", path)
    assert status == 11 and [finding["code"] for finding in about["findings"]] == ["RUBRIC_EDITED"]
    assert "make a new version with a map" in about["findings"][0]["text"]


def test_check_of_a_draft_elsewhere_asks_for_the_map_from_ours(tmp_path: Path, run_sampling: Run) -> None:
    text = (RUBRICS / CURRENT).read_text(encoding="utf-8").replace('"1.0"', '"1.1"', 1)
    path = tmp_path / "crisis_plan_currency-1.1.toml"
    path.write_text(text.replace('status = "published"\npublished = 2026-11-22', 'status = "draft"'), encoding="utf-8")
    _, about, _ = run_sampling("rubric", "check", path)
    assert [finding["code"] for finding in about["findings"]] == ["RUBRIC_MAP"]


# show


def test_show_lists_all(run_sampling: Run, capsys: pytest.CaptureFixture[str]) -> None:
    status, about, _ = run_sampling("rubric", "show")
    assert status == 0 and [entry["id"] for entry in about["rubrics"]] == [rubric.id for rubric in rubrics_in()]
    assert main(["rubric", "show"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "crisis_plan_currency 1.0  Crisis-plan currency: 6 criteria, published on 22 November 2026"
    )


@pytest.mark.parametrize("which", ["crisis_plan_currency", "crisis_plan_currency-1.0", str(RUBRICS / CURRENT)])
def test_show_one_by_id_version_or_file(which: str, run_sampling: Run) -> None:
    status, about, _ = run_sampling("rubric", "show", which)
    assert status == 0 and (about["id"], about["version"], about["pass_level"]) == ("crisis_plan_currency", "1.0", 2)
    assert [len(criterion["anchors"]) for criterion in about["criteria"]] == [4] * 6


def test_show_as_text_has_every_anchor_in_lines_that_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rubric", "show", "safeguarding_documentation"]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= 100 for line in out.splitlines())
    flat = " ".join(out.split())
    for criterion in find_rubric("safeguarding_documentation", "1.0").criteria:
        assert criterion.question in flat and all(anchor in flat for anchor in criterion.levels)
    assert "1. Concern ‡  [concern]" in out and "Digest: " in out


def test_show_prefers_a_publication_to_a_newer_draft(folder: Path, run_sampling: Run) -> None:
    new_version(folder)
    _, about, _ = run_sampling("rubric", "show", "crisis_plan_currency", "--folder", folder)
    assert about["version"] == "1.0"
    _, about, _ = run_sampling("rubric", "show", "crisis_plan_currency-1.1", "--folder", folder)
    assert (about["version"], about["status"], about["maps"]["1.0"]["signs_and_routes"]) == ("1.1", "draft", "same")


def test_show_of_an_unknown_rubric_names_those_there_are(run_sampling: Run) -> None:
    status, about, _ = run_sampling("rubric", "show", "tone")
    assert (status, about["error"]) == (11, "policy")
    assert about["message"].startswith(
        "There is no such rubric. There are: escalation_rationale, crisis_plan_currency,"
    )


def test_a_page_of_all_rubrics_is_refused(tmp_path: Path, run_sampling: Run) -> None:
    status, about, _ = run_sampling("rubric", "show", "--out", tmp_path / "x.html")
    assert (status, about["message"]) == (2, "Name the rubric to write: sampling rubric show ID --out FILE.html")


def test_rubric_alone_asks_for_its_part(run_sampling: Run) -> None:
    status, about, _ = run_sampling("rubric")
    assert (status, about["error"]) == (2, "usage") and "sampling rubric --help" in about["message"]


# preview

RATER, OTHER = "a" * 64, "b" * 64


def rate(
    journal: Journal, review: str, levels: dict[str, int | None], *, actor: str = RATER, sealed: bool = False
) -> None:
    """Rates criteria of crisis plan 1.0; None clears a rating."""
    rubric = find_rubric("crisis_plan_currency", "1.0")
    drafts = [
        Draft(
            id=f"{len(journal.entries()) * 100 + number:032x}",
            actor=actor,
            payload=Rated(criterion=rubric.ref(name), rubric_version="1.0", rubric_digest=rubric.digest, level=level),
            review=review,
            subject=f"rating:{rubric.ref(name)}",
            base=sum(
                entry.subject == f"rating:{rubric.ref(name)}" and entry.review == review for entry in journal.entries()
            ),
            sealed=sealed,
        )
        for number, (name, level) in enumerate(levels.items(), 1)
    ]
    assert {receipt.status for receipt in journal.append(drafts, now=NOW)} == {"stored"}


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    """A journal with five reviews: two whole ones, one of one criterion, one cleared again, one sealed."""
    path = tmp_path / "journal" / "journal.sqlite"
    six = dict.fromkeys([criterion.id for criterion in find_rubric("crisis_plan_currency", "1.0").criteria], 2)
    with closing(Journal.open(path, Opener(bytes(32), RATER), create_at=NOW)) as journal:
        rate(journal, "1" * 32, {**six})
        rate(journal, "2" * 32, {**six})
        rate(journal, "3" * 32, {"signs_and_routes": 0})
        rate(journal, "4" * 32, {"signs_and_routes": 1})
        rate(journal, "4" * 32, {"signs_and_routes": None})
        rate(journal, "5" * 32, {"signs_and_routes": 3, "coping_and_safety": 1}, sealed=True)
    return path


def test_preview_counts_what_a_new_version_would_mean(folder: Path, journal_file: Path, run_sampling: Run) -> None:
    path = new_version(folder, signs_and_routes="rescore", coping_and_safety="rescore", carers_and_dependants="dropped")
    without(path, "carers_and_dependants")
    before = journal_file.read_bytes()
    status, about, _ = run_sampling("rubric", "preview", path, "--journal", journal_file)
    assert status == 0, about
    assert about["cost"] == "5 ratings to be re-scored in 3 reviews: 1 needs one criterion, 2 need two criteria."
    assert about["criteria"]["signs_and_routes"] == {"same": 0, "rescore": 3, "dropped": 0}
    assert about["criteria"]["carers_and_dependants"] == {"same": 0, "rescore": 0, "dropped": 2}
    assert about["criteria"]["exists_and_current"] == {"same": 2, "rescore": 0, "dropped": 0}
    assert len(about["affected"]) == 13 and about["sealed"] == 1
    assert {"criterion": "signs_and_routes", "fate": "rescore", "review": "3" * 32, "version": "1.0"} in about[
        "affected"
    ]
    assert journal_file.read_bytes() == before, "a preview writes nothing"


def test_preview_says_it_in_words(folder: Path, journal_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = new_version(folder, signs_and_routes="rescore")
    assert main(["rubric", "preview", str(path), "--journal", str(journal_file)]) == 0
    assert capsys.readouterr().out == (
        "Crisis-plan currency 1.1: 13 current ratings by other versions in 3 reviews.\n"
        "  exists_and_current: 2 carried over\n"
        "  made_with_the_person: 2 carried over\n"
        "  signs_and_routes: 3 to be re-scored\n"
        "  coping_and_safety: 2 carried over\n"
        "  carers_and_dependants: 2 carried over\n"
        "  findable_and_consistent: 2 carried over\n"
        "3 ratings to be re-scored in 3 reviews: 3 need one criterion.\n"
        f"  review {'1' * 32}: signs_and_routes to be re-scored\n"
        f"  review {'2' * 32}: signs_and_routes to be re-scored\n"
        f"  review {'3' * 32}: signs_and_routes to be re-scored\n"
        "1 review still sealed: what is rated there cannot be counted yet.\n"
        "Nothing has been changed. What was signed keeps the version that it was made with.\n"
    )


def test_preview_of_the_version_in_use_affects_nothing(journal_file: Path, run_sampling: Run) -> None:
    status, about, _ = run_sampling("rubric", "preview", RUBRICS / CURRENT, "--journal", journal_file)
    assert (status, about["affected"], about["cost"]) == (0, [], "No rating needs to be re-scored.")


def test_preview_of_a_faulty_file_lists_its_faults(folder: Path, journal_file: Path, run_sampling: Run) -> None:
    status, about, _ = run_sampling(
        "rubric", "preview", new_version(folder, signs_and_routes="keep"), "--journal", journal_file
    )
    assert status == 11 and [finding["code"] for finding in about["findings"]] == ["RUBRIC_VALUE"]


def test_preview_without_a_journal_makes_none(folder: Path, tmp_path: Path, run_sampling: Run) -> None:
    status, about, _ = run_sampling("rubric", "preview", new_version(folder), "--journal", tmp_path / "none.sqlite")
    assert (status, about["error"]) == (12, "state")
    assert not (tmp_path / "none.sqlite").exists()


# publish


def test_an_author_adds_a_version_without_touching_code(folder: Path, run_sampling: Run) -> None:
    path = new_version(folder, signs_and_routes="rescore")
    status, about, _ = run_sampling("rubric", "publish", path)
    assert status == 0 and (about["version"], about["new"], about["published"]) == ("1.1", True, "2026-11-01")
    status, about, _ = run_sampling("rubric", "publish", path)
    assert status == 0 and about["new"] is False
    status, about, _ = run_sampling("rubric", "show", "crisis_plan_currency", "--folder", folder)
    assert about["version"] == "1.1"


def test_publish_refuses_a_changed_publication(folder: Path, run_sampling: Run) -> None:
    path = folder / CURRENT
    path.write_text(path.read_text(encoding="utf-8").replace("12 months", "18 months"), encoding="utf-8")
    status, about, _ = run_sampling("rubric", "publish", path)
    assert status == 11 and about["message"] == "crisis_plan_currency-1.0.toml is not published: it has 1 fault."


# The page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(params=["escalation_rationale", "crisis_plan_currency", "safeguarding_documentation", "hostile"])
def page_file(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Path:
    out = tmp_path / "rubric.html"
    if request.param == "hostile":
        path = new_version(folder, signs_and_routes="rescore")
        text = path.read_text(encoding="utf-8")
        text = text.replace("'discussed with the person'", "<script>document.title = 1</script>").replace(
            'title = "Signs', f'title = "{"W" * 60} Signs'
        )
        path.write_text(text, encoding="utf-8")
        assert main(["rubric", "show", str(path), "--out", str(out)]) == 0
    else:
        assert main(["rubric", "show", request.param, "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_is_accessible_at_every_zoom(browser: Browser, page_file: Path, width: int) -> None:
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
    asked: list[str] = []
    shown = context.new_page()
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(page_file.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [page_file.as_uri()]
    assert ", version 1." in shown.title()
    result = Axe().run(shown)
    assert result.violations_count == 0, result.generate_report()
    context.close()


def test_the_page_names_each_criterion_level_and_the_pass_level(browser: Browser) -> None:
    rubric = find_rubric("crisis_plan_currency", "1.0")
    shown = browser.new_page()
    shown.set_content(page.html(rubric))
    assert shown.locator("h2", has_text="critical").all_inner_texts() == [
        "1. Exists and is current ‡ critical",
        "3. Signs and routes ‡ critical",
    ]
    for criterion in rubric.criteria:
        table = shown.get_by_role("region", name=criterion.title).get_by_role("table")
        assert table.get_by_role("rowheader").all_inner_texts() == ["0", "1", "2 pass level", "3"]
        assert table.get_by_role("cell").all_inner_texts() == list(criterion.levels)
    shown.close()


def test_the_page_prints_on_a4_in_grey(browser: Browser, tmp_path: Path) -> None:
    shown = browser.new_page(viewport={"width": 688, "height": 1000})
    shown.set_content(page.html(find_rubric("escalation_rationale", "1.0")))
    shown.emulate_media(media="print")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 688
    ruler = "getComputedStyle(document.querySelector('.anchors .pass th')).borderTopWidth"
    assert shown.evaluate(ruler) == "3px", "the pass level is a line, not a colour"
    pdf = shown.pdf(prefer_css_page_size=True)
    pages = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type /Page/")
    assert 1 <= pages <= 3 and b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf
    shown.close()
