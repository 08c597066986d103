"""The folder of a batch: names that any file system keeps apart, places that are refused, one batch at a time, what a kill leaves."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path

import pytest
from filelock import FileLock
from nbformat.notebooknode import from_dict
from nbformat.v4 import new_code_cell, new_notebook, new_output

from sampling.batch import folder, index, limits, manifest, worker
from sampling.batch.packs import COMMISSIONER, FOLDERS, WHOLE, team_labels
from sampling.batch.runner import _Batch, run_batch
from sampling.errors import StateError, StorageError, UsageError
from tests import batch_notebooks as small
from tests.batch_notebooks import Heard

OF = "audit packs of 2026-10"


def test_folder_names_are_plain_and_keep_labels_apart() -> None:
    assert folder.folder_name("North East") == "north-east"
    names = {
        folder.folder_name(label)
        for label in ("North East", "North/East", "North-East", "../North East", "Nord Öst", "漢字", "x" * 300)
    }
    assert len(names) == 7
    assert all(
        name.isascii() and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and len(name) < 70
        for name in names
    )


def test_names_that_a_file_system_takes_for_one_or_keeps_for_itself_are_told_apart() -> None:
    labels = ["North", "NORTH", "north", "CON", "nul", "LPT1", "North.", "South", "May be passed on commissioner"]
    asked = {**dict.fromkeys(labels, ""), WHOLE: FOLDERS[WHOLE], COMMISSIONER: FOLDERS[COMMISSIONER]}
    names = folder.folder_names(asked)
    assert len({name.lower() for name in names.values()}) == len(asked)
    assert not {name.lower() for name in names.values()} & {"con", "nul", "lpt1"}
    assert (names["South"], names[WHOLE]) == ("south", "the-whole-service")
    assert names[COMMISSIONER] == "MAY-BE-PASSED-ON-commissioner"
    assert folder.folder_names(dict(reversed(asked.items()))) == names, "the order of teams decides"


def test_a_team_called_like_the_service_has_a_pack_of_its_own() -> None:
    teams = ["North", "The whole service", "THE WHOLE SERVICE", "For the commissioner", "The whole service (team)"]
    labels = team_labels(teams)
    assert labels["North"] == "North" and labels["THE WHOLE SERVICE"] == "THE WHOLE SERVICE (team)"
    names = folder.folder_names({**dict.fromkeys(labels.values(), ""), **FOLDERS})
    assert len({name.lower() for name in names.values()}) == len(teams) + len(FOLDERS)


# Where packs may go


def test_places_that_hold_something_else_are_refused_with_what_to_do(tmp_path: Path) -> None:
    share = tmp_path / "draws" / "2026-10" / "share"
    share.mkdir(parents=True)
    (share / "commitment.json").write_text("{}")
    (tmp_path / "file").write_text("")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("")
    manifest.begin(tmp_path / "packs", "training packs of 2026-10")
    said = {
        "file": "--out names a file, or a place below one. Name a new folder.",
        "file/packs": "--out names a file, or a place below one. Name a new folder.",
        "draws/2026-10": "in the folder of a draw, which stays as it was drawn. Name a new folder",
        "draws/2026-10/share/packs": "in the folder of a draw, which stays as it was drawn.",
        "draws": "--out names the folder in which draws lie. Name a new folder, or leave --out away",
        "letters": "that folder holds other files. Name a new or an empty folder.",
        "packs": "that folder holds training packs of 2026-10. Name a folder of their own with --out.",
    }
    for place, words in said.items():
        with pytest.raises(UsageError) as caught:
            folder.check_folder(tmp_path / place, OF)
        assert caught.value.message.startswith("The packs cannot go there: ") and words in caught.value.message
    (tmp_path / "empty" / ".locks").mkdir(parents=True)
    manifest.begin(tmp_path / "same", OF)
    for place in ("empty", "same", "new/place"):
        folder.check_folder(tmp_path / place, OF)


def test_a_folder_keeps_whose_it_is_and_its_rows(tmp_path: Path) -> None:
    assert manifest.whose(tmp_path) is None
    manifest.begin(tmp_path, OF)
    row = manifest.Row("North", "north", manifest.Digests("n", "p", "d", "c"), "done")
    manifest.put(tmp_path, row)
    manifest.begin(tmp_path, OF)
    assert manifest.whose(tmp_path) == OF and manifest.read(tmp_path) == {"north": row}


def test_a_second_batch_in_the_same_folder_is_refused_at_once(tmp_path: Path) -> None:
    order = small.order(small.write(tmp_path / "n.ipynb", "1"), tmp_path / "out", "North", fork=False)
    with folder.one_batch(order.out):
        with pytest.raises(StateError, match=r"Another batch is at work in that folder\. .* with --resume\."):
            run_batch(order, Heard())
        with pytest.raises(StateError, match="Another batch is at work in that folder"):
            folder.refuse_second(order.out)
    folder.refuse_second(order.out)


@pytest.mark.parametrize("jobs", [0, -1, 10**9])
def test_a_number_of_jobs_that_cannot_be_is_refused_with_the_range(jobs: int) -> None:
    with pytest.raises(UsageError, match=rf"--jobs must be from 1 to {limits.most_jobs():,}: .* 512 MB of memory\."):
        limits.check_jobs(jobs)
    limits.check_jobs(limits.usual_jobs())


# What a killed batch leaves


def _killed_between_two_packs(asked: worker.Task) -> None:
    """Makes the pack in a process that is killed, as by kill -9, when the earlier one has just left its place."""
    executed = new_notebook(cells=[new_code_cell("x", metadata={"tags": ["page"]}, execution_count=1)])
    executed.cells[0].outputs = [new_output("display_data", data={"text/html": "<h2>New</h2>"})]
    executed.metadata.update(from_dict({"papermill": {"parameters": {}}}))
    child = os.fork()
    if not child:
        rename = os.rename

        def killed(source: Path, target: Path) -> None:
            rename(source, target)
            os.kill(os.getpid(), signal.SIGKILL)

        os.rename = killed  # type: ignore[assignment]
        try:
            worker._kept(asked, executed)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_a_pack_whose_successor_was_killed_on_its_way_is_put_back_by_the_next_start(tmp_path: Path) -> None:
    out, notebook = tmp_path / "out", small.write(tmp_path / "n.ipynb", "1")
    (out / "north").mkdir(parents=True)
    (out / "north" / "pack.html").write_text("earlier")
    manifest.begin(out, "")
    about = {"title": "North", "software": "s", "data": "d"}
    _killed_between_two_packs(worker.Task(notebook, out / "north", {}, about, pdf=False))
    left = {path.suffix for path in out.iterdir() if path.is_dir()}
    assert left == {".earlier", ".partial"}, "the kill did not come between the two"
    with pytest.raises(StorageError, match="Make room"):  # whatever becomes of the next batch
        run_batch(small.order(notebook, out, "East", fork=False, free=2**60), Heard())
    assert (out / "north" / "pack.html").read_text() == "earlier"
    assert [path.name for path in out.iterdir() if path.is_dir() and path.name != folder.LOCKS] == ["north"]


def test_leftovers_go_where_the_pack_stands_and_a_half_written_pack_is_never_one(tmp_path: Path) -> None:
    for name in ("north", ".north.0123456789ab.earlier", ".east.0123456789ab.partial", ".mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "north" / "pack.html").write_text("new")
    (tmp_path / ".index.html.0123456789ab.partial").write_text("half")
    folder.settle(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".locks", ".mine", "north"]
    assert (tmp_path / "north" / "pack.html").read_text() == "new"


def test_what_a_run_of_the_killed_batch_still_holds_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LOCK_SECONDS", 0)
    (tmp_path / ".north.0123456789ab.earlier").mkdir()
    (tmp_path / folder.LOCKS).mkdir()
    with FileLock(tmp_path / folder.LOCKS / "north.lock"):
        folder.settle(tmp_path)
    assert (tmp_path / ".north.0123456789ab.earlier").exists()


def test_a_pack_that_another_process_writes_is_left_alone_and_no_row_says_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LOCK_SECONDS", 0)
    order = small.order(small.write(tmp_path / "n.ipynb", "1"), tmp_path / "out", "North")
    ours, theirs = Pipe(duplex=False)
    with folder.pack_lock(order.out / "north"), ours, theirs:
        heard = worker._locked(worker.Task(order.notebook, order.out / "north", {}, {}), theirs)
    assert heard == worker.Heard("busy", "Another process is writing this pack. Nothing was changed by this one.")
    told = Heard()
    assert _Batch(order, told)._hear(order.runs[0], heard)
    assert told.messages == {"North": heard.message} and manifest.read(order.out) == {}


# What is not of this batch


def test_a_pack_that_is_not_of_this_batch_is_listed_with_its_day(tmp_path: Path) -> None:
    made = datetime(2026, 9, 3, 12, tzinfo=UTC).timestamp()
    for name in ("north", "gone", "unknown", "tables", ".hidden"):
        (tmp_path / name).mkdir()
        if name != "tables":
            (tmp_path / name / "pack.html").write_text("")
            os.utime(tmp_path / name / "pack.html", (made, made))
    rows = {"gone": manifest.Row("Team <Gone>", "gone", manifest.Digests("n", "p", "d", "c"), "done")}
    found = folder.others(tmp_path, {"north"}, rows)
    assert [(one.label, one.day) for one in found] == [
        ("Team <Gone>", "3 September 2026"),
        ("unknown", "3 September 2026"),
    ]
    text = index.page("Packs", (index.Outcome("North", "north", "done"),), found)
    assert "Team &lt;Gone&gt;" in text and "Not of this batch" in text
    assert 'Made on 3 September 2026, and no pack of this name was asked for now. <a href="gone/pack.html">' in text


def test_the_index_says_in_words_which_pack_may_be_passed_on() -> None:
    inside = index.Outcome("North", "north", "done")
    outside = index.Outcome("For the <commissioner>", "PASS-ON", "done", outside=True)
    assert "outside the service:</strong> none of these packs. They all stay in the service." in index.page(
        "P", (inside,)
    )
    text = index.page("P", (inside, outside))
    assert "only <em>For the &lt;commissioner&gt;</em>, the folder <code>PASS-ON</code>. All other packs here" in text
    assert text.count("<td>Yes</td>") == text.count("<td>No</td>") == 1
    for state in ("failed", "waiting"):  # an earlier pack that hides nothing may lie in its folder
        text = index.page("P", (inside, replace(outside, state=state)))
        assert "none of these packs." in text and "<td>Yes</td>" not in text
    assert "each of these packs, since small numbers are hidden in all of them." in index.page("P", (outside, outside))
