"""The exported verifiers against packs that this file writes by docs/pack.md, without the package."""

from __future__ import annotations

import ast
import csv
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sampling

SHARE = Path(sampling.__file__).parent / "share"
VERIFIER = SHARE / "cst1_verify.py"
CHECKS = "frame exclusions commit randomness seed tickets ranks probabilities selection log sequence".split()
HEADER = ["practitioner", "stratum", "case", "weight"]
QUOTA = {"other": 0, "volatile": 2}
FROZEN = ["commitment.json", "plan.json", "frame.csv", "exclusions.csv", "teams.csv", "tabled.csv", "signals.toml"]


def H(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def frame_of(rows: list[list[str]]) -> str:
    """The frame's digest by nested dictionaries, in another way than the verifier goes."""
    groups: dict[tuple[str, str], list[str]] = {}
    for practitioner, stratum, case, weight in rows:
        leaf = H("cst1/leaf|" + practitioner + H(stratum) + case + H(weight))
        groups.setdefault((practitioner, H(stratum)), []).append(leaf)
    digests = [
        H("cst1/group|" + practitioner + stratum + str(len(leaves)) + "|" + "".join(sorted(leaves)))
        for (practitioner, stratum), leaves in groups.items()
    ]
    return H("cst1/frame|" + str(len(rows)) + "|" + "".join(sorted(digests)))


class Builder:
    """Writes a pack: five practitioners in two teams, with top-ups, a pool, reserves and replacements."""

    def __init__(self, folder: Path, *, stream: bool = True, ref: str = "operator", text: str = "a text") -> None:
        self.folder, self.ref, self.text = folder, ref, text
        self.draw_id = "2026-10/adult"
        self.proof: dict[str, Any] = {}
        self.sizes = {"P1": (5, 6), "P2": (1, 4), "P3": (0, 7), "P4": (9, 0), "P5": (3, 3)}
        self.teams = {"P1": "T1", "P2": "T1", "P3": "T2", "P4": "T2", "P5": "T1"}
        self.plan: dict[str, Any] = {
            "quota": QUOTA,
            "order": ["volatile", "other"],
            "reserve": 2,
            "stream": {"n": 1, "stratum": "other"} if stream else None,
            "cool_off": {"keep_multiple": 3, "months": 3},
            "software": "none",
        }
        self.about = {"period": "2026-10", "as_of": "2026-10-31", "protocol": "cst1", "randomness_ref": ref}
        self.level, self.witnesses = "L0", 0
        self.log: list[dict[str, Any]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def write_csv(self, name: str, header: list[str], rows: list[list[str]]) -> None:
        with (self.folder / name).open("w", encoding="ascii", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *sorted(rows)])

    def freeze(self) -> Builder:
        self.frame = sorted(
            [H(p), stratum, H(f"{p}-{stratum}-{number}"), "1"]
            for p, sizes in self.sizes.items()
            for stratum, size in zip(("volatile", "other"), sizes, strict=True)
            for number in range(size)
        )
        excluded = sorted([H("P1"), "RECENT", H(f"recent-{i}"), "1"] for i in range(3))
        self.write_csv("frame.csv", HEADER, self.frame)
        self.write_csv("exclusions.csv", HEADER, excluded)
        self.write_csv("teams.csv", ["practitioner", "team"], [[H(p), H(t)] for p, t in self.teams.items()])
        self.write_csv("tabled.csv", ["case", "tabled_by"], [[H("P1-other-0"), "supervisor"]])
        self.write("signals.toml", "# signals\n")
        digests = {name: H((self.folder / name).read_text()) for name in ("teams.csv", "tabled.csv", "signals.toml")}
        self.plan |= {**self.about, "teams": digests["teams.csv"], "tabled": digests["tabled.csv"]}
        self.plan["signals"] = {"digest": digests["signals.toml"], "file": "signals", "version": 1}
        self.write("plan.json", plain(self.plan))
        frame, exclusions = frame_of(self.frame), frame_of(excluded)
        parts = H(self.draw_id) + frame + exclusions + H(plain(self.plan)) + H(self.ref)
        self.commit = H("cst1/commit|" + parts)
        strata = [row[1] for row in self.frame]
        sizes = {"size": len(self.frame), "exclusions_size": len(excluded)}
        counted = {"strata": {stratum: strata.count(stratum) for stratum in {*strata}}}
        ids = {"draw_id": self.draw_id, "frame": frame, "exclusions": exclusions, "commit": self.commit}
        self.write("commitment.json", plain({**self.about, **ids, **sizes, **counted}) + "\n")
        register: list[dict[str, Any]] = []
        for sequence, (draw_id, commit) in enumerate((("2026-09/adult", "0" * 64), (self.draw_id, self.commit)), 1):
            data = {"sequence": sequence, "draw_id": draw_id, "commit": commit}
            register = self.chained(register, "frozen", data)
        self.write("register.jsonl", "".join(plain(entry) + "\n" for entry in register))
        return self.event("frozen", commit=self.commit, files=self.digests(FROZEN))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="ascii", newline="\n")

    def digests(self, names: list[str]) -> dict[str, str]:
        return {name: sha256((self.folder / name).read_bytes()).hexdigest() for name in names}

    def chained(self, entries: list[dict[str, Any]], event: str, data: dict[str, Any]) -> list[dict[str, Any]]:
        previous = entries[-1]["hash"] if entries else "0" * 64
        entry: dict[str, Any] = {
            "at": "2026-11-01T09:00:00Z",
            "event": event,
            "data": data,
            "previous": previous,
        }
        return [*entries, {**entry, "hash": H("cst1/log|" + previous + H(plain(entry)))}]

    def event(self, event: str, **data: Any) -> Builder:
        self.log = self.chained(self.log, event, data)
        self.write("log.jsonl", "".join(plain(entry) + "\n" for entry in self.log))
        self.write("log.head", f"{len(self.log)} {self.log[-1]['hash']}\n")
        return self

    def draw(self) -> Builder:
        self.seed = H("cst1/seed|" + self.commit + H(self.text))
        self.manifest = self.rows_drawn()
        header = [*HEADER, "ticket", "rank", "probability", "status", "stream"]
        self.write_csv("manifest.csv", header, self.manifest)
        stored = {"kind": self.ref.split(":")[0], "ref": self.ref, "text": self.text, "proof": self.proof}
        self.write("randomness.json", plain({**stored, "checks": []}) + "\n")
        return self.log_draw()

    def log_draw(self, names: tuple[str, ...] = ("randomness.json", "manifest.csv"), **changes: Any) -> Builder:
        data = {"seed": self.seed, "evidence_level": self.level, "witnesses": self.witnesses, "reason": "A reason."}
        return self.event("drawn", **{**data, "files": self.digests([*names]), **changes})

    def rows_drawn(self) -> list[list[str]]:
        """Draws by hand: what each one takes was worked out from the sizes above, pool and top-ups."""
        taken = {("P1", "volatile"): 2, ("P2", "volatile"): 1, ("P2", "other"): 1, ("P3", "other"): 2}
        taken |= {("P4", "volatile"): 2, ("P5", "volatile"): 2}
        pool = {("P1", "other"), ("P5", "other")} if self.plan["stream"] else set()  # both of team T1
        groups: dict[str, list[list[str]]] = {}
        for p, sizes in self.sizes.items():
            for stratum, size in zip(("volatile", "other"), sizes, strict=True):
                for i in range(size):
                    case = H(f"{p}-{stratum}-{i}")
                    row = [H(p), stratum, case, "1", H("cst1/ticket|" + self.seed + case)]
                    groups.setdefault("pool" if (p, stratum) in pool else f"{p} {stratum}", []).append(row)
        rows = []
        for name, group in groups.items():
            n = 1 if name == "pool" else taken.get((name.split()[0], name.split()[1]), 0)
            for rank, row in enumerate(sorted(group, key=lambda row: row[4]), 1):
                status = "selected" if rank <= n else "reserve" if n and rank <= n + 2 else "not_selected"
                team = H("T1") if name == "pool" else ""
                rows.append([*row, str(rank), f"{n}/{len(group)}", status, team])
        return sorted(rows)

    def pool(self) -> list[str]:
        """Returns the cases of the stream's pool in the order of their ranks."""
        rows = [row for row in self.manifest if row[8]]
        return [row[2] for row in sorted(rows, key=lambda row: int(row[5]))]

    def ranked(self, p: str, stratum: str) -> list[str]:
        rows = [row for row in self.manifest if row[:2] == [H(p), stratum]]
        return [row[2] for row in sorted(rows, key=lambda row: int(row[5]))]

    def replace(self, case: str, replacement: str, /, **changes: str) -> Builder:
        row = next(row for row in self.manifest if row[2] == case)
        data = {"case": case, "practitioner": row[0], "stratum": row[1], "replacement": replacement}
        reason = "SEALED" if changes.get("kind") == "UNAVAILABLE" else "DUPLICATE"
        data |= {"reason": reason, "kind": "INELIGIBLE", "requested_by": H("R"), "approved_by": H("A")}
        return self.event("replaced", **{**data, **changes})

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        before = (self.folder / name).read_text()
        after = change(before)
        assert after != before
        self.write(name, after)


@pytest.fixture
def pack(tmp_path: Path) -> Builder:
    return Builder(tmp_path / "share").freeze().draw()


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Runs the verifier as a stranger does: isolated from this environment, without its packages."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def failing(folder: Path, *options: str) -> str:
    """Returns the name of the check that failed, or an empty text."""
    status, output = run(folder, *options)
    failed = [line.split()[0] for line in output.splitlines() if " FAILED " in line]
    assert status == (1 if failed else 0)
    assert (f"NOT VERIFIED: {failed[0]} failed." if failed else "VERIFIED: every check holds.") in output
    return failed[0] if failed else ""


def sql_checks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    monkeypatch.chdir(folder)
    rows = duckdb.connect().execute((SHARE / "verify.sql").read_text(encoding="utf-8")).fetchall()
    return {str(row[0]): bool(row[1]) for row in rows}


def test_a_sound_pack_verifies_with_every_check_named(pack: Builder) -> None:
    status, output = run(pack.folder, "--commit", pack.commit)
    assert status == 0
    assert [line.split()[:2] for line in output.splitlines()[:11]] == [[name, "ok"] for name in CHECKS]
    assert pack.commit in output
    assert "Compare the commitment" not in output


def test_without_the_received_commitment_it_asks_to_compare(pack: Builder) -> None:
    assert "Compare the commitment above" in run(pack.folder)[1]


def test_another_commitment_than_the_received_one_fails(pack: Builder) -> None:
    assert failing(pack.folder, "--commit", "0" * 64) == "commit"


def test_before_the_draw_it_checks_what_there_is(tmp_path: Path) -> None:
    builder = Builder(tmp_path).freeze()
    assert failing(tmp_path) == ""
    assert "not drawn yet" in run(tmp_path)[1]
    builder.edit("frame.csv", lambda text: text.replace(",1\n", ",2\n", 1))
    assert failing(tmp_path) == "frame"


def test_a_pack_without_a_stream_verifies(tmp_path: Path) -> None:
    Builder(tmp_path, stream=False).freeze().draw()
    assert failing(tmp_path) == ""


def test_an_empty_frame_verifies(tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    builder.sizes = {}
    builder.freeze().draw()
    assert failing(tmp_path) == ""


SQL_CHECKS = ["frame", "exclusions", "commit", "tickets", "ranks", "probabilities", "selection"]
SOUND = dict.fromkeys(SQL_CHECKS, True)


@pytest.mark.parametrize("stream", [True, False])
def test_the_sql_finds_a_sound_pack_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    Builder(tmp_path, stream=stream).freeze().draw()
    assert sql_checks(tmp_path, monkeypatch) == SOUND


def test_a_deficit_is_carried_over_an_empty_stratum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = Builder(tmp_path, stream=False)
    builder.plan |= {"order": ["volatile", "new", "other"], "quota": {**QUOTA, "new": 0}}
    builder.freeze().draw()
    assert sql_checks(tmp_path, monkeypatch) == SOUND
    assert failing(tmp_path) == ""


def test_the_sql_finds_an_empty_frame_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = Builder(tmp_path)
    builder.sizes = {}
    builder.freeze().draw()
    assert sql_checks(tmp_path, monkeypatch) == SOUND


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


# -- the tamper table: what is changed, and the check that must name it


def swap_cells(column: int, test: Callable[[list[str]], bool]) -> Callable[[str], str]:
    """Swaps one column's value between the first two rows that pass the test."""

    def change(text: str) -> str:
        rows = [line.split(",") for line in text.splitlines()]
        first, second = [row for row in rows[1:] if test(row)][:2]
        first[column], second[column] = second[column], first[column]
        return "".join(",".join(row) + "\n" for row in rows)

    return change


def drop_line(number: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        del lines[number]
        return "".join(lines)

    return change


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def flip_digit(marker: str) -> Callable[[str], str]:
    """Changes the first hexadecimal digit after a marker."""

    def change(text: str) -> str:
        at = text.index(marker) + len(marker)
        return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]

    return change


def same_group(row: list[str]) -> bool:
    return row[0] == H("P4") and row[1] == "volatile"


TAMPERED: list[tuple[str, Callable[[str], str], str]] = [
    ("frame.csv", replaced("volatile", "other"), "frame"),
    ("frame.csv", replaced(",1\n", ",2\n"), "frame"),
    ("frame.csv", replaced(",1\n", ",01\n"), "frame"),
    ("frame.csv", replaced(",1\n", ",1\r\n"), "frame"),
    ("frame.csv", flip_digit("\n"), "frame"),
    ("frame.csv", drop_line(1), "frame"),
    ("frame.csv", lambda text: text + text.splitlines()[-1] + "\n", "frame"),
    ("frame.csv", lambda text: text[:-1], "frame"),
    ("exclusions.csv", replaced("RECENT", "OTHER"), "exclusions"),
    ("exclusions.csv", drop_line(2), "exclusions"),
    ("commitment.json", flip_digit('"frame":"'), "frame"),
    ("commitment.json", flip_digit('"exclusions":"'), "exclusions"),
    ("commitment.json", flip_digit('"commit":"'), "commit"),
    ("commitment.json", replaced("2026-10/adult", "2026-11/adult"), "commit"),
    ("commitment.json", replaced('"operator"', '"dice"'), "commit"),
    ("commitment.json", replaced("2026-10-31", "2026-10-30"), "commit"),
    ("commitment.json", lambda text: text[:-1], "commit"),
    ("commitment.json", lambda text: text[:-2], "frame"),
    ("commitment.json", lambda text: text.replace("{", '{"period":"2026-10",', 1), "commit"),
    ("commitment.json", replaced('"size":38', '"size":39'), "frame"),
    ("commitment.json", replaced('"volatile":18', '"volatile":17'), "frame"),
    ("commitment.json", replaced('"exclusions_size":3', '"exclusions_size":4'), "exclusions"),
    ("commitment.json", replaced('"period":"2026-10"', '"period":"2026-09"'), "commit"),
    ("signals.toml", lambda text: text + "\n", "commit"),
    ("plan.json", replaced('"volatile":2', '"volatile":3'), "commit"),
    ("plan.json", lambda text: text + "\n", "commit"),
    ("teams.csv", drop_line(1), "commit"),
    ("teams.csv", flip_digit(","), "commit"),
    ("tabled.csv", drop_line(1), "commit"),
    ("randomness.json", replaced('"operator"', '"dice"'), "randomness"),
    ("randomness.json", replaced("a text", "another text"), "seed"),
    ("randomness.json", replaced("a text", "  "), "randomness"),
    ("randomness.json", replaced('"checks":[]', '"checks":["all"]'), "log"),
    ("randomness.json", replaced('"checks":[]', '"checks": []'), "randomness"),
    ("randomness.json", lambda text: "[]", "randomness"),
    ("manifest.csv", swap_cells(4, same_group), "tickets"),
    ("manifest.csv", swap_cells(2, same_group), "tickets"),
    ("manifest.csv", drop_line(1), "tickets"),
    ("manifest.csv", lambda text: text + text.splitlines()[-1] + "\n", "tickets"),
    ("manifest.csv", swap_cells(5, same_group), "ranks"),
    ("manifest.csv", lambda text: text.replace("," + H("T1") + "\n", ",\n", 1), "ranks"),
    ("manifest.csv", replaced(",2/9,", ",2/8,"), "probabilities"),
    ("manifest.csv", replaced(",1/1,", ",1,"), "probabilities"),
    (
        "manifest.csv",
        swap_cells(7, lambda row: row[5] in "23" and same_group(row)),
        "selection",
    ),
    ("manifest.csv", replaced(",not_selected,", ",selected,"), "selection"),
    ("manifest.csv", replaced(",reserve,", ",not_selected,"), "selection"),
    ("manifest.csv", replaced("practitioner", "Practitioner"), "tickets"),
    ("log.jsonl", drop_line(0), "log"),
    ("log.jsonl", drop_line(1), "log"),
    ("log.jsonl", lambda text: "", "log"),
    ("log.jsonl", replaced("09:00:00Z", "08:00:00Z"), "log"),
    ("log.jsonl", replaced("\n", "\r\n"), "log"),
    ("log.jsonl", replaced('"data":', '"data": '), "log"),
    ("log.jsonl", flip_digit('"seed":"'), "log"),
    ("log.jsonl", lambda text: text + "\n", "log"),
    ("log.head", replaced("2 ", "1 "), "log"),
    ("log.head", flip_digit(" "), "log"),
    ("register.jsonl", drop_line(0), "sequence"),
    ("register.jsonl", drop_line(1), "sequence"),
    ("register.jsonl", replaced('"sequence":2', '"sequence":3'), "sequence"),
]


@pytest.mark.parametrize(("name", "change", "check"), TAMPERED, ids=lambda value: str(value)[:20])
def test_tampering_fails_by_its_right_name(pack: Builder, name: str, change: Callable[[str], str], check: str) -> None:
    pack.edit(name, change)
    assert failing(pack.folder) == check


# A malformed file stops the reader of SQL with an error of its own, so only changed values are tried here.
IN_SQL = [case for case in TAMPERED if case[0] in ("exclusions.csv", "manifest.csv") and case[2] in SQL_CHECKS][:-1]
IN_SQL += [
    ("commitment.json", flip_digit('"commit":"'), "commit"),
    ("commitment.json", flip_digit('"frame":"'), "frame"),
    ("commitment.json", replaced('"size":38', '"size":39'), "frame"),
    ("commitment.json", replaced('"volatile":18', '"volatile":17'), "frame"),
    ("commitment.json", replaced('"exclusions_size":3', '"exclusions_size":4'), "exclusions"),
    ("commitment.json", replaced('"period":"2026-10"', '"period":"2026-09"'), "commit"),
    ("frame.csv", replaced(",1\n", ",2\n"), "frame"),
    ("randomness.json", replaced("a text", "another text"), "tickets"),
]


@pytest.mark.parametrize(("name", "change", "check"), IN_SQL, ids=lambda value: str(value)[:20])
def test_the_sql_finds_tampering_by_the_same_name(
    pack: Builder, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[str], str], check: str
) -> None:
    pack.edit(name, change)
    found = sql_checks(pack.folder, monkeypatch)
    assert next(name for name, ok in found.items() if not ok) == check


MISSING = {
    "commitment.json": "frame",
    "frame.csv": "frame",
    "exclusions.csv": "exclusions",
    "plan.json": "commit",
    "teams.csv": "commit",
    "tabled.csv": "commit",
    "signals.toml": "commit",
    "randomness.json": "randomness",
    "manifest.csv": "tickets",
    "log.jsonl": "log",
    "log.head": "log",
    "register.jsonl": "sequence",
}


@pytest.mark.parametrize(("name", "check"), MISSING.items())
def test_a_missing_file_fails_by_its_right_name(pack: Builder, name: str, check: str) -> None:
    (pack.folder / name).unlink()
    assert failing(pack.folder) == check


def rehash_frozen(builder: Builder) -> None:
    """Writes the log anew with the digests that the changed files now have, as whoever holds the pack can."""
    builder.log = []
    builder.event("frozen", commit=builder.commit, files=builder.digests(FROZEN))


def test_a_forger_who_rewrites_the_log_too_is_still_found(pack: Builder) -> None:
    pack.edit("manifest.csv", replaced(",reserve,", ",selected,"))
    rehash_frozen(pack)
    pack.log_draw()
    assert failing(pack.folder) == "selection"


def test_another_seed_in_the_log_is_found(pack: Builder) -> None:
    rehash_frozen(pack)
    pack.log_draw(seed="0" * 64)
    assert failing(pack.folder) == "seed"


@pytest.mark.parametrize("names", [("manifest.csv",), ("randomness.json", "manifest.csv", "../share/plan.json")])
def test_the_log_must_name_each_file_and_none_outside(pack: Builder, names: tuple[str, ...]) -> None:
    rehash_frozen(pack)
    pack.log_draw(names)
    assert failing(pack.folder) == "log"


def test_a_second_draw_in_the_log_is_found(pack: Builder) -> None:
    pack.log_draw()
    assert failing(pack.folder) == "log"


@pytest.mark.parametrize("place", ["frame.csv", "exclusions.csv"])
def test_a_case_that_stands_twice_is_found(tmp_path: Path, place: str) -> None:
    """The digests are right, so only the count of cases can tell."""
    builder = Builder(tmp_path)
    builder.freeze()
    twice = [H("P9"), "volatile", builder.frame[0][2], "1"]
    rows = [line.split(",") for line in (tmp_path / place).read_text().splitlines()[1:]]
    builder.write_csv(place, HEADER, [*rows, twice])
    commitment = json.loads((tmp_path / "commitment.json").read_text())
    commitment[place.split(".")[0]] = frame_of(sorted([*rows, twice]))
    commitment["size" if place == "frame.csv" else "exclusions_size"] += 1
    commitment["strata"]["volatile"] += place == "frame.csv"
    builder.write("commitment.json", plain(commitment) + "\n")
    assert failing(tmp_path) == place.split(".")[0]


# -- replacements


def test_replacements_by_the_next_rank_verify(pack: Builder) -> None:
    four, pool = pack.ranked("P4", "volatile"), pack.pool()
    pack.replace(four[0], four[2]).replace(four[2], four[3])
    pack.replace(four[1], four[4], kind="UNAVAILABLE")
    pack.replace(pool[0], pool[1])
    assert failing(pack.folder) == ""


def test_a_group_without_a_case_left_gives_no_replacement(pack: Builder) -> None:
    (only,) = pack.ranked("P2", "volatile")
    pack.replace(only, "")
    assert failing(pack.folder) == ""


def test_an_unavailable_case_may_go_without_a_replacement(pack: Builder) -> None:
    pack.replace(pack.ranked("P4", "volatile")[0], "", kind="UNAVAILABLE")
    assert failing(pack.folder) == ""


@pytest.mark.parametrize(
    ("case", "replacement", "changes"),
    [
        (0, 3, {}),
        (0, 1, {}),
        (0, None, {}),
        (2, 3, {}),
        (0, 2, {"approved_by": H("R")}),
        (0, 2, {"practitioner": H("P1")}),
        (0, 2, {"stratum": "other"}),
        (0, 2, {"case": "0" * 64}),
    ],
    ids=[
        "skips a rank",
        "already selected",
        "none",
        "not reviewed",
        "one person",
        "wrong practitioner",
        "stratum",
        "x",
    ],
)
def test_a_wrong_replacement_fails_as_selection(
    pack: Builder, case: int, replacement: int | None, changes: dict[str, str]
) -> None:
    four = pack.ranked("P4", "volatile")
    pack.replace(four[case], "" if replacement is None else four[replacement], **changes)
    assert failing(pack.folder) == "selection"


def test_a_case_cannot_be_replaced_twice(pack: Builder) -> None:
    four = pack.ranked("P4", "volatile")
    pack.replace(four[0], four[2]).replace(four[0], four[3])
    assert failing(pack.folder) == "selection"


# -- the kinds of randomness


SIGNATURE = "ab" * 48
PULSE = {"round": 7, "signature": SIGNATURE, "randomness": sha256(bytes.fromhex(SIGNATURE)).hexdigest()}
NONCES = ["1" * 64, "2" * 64]
CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
DRAND, PARTIES = f"drand:{CHAIN}:7", f"two-party:{H(NONCES[0])}:{H(NONCES[1])}"
RANDOM = str(PULSE["randomness"])


@pytest.mark.parametrize(
    ("ref", "text", "proof", "check"),
    [
        (DRAND, RANDOM, {"pulse": PULSE}, ""),
        (DRAND, RANDOM, {"pulse": {**PULSE, "round": 8}}, "randomness"),
        (DRAND, RANDOM, {"pulse": {**PULSE, "signature": "00"}}, "randomness"),
        (DRAND, "0" * 64, {"pulse": {**PULSE, "randomness": "0" * 64}}, "randomness"),
        (DRAND, RANDOM, {}, "randomness"),
        (PARTIES, "".join(NONCES), {"nonces": NONCES}, ""),
        (PARTIES, "".join(NONCES[::-1]), {"nonces": NONCES[::-1]}, "randomness"),
        (PARTIES, "x", {"nonces": NONCES}, "randomness"),
        ("dice", "0123456789" * 2, {"digits": "0123456789" * 2, "witnesses": 2}, ""),
        ("dice", "0123456789", {"digits": "0123456789", "witnesses": 2}, "randomness"),
        ("lottery", "7", {}, "commit"),
    ],
)
def test_each_kind_of_randomness(tmp_path: Path, ref: str, text: str, proof: dict[str, Any], check: str) -> None:
    builder = Builder(tmp_path, ref=ref, text=text)
    builder.proof = proof
    builder.level, builder.witnesses = {"dice": ("L2", 2), "two-party": ("L2", 0)}.get(ref.split(":")[0], ("L0", 0))
    builder.freeze().draw()
    assert failing(tmp_path) == check
