"""The practice: scripted raters through the service's own door, for an invented service alone, the same each time."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sampling.batch.practice import practise
from sampling.chain import utc_moment
from sampling.cli import main
from sampling.errors import StateError
from sampling.journal.store import Journal
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring, load_secret
from sampling.pack import open_pack
from sampling.scoring.service import open_service
from sampling.scoring.settings.home import default_journal
from sampling.scoring.settings.snapshot import snapshots
from sampling.sources.opening import open_extract
from sampling.sources.synthesis import MARK, seed_of, synthesise
from tests.chromium import ARGUMENTS, chromium_path

NOW = "2026-11-12T09:00:00Z"
SECRET = "5e" * 32  # keys, and with them the draw, are the same in every run


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("invented") / "service"
    synthesise(format="mhsds", cases=150, months=6, seed=5, out=folder, until="2026-10")
    return folder


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice-private")


@pytest.fixture(autouse=True)
def the_same_private_store(private_store: Path, private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module's practice is made once, so that its private store is that of every test here."""
    monkeypatch.setenv(HOME_VARIABLE, str(private))
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)


def month(source: Path, out: Path, *more: str, now: str = NOW) -> int:
    words = ["month", str(source), "--period", "2026-10", "--out", str(out), "--operator", "practice", "--json"]
    return main([*words, "--now", now, *more])


@pytest.fixture(scope="module")
def practice(invented: Path, private: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a practised draw, made once."""
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv(HOME_VARIABLE, str(private))
    patch.setenv(SECRET_VARIABLE, SECRET)
    try:
        assert month(invented, home / "2026-10", "--practice") == 0
    finally:
        patch.undo()
    return home


def entries(home: Path) -> list[Any]:
    journal = Journal.open(default_journal(home))
    try:
        return journal.entries()
    finally:
        journal.close()


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class Links(HTMLParser):
    """Gathers what a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attributes if tag == "a" and name == "href"]


def test_every_drawn_case_is_scored_and_signed_and_followed_up(practice: Path) -> None:
    service = open_service(practice, keyring=Keyring(load_secret()), now=utc_moment(NOW))
    try:
        world = service.world()
        open_ones = [
            one for one in world.reviews.values() if one.stage in ("first", "second") and not world.is_closed(one)
        ]
        assert len(open_ones) >= 8
        for review in open_ones:
            person = service.people.by_key(review.rater)
            assert person is not None and service.view(person, review).is_signed(review)
            assert service.view(person, review).missing(review) == []
    finally:
        service.close()
    kinds = Counter(entry.kind for entry in entries(practice))
    for kind in ("rated", "evidence_pointed", "commented", "action_raised", "action_seen_in_record", "action_closed", 
                 "session_opened", "session_closed", "agenda_covered", "prompt_answered", "unsealed", "signed"):  # fmt: skip
        assert kinds[kind] > 0, kind
    assert len(snapshots(open_pack(practice / "2026-10"))) == 2


def test_quotes_are_lines_of_the_record_at_their_place(practice: Path) -> None:
    pointers = [
        entry.payload for entry in entries(practice) if entry.kind == "evidence_pointed" and entry.payload.quote
    ]
    assert len(pointers) > 30
    notes = {row["key"]: row for one in snapshots(open_pack(practice / "2026-10")) for row in one.rows("notes")}
    for pointer in pointers:
        note = notes[pointer.note]
        assert note["text"][pointer.start : pointer.end] == pointer.quote
        assert note["day"] == pointer.note_date.isoformat()


def test_the_journal_verifies_and_its_time_never_steps_back(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "verify", str(default_journal(practice))]) == 0
    assert "steps back" not in capsys.readouterr().out
    times = [entry.at for entry in entries(practice)]
    assert times == sorted(times) and times[-1] < NOW


def test_a_second_run_changes_nothing_and_shows_nobody(
    practice: Path, invented: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before, count = tree(practice), len(entries(practice))
    assert month(invented, practice / "2026-10", "--practice") == 0
    shown = "".join(capfd.readouterr())
    after = tree(practice)
    assert {name for name in after if before.get(name) != after[name] and not name.startswith("journal/")} == set()
    assert len(entries(practice)) == count
    assert not re.search(r"(SR|P)000-0\d{3}", shown)
    assert not [text for text in lines_of_notes(invented) if text in shown]


def lines_of_notes(source: Path) -> set[str]:
    """Returns the lines of the notes' texts that are long enough to be looked for."""
    with (source / "extension" / "notes.csv").open(encoding="utf-8", newline="") as file:
        found = {line for row in csv.DictReader(file) for line in row["text"].split("\n") if len(line) > 25}
    assert len(found) > 100
    return found


def test_pages_are_linked_from_one_index_and_named_by_nothing(practice: Path) -> None:
    report = practice / "2026-10" / "report"
    links = Links()
    links.feed((report / "index.html").read_text(encoding="utf-8"))
    targets = [link for link in links.found if not link.startswith("#")]
    assert {"draw.html", "check.html", "follow_up.html", "actions.html"} < set(targets)
    assert all((report / target).is_file() for target in targets)
    names = {path.name for path in (report / "records").iterdir()}
    assert names and all(re.fullmatch(r"[0-9a-f]{16}\.(html|pdf)", name) for name in names)
    assert sum(name.endswith(".pdf") for name in names) == 3


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [1280, 320])
def test_the_index_is_accessible_at_every_zoom(browser: Browser, practice: Path, width: int) -> None:
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto((practice / "2026-10" / "report" / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    context.close()


def test_no_word_of_a_note_and_no_local_id_leaves_the_service(practice: Path, invented: Path) -> None:
    """Not in share/, not in a file's name, not in the register, the notebook or the check; and only its owner reads the record."""
    texts = lines_of_notes(invented)
    draw = practice / "2026-10"
    names = "\n".join(path.relative_to(practice).as_posix() for path in practice.rglob("*"))
    handed_on = "\n".join(data.decode("utf-8", "replace") for data in tree(draw / "share").values())
    stored = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (practice / "register.jsonl", draw / "report" / "draw.ipynb", draw / "report" / "check.html")
    )
    for place in (names, handed_on, stored):
        assert not [text for text in texts if text in place]
        assert not re.search(r"(SR|P)000-0\d{3}", place)
    for path in (draw / "private" / "record").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_real_extract_is_never_scored_by_a_script(
    invented: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(invented, changed)
    first = next(path for path in sorted(changed.glob("*.csv")))
    first.write_bytes(first.read_bytes() + b"\n")
    unmarked = tmp_path / "unmarked"
    shutil.copytree(invented, unmarked)
    (unmarked / MARK).unlink()
    added = tmp_path / "added"
    shutil.copytree(invented, added)
    (added / "more.csv").write_text("x", encoding="utf-8")
    nested = tmp_path / "nested"
    shutil.copytree(invented, nested)
    (nested / MARK).write_text("[" * 200_000, encoding="ascii")
    for source in (changed, unmarked, added, nested):
        assert seed_of(str(source)) is None
        out = tmp_path / f"draw-{source.name}"
        assert month(source, out, "--practice") == 2
        assert "A real extract is scored by people" in json.loads(capsys.readouterr().out)["message"]
        assert not out.exists()
    assert seed_of(str(invented)) == 5
    assert seed_of("postgresql://somewhere/db") is None


def test_a_draw_of_this_week_is_too_young(practice: Path, invented: Path) -> None:
    keyring = Keyring(load_secret())
    extract = open_extract(str(invented), keyring)
    with pytest.raises(StateError, match="younger than the week that the practice plays"):
        practise(practice / "2026-10", str(invented), extract, keyring, now=utc_moment("2026-11-08T09:00:00Z"))


def test_a_practice_without_randomness_says_what_to_add_and_writes_nothing(
    invented: Path, practice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["month", str(invented), "--period", "2026-10", "--practice", "--json", "--now", NOW, "--out"]
    assert main([*words, str(tmp_path / "draw")]) == StateError.exit_code
    said = json.loads(capsys.readouterr().out)["message"]
    assert "Nothing is drawn there yet, so that there is nothing to score." in said
    assert "add --operator with any text, for example: sampling month --out DIR --practice --operator practice" in said
    assert not (tmp_path / "draw").exists()
    assert main([*words, str(practice / "2026-10")]) == 0  # what is drawn already needs no second randomness
