"""The quarterly review of effect: what was brought, what is found, and what was not brought, said as such."""

from __future__ import annotations

from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import Block, Part, headed

TITLE = "Effectiveness: staff, incidents, indicators, partners, training, side effects"
NOTHING = "Nothing was brought or found."


def effects(found: Assurance) -> Part:
    """Returns the whole section."""
    each = tuple(
        Block(
            title,
            part.sentences or (NOTHING,),
            tuple(headed(one) for one in part.tables if one.rows),
            items=part.shows_not,
        )
        for title, part in found.effect.parts.items()
    )
    return Part(TITLE, (Block(sentences=found.effect.absent), *each))
