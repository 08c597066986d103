"""What only people can say of a calibration: who the raters are, why so many, what is known already. GRRAS asks it (Kottner and others 2011).

It stands in a text file, `agreement.toml`, in the folder of the sessions, and in the report of each of them. What is not written is shown as missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from sampling.errors import Finding, PolicyError
from sampling.reporting.account import LONGEST, Asked
from sampling.storage import write_whole

FILE = "agreement.toml"
ASKED: dict[int, Asked] = {  # GRRAS item -> what is asked, and who can write it
    4: Asked("raters", "the trainer", "Raters and their training", "Which professions, how long in the work, and how were they trained with this rubric? Roles and numbers alone."),
    5: Asked("known", "whoever plans the sessions", "What is known", "What is known about agreement with this rubric, here or elsewhere, and why is it looked at now?"),
    6: Asked("numbers", "whoever plans the sessions", "Numbers", "Why so many cases, raters and rounds?"),
    12: Asked("characteristics", "the trainer", "The group and its cases", "What was the group like (teams, new and experienced), and how like your own records are these cases? No person."),
    14: Asked("meaning", "whoever plans the sessions", "What it means", "What do the figures mean for practice, and what follows from them?"),
}  # fmt: skip


def load_told(folder: Path) -> Mapping[str, str]:
    """Returns key -> what was written, keys without text left out; nothing where there is no file. Raises PolicyError with every fault at once."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise PolicyError(f"{FILE} cannot be read. Check that it is UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{FILE} is not valid TOML: {error}.") from None
    keys = [one.key for one in ASKED.values()]
    faults = [f"`{key[:40]}` is not a key of this file; known are {', '.join(keys)}" for key in data if key not in keys]
    faults += [f"`{key}` must be text" for key in keys if not isinstance(data.get(key, ""), str)]
    faults += [f"`{key}` has more than {LONGEST:,} characters" for key in keys if len(str(data.get(key, ""))) > LONGEST]
    if faults:
        found = [Finding("ACCOUNT_FAULT", fault, "Mend the file.", file=FILE) for fault in faults]
        raise PolicyError(f"{FILE} has {len(found)} fault{'' if len(found) == 1 else 's'}.", found)
    return {key: text for key in keys if (text := data.get(key, "").strip())}


def write_template(folder: Path) -> Path:
    """Writes the file to fill in, with each question above its key, and returns its path. Raises PolicyError where there is one already."""
    path = folder / FILE
    if path.exists():
        raise PolicyError(f"{FILE} is there already. Edit it, or move it away first.")
    lines = [
        "# What only people can say in a report on calibration (items of GRRAS, Kottner and others 2011). Leave empty what you cannot",
        "# say: each report shows it as missing. Write no name and no number of any person here.",
    ]
    for item, one in ASKED.items():
        lines += ["", f"# GRRAS {item}: {one.heading}. {one.question}", f'{one.key} = ""']
    write_whole(path, ("\n".join(lines) + "\n").encode("utf-8"))
    return path
