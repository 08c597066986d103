"""Opens the sessions of a folder for those who serve them: a server of its own, or a Jupyter server beside a notebook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from sampling.calibration.held import Held
from sampling.calibration.live import Live
from sampling.calibration.policy import CalibrationPolicy, load_calibration_policy
from sampling.calibration.retention import forget_old
from sampling.errors import StateError
from sampling.journal.store import Journal, Opener
from sampling.keys import Keyring, load_secret
from sampling.policy import shared_folder
from sampling.rubric import rubrics_published
from sampling.rubric.vignettes import load_all

JOURNAL = "calibration.sqlite"
LOCK = ".calibrate.lock"


def open_live(home: Path, *, now: datetime, trainer: str = "") -> Live:
    """Returns the sessions of a folder; its journal is made where there is none. Sessions that are older than raters were told are
    deleted first. Raises SamplingError in words, StateError where another program holds the folder.
    """
    secret = load_secret()
    actor = Keyring(secret).key("person", "calibration", trainer)
    policy = load_calibration_policy()
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StateError(
            "Another program holds the sessions of this folder: a running `sampling calibrate`, or a notebook's server. Stop it, or name another folder."
        ) from None
    try:
        return Live(_held(home / JOURNAL, policy, secret, actor, now), policy, lock.release)
    except BaseException:
        lock.release()
        raise


def _held(path: Path, policy: CalibrationPolicy, secret: bytes, actor: str, now: datetime) -> Held:
    journal = Journal.open(path, Opener(secret, actor), create_at=now)
    try:
        forget_old(journal, keep_days=policy.keep_days, actor=actor, now=now)
        rubrics = list(rubrics_published(shared_folder("rubrics")))
        return Held(journal, secret, actor, rubrics, list(load_all(retired=True)))
    except BaseException:
        journal.close()
        raise
