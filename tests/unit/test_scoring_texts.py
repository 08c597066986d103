"""Where no words of a case are kept: every field that takes free text is classed, and what is no choice and no line is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sampling.journal.events import payload_kinds, read_payload
from sampling.scoring.rules.actions import KIND_LABELS
from sampling.scoring.rules.texts import ELSEWHERE, LINE_CHARACTERS, TEXTS, text_choices, text_refusals
from tests.unit.test_journal_events import EXAMPLES

STORY = "The neighbour heard shouting on Tuesday night and rang the duty desk, which did not call back until Thursday."


def free_texts(schema: dict[str, Any], parts: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yields the path of each property that takes text of no fixed form: no pattern, no closed list, no day."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "string" and not {"pattern", "enum", "const", "format"} & set(schema):
        yield path
    for one in (
        *schema.get("anyOf", ()),
        *filter(None, (schema.get("items"), schema.get("additionalProperties") or None)),
    ):
        yield from free_texts(one, parts, path) if isinstance(one, dict) else ()
    for name, one in schema.get("properties", {}).items():
        yield from free_texts(one, parts, f"{path}.{name}" if path else name)


def test_every_field_that_takes_free_text_is_classed_and_nothing_else() -> None:
    found = set()
    for kind, payload in payload_kinds().items():
        # what a group says of an invented case goes into calibration's own journal, and is refused in this one
        if payload.__module__.startswith("sampling.") and not payload.__module__.endswith("events_calibration"):
            schema = payload.model_json_schema()
            found |= {(kind, path) for path in free_texts(schema, schema.get("$defs", {}))}
    assert found == set(TEXTS)


def with_text(kind: str, field: str, text: str) -> Any:
    return read_payload(kind, {**EXAMPLES[kind][1], field: text})


WRITTEN = [place for place, rule in TEXTS.items() if rule.kind != "ours"]


@pytest.mark.parametrize(("kind", "field"), WRITTEN)
def test_a_story_is_refused_in_every_field(kind: str, field: str) -> None:
    found = text_refusals(with_text(kind, field, STORY))
    assert any(one.startswith("No words of a case are kept here. ") for one in found)
    assert not any("neighbour" in one for one in found)


@pytest.mark.parametrize(("kind", "field"), [place for place in WRITTEN if TEXTS[place].kind == "choice"])
def test_each_choice_may_stand_and_no_other_word(kind: str, field: str) -> None:
    rule = TEXTS[kind, field]
    said = with_text(kind, field, "Twice.")
    (sentence,) = [
        one for one in text_refusals(said) if one.startswith(f"No words of a case are kept here. {rule.instead}")
    ][:1]
    for choice in rule.choices if kind != "action_raised" else (KIND_LABELS["other"],):
        assert choice in sentence
        rest = [one for one in text_refusals(with_text(kind, field, choice)) if one == sentence]
        assert rest == []


@pytest.mark.parametrize(("kind", "field"), [place for place in WRITTEN if TEXTS[place].kind == "line"])
def test_a_line_is_one_line_and_short(kind: str, field: str) -> None:
    def lines(text: str) -> int:
        return sum("one line" in sentence for sentence in text_refusals(with_text(kind, field, text)))

    assert lines("Supervision note of 3 November") == lines("x" * LINE_CHARACTERS) == 0
    assert lines("x" * (LINE_CHARACTERS + 1)) == lines("Note\n12") == 1


def test_the_words_of_an_action_are_those_of_its_own_kind() -> None:
    data = {**EXAMPLES["action_raised"][1], "action_kind": "gp_liaison"}
    assert text_refusals(read_payload("action_raised", {**data, "text": KIND_LABELS["gp_liaison"]})) == []
    assert text_refusals(read_payload("action_raised", {**data, "text": KIND_LABELS["training"]})) == [
        "No words of a case are kept here. Write them into the case system. Here may stand: Liaise with the GP."
    ]


def test_the_screens_are_told_what_may_stand() -> None:
    told = text_choices()
    assert told["parked"]["reason"]["choices"][0] == ELSEWHERE
    assert told["action_raised"]["owner"] == {"kind": "line", "choices": [], "longest": 80}
    assert "signed" not in told
