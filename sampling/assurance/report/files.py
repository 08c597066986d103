"""An assurance report's files: every table, and the numbers behind every chart, as CSV; what stands above its page; and what stays with pairs.

The two private files are for the scoring service, which shows a pair its own figures and leaders the patterns: it needs no extract.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from sampling.assurance.coverage import Line, PairCoverage
from sampling.assurance.folder import folder_lines, folder_sentences, recorded
from sampling.assurance.noted import folder_of
from sampling.assurance.patterns import Pattern
from sampling.assurance.patterns_words import about_words, looked_sentence, pattern_sentences, scope_words
from sampling.assurance.report import sections
from sampling.assurance.report.found import Assurance
from sampling.reporting.files import csv_text, head_of
from sampling.tickets import digest

_KEEP = {
    "governance": "It stays inside the service.",
    "commissioner": "It may be passed on.",
    "inspector": "It stays inside the service, and may be shown there.",
}


def heading(found: Assurance) -> dict[str, object]:
    """Returns title, lead, facts and the foot, as the page takes them."""
    return {
        **head_of(sections.heading(found)),
        "contents": [list(pair) for pair in sections.contents(found)],
        "reading": sections.READING,
        "keep": _KEEP[found.asked.edition],
    }


def tables(found: Assurance) -> dict[str, str]:
    """Returns name -> CSV of every table of the edition, and of the numbers behind every chart, in order."""
    every = {one.id: csv_text(one.columns, one.rows) for one in sections.all_tables(found)}
    figures = (one for one in sections.all_figures(found) if one.rows)
    return every | {one.name: csv_text(one.columns, one.exact or one.rows) for one in figures}


def pair_files(found: Assurance) -> dict[str, str]:
    """Returns digest of a supervisee's key -> what that pair alone may read, as JSON: lines, sentences, digests of undiscussed cases."""
    folders = folder_words(found)
    about = {"period": found.asked.window.text, "as_of": found.asked.today.isoformat()}
    return {one.person: _json({**about, **_pair(one, folders.get(one.person, ()))}) for one in found.coverage.pairs}


def folder_words(found: Assurance) -> dict[str, tuple[str, ...]]:
    """Returns digest of a supervisee's key -> what of the worker's folder is missing or out of date, as the policy asks for it (row C12)."""
    noted, today = folder_of(found.material.entries), found.asked.today
    words: dict[str, tuple[str, ...]] = {}
    for person in found.material.facts.persons:
        held = [one.on for one in person.formal()]
        lines = folder_lines(found.asked.policy, {**recorded(person), **noted.get(person.key, {})}, held, today)
        if lines:
            words[digest(person.key)] = folder_sentences(lines)
    return words


def _pair(one: PairCoverage, folder: Sequence[str]) -> dict[str, object]:
    return {
        "lines": [_line(line) for line in one.lines],
        "sentences": [*one.sentences, *folder],
        "undiscussed": list(one.undiscussed),
        "never_discussed": list(one.never_discussed),
    }


def _line(one: Line) -> dict[str, object]:
    return {
        "rule": one.rule,
        "threshold": one.threshold,
        "words": one.words,
        **asdict(one.tally),
        "sentence": one.sentence,
    }


def patterns_file(found: Assurance) -> str:
    """Returns the patterns as they were found, as JSON: no person and no case is in it."""
    return _json({
        "month": found.patterns.month,
        "as_of": found.asked.today.isoformat(),
        "respond_within_days": found.pattern_policy.respond_within_days,
        "patterns": [_pattern(found, one) for one in found.patterns.found],
        "looked": [looked_sentence(one) for one in found.patterns.looked],
    })  # fmt: skip


def _pattern(found: Assurance, one: Pattern) -> dict[str, object]:
    return {
        "id": one.id,
        "rule": one.rule.id,
        "title": one.rule.title,
        "row": one.rule.row,
        "scope": scope_words(one.scope),
        "about": about_words(one.scope, found.titles),
        "state": one.state,
        "since": one.since,
        "until": one.until,
        "unsure": one.unsure,
        "sentences": list(pattern_sentences(one, found.titles)),
    }


def _json(data: dict[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
