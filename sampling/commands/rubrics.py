"""The command `rubric`: check, show, preview and publish rubrics. None of them changes a rating."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.commands.common import check_result, command
from sampling.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from sampling.journal.store import Journal
    from sampling.rubric import Rubric
    from sampling.rubric.preview import CurrentRating, Preview

_SHOWN_REVIEWS = 40
_ABOUT = "Check, show, preview and publish rubrics: what a case is scored with."


def add_rubric(commands: Any) -> None:
    """Adds the command `rubric` with its four parts."""
    group = commands.add_parser("rubric", help=_ABOUT, description=_ABOUT)
    parts = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser = command(
        parts, "check", _check, "Say everything that is wrong with a rubric file, at once, with line numbers."
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a rubric file, as rubrics/crisis_plan_currency-1.0.toml"
    )
    _add_folder(parser)
    parser = command(parts, "show", _show, "Show a rubric to read, or list all.")
    parser.add_argument(
        "which", nargs="?", metavar="ID_OR_FILE", help="an id (its newest version), ID-VERSION or a file"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.html", help="write it as a page to print, too")
    _add_folder(parser)
    about = "Say which current ratings a new version would carry over, have re-scored or drop. Changes nothing."
    parser = command(parts, "preview", _preview, about)
    parser.add_argument("file", type=Path, metavar="FILE", help="the rubric file of the new version, a draft or not")
    parser.add_argument("--journal", required=True, metavar="WHERE", help="the journal's file, or postgresql://…")
    _add_folder(parser)
    about = "Publish a rubric file: from then on its text is fixed, and cases are scored with it."
    parser = command(parts, "publish", _publish, about)
    parser.add_argument("file", type=Path, metavar="FILE", help="a draft in the folder of rubrics")
    _add_folder(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="the folder of rubrics (default: FILE's own where it has a published.toml, else ours)",
    )


def _check(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric import check_file

    return check_result(options.file.name, check_file(options.file, options.folder))


def _show(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric import page, rubrics_in
    from sampling.storage import write_whole

    if not options.which:
        if options.out:
            raise UsageError("Name the rubric to write: sampling rubric show ID --out FILE.html")
        rubrics = rubrics_in(options.folder)
        lines = [
            f"{rubric.id} {rubric.version}  {rubric.title}: {_criteria(rubric)}, {page.status_words(rubric)}"
            for rubric in rubrics
        ]
        return {"rubrics": [_summary(rubric) for rubric in rubrics]}, "\n".join(lines) or "There is no rubric here."
    rubric = _found(options.which, options.folder)
    text = page.plain_text(rubric)
    if options.out:
        write_whole(options.out, page.html(rubric).encode("utf-8"))
        text = f"Wrote {options.out}: {rubric.title}, version {rubric.version}."
    return _whole(rubric), text


def _found(which: str, folder: Path | None) -> Rubric:
    """Returns the rubric of a file, of ID-VERSION, or the newest version of an id: a published one if there is any."""
    from sampling.rubric import load_rubric, rubrics_in

    if which.endswith(".toml"):
        return load_rubric(Path(which), folder)
    rubrics = rubrics_in(folder)
    exact = [rubric for rubric in rubrics if which == f"{rubric.id}-{rubric.version}"]
    versions = [rubric for rubric in rubrics if rubric.id == which]
    if exact or versions:
        return exact[0] if exact else max(versions, key=lambda rubric: (rubric.status == "published", rubric.number))
    raise PolicyError(
        f"There is no such rubric. There are: {', '.join(dict.fromkeys(r.id for r in rubrics)) or 'none'}."
    )


def _preview(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.journal.store import Journal
    from sampling.rubric import home_of, load_rubric, rubrics_in
    from sampling.rubric.preview import preview

    rubric = load_rubric(options.file, options.folder)
    versions = [old for old in rubrics_in(options.folder or home_of(options.file)) if old.id == rubric.id]
    with closing(Journal.open(options.journal)) as journal:
        ratings, sealed = _current(journal, rubric)
    found = preview(rubric, versions, ratings)
    result = {
        "affected": [
            {"criterion": entry.rating.criterion, "fate": entry.fate, "review": entry.rating.review, "version": entry.rating.version}
            for entry in found.affected
        ],
        "cost": found.cost,
        "criteria": {name: {fate: found.count(fate, name) for fate in ("same", "rescore", "dropped")} for name in found.criteria},
        "rubric": _summary(rubric),
        "sealed": sealed,
    }  # fmt: skip
    return result, _preview_text(found, sealed)


def _current(journal: Journal, rubric: Rubric) -> tuple[list[CurrentRating], int]:
    """Returns the ratings of a rubric that stand and may be read, and how many reviews are sealed, whatever they hold."""
    from sampling.journal import views
    from sampling.rubric.preview import CurrentRating

    entries = journal.entries()
    prefix = rubric.ref("")
    table = views.ratings(entries)
    table = table[table["criterion"].str.startswith(prefix) & (table["level"].notna() | table["code"].notna())]
    names = table["criterion"].str.removeprefix(prefix)
    ratings = [
        CurrentRating(review, name, version)
        for review, name, version in zip(table["review"], names, table["rubric_version"], strict=True)
    ]
    sealed = {entry.review for entry in entries if entry.state == "sealed"}
    return ratings, len(sealed)


def _preview_text(found: Preview, sealed: int) -> str:
    from sampling.rubric.preview import WORDS

    rubric, total = found.rubric, len(found.affected)
    reviews = len({entry.rating.review for entry in found.affected})
    older = "by other versions" if total else "by another version"
    lines = [
        f"{rubric.title} {rubric.version}: {_plural(total, 'current rating')} {older} in {_plural(reviews, 'review')}."
    ]
    for name in found.criteria:
        counts = [f"{found.count(fate, name):,} {WORDS[fate]}" for fate in WORDS if found.count(fate, name)]
        lines.append(f"  {name}: {', '.join(counts) or 'not rated by an older version'}")
    lines.append(found.cost)
    affected: dict[str, list[str]] = {}
    for entry in found.affected:
        if entry.fate != "same":
            affected.setdefault(entry.rating.review, []).append(f"{entry.rating.criterion} {WORDS[entry.fate]}")
    lines += [f"  review {review}: {'; '.join(words)}" for review, words in list(affected.items())[:_SHOWN_REVIEWS]]
    if len(affected) > _SHOWN_REVIEWS:
        lines.append(f"  … and {len(affected) - _SHOWN_REVIEWS:,} more reviews; --json lists them all.")
    if sealed:
        lines.append(f"{_plural(sealed, 'review')} still sealed: what is rated there cannot be counted yet.")
    lines.append("Nothing has been changed. What was signed keeps the version that it was made with.")
    return "\n".join(lines)


def _publish(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from sampling.rubric.publish import publish

    rubric, new = publish(options.file, options.folder, options.now.date())
    said = "is published. Its text is fixed from now on" if new else "was published already. Nothing has been changed"
    return {
        **_summary(rubric),
        "new": new,
    }, f"{rubric.title}, version {rubric.version}, {said}.\nDigest {rubric.digest}"


def _summary(rubric: Rubric) -> dict[str, Any]:
    return {
        "criteria": len(rubric.criteria),
        "digest": rubric.digest,
        "id": rubric.id,
        "profiles": list(rubric.profiles),
        "published": rubric.published,
        "status": rubric.status,
        "title": rubric.title,
        "version": rubric.version,
    }


def _whole(rubric: Rubric) -> dict[str, Any]:
    return {
        **_summary(rubric),
        "applies_when": rubric.applies_when,
        "criteria": [
            {
                "anchors": list(criterion.levels),
                "critical": criterion.critical,
                "id": criterion.id,
                "note": criterion.note,
                "question": criterion.question,
                "sources": list(criterion.sources),
                "title": criterion.title,
            }
            for criterion in rubric.criteria
        ],
        "maps": {entry.before: dict(entry.fates) for entry in rubric.maps},
        "pass_level": rubric.pass_level,
        "purpose": rubric.purpose,
        "signals": list(rubric.signals),
        "sources": list(rubric.sources),
    }


def _criteria(rubric: Rubric) -> str:
    return f"{len(rubric.criteria)} criteri{'on' if len(rubric.criteria) == 1 else 'a'}"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
