"""What only people can write in a report: the local problem, why coaching should help, what was changed and when, what else may explain it.

It stands in a text file, `evidence.toml` beside the draws. The headings are those of SQUIRE 2.0 (Ogrinc and others 2016, BMJ Quality and
Safety 25:986). What is not written is shown as missing in the report, under its heading, and never left out.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from sampling.errors import Finding, PolicyError
from sampling.storage import write_whole

FILE = "evidence.toml"
LONGEST = 6000  # characters: a page and a half, more belongs in a paper
_PERIOD = r"\d{4}-(0[1-9]|1[0-2])"
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)]
Month = Annotated[str, StringConstraints(pattern=rf"^{_PERIOD}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)?$")]


@dataclass(frozen=True)
class Asked:
    """One thing that only people can write: its key in the file, its SQUIRE section, its heading, and what is asked."""

    key: str
    section: str
    heading: str
    question: str


ASKED: tuple[Asked, ...] = (
    Asked("local_problem", "Why", "Local problem", "Which shortfall in your service led to this, and with which figure?"),
    Asked("what_is_known", "Why", "What is known", "What do research or other services say about it?"),
    Asked("rationale", "Why", "Rationale", "Why should what you do change what is written in the record?"),
    Asked("aim", "Why", "Aim", "Which criterion should reach which share at the standard, by when?"),
    Asked("context", "Methods", "Context", "Teams, caseloads, vacancies, changes of the case system: what was the ground like?"),
    Asked("who_delivered", "Methods", "Who delivered it", "Who coached or supervised whom, how often, and did they also score?"),
    Asked("ethics", "Methods", "Ethics and information governance", "Who agreed to this as audit, who sees what, what were staff told?"),
    Asked("balancing", "Results", "Balancing measures", "Time per record, delayed contacts: what could have got worse, and did it?"),
    Asked("unintended_effects", "Results", "Unintended effects", "What happened that nobody meant, good or bad?"),
    Asked("rival_explanations", "Discussion", "Rival explanations", "Case mix, staffing, an inspection, a new template: what else may explain it?"),
    Asked("limits", "Discussion", "Limits", "What can this not show?"),
    Asked("sustainment", "Discussion", "Keeping it up", "Who keeps this going, and when is the next sample?"),
    Asked("costs", "Discussion", "Costs", "Hours and money, roughly."),
    Asked("funding_and_interests", "Other", "Funding and interests", "Who paid, and did anyone who scored have a stake in the result?"),
)  # fmt: skip


class Change(BaseModel):
    """Something that was changed on a date: coaching, a template, a rubric. Drawn on each chart over time that it concerns.

    `criteria` are rubric ids or "<rubric>/<criterion>"; empty means all. With `rebase` the chart's limits begin anew there, which needs a reason.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Month = Field(alias="from")
    what: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    dose: Text = ""
    criteria: tuple[Ref, ...] = ()
    rebase: bool = False
    reason: Text = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Change:
        if self.rebase and not self.reason:
            raise ValueError("a rebase needs a reason: say in `reason` why the old limits no longer hold")
        return self

    def concerns(self, ref: str) -> bool:
        """Returns whether the change concerns a criterion, named "<rubric>/<criterion>"."""
        return not self.criteria or ref in self.criteria or ref.partition("/")[0] in self.criteria


class Account(BaseModel):
    """The whole file. A text that is empty was not written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Text = ""
    target: Annotated[float, Field(gt=0, le=1)] | None = None
    local_problem: Text = ""
    what_is_known: Text = ""
    rationale: Text = ""
    aim: Text = ""
    context: Text = ""
    who_delivered: Text = ""
    ethics: Text = ""
    balancing: Text = ""
    unintended_effects: Text = ""
    rival_explanations: Text = ""
    limits: Text = ""
    sustainment: Text = ""
    costs: Text = ""
    funding_and_interests: Text = ""
    change: tuple[Change, ...] = ()

    def said(self, key: str) -> str:
        """Returns what was written under a key of ASKED, or ""."""
        return str(getattr(self, key))

    @property
    def missing(self) -> tuple[Asked, ...]:
        """Returns what was not written."""
        return tuple(asked for asked in ASKED if not self.said(asked.key))

    @property
    def changes(self) -> tuple[Change, ...]:
        """Returns the changes in order of time."""
        return tuple(sorted(self.change, key=lambda change: (change.start, change.what)))


def load_account(path: Path) -> Account:
    """Returns the account in that file, an empty one where there is no file. Raises PolicyError with every fault at once."""
    if not path.is_file():
        return Account()
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError):
        raise PolicyError(f"{path.name} cannot be read. Check its path, and that it is UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path.name} is not valid TOML: {error}.") from None
    try:
        return Account.model_validate(data)
    except ValidationError as error:
        found = [
            Finding(
                "ACCOUNT_FAULT", _sentence(one), "Mend the file.", file=path.name, text_line=_line(text, one["loc"])
            )
            for one in error.errors()
        ]
        raise PolicyError(f"{path.name} has {len(found)} fault{'' if len(found) == 1 else 's'}.", found) from None


def _line(text: str, place: tuple[Any, ...]) -> int | None:
    """Returns the line of the key that a fault names, of its table where the key is missing, None where neither is found."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.lstrip().startswith("[")]
    first, last = 0, heads[0] if heads else len(lines)
    if len(place) > 1 and isinstance(place[1], int):
        tables = [number for number in heads if re.match(r"\s*\[\[\s*change\s*\]\]", lines[number])]
        if place[1] >= len(tables):
            return None
        first = tables[place[1]]
        last = next((number for number in heads if number > first), len(lines))
    key = re.compile(rf"\s*[\"']?{re.escape(str(place[2] if len(place) > 2 else place[0] if place else ''))}[\"']?\s*=")
    found = next((number for number in range(first, last) if key.match(lines[number])), None)
    return found + 1 if found is not None else first + 1 if len(place) > 1 else None


def _sentence(error: Any) -> str:
    """Returns a fault in words: where it stands and what is wrong. What was written there is not repeated."""
    place = ".".join(f"{part + 1}" if isinstance(part, int) else str(part) for part in error["loc"])
    said = {
        "extra_forbidden": "is not a key of this file; known are " + ", ".join(sorted(_known(error["loc"]))),
        "missing": "is missing",
        "string_pattern_mismatch": 'must be a month as "2026-01", or a criterion as "rubric/criterion"',
        "string_too_long": f"is longer than {error.get('ctx', {}).get('max_length')} characters",
        "string_too_short": "is empty",
        "string_type": "must be text in quotation marks",
        "bool_type": "must be true or false",
        "less_than_equal": "must be a share above 0 and up to 1, as 0.8",
        "greater_than": "must be a share above 0 and up to 1, as 0.8",
        "float_type": "must be a share above 0 and up to 1, as 0.8",
    }
    words = said.get(error["type"]) or re.sub(r"^Value error, ", "", error["msg"])
    return f"`{place}` {words}" if place else words


def _known(place: tuple[Any, ...]) -> list[str]:
    fields = Change.model_fields if place[:1] == ("change",) else Account.model_fields
    return [field.alias or name for name, field in fields.items()]


def write_template(path: Path) -> None:
    """Writes a file to fill in, with each question above its key. Raises PolicyError where there is one already."""
    if path.exists():
        raise PolicyError(f"{path.name} is there already. Edit it, or move it away first.")
    write_whole(path, template().encode("utf-8"))


def template() -> str:
    """Returns the file to fill in."""
    lines = [
        "# What only people can write in the evidence report (headings of SQUIRE 2.0). Leave empty what you cannot say:",
        "# the report shows it as missing. Write no name and no number of any person here.",
        "",
        'title = ""',
        "# target = 0.8    # the share at the standard that you aim for: drawn on the charts",
    ]
    for asked in ASKED:
        lines += ["", f"# {asked.section}: {asked.heading}. {asked.question}", f'{asked.key} = ""']
    lines += [
        "",
        "# Each thing that was changed, with its month. Repeat the table for each.",
        "# [[change]]",
        '# from = "2026-01"',
        '# what = "Coaching on rationale"',
        '# dose = "two sessions of an hour for each team"',
        '# criteria = ["escalation_rationale"]   # a rubric or "rubric/criterion"; leave out for all',
        "# rebase = false                        # true: the limits of the charts begin anew, with a reason",
        '# reason = ""',
    ]
    return "\n".join(lines) + "\n"
