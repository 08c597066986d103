"""What the consent line promises: a session is deleted after so many days. Its entries stay in the chain, without their content."""

from __future__ import annotations

from datetime import datetime, timedelta

from sampling.chain import utc_moment
from sampling.journal.events import CalibrationOpened
from sampling.journal.purging import KEPT
from sampling.journal.store import Journal

RULE = "calibration: the days that raters were told (policies/calibration.toml, keep_days)"


def forget_old(journal: Journal, *, keep_days: int, actor: str, now: datetime) -> int:
    """Takes away the content of every session that was opened more than `keep_days` ago; returns how many sessions."""
    before = now - timedelta(days=keep_days)
    opened = [one for one in journal.entries() if isinstance(one.payload, CalibrationOpened)]
    old = {one.review for one in opened if utc_moment(one.at) < before}
    if old:
        entries = journal.entries(reviews=sorted(old))
        journal.purge([one.id for one in entries if one.kind not in KEPT], RULE, actor, now)
    return len(old)
