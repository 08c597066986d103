"""Opens the sessions of a folder for those who serve them: a server of its own, or a Jupyter server beside a notebook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sampling.calibration.held import Held
from sampling.calibration.live import Live
from sampling.calibration.policy import load_calibration_policy
from sampling.journal.store import Journal, Opener
from sampling.keys import Keyring, load_secret
from sampling.policy import shared_folder
from sampling.rubric import rubrics_published
from sampling.rubric.vignettes import load_all

JOURNAL = "calibration.sqlite"


def open_live(home: Path, *, now: datetime, trainer: str = "") -> Live:
    """Returns the sessions of a folder; its journal is made where there is none. Raises SamplingError in words."""
    secret = load_secret()
    actor = Keyring(secret).key("person", "calibration", trainer)
    home.mkdir(parents=True, exist_ok=True)
    journal = Journal.open(home / JOURNAL, Opener(secret, actor), create_at=now)
    try:
        held = Held(
            journal, secret, actor, list(rubrics_published(shared_folder("rubrics"))), list(load_all(retired=True))
        )
        return Live(held, load_calibration_policy())
    except BaseException:
        journal.close()
        raise
