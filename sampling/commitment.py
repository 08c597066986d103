"""What is committed to: the order of a freeze, the exact plan text, and the digests of frame and exclusions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from sampling import __version__
from sampling.chain import canonical_json
from sampling.engine import Hasher
from sampling.frame import BLINDED, Frame
from sampling.model import Period, Profile
from sampling.policy import Plan, SignalPolicy
from sampling.tickets import commit as commitment_of
from sampling.tickets import digest


@dataclass(frozen=True)
class FreezeOrder:
    """What a freeze is asked for. `signals` and `plan` name policy files in place of the shipped ones."""

    period: Period
    randomness_ref: str = "operator"
    draw_id: str = ""
    as_of: date | None = None
    plan: Path | None = None
    signals: Path | None = None

    @property
    def draw_date(self) -> date:
        """Returns the day on which caseloads are counted: the last day of the period unless another is given."""
        return self.as_of or self.period.last_day

    def named(self, profile: Profile) -> FreezeOrder:
        """Returns the order with its draw_id: the period and the kind of service, as 2026-10/adult, unless one is given."""
        return self if self.draw_id else replace(self, draw_id=f"{self.period.text}/{profile}")


def plan_text_of(frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, teams_text: str) -> str:
    """Returns the exact text of plan.json."""
    stream = {"stratum": plan.stream[0], "n": plan.stream[1]} if plan.stream else None
    return canonical_json(
        {
            "as_of": order.draw_date.isoformat(),
            "cool_off": {
                "from": list(
                    frame.follows
                ),  # whose cases were left out, so that no other draw can have steered this one
                "keep_multiple": plan.keep_multiple,
                "months": plan.cool_off_months,
            },
            "order": list(plan.order),
            "period": order.period.text,
            "protocol": "cst1",
            "quota": dict(plan.quota),
            "randomness_ref": order.randomness_ref,
            "reserve": plan.reserve,
            "signals": {"digest": policy.digest, "file": policy.id, "version": policy.version},
            "software": f"sampling {__version__}",
            "stream": stream,
            "tabled": digest(tabled_text(frame)),
            "teams": digest(teams_text),
        }
    )


def tabled_text(frame: Frame) -> str:
    """Returns the text of tabled.csv."""
    rows = sorted((digest(key), by) for key, by in frame.tabled.itertuples(index=False))
    return "case,tabled_by\n" + "".join(f"{case},{by}\n" for case, by in rows)


def teams_text(frame: Frame) -> str:
    """Returns the text of teams.csv."""
    rows = sorted(
        (digest(key), digest(team))
        for key, team in frame.practitioners[["practitioner_key", "team_key"]].itertuples(index=False)
    )
    return "practitioner,team\n" + "".join(f"{practitioner},{team}\n" for practitioner, team in rows)


def commitment(
    frame: Frame, policy: SignalPolicy, plan: Plan, order: FreezeOrder, hasher: Hasher
) -> tuple[dict[str, Any], str, pa.Table, pa.Table]:
    """Returns the commitment's content, the plan text, and the blinded frame and ledger."""
    plan_text = plan_text_of(frame, policy, plan, order, teams_text(frame))
    cases, exclusions = frame.cases.select(BLINDED), frame.exclusions.select(BLINDED)
    digests = hasher.digest(cases), hasher.digest(exclusions)
    about = {
        "as_of": order.draw_date.isoformat(),
        "commit": commitment_of(order.draw_id, digests[0], digests[1], plan_text, order.randomness_ref),
        "draw_id": order.draw_id,
        "exclusions": digests[1],
        "exclusions_size": len(exclusions),
        "frame": digests[0],
        "period": order.period.text,
        "protocol": "cst1",
        "randomness_ref": order.randomness_ref,
        "size": len(cases),
        "strata": {
            row["values"]: row["counts"]
            for row in sorted(cases["stratum"].value_counts().to_pylist(), key=itemgetter("values"))
        },
    }
    return about, plan_text, cases, exclusions
