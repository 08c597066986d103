"""A batch of small notebooks from one warm process: whole packs, failures that fail alone, and a second time that does only what is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sampling.batch import manifest
from sampling.batch.limits import Limits
from sampling.batch.runner import run_batch
from sampling.errors import NotebookError, StorageError, UsageError
from tests import batch_notebooks as small
from tests.batch_notebooks import Heard

ROOT = Path(__file__).resolve().parents[2]
# By the team's name a run goes wrong in its own way.
FATES = """import os, signal, sys, time
if team == 'Exits':
    os._exit(0)
if team == 'Killed':
    os.kill(os.getpid(), signal.SIGKILL)
if team == 'Parent killed':
    os.kill(os.getppid(), signal.SIGKILL)
if team == 'Stops':
    sys.exit(0)
if team == 'Asks':
    input('Which?')
if team == 'Memory':
    held = bytearray(2**34)
if team == 'Loops':
    while True:
        pass
if team == 'Fails':
    raise KeyError('J' + 'ane Example ' + '943' + '4765919')
if team == 'Shows the path':
    print(journal)
if team == 'Shows a number':
    print('NHS number 943' + ' 476 5919')
if team == 'Refuses':
    from sampling.errors import StateError
    raise StateError('Nothing is scored in this month.')
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with a table, a chart and a CSV, which goes wrong for some teams."""
    csv = (
        "from IPython.display import display\n"
        "display({'text/csv': table.to_csv(index=False), 'text/plain': ''}, raw=True, metadata={'text/csv': {'name': 'measures'}})"
    )
    folder = tmp_path_factory.mktemp("notebook")
    return small.write(
        folder / "evidence.ipynb",
        f"{small.TABLE[:-5]}from IPython.display import HTML\nHTML(table.to_html(index=False))\nobject()",
        small.CHART,
        csv,
        FATES,
        tags={1: ["page"]},
    )


def test_a_pack_is_a_page_a_pdf_a_notebook_and_tables(plain: Path, tmp_path: Path) -> None:
    heard = Heard()
    result = run_batch(small.order(plain, tmp_path / "out", "North"), heard)
    assert heard.messages == {"North": ""}
    assert result.exit_code == 0 and result.failed == ()
    assert sorted(small.whole(tmp_path / "out")) == [
        "index.html", "manifest.json", "north/pack.html", "north/pack.ipynb", "north/pack.pdf", "north/tables/measures.csv",
    ]  # fmt: skip
    page = (tmp_path / "out/north/pack.html").read_text()
    assert "<title>Evidence of North</title>" in page
    assert 'role="img" aria-label="A black square"' in page and 'viewBox="0 0 9 9"' in page
    assert "<h2>Result</h2><p>North in 2026-10, for audit.</p>" in page
    assert "<code>tables/measures.csv</code>" in page
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", page)
    assert (tmp_path / "out/north/tables/measures.csv").read_text() == "measure,share\nclear rationale,0.5\n,0.25\n"
    assert [label for label, _, _ in heard.cells] == ["North"] * 7


def test_without_pdf_there_is_none_and_with_it_the_pack_is_made_anew(plain: Path, tmp_path: Path) -> None:
    asked = small.order(plain, tmp_path / "out", "North", pdf=False, resume=True)
    run_batch(asked, Heard())
    assert not (tmp_path / "out/north/pack.pdf").exists()
    heard = Heard()
    run_batch(replace(asked, pdf=True), heard)
    assert heard.skipped == 0 and (tmp_path / "out/north/pack.pdf").exists()


def test_the_kept_notebook_names_no_path_and_says_what_it_is(plain: Path, tmp_path: Path) -> None:
    run_batch(small.order(plain, tmp_path / "out", "North"), Heard())
    text = (tmp_path / "out/north/pack.ipynb").read_text()
    assert "Jane" not in text and str(tmp_path) not in text and "start_time" not in text
    about = json.loads(text)["metadata"]["sampling"]
    assert about["retention"] == "evidence-pack"
    assert about["data"] == "d" * 64
    assert about["parameters"]["journal"] == "(not kept)"


def test_each_run_that_goes_wrong_does_so_alone_and_says_how(plain: Path, tmp_path: Path) -> None:
    said = {
        "Exits": "Cell 6 of evidence.ipynb was killed with its process, perhaps for want of memory. Nothing was kept.",
        "Killed": "Cell 6 of evidence.ipynb was killed with its process",
        "Parent killed": "The process of this run was killed",
        "Stops": "Cell 6 of evidence.ipynb ended the run by itself (exit or sys.exit)",
        "Asks": "Cell 6 of evidence.ipynb asks a question (input), and nobody is there to answer.",
        "Memory": "Cell 6 of evidence.ipynb needed more memory than the 4,096 MB that a run may hold.",
        "Loops": "Cell 6 of evidence.ipynb ran longer than the 5 seconds that a cell may take",
        "Fails": "Cell 6 of evidence.ipynb failed (KeyError). Nothing was kept.",
        "Shows the path": "Cell 6 of evidence.ipynb shows a parameter that must stay private",
        "Shows a number": "Cell 6 of evidence.ipynb shows a number that is a valid NHS number",
        "Refuses": "Nothing is scored in this month.",
    }
    heard = Heard()
    teams = ["North", *said, "South"]
    limits = Limits(cell_seconds=5, memory=2**32)
    result = run_batch(small.order(plain, tmp_path / "out", *teams, jobs=3, limits=limits), heard)
    assert result.exit_code == NotebookError.exit_code
    assert [one.label for one in result.failed] == list(said)
    assert {label: heard.messages[label][: len(words)] for label, words in said.items()} == said
    assert heard.messages["North"] == heard.messages["South"] == ""
    held = small.whole(tmp_path / "out")
    assert {name.split("/")[0] for name in held} == {"index.html", "manifest.json", "north", "south"}
    index = held["index.html"].decode()
    assert "11 of 13 packs could not be made." in index
    assert said["Refuses"] in index
    assert b"Jane" not in b"".join(held.values()) and b"943 476" not in b"".join(held.values())


def test_a_second_time_does_only_what_is_missing(plain: Path, tmp_path: Path) -> None:
    asked = small.order(plain, tmp_path / "out", "North", "East", "Fails", resume=True)
    run_batch(asked, Heard())
    first = small.whole(tmp_path / "out")
    heard = Heard()
    result = run_batch(asked, heard)
    assert (heard.skipped, list(heard.messages)) == (2, ["Fails"])
    assert result.exit_code == NotebookError.exit_code
    assert small.whole(tmp_path / "out") == first
    # what the second time must see: a file that was touched, other data, another parameter, another notebook
    (tmp_path / "out/north/tables/measures.csv").write_text("touched")
    other = Heard()
    run_batch(replace(asked, runs=[small.run("North"), small.run("East", data="e" * 64)]), other)
    assert (other.skipped, sorted(other.messages)) == (0, ["East", "North"])
    again = Heard()
    run_batch(replace(asked, runs=[small.run("North", purpose="training"), small.run("East", data="e" * 64)]), again)
    assert (again.skipped, list(again.messages)) == (1, ["North"])
    changed = small.write(tmp_path / "evidence.ipynb", small.TABLE)
    last = Heard()
    run_batch(replace(asked, notebook=changed, runs=[small.run("East", data="e" * 64)]), last)
    assert last.skipped == 0
    index = (tmp_path / "out/index.html").read_text()
    assert "Not of this batch" in index and "Earlier page of North" in index, "an older pack is there, and not listed"
    assert not (tmp_path / "out/east/tables").exists(), "what an earlier pack held is left among the new"


def test_without_resume_everything_is_done_again(plain: Path, tmp_path: Path) -> None:
    asked = small.order(plain, tmp_path / "out", "North")
    run_batch(asked, Heard())
    heard = Heard()
    run_batch(asked, heard)
    assert heard.messages == {"North": ""}


def test_the_same_inputs_give_the_same_bytes_however_many_at_a_time(plain: Path, tmp_path: Path) -> None:
    teams = ("North", "East", "South", "West")
    for name, jobs in (("one", 1), ("three", 3)):
        run_batch(small.order(plain, tmp_path / name, *teams, jobs=jobs), Heard())
    assert small.whole(tmp_path / "one") == small.whole(tmp_path / "three")


def test_without_a_warm_process_the_packs_are_the_same(plain: Path, tmp_path: Path) -> None:
    run_batch(small.order(plain, tmp_path / "warm", "North"), Heard())
    heard = Heard()
    run_batch(small.order(plain, tmp_path / "cold", "North", "Exits", fork=False), heard)
    assert heard.messages["North"] == ""
    assert heard.messages["Exits"].startswith("Cell 6 of evidence.ipynb was killed with its process")
    warm, cold = small.whole(tmp_path / "warm"), small.whole(tmp_path / "cold")
    assert {name: data for name, data in cold.items() if "/" in name} == {
        name: data for name, data in warm.items() if "/" in name
    }


def test_a_misspelt_parameter_is_an_error_before_any_run(plain: Path, tmp_path: Path) -> None:
    runs = [small.run("North"), small.run("East", tem="3")]
    with pytest.raises(NotebookError, match=r"evidence\.ipynb has no parameter tem\. It has: journal, draws, team"):
        run_batch(small.order(plain, tmp_path / "out", runs=runs), Heard())
    assert not (tmp_path / "out").exists()


def test_orders_that_cannot_be_are_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Two runs have the same name"):
        run_batch(small.order(plain, tmp_path / "out", "North", "North"), Heard())
    with pytest.raises(UsageError, match="--jobs must be from 1 to"):
        run_batch(small.order(plain, tmp_path / "out", "North", jobs=0), Heard())
    with pytest.raises(UsageError, match="There is nothing to run"):
        run_batch(replace(small.order(plain, tmp_path / "out", "North"), runs=[]), Heard())


def test_a_disk_with_too_little_room_is_told_before_any_run(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"MB free, and a batch needs [\d,]+ MB\. Make room"):
        run_batch(small.order(plain, tmp_path / "out", "North", free=2**60), Heard())
    assert small.whole(tmp_path / "out") == {}


def test_a_disk_that_fills_leaves_the_earlier_pack_whole(plain: Path, tmp_path: Path) -> None:
    """The system refuses to write a file beyond a size, as a full disk does, in the midst of writing it."""
    out = tmp_path / "out"
    run_batch(small.order(plain, out, "North"), Heard())
    before = {name: data for name, data in small.whole(out).items() if name.startswith("north/")}
    big = small.write(tmp_path / "evidence.ipynb", "import random\nprint(random.Random(1).randbytes(300_000).hex())")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from pathlib import Path; from sampling.batch.runner import run_batch; from tests import batch_notebooks as small\n"
        "heard = small.Heard(); result = run_batch(small.order(Path(sys.argv[1]), Path(sys.argv[2]), 'North'), heard)\n"
        "print(heard.messages['North']); sys.exit(result.exit_code)"
    )
    done = subprocess.run([sys.executable, "-c", code, big, out], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "The computer refused to read or write a file: File too large. Nothing was kept.\n", (
        done.stderr
    )
    assert done.returncode == NotebookError.exit_code
    assert {name: data for name, data in small.whole(out).items() if name.startswith("north/")} == before
    assert manifest.read(out)["north"].state == "failed"
    assert [path.name for path in out.iterdir() if path.name.endswith(".partial")] == []


def test_the_warm_process_opens_no_thread_database_or_socket() -> None:
    code = (
        "import os, sys, threading\nfrom importlib import import_module\nfrom sampling.batch.preloading import evidence_notebook, modules_of\n"
        "from contextlib import suppress\nfor name in modules_of(evidence_notebook()):\n    with suppress(ImportError):\n        import_module(name)\n"
        "import sampling.batch.warm\n"
        "links = [os.readlink(f'/proc/self/fd/{one}') for one in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{one}')]\n"
        "print(threading.active_count(), sys.modules['rfc3987_syntax'], [one for one in links if 'socket' in one or 'sqlite' in one])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "1 None []\n"


def test_a_run_sees_the_commands_environment_and_leaves_no_file_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLING_TEST_WORD", "heard")
    source = "import os\nopen('litter', 'w').close()\nprint(os.environ['SAMPLING_TEST_WORD'], sorted(set('abcdef'), key=hash) == sorted(set('abcdef'), key=hash))"
    notebook = small.write(tmp_path / "n.ipynb", source, tags={0: ["page"]})
    here = sorted(os.listdir())
    run_batch(small.order(notebook, tmp_path / "out", "North"), Heard())
    assert "heard True" in (tmp_path / "out/north/pack.html").read_text()
    assert sorted(os.listdir()) == here
