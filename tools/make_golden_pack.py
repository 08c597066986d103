"""Makes the golden pack once and for all: tests/vectors/golden_pack must verify under every later version, so never run this again.

It needs the synthetic service and the protocol as they were at version 0.1.0.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sampling import randomness, workflow
from sampling.keys import Keyring
from sampling.model import Period
from sampling.sources.synthesis import synthesise

TARGET = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "golden_pack"
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


def main() -> None:
    """Writes a drawn pack, its private folder included (of invented people), with a stream, top-ups and two replacements."""
    if TARGET.exists():
        sys.exit("The golden pack stands already. It is never made again.")
    with tempfile.TemporaryDirectory() as scratch_text:
        scratch = Path(scratch_text)
        source = scratch / "service"
        synthesise(format="canonical", cases=260, months=6, seed=20261, out=source, until="2026-10")
        keyring = Keyring(bytes(range(32)))
        folder = scratch / "draws" / "golden"
        order = workflow.FreezeOrder(Period("2026-10"), "dice", "golden/2026-10")
        workflow.freeze(workflow.open_source(str(source), keyring), order, folder, keyring=keyring, now=NOW)
        dice = randomness.from_dice(randomness.parse_ref("dice"), "31415926535897932384", ("first", "second"))
        pack = workflow.draw(folder, dice, now=NOW, witnesses=2)
        replaceable = [
            row
            for row in workflow.selected_cases(pack)
            if row["probability"].startswith("2/") and row["probability"] != "2/2"
        ]
        for row, reason in zip(replaceable[::2], ("DUPLICATE", "SEALED"), strict=False):
            workflow.replace(
                folder, row["case_key"], reason=reason, requested_by="A", approved_by="B", keyring=keyring, now=NOW
            )
        shutil.copytree(folder, TARGET, ignore=shutil.ignore_patterns(".lock"))


if __name__ == "__main__":
    main()
