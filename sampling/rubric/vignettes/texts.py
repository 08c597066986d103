"""What no text of a vignette may hold: what could be a person's, what a browser would obey, and what nobody can see."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from sampling.rubric.fields import Faults

MOST_CHARACTERS = 100_000  # of vignette.toml
MOST_OF_A_DOCUMENT = 20_000  # characters: six times what can be read in eight minutes
MOST_IN_A_LINE = 2_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SNEAKY = ("Cc", "Cf", "Cn", "Co", "Cs")  # control, invisible and unassigned characters
_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:[A-Za-z]+|#\w+);")
_GAP = r"[\s()\-\u2010-\u2015]{0,2}"
_PHONE = re.compile(rf"(?<!\d)(?:\+44|0)(?:{_GAP}\d){{8,10}}(?!\d)")
# Ofcom, "Telephone numbers for use in TV and radio drama programmes": given to nobody.
_DRAMA = re.compile(r"01632960\d{3}|07700900\d{3}|08081570\d{3}|02079460\d{3}|03069990\d{3}")
_IDENTIFIERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a number of ten digits, as an NHS number has", re.compile(rf"(?<!\d)\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)")),
    ("an e-mail address", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]")),
    ("a web address", re.compile(r"https?://|www\.", re.IGNORECASE)),
    ("a postcode", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")),
)


def read(path: Path, most: int, faults: Faults) -> str | None:
    """Returns a file's text with plain line ends, or None with the finding that says why it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(4 * most + 1)
    except OSError:
        faults.add("VIGNETTE_UNREADABLE", "the file cannot be read", "Check its name and who may read it.")
        return None
    step = "Save it as UTF-8; editors offer that in the dialogue Save as."
    if content.startswith(_UTF_16):
        faults.add("VIGNETTE_ENCODING", "the file is saved as UTF-16", step)
        return None
    if len(content) > 4 * most:
        faults.add("VIGNETTE_TOO_LARGE", f"the file has more than {most:,} characters", "Shorten it.")
        return None
    try:
        text = content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add("VIGNETTE_ENCODING", "the line is not UTF-8 text", step, line=line)
        return None
    return text if _small(text, most, faults) else None


def _small(text: str, most: int, faults: Faults) -> bool:
    before = len(faults.findings)
    if len(text) > most:
        faults.add("VIGNETTE_TOO_LARGE", f"the file has {len(text):,} characters, {most:,} are the most", "Shorten it.")
        return False
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_IN_A_LINE:
            message = f"the line has {len(line):,} characters, {MOST_IN_A_LINE:,} are the most"
            faults.add("VIGNETTE_TOO_LARGE", message, "Break it into paragraphs.", line=number)
    return len(faults.findings) == before


def kept_out(line: str) -> Iterator[tuple[str, str, str]]:
    """Yields code, message and next step for each thing in a text that a vignette may not hold; never the text itself.

    >>> [code for code, _, _ in kept_out("Ring 01632 960123, or write to a@example.org")]
    ['VIGNETTE_IDENTIFIER']
    """
    if any(unicodedata.category(character) in _SNEAKY for character in line if character != "\n"):
        step = "Type the line again, with spaces for tabs; such characters come in by copying."
        yield "VIGNETTE_CHARACTERS", "the text holds an invisible or control character", step
    if _MARKUP.search(line):
        yield "VIGNETTE_MARKUP", "the text holds what looks like HTML", "Write plain text: 'under 5', not '<5'."
    for name, pattern in _IDENTIFIERS:
        if pattern.search(line):
            yield "VIGNETTE_IDENTIFIER", f"the text holds {name}", "Take it out: nothing here may be anyone's."
    numbers = (re.sub(r"\D", "", found) for found in _PHONE.findall(line))
    if any(not _DRAMA.fullmatch(re.sub(r"^44", "0", number)) for number in numbers):
        step = "Use a number that is given to nobody, as 01632 960123 or 07700 900123."
        yield "VIGNETTE_IDENTIFIER", "the text holds what could be someone's telephone number", step


def check_lines(text: str, faults: Faults) -> None:
    """Adds what a document holds and may not, by line. A document of blank lines alone is a fault too."""
    if not text.strip():
        faults.add("VIGNETTE_DOCUMENT", "the document is empty", "Write it, or take it out of vignette.toml.")
    for number, line in enumerate(text.split("\n"), 1):
        for code, message, step in kept_out(line):
            faults.add(code, message, step, line=number)


_QUOTED = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "–": "-", "—": "-"})


def quotations(why: str) -> list[str]:
    """Returns the passages that stand in double quotation marks; … parts two passages.

    >>> quotations('He says "since Sunday … not a word" twice.')
    ['since Sunday', 'not a word']
    """
    parts = [part for passage in _QUOTED.findall(why) for part in passage.split("…")]
    return [plain for plain in (part.strip(" .,;:\n") for part in parts) if plain]


def unfound(why: str, texts: Mapping[str, str]) -> int:
    """Returns how many of the passages that `why` quotes stand in no document, whatever the line breaks and capitals."""
    documents = [_levelled(text) for text in texts.values()]
    return sum(all(_levelled(passage) not in document for document in documents) for passage in quotations(why))


def _levelled(text: str) -> str:
    return " ".join(text.translate(_STRAIGHT).casefold().split())
