"""What the check of a vignette says: every fault with its file and line, several at once, never an exception and never the text itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.errors import Finding, PolicyError
from sampling.rubric.vignettes import check_vignette, load_vignette
from sampling.rubric.vignettes.texts import MOST_CHARACTERS, MOST_OF_A_DOCUMENT, kept_out

CRITERIA = (
    "trigger_recognised", "situation_and_change", "options_weighed", "decision_and_reason", "told_and_response", "deviation_and_review",
)  # fmt: skip
NOTE = "Visit, 30 March 2026.\n\nShe has been different for a while. Ring 01632 960123.\n"
HEAD = """# a comment
[vignette]
slug = "ms-z-and-the-greenhouse"
version = "1.0"
title = "Ms Z. and the greenhouse"
setting = "adult"
record_to = 2026-03-31
rubrics = ["escalation_rationale-1.0"]
reader = "For clinicians."
anonymity = "Everything here is invented."

[[document]]
file = "01-contact-note.txt"
kind = "contact note"
date = 2026-03-30
author = "nurse"
"""
GOOD = HEAD + "".join(
    f'\n[[reference]]\nrubric = "escalation_rationale"\ncriterion = "{name}"\nlevel = 1\nwhy = """It says "different for a while"."""\n'
    for name in CRITERIA
)
NAME = "ms-z-and-the-greenhouse-1.0"
FILE = f"{NAME}/vignette.toml"

# what is changed (old text, new text): code, line, what the finding says
ONE_FAULT: dict[str, tuple[str, str, str, int, str]] = {
    "unknown key": ('title = "Ms', 'titel = "x"\ntitle = "Ms', "VIGNETTE_KEY_UNKNOWN", 5,
                    'the name is unknown here, got "titel". Did you mean "title"?'),
    "unknown key that could be a number of someone": (
        'title = "Ms', '9434765919 = "x"\ntitle = "Ms', "VIGNETTE_KEY_UNKNOWN", 5,
        'the name is unknown here, got text shaped "9999999999" (10 characters). Known are: slug'),
    "unknown table": ("[[document]]", "[[documents]]\n[[document]]", "VIGNETTE_KEY_UNKNOWN", 12, 'Did you mean "document"?'),
    "missing key": ('kind = "contact note"\n', "", "VIGNETTE_KEY_MISSING", 12, "kind is missing. docs/vignettes.md"),
    "version as a number": ('version = "1.0"', "version = 1.0", "VIGNETTE_VALUE", 4, "version: expected a version of two numbers"),
    "day with a time": ("date = 2026-03-30", "date = 2026-03-30T09:00:00", "VIGNETTE_VALUE", 15, "date: expected a day as 2026-04-30"),
    "setting": ('"adult"', '"adults"', "VIGNETTE_VALUE", 6, "setting: expected adult or children."),
    "empty title": ('"Ms Z. and the greenhouse"', '" "', "VIGNETTE_VALUE", 5, "title: expected a text in quotation marks, of 1 to 80"),
    "level out of range": ("level = 1\n", "level = 4\n", "VIGNETTE_VALUE", 21, "level: expected 0, 1, 2 or 3, without"),
    "level in quotation marks": ("level = 1\n", 'level = "1"\n', "VIGNETTE_VALUE", 21, "level: expected 0, 1, 2 or 3, without"),
    "level and code": ("level = 1\n", 'level = 1\ncode = "not_applicable"\n', "VIGNETTE_LEVEL", 18,
                       "a reference has either a level or a code. Write one of the two."),
    "neither level nor code": ("level = 1\n", "", "VIGNETTE_LEVEL", 18, "a reference has either a level or a code."),
    "hard at level 3": ("level = 1\n", 'level = 3\nhard = "It is."\n', "VIGNETTE_LEVEL", 22, "this level is neither"),
    "unknown code": ("level = 1\n", 'code = "not_scored"\n', "VIGNETTE_VALUE", 21, "code: expected not_applicable or not_accessible"),
    "unknown rubric": ('["escalation_rationale-1.0"]', '["escalation_rationale-1.0", "tone-1.0"]', "VIGNETTE_RUBRIC_UNKNOWN", 8,
                       "there is no such published rubric. See: sampling rubric show"),
    "reference to another rubric": ('rubric = "escalation_rationale"\ncriterion = "trigger_recognised"',
                                    'rubric = "escalation"\ncriterion = "trigger_recognised"', "VIGNETTE_RUBRIC_UNKNOWN", 19,
                                    'the vignette is not for this rubric. Did you mean "escalation_rationale"?'),
    "unknown criterion": ('"options_weighed"', '"option_weighed"', "VIGNETTE_CRITERION_UNKNOWN", 32,
                          'the rubric has no such criterion. Did you mean "options_weighed"?'),
    "criterion twice": ('"options_weighed"', '"trigger_recognised"', "VIGNETTE_REFERENCE_TWICE", 32,
                        "this criterion has a reference already."),
    "missing reference": ('"options_weighed"', '"trigger_recognised"', "VIGNETTE_REFERENCE_MISSING", 8,
                          "escalation_rationale has no reference for options_weighed. Write one [[reference]] for each criterion"),
    "rubric for adults alone": ('setting = "adult"', 'setting = "children"', "VIGNETTE_SETTING", 8,
                                "crisis_plan_currency is not for children services."),
    "quotes nothing": ('It says "different for a while".', "It is plain.", "VIGNETTE_QUOTE", 22, "why quotes nothing."),
    "quotes what is not there": ("different for a while", "quite different", "VIGNETTE_QUOTE", 22,
                                 "1 of the passages that why quotes stands in no document."),
    "document missing": ("01-contact-note.txt", "02-letter.txt", "VIGNETTE_DOCUMENT", 13, "the file is not in the folder."),
    "document elsewhere": ("01-contact-note.txt", "../published.txt", "VIGNETTE_VALUE", 13,
                           "file: expected the plain name of a .txt or .md file in this folder"),
    "document at the root": ("01-contact-note.txt", "/etc/passwd", "VIGNETTE_VALUE", 13, "file: expected the plain name"),
    "document twice": ('\n[[reference]]', '\n[[document]]\nfile = "01-contact-note.txt"\nkind = "x"\ndate = 2026-03-30\nauthor = "x"\n[[reference]]',
                       "VIGNETTE_DOCUMENT", 19, "the file stands twice. Take one away."),
    "document later than the record": ("date = 2026-03-30", "date = 2026-04-01", "VIGNETTE_DATE", 15, "the document is later than record_to"),
    "folder's name": ('version = "1.0"', 'version = "1.1"', "VIGNETTE_FOLDER_NAME", 3, "the folder's name is not that of its vignette."),
    "markup in a title": ("Ms Z. and the greenhouse\"", "Ms Z. <b>\"", "VIGNETTE_MARKUP", 5, "the text holds what looks like HTML."),
    "invisible character": ("For clinicians.", "For\\u200b clinicians.", "VIGNETTE_CHARACTERS", 9, "invisible or control character"),
    "no text": ('author = "nurse"', 'author = "nurse', "VIGNETTE_SYNTAX", 16, "this is not valid TOML: the text is not closed"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound vignette, for a test to spoil."""
    place = tmp_path / "vignettes" / NAME
    place.mkdir(parents=True)
    (place / "vignette.toml").write_text(GOOD, encoding="utf-8")
    (place / "01-contact-note.txt").write_text(NOTE, encoding="utf-8")
    return place


def spoil(folder: Path, old: str, new: str) -> list[Finding]:
    """Returns the findings after a change of the first place where vignette.toml says `old`."""
    path = folder / "vignette.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check_vignette(folder)


def test_a_sound_one_has_no_finding_and_is_loaded(folder: Path) -> None:
    assert check_vignette(folder) == []
    vignette = load_vignette(folder)
    assert (vignette.id, vignette.published, vignette.local_rules, vignette.minutes) == (NAME, "", (), 1)
    assert vignette.documents[0].text == NOTE.strip()
    assert vignette.reference("escalation_rationale", "options_weighed").hard == ""


@pytest.mark.parametrize("name", ONE_FAULT)
def test_each_fault_is_told_with_its_line(folder: Path, name: str) -> None:
    old, new, code, line, words = ONE_FAULT[name]
    if name == "rubric for adults alone":
        spoil(folder, '["escalation_rationale-1.0"]', '["escalation_rationale-1.0", "crisis_plan_currency-1.0"]')
    findings = [finding for finding in spoil(folder, old, new) if (finding.code, finding.text_line) == (code, line)]
    assert [words in finding.line() for finding in findings] == [True], check_vignette(folder)
    assert findings[0].line().startswith(f"{FILE}, line {line}: ")


def test_all_faults_are_told_at_once(folder: Path) -> None:
    spoil(folder, 'title = "Ms', 'colour = "green"\ntitle = "Ms')
    spoil(folder, "level = 1\n", "level = 9\n")
    spoil(folder, '"options_weighed"', '"options"')
    (folder / "01-contact-note.txt").write_text(
        "Write to a.person@example.org\n<script>\n\tRing 020 7123 4567\n", encoding="utf-8"
    )
    (folder / "notes.docx").write_bytes(b"x")
    with pytest.raises(PolicyError, match="The vignette has 8 faults") as caught:
        load_vignette(folder)
    assert [(finding.code, finding.text_line) for finding in check_vignette(folder)] == [
        ("VIGNETTE_FILE_UNUSED", None), ("VIGNETTE_KEY_UNKNOWN", 5), ("VIGNETTE_REFERENCE_MISSING", 9), ("VIGNETTE_VALUE", 22),
        ("VIGNETTE_CRITERION_UNKNOWN", 33), ("VIGNETTE_IDENTIFIER", 1), ("VIGNETTE_MARKUP", 2), ("VIGNETTE_CHARACTERS", 3),
        ("VIGNETTE_IDENTIFIER", 3),
    ]  # fmt: skip
    assert caught.value.findings[-1].line() == (
        f"{NAME}/01-contact-note.txt, line 3: the text holds what could be someone's telephone number. Use a number that is given to "
        "nobody, as 01632 960123 or 07700 900123. [VIGNETTE_IDENTIFIER]"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("943 476 5919", "ten digits"),
        ("943\u00a0476\u2011 5919", "ten digits"),
        ("ring (020) 7123 4567", "telephone number"),
        ("number 9434765919.", "ten digits"),
        ("a.person@example.org", "an e-mail address"),
        ("see www.example.org", "a web address"),
        ("moved to ZZ99 3WZ", "a postcode"),
        ("ring 07911 123456", "telephone number"),
        ("ring +44 7911 123456", "telephone number"),
        ("ring 0113 496 0999 9", "telephone number"),
        ("<b>bold</b>", "HTML"),
        ("a &amp; b", "HTML"),
        ("a\u202eb", "invisible"),
        ("a\x00b", "invisible"),
    ],
)
def test_what_could_be_someones_is_found_and_not_shown(text: str, words: str) -> None:
    found = list(kept_out(text))
    assert any(words in message for _, message, _ in found)
    secret = max(text.split(), key=len)
    assert not [message for _, message, step in found if secret in message + step]


@pytest.mark.parametrize(
    "text",
    [
        "Ring 01632 960123, 07700 900123, 0808 157 0123, 020 7946 0123 or +44 7700 900123.",
        "Weight 46.2 kg on 2 April 2026, 11:00 to 11:50; fewer than 5 & more than 3, i.e. under < 5.",
        "Rang NHS 111 at 20:30, then 999. M.'s plan of 2026-03-30, section 47, level 4, item 1234567.",
        "03.02.2026 10:15, 3/2/2026 10:15, 2026-02-03 10:15",
        "Level 4 of the A12 road; blood test B12 in range.",
    ],
)
def test_what_is_nobodys_is_let_through(text: str) -> None:
    assert list(kept_out(text)) == []


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("A secret of someone.\n", encoding="utf-8")
    (folder / "01-contact-note.txt").unlink()
    (folder / "01-contact-note.txt").symlink_to(outside)
    lines = [finding.line() for finding in check_vignette(folder)]
    assert any("the file leads out of the folder. Put a copy here. [VIGNETTE_DOCUMENT]" in line for line in lines)
    assert "secret" not in "".join(lines)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"x" * (4 * MOST_OF_A_DOCUMENT + 2), "VIGNETTE_TOO_LARGE", "the file has more than 20,000 characters"),
        (b"x \n" * MOST_OF_A_DOCUMENT, "VIGNETTE_TOO_LARGE", "the file has 60,000 characters, 20,000 are the most"),
        (b"x" * 2_001, "VIGNETTE_TOO_LARGE", "line 1: the line has 2,001 characters, 2,000 are the most"),
        (b"fine\n\xff\xfe bad", "VIGNETTE_ENCODING", "line 2: the line is not UTF-8 text"),
        (b"\xff\xfex\x00", "VIGNETTE_ENCODING", "the file is saved as UTF-16"),
        (b" \n\n", "VIGNETTE_DOCUMENT", "the document is empty"),
    ],
)
def test_a_document_that_cannot_be_read_is_told(folder: Path, content: bytes, code: str, words: str) -> None:
    (folder / "01-contact-note.txt").write_bytes(content)
    assert [finding.code for finding in check_vignette(folder)] == [code]
    assert words in check_vignette(folder)[0].line()


def test_a_huge_or_absent_vignette_is_told_and_not_parsed(folder: Path) -> None:
    header = folder / "vignette.toml"
    header.write_text("#" * (MOST_CHARACTERS * 5), encoding="utf-8")
    assert [finding.code for finding in check_vignette(folder)] == ["VIGNETTE_TOO_LARGE"]
    header.unlink()
    assert [finding.line() for finding in check_vignette(folder)] == [
        f"{FILE}: the file cannot be read. Check its name and who may read it. [VIGNETTE_UNREADABLE]"
    ]


def test_a_folder_called_after_a_number_is_not_named(tmp_path: Path) -> None:
    place = tmp_path / "9434765919"
    place.mkdir()
    assert [finding.where for finding in check_vignette(place)] == ["vignette.toml"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_text_makes_the_check_fail(folder: Path, data: st.DataObject) -> None:
    lines = GOOD.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        values = (
            "",
            "[[reference]]",
            "[reference]",
            "vignette = 1",
            "level = []",
            "file = 1",
            "rubrics = 1",
            "document = [1]",
            '"""',
            "why = 1979-05-27",
        )
        lines[place] = data.draw(st.sampled_from(values) | st.text(max_size=12))
    (folder / "vignette.toml").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    for finding in check_vignette(folder):
        assert finding.line() and "different for a while" not in finding.line()
