"""What the check of a rubric file says: every fault with its line and words, several at once, and never an exception."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.errors import Finding
from sampling.rubric import check_file, check_rubric
from sampling.rubric.checks import MOST_CHARACTERS, MOST_FINDINGS, MOST_IN_A_LINE

GOOD = """# a comment
[rubric]
id = "tone"
version = "1.0"
status = "draft"
title = "Tone of the note"
purpose = "Shows whether the note could be read by the person it is about."
applies_when = "Always."
profiles = ["adult"]
signals = ["crisis"]
pass_level = 2
sources = ["Ours"]

[[criterion]]
id = "respect"
title = "Respect"
question = "Would the person recognise themselves?"
critical = false
sources = ["Ours"]
[criterion.levels]
0 = "No note."
1 = "A note with a label for a person."
2 = "A note in plain words."
3 = "A note in plain words that the person has read."

[[criterion]]
id = "clarity"
title = "Clarity"
question = "Can it be understood?"
critical = true
sources = ["Ours"]
[criterion.levels]
0 = "No sentence."
1 = "Sentences with unexplained letters."
2 = "Sentences that stand by themselves."
3 = "Sentences that stand by themselves, and say what comes next."
"""
FILE = "tone-1.0.toml"

# old text -> new text: code, line, what the finding says, what to do next
ONE_FAULT: dict[str, tuple[str, str, str, int, str, str]] = {
    "unknown key": ('title = "Respect"', 'titel = "x"\ntitle = "Respect"', "RUBRIC_KEY_UNKNOWN", 16,
                    'the name is unknown here, got "titel".', 'Did you mean "title"?'),
    "unknown key that could be a number of someone": (
        'title = "Respect"', '9434765919 = "x"\ntitle = "Respect"', "RUBRIC_KEY_UNKNOWN", 16,
        'got text shaped "9999999999"', "Known are: id, title, question"),
    "unknown table": ("[rubric]", "[rubrik]\nx = 1\n[rubric]", "RUBRIC_KEY_UNKNOWN", 2, 'got "rubrik"', 'mean "rubric"?'),
    "missing key": ('question = "Can it be understood?"\n', "", "RUBRIC_KEY_MISSING", 26,
                    "this [[criterion]] has no question.", "rubrics/README.md"),
    "missing key of the header": ('purpose = "Shows whether the note could be read by the person it is about."\n', "",
                                  "RUBRIC_KEY_MISSING", 2, "[rubric] has no purpose.", "rubrics/README.md"),
    "version without quotation marks": ('"1.0"', "1.0", "RUBRIC_TYPE", 4,
                                        'version: expected a version of two numbers in quotation marks, as "1.0", got "1.0"', ""),
    "id with a capital": ('id = "respect"', 'id = "Respect"', "RUBRIC_TYPE", 15, "id: expected lower-case letters", ""),
    "critical as a text": ("critical = true", 'critical = "yes"', "RUBRIC_TYPE", 30, "expected true or false", ""),
    "pass level out of range": ("pass_level = 2", "pass_level = 4", "RUBRIC_TYPE", 11, 'from 1 to 3, without quotation marks, got "4"', ""),
    "pass level true": ("pass_level = 2", "pass_level = true", "RUBRIC_TYPE", 11, "expected a whole number", ""),
    "sources as a text": ('sources = ["Ours"]\n\n', 'sources = "Ours"\n\n', "RUBRIC_TYPE", 12, "expected a list of texts", ""),
    "an empty list": ('profiles = ["adult"]', "profiles = []", "RUBRIC_TYPE", 9, "expected a list of texts", ""),
    "a number for a title": ('title = "Clarity"', "title = 7", "RUBRIC_TYPE", 28, 'title: expected a text in quotation marks, got "7"', ""),
    "unknown profile": ('["adult"]', '["adults"]', "RUBRIC_VALUE", 9, "profiles must be one of adult, children", "Choose one."),
    "unknown status": ('"draft"', '"final"', "RUBRIC_VALUE", 5, "status must be one of draft, published", "Choose one."),
    "a list with the same twice": ('["adult"]', '["adult", "adult"]', "RUBRIC_VALUE", 9, "profiles names something twice", "Take one away."),
    "a draft with a day": ('status = "draft"', 'status = "draft"\npublished = 2026-11-22', "RUBRIC_VALUE", 6,
                           "a draft has no day of publication", "Take it out."),
    "a day as a text": ('status = "draft"', 'status = "published"\npublished = "22 November"', "RUBRIC_TYPE", 6,
                        "published: expected a day as 2026-11-22, without quotation marks", ""),
    "published without a day": ('"draft"', '"published"', "RUBRIC_KEY_MISSING", 5, "a published rubric says on which day", "publish FILE"),
    "blank text": ('"Always."', '"  "', "RUBRIC_TEXT_BLANK", 8, "applies_when is empty.", "Write it."),
    "blank anchor": ('1 = "A note with a label for a person."', '1 = ""', "RUBRIC_TEXT_BLANK", 22, "level 1 is empty.", "Write it."),
    "long title": ('"Clarity"', f'"{"C" * 81}"', "RUBRIC_TEXT_LONG", 28, "title has 81 characters, 80 are the most", "Shorten it"),
    "long anchor": ('"No sentence."', f'"{"n" * 401}"', "RUBRIC_TEXT_LONG", 33, "level 0 has 401 characters, 400 are the most", "Shorten it"),
    "invisible character": ('"Clarity"', '"Clar\u200bity"', "RUBRIC_CHARACTERS", 28, "title holds an invisible or control character", "copying"),
    "escaped control character": ('"Clarity"', '"Clar\\u0007ity"', "RUBRIC_CHARACTERS", 28, "invisible or control", "Type the text again"),
    "text that turns its direction": ('"Clarity"', '"Clar\u202eity"', "RUBRIC_CHARACTERS", 28, "invisible or control", ""),
    "missing level": ('2 = "A note in plain words."\n', "", "RUBRIC_LEVELS", 20, "level 2 is missing.", "the four levels 0, 1, 2 and 3"),
    "a fifth level": ('3 = "A note in plain words that', '4 = "More."\n3 = "A note in plain words that', "RUBRIC_LEVELS", 20,
                      'another level stands there, got "4"', "four levels"),
    "levels as a list": ('[criterion.levels]\n0 = "No sentence."\n1 = "Sentences with unexplained letters."\n'
                         '2 = "Sentences that stand by themselves."\n3 = "Sentences that stand by themselves, and say what comes next."',
                         'levels = ["a", "b", "c", "d"]', "RUBRIC_TYPE", 32, "expected a table with the anchors", ""),
    "the same anchor twice": ('2 = "A note in plain words."', '2 = "a note with a  LABEL for a person."', "RUBRIC_ANCHOR_TWICE", 23,
                              "level 2 has the same anchor as level 1", "Say what sets them apart."),
    "the same id twice": ('id = "clarity"', 'id = "respect"', "RUBRIC_ID_TWICE", 27, "another criterion has this id already", "one of its own"),
    "text not closed": ('title = "Respect"', 'title = "Respect', "RUBRIC_SYNTAX", 16, "the text is not closed", "Mend the line."),
    "quotation mark inside": ('"No note."', '"No "good" note."', "RUBRIC_SYNTAX", 21, "inside a text, write a quotation mark as", ""),
    "yes for true": ("critical = true", "critical = yes", "RUBRIC_SYNTAX", 30, "write true or false without", ""),
    "key twice": ("pass_level = 2", "pass_level = 2\npass_level = 3", "RUBRIC_SYNTAX", 12, "this name stands twice in its table", ""),
    "list not closed": ('signals = ["crisis"]', 'signals = ["crisis"', "RUBRIC_SYNTAX", 10, "the list is not closed", ""),
    "three quotation marks not closed": ('"Tone of the note"', '"""Tone of the note', "RUBRIC_SYNTAX", 6, "three quotation marks", ""),
    "backslash": ('"Always."', '"C:\\wards"', "RUBRIC_SYNTAX", 8, "a backslash in a text must be written twice", ""),
    "a line of prose": ("pass_level = 2", "pass_level = 2\nplease check", "RUBRIC_SYNTAX", 12, "this is not valid TOML", ""),
    "nothing after the equals sign": ("pass_level = 2", "pass_level =", "RUBRIC_SYNTAX", 11, "this is not valid TOML", ""),
    "control character in the file": ('"Always."', '"Al\x07ways."', "RUBRIC_SYNTAX", 8, "control character", ""),
    "rubric as a list": ("[rubric]", "[[rubric]]", "RUBRIC_TYPE", 2, "expected a table [rubric]", ""),
    "a map with a gap": ("[[criterion]]\nid = \"respect\"",
                         '[[map]]\nfrom = "0.9"\n[map.criteria]\nclarity = "same"\n\n[[criterion]]\nid = "respect"', "RUBRIC_MAP", 16,
                         'the map says nothing of "respect".', 'Write "same", "rescore" or "new"'),
    "a map with an unknown word": ("[[criterion]]\nid = \"respect\"",
                                   '[[map]]\nfrom = "0.9"\n[map.criteria]\nclarity = "same"\nrespect = "keep"\n\n[[criterion]]\nid = "respect"',
                                   "RUBRIC_VALUE", 18, "a criterion is one of same, rescore, new, dropped", "Choose one."),
    "a map that drops what is there": ("[[criterion]]\nid = \"respect\"",
                                       '[[map]]\nfrom = "0.9"\n[map.criteria]\nclarity = "same"\nrespect = "dropped"\n\n[[criterion]]\nid = "respect"',
                                       "RUBRIC_MAP", 18, '"respect" is still in this version', "that are gone"),
    "a map of what is gone": ("[[criterion]]\nid = \"respect\"",
                              '[[map]]\nfrom = "0.9"\n[map.criteria]\nclarity = "same"\nrespect = "new"\nlength = "same"\n\n[[criterion]]\nid = "respect"',
                              "RUBRIC_MAP", 19, '"length" is not in this version', '"dropped"'),
}  # fmt: skip


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, [finding.line() for finding in findings]
    return findings[0]


def test_a_sound_rubric_has_no_finding() -> None:
    assert check_rubric(GOOD, FILE) == []


@pytest.mark.parametrize("name", ONE_FAULT)
def test_each_fault_is_told_with_its_line(name: str) -> None:
    old, new, code, line, words, step = ONE_FAULT[name]
    assert GOOD.count(old) >= 1, "the sample has no such text"
    finding = only(check_rubric(GOOD.replace(old, new, 1), FILE))
    assert (finding.code, finding.text_line, finding.severity) == (code, line, "error")
    assert words in finding.line() and step in finding.next_step
    assert finding.line().startswith(f"{FILE}, line {line}: ")


def test_a_signal_that_no_file_has_is_a_note() -> None:
    finding = only(check_rubric(GOOD.replace('["crisis"]', '["crisys"]'), FILE))
    assert (finding.code, finding.severity, finding.text_line) == ("RUBRIC_SIGNAL_UNKNOWN", "note", 10)
    assert finding.line() == (
        'tone-1.0.toml, line 10: no signal file has such a signal, so it suggests nothing, got "crisys". '
        'Did you mean "crisis"? [RUBRIC_SIGNAL_UNKNOWN]'
    )


def test_several_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = (
        GOOD.replace('"1.0"', "1.0")
        .replace('"Always."', '""')
        .replace("pass_level = 2", "pass_level = 9")
        .replace('1 = "A note with a label for a person."\n', "")
        .replace('id = "clarity"', 'id = "respect"\nweight = 3')
    )
    found = [(finding.text_line, finding.code) for finding in check_rubric(text, FILE)]
    assert found == [
        (4, "RUBRIC_TYPE"), (8, "RUBRIC_TEXT_BLANK"), (11, "RUBRIC_TYPE"), (20, "RUBRIC_LEVELS"), (26, "RUBRIC_ID_TWICE"),
        (27, "RUBRIC_KEY_UNKNOWN"),
    ]  # fmt: skip


def test_several_lines_that_are_no_toml_are_told_at_once_and_the_rest_is_still_checked() -> None:
    text = (
        GOOD.replace('title = "Tone of the note"', 'title = "Tone of the note')
        .replace("critical = true", "critical = yes")
        .replace('"No sentence."', '"No "sentence""')
        .replace("pass_level = 2", "pass_level = 9")
    )
    found = [(finding.text_line, finding.code) for finding in check_rubric(text, FILE)]
    assert found == [(6, "RUBRIC_SYNTAX"), (11, "RUBRIC_TYPE"), (30, "RUBRIC_SYNTAX"), (33, "RUBRIC_SYNTAX")]


def test_one_square_bracket_too_few_is_told() -> None:
    text = GOOD.replace('[[criterion]]\nid = "respect"', '[criterion]\nid = "respect"')
    first, second = check_rubric(text, FILE)
    assert (first.code, first.text_line) == ("RUBRIC_TYPE", 14)
    assert first.message == "each criterion begins with a line [[criterion]], in two square brackets"
    assert (second.code, second.text_line) == ("RUBRIC_SYNTAX", 26)
    one = only(check_rubric(text[: text.index("[[criterion]]")], FILE))
    assert (one.code, one.text_line) == ("RUBRIC_TYPE", 14)


def test_a_list_over_several_lines_is_told_at_the_line_of_its_fault() -> None:
    text = GOOD.replace('signals = ["crisis"]', 'signals = [\n  "crisis",\n  "hospital" "ed_liaison",\n]')
    finding = only(check_rubric(text, FILE))
    assert (finding.code, finding.text_line) == ("RUBRIC_SYNTAX", 12)
    assert "a comma is missing between two of its texts" in finding.message


def test_markup_is_just_text() -> None:
    assert check_rubric(GOOD.replace("No sentence.", "<b>No</b> <script>alert(1)</script> &amp; ‘café’"), FILE) == []


def test_windows_line_ends_and_a_byte_order_mark_are_no_fault() -> None:
    assert check_rubric("\ufeff" + GOOD.replace("\n", "\r\n"), FILE) == []


def test_an_empty_file_is_told_what_it_lacks() -> None:
    assert [finding.code for finding in check_rubric("", FILE)] == ["RUBRIC_KEY_MISSING", "RUBRIC_CRITERIA"]


def test_too_many_criteria_are_refused() -> None:
    more = "".join(GOOD[GOOD.index('[[criterion]]\nid = "clarity"') :].replace("clarity", f"c{n}") for n in range(20))
    finding = only(check_rubric(GOOD + "\n" + more, FILE))
    assert finding.line() == (
        "tone-1.0.toml: a rubric has 1 to 20 criteria, this one has 22. Each begins with a line [[criterion]]. [RUBRIC_CRITERIA]"
    )


def test_a_huge_file_is_not_read() -> None:
    finding = only(check_rubric("# x\n" * MOST_CHARACTERS, FILE))
    assert (
        finding.code == "RUBRIC_TOO_LARGE"
        and "the file has 400,000 characters, 100,000 are the most" in finding.message
    )


def test_an_endless_line_is_told_with_its_number() -> None:
    finding = only(check_rubric(GOOD + "# " + "x" * MOST_IN_A_LINE, FILE))
    assert (finding.code, finding.text_line) == ("RUBRIC_TOO_LARGE", 37)


HOSTILE = {
    "deep brackets": "a = " + "[" * 1_900,
    "deep brackets on every line": "\n".join(f"a{n} = " + "[" * 1_900 for n in range(50)),
    "long dotted names": "\n".join(".".join("a" * 950) + f"{n} = 1" for n in range(50)),
    "long dotted names in curly brackets": "\n".join(f"k{n} = {{{'.'.join('a' * 900)}=1}}" for n in range(50)),
    "tables without end": "\n".join(f"[t{n}]" for n in range(9_000)),
    "criteria without end": "[[criterion]]\n" * 7_000,
    "quotation marks": ('"a' * 900 + "\n") * 40,
    "open texts": "x = '''\n" * 10_000,
    "open lists": "x = [\n" * 16_000,
    "digits": "x = " + "9" * 1_900,
    "backslashes": 'x = "' + "\\" * 1_900,
    "nothing but zero bytes": "\x00" * 2_000,
    "lists for everything": "rubric = []\ncriterion = [1, 2]\nmap = {}",
    "tables for everything": "[rubric.id.x]\n[[criterion]]\n[criterion.title]\n[[map]]\n[map.from]\n[[map.criteria]]\n",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_file_is_refused_in_good_time(name: str) -> None:
    findings = check_rubric(HOSTILE[name], FILE)
    assert findings and len(findings) <= MOST_FINDINGS + 1
    assert all(len(finding.line()) < 600 for finding in findings)


def test_what_is_shown_of_a_value_is_its_shape() -> None:
    finding = only(check_rubric(GOOD.replace("pass_level = 2", 'pass_level = "Jane Example"'), FILE))
    assert "Jane" not in finding.line() and 'text shaped "Aaaa Aaaaaaa"' in finding.line()


# The files


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes, str], Path]:
    """Writes a file into a folder of rubrics of the test's own."""
    (tmp_path / "published.toml").touch()

    def written(content: str | bytes, name: str = FILE) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return written


Write = Callable[..., Path]


def test_a_sound_file_has_no_finding(write: Write) -> None:
    assert check_file(write(GOOD)) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_file_in_another_encoding_is_told(write: Write, encoding: str) -> None:
    finding = check_file(write(GOOD.replace("Clarity", "Clärity").encode(encoding)))[0]
    if encoding == "utf-16-le":  # without its mark every second byte is zero, which is UTF-8 but no TOML
        assert finding.code in ("RUBRIC_SYNTAX", "RUBRIC_ENCODING")
    else:
        line = 28 if encoding == "latin-1" else None
        assert (finding.code, finding.text_line) == ("RUBRIC_ENCODING", line)
        assert "Save it as UTF-8" in finding.next_step


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    finding = only(check_file(tmp_path / "gone-1.0.toml"))
    assert (
        finding.line()
        == "gone-1.0.toml: the file cannot be read. Check its path and who may read it. [RUBRIC_UNREADABLE]"
    )


def test_a_file_of_gigabytes_is_not_read_whole(write: Write) -> None:
    path = write("")
    with path.open("r+b") as file:
        file.truncate(3_000_000_000)
    assert [finding.code for finding in check_file(path)] == ["RUBRIC_TOO_LARGE"]


def test_the_name_of_the_file_is_that_of_the_rubric(write: Write) -> None:
    finding = only(check_file(write(GOOD, "tone-2.0.toml")))
    assert (finding.code, finding.text_line, finding.next_step) == ("RUBRIC_FILE_NAME", 3, "Call it ID-VERSION.toml.")


def test_a_version_that_is_taken_is_told_with_the_other_file(write: Write) -> None:
    write(GOOD)
    codes = {finding.code: finding for finding in check_file(write(GOOD, "tone-1.0-copy.toml"))}
    assert set(codes) == {"RUBRIC_FILE_NAME", "RUBRIC_VERSION_TWICE"}
    assert codes["RUBRIC_VERSION_TWICE"].message == "tone-1.0.toml has this id and version already"


# Never an exception


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400))
def test_any_text_is_answered(text: str) -> None:
    assert all(finding.line() for finding in check_rubric(text, FILE))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 60),
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(['"', "'''", "[", "]", "{", "=", "[[map]]", "\n0 = 1", "criterion = 3", "1979-01-01"]),
    ),
)
def test_any_change_of_a_sound_rubric_is_answered(start: int, length: int, put: str) -> None:
    findings = check_rubric(GOOD[:start] + put + GOOD[start + length :], FILE)
    lines = GOOD.count("\n") + put.count("\n") + 1
    assert all(1 <= (finding.text_line or 1) <= lines for finding in findings)


_values = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-5, 5), st.sampled_from(['"x"', '""', "1.5", "1979-05-27", "nan", "07:32:00"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: "[" + ", ".join(map(_toml, v)) + "]"),
        st.dictionaries(st.sampled_from(["id", "0", "x"]), inner, max_size=2).map(
            lambda v: "{" + ", ".join(f"{k} = {_toml(e)}" for k, e in v.items()) + "}"
        ),
    ),
    max_leaves=4,
)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["id", "version", "status", "published", "title", "profiles", "signals", "sources"]), _values
    ),
    st.dictionaries(st.sampled_from(["id", "title", "critical", "levels", "sources", "note"]), _values),
    st.dictionaries(st.sampled_from(["from", "criteria"]), _values),
)
def test_any_type_in_any_place_is_answered(
    header: dict[str, object], criterion: dict[str, object], fates: dict[str, object]
) -> None:
    parts = [("[rubric]", header), ("[[criterion]]", criterion), ("[[map]]", fates)]
    text = "\n".join("\n".join([head, *(f"{k} = {_toml(v)}" for k, v in keys.items())]) for head, keys in parts)
    findings = check_rubric(text, FILE)
    assert not any(finding.code == "RUBRIC_SYNTAX" for finding in findings), text
