"""The record of one case as plain text, to be pasted into the case system: where a service keeps no copies, this is all that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from sampling.scoring.record.content import NOT_CARE, CriterionPart, RecordData
from sampling.scoring.rules.actions import KIND_LABELS

_WIDTH = 96
_TO_BE_WRITTEN = "(to be written here)"


def plain_text(record: RecordData, *, text_kept: bool = True, comment_to_level: int = 1) -> str:
    """Returns the record as lines of at most 96 characters in letters that every case system takes (Windows-1252).

    Where no words of a case are kept (`text_kept` false) a comment that the level needs, and an action that no kind names, have their
    place, to be filled by hand.
    """
    parts = [
        _wrapped(f"FILE REVIEW FOR SUPERVISION: {record.case_label}"),
        "\n".join(_wrapped(f"{name}: {value}") for name, value in record.facts),
        _wrapped(f"{record.headline}. {record.summary}"),
    ]
    for rubric in record.rubrics:
        parts.append(f"{rubric.title.upper()} (version {rubric.version}, digest {rubric.digest[:16]})")
        parts += [
            "\n".join(_criterion(line, _needs_words(line, text_kept, comment_to_level))) for line in rubric.criteria
        ]
    parts += ["ACTIONS\n" + "\n".join(_actions(record, text_kept))]
    said = [_wrapped(f"{one.heading}. {one.text}".strip()) for one in (*record.deviations, *record.replies)]
    parts += ["\n".join(said)] if said else []
    parts += ["SIGNATURES\n" + "\n".join(_signatures(record)), "\n".join(_end(record))]
    return _plain("\n\n".join(parts)) + "\n"


def _needs_words(line: CriterionPart, text_kept: bool, comment_to_level: int) -> bool:
    return not text_kept and line.level is not None and line.level <= comment_to_level and not line.comment


def _criterion(line: CriterionPart, needs_words: bool) -> Iterator[str]:
    critical = " (critical)" if line.critical else ""
    mark = f"level {line.mark} of 3{', below the pass level' if line.below else ''}. " if line.level is not None else ""
    yield _wrapped(f"{line.number}. {line.title}{critical}: {mark}{line.words}", "   ")
    if line.moderated:
        yield _wrapped(f"   {line.moderated}", "   ")
    for pointer in line.pointers:
        quote = f': "{pointer.quote}"' if pointer.quote else ""
        yield _wrapped(f"   Evidence: {pointer.where}{quote}", "   ")
    if line.comment or needs_words:
        yield _wrapped(f"   Comment: {line.comment or _TO_BE_WRITTEN}", "   ")
    if line.safety:
        yield _wrapped(f"   {line.safety}", "   ")


def _actions(record: RecordData, text_kept: bool) -> Iterator[str]:
    for action in record.actions:
        why = f" ({action.why})" if action.why else ""
        why += f": {_TO_BE_WRITTEN}" if not text_kept and action.what == KIND_LABELS["other"] else ""
        dates = f"due {action.due}, review {action.review}"
        yield _wrapped(f"- {action.what}{why}. Owner: {action.owner}; {dates}. {action.came_of_it}.", "  ")
    if not record.actions:
        yield "No action was raised."


def _signatures(record: RecordData) -> Iterator[str]:
    for one in record.signatures:
        void = f" (no longer stands: {one.void})" if one.void else ""
        yield _wrapped(f"{one.role}: {one.name}, {one.at}{void}. {one.statement}", "  ")
    if not record.signatures:
        yield "Nobody has signed yet."


def _end(record: RecordData) -> Iterator[str]:
    if record.paste:
        yield _wrapped(f"{record.paste}.")
    for sentence in record.left_out:
        yield _wrapped(sentence)
    yield f"Hash of the content{', as it was signed' if record.signed else ''}:"
    yield record.content
    yield _wrapped(NOT_CARE)


def _wrapped(text: str, later: str = "") -> str:
    """Returns the text wrapped, its own line breaks and what cannot be printed made spaces: no line begins like another entry."""
    first = text[: len(text) - len(text.lstrip())]
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return fill(
        " ".join(text.split()), _WIDTH, initial_indent=first, subsequent_indent=later,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _plain(text: str) -> str:
    """Returns the text in letters of Windows-1252; any other letter becomes a question mark, as the case system would make it."""
    return text.encode("cp1252", errors="replace").decode("cp1252")
