"""Publishing a version: from then on its text is fixed, since each rating names it by its digest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sampling.errors import PolicyError
from sampling.rubric.checks import examined
from sampling.rubric.files import PUBLISHED_LIST, PublishedVersion, home_of, published_versions, read_text
from sampling.rubric.folder import check_file, load_rubric
from sampling.rubric.lines import statements
from sampling.rubric.model import Rubric, content_digest
from sampling.storage import write_whole

_LIST_HEAD = (
    "# The digest of each published version, one entry each. Written by `sampling rubric publish`; an entry is never changed "
    "or taken away.\n"
)


def publish(path: Path, folder: Path | None, today: date) -> tuple[Rubric, bool]:
    """Publishes a rubric file of a folder; returns the rubric, and whether it was new to the list.

    The file gets its status and day, and published.toml its digest. `folder` begins a folder of one's own (default: see home_of).
    Raises PolicyError with every fault, also when a published version was changed.
    """
    place = folder or home_of(path)
    if path.resolve().parent != place.resolve():
        raise PolicyError(
            f"{path.name} is not in the folder of rubrics. Copy it to {place}, or begin a folder of your own: --folder {path.parent}"
        )
    errors = [
        finding
        for finding in check_file(path, place)
        if finding.severity == "error" and finding.code != "RUBRIC_NOT_LISTED"
    ]
    if errors:
        many = f"{len(errors)} fault{'' if len(errors) == 1 else 's'}"
        raise PolicyError(f"{path.name} is not published: it has {many}.", errors)
    _mark(path, today)
    new = _listed(path, place)
    return load_rubric(path), new


def _mark(path: Path, today: date) -> None:
    """Writes status and day into a draft; its other lines stay as the author wrote them."""
    text, _ = read_text(path)
    if examined(text, path)[0]["rubric"]["status"] == "published":
        return
    lines = text.splitlines(keepends=True)
    found = [statement.line for statement in statements(text) if statement.place == ("rubric", "status")]
    if not found:
        raise PolicyError(f'{path.name} is not published: write status = "draft" on a line of its own below [rubric].')
    line = lines[found[0] - 1]
    key, end = line.partition("=")[0], "\r\n" if line.endswith("\r\n") else "\n"
    day = key.replace("status", "published") + f"= {today.isoformat()}{end}"
    lines[found[0] - 1] = f'{key}= "published"{end}{day}'
    write_whole(path, "".join(lines).encode("utf-8"))


def _listed(path: Path, place: Path) -> bool:
    """Adds the file's digest to the list; tells whether it was new there."""
    text, _ = read_text(path)
    content = examined(text, path)[0]
    header = content["rubric"]
    entry = PublishedVersion(header["id"], header["version"], header["published"].isoformat(), content_digest(content))
    if entry in published_versions(place):
        return False
    file = place / PUBLISHED_LIST
    known = file.read_text(encoding="utf-8") if file.is_file() else _LIST_HEAD
    new = f'\n[[published]]\nid = "{entry.id}"\nversion = "{entry.version}"\npublished = {entry.published}\ndigest = "{entry.digest}"\n'
    write_whole(file, (known + new).encode("utf-8"))
    return True
