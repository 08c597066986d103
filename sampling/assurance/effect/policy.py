"""The numbers, survey items and incident themes of the effectiveness review, from policies/effectiveness.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder

FILE = "effectiveness.toml"
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,40}$")]
Share = Annotated[float, Field(ge=0, le=1, strict=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Numbers(_Strict):
    """The least numbers that are needed before anything is said; what each means stands at the head of the file."""

    fewest_responses: Annotated[int, Field(ge=2, le=1_000)]
    fewest_for_change: Annotated[int, Field(ge=2, le=10_000)]
    least_rate: Share
    fewest_scored: Annotated[int, Field(ge=2, le=10_000)]
    fewest_people: Annotated[int, Field(ge=2, le=100)]
    often_below: Share
    session_minutes: Annotated[int, Field(ge=1, le=480)]
    survey_days: Annotated[int, Field(ge=1, le=1_100)]
    rate_per: Annotated[int, Field(ge=1, le=1_000_000)]


class Item(_Strict):
    """One item of the staff survey. `good` is the answer that speaks well of supervision; `row` that of the requirements."""

    id: Id
    text: Words
    good: Literal["agree", "disagree"]
    row: Words
    source: Words


class Theme(_Strict):
    """One theme of incidents, with the definition that whoever codes them goes by."""

    id: Id
    words: Words
    definition: Words
    row: Words


class EffectPolicy(_Strict):
    """The whole policy. Items and themes are in the order of the file."""

    version: Literal[1]
    numbers: Numbers
    item: Annotated[tuple[Item, ...], Field(min_length=1, max_length=40, strict=False)]
    theme: Annotated[tuple[Theme, ...], Field(min_length=1, max_length=40, strict=False)]

    @model_validator(mode="after")
    def _once(self) -> EffectPolicy:
        for ids in ([one.id for one in self.item], [one.id for one in self.theme]):
            if len(set(ids)) < len(ids):
                raise ValueError("an id stands twice")
        return self

    def words_of(self, theme: str) -> str:
        """Returns a theme in words."""
        return next(one.words for one in self.theme if one.id == theme)


def load_effect_policy(path: Path | None = None) -> EffectPolicy:
    """Returns the policy of the review, the shipped one unless a file is named. Raises PolicyError with every fault found."""
    place = path or shared_folder("policies") / FILE
    try:
        return EffectPolicy.model_validate(tomllib.loads(place.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The policy of effectiveness {place.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy of effectiveness {place.name} is not valid TOML: {error}.") from None
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        places = [".".join(str(part) for part in one["loc"]) or "the file" for one in found]
        findings = [
            Finding("POLICY_FAULT", f"{where}: {one['msg']}", "Mend the file.", file=place.name)
            for where, one in zip(places, found, strict=True)
        ]
        count = f"{len(findings)} fault{'s' if len(findings) > 1 else ''}"
        raise PolicyError(f"The policy of effectiveness {place.name} has {count}.", findings) from None
