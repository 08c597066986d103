"""The right of reply on a review: who may reply, who may answer, and the rounds so far."""

from __future__ import annotations

from typing import Any

from sampling.scoring.parts.asking import Asking
from sampling.scoring.rules.reply import reply_part
from sampling.scoring.settings.access import is_own, is_supervisee, keeps
from sampling.scoring.settings.assignments import Review


def may_answer_review(asking: Asking, review: Review) -> bool:
    """Tells whether the person may answer a reply to a review: its rater or who took over from them, or a moderator who is not the one who replied."""
    return (
        is_own(asking.person, review)
        or keeps(asking.person, review)
        or (asking.person.has("moderator") and asking.person.key != review.practitioner_key)
    )


def review_reply(asking: Asking, review: Review) -> dict[str, Any]:
    """Returns the reply part of a review's page for the person who asks."""
    part = reply_part(
        asking.of(review.id),
        asking.names(),
        may_reply=is_supervisee(asking.person, review) and asking.has_signed(review.id),
        may_answer=may_answer_review(asking, review),
    )
    for one in part["rounds"]:
        one["title"] = asking.titles.get(one["criterion"], "")
    return part
