"""The vignettes that come with the program: every level of every criterion, both sides of the pass line, nothing that gives a level away."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest

from sampling.errors import PolicyError
from sampling.rubric import rubrics_published
from sampling.rubric.vignettes import Vignette, check_vignette, find_vignette, load_all, load_vignette, page, publish
from sampling.rubric.vignettes.texts import quotations

HOME = Path(__file__).parents[2] / "rubrics" / "vignettes"
# What each published version said on the day of its publication. A line here is never changed: make a new version instead.
PUBLISHED = {
    "k-and-the-blue-bicycle-1.0": "70ffe456c78c4b2c58de7dcec4134ae950e83e2be92e2424394d1435ad26b1a5",
    "l-and-the-lighthouse-1.0": "cadae9158de62b4948b440f2820bbfa5b850b579227a03c7b3421ab5a75436ca",
    "m-and-the-yellow-door-1.0": "ff518d18b740e289bfb231c880dfca0074f7a892bcd8441c9110550f666dfa62",
    "miss-e-and-the-two-sofas-1.0": "bf9efd69255bfd2a827c277cda606a4c07c7eb6dea4ed1aed19c8ff43ad9afe0",
    "mr-b-and-the-night-bus-1.0": "d44b763741c49ef5e9e304a05e4ba0175246512c6c870194102f9a1c13b9df31",
    "mr-d-and-the-boxing-club-1.0": "6f99bf4db0a7bb74db26f2640cf49d9646d3eb664585d543ade87afd75aa0ce4",
    "mrs-f-and-the-biscuit-tin-1.0": "a2f97c327bccd2701611449378249601107d5791cf774774da355e0f8c5e2ca7",
    "ms-a-and-the-allotment-1.0": "dd7072e804f082341ca06608d458c6e4aa73d43c6e4aa992b5514737aede1270",
    "ms-c-and-the-piano-1.0": "86beb10990684a68f121ebaa28d550b1c18c9e918ae9f9ccf373ede86fe36a66",
    "n-and-the-school-fair-1.0": "e30970744bd33d44bbdd677b151b3cfa87fc3db96d6ee09b297cbd7298d15323",
    "p-and-the-second-phone-1.0": "7f31084c4c7faa76e67b885613bc89e016fa874a541d653d3eedea642e0ae302",
    "r-and-half-term-1.0": "65ccadbc11a3f1e84bd8866f6560a7f24e28bbc94b58c96adab8cb378495193f",
}
# The levels by criterion, in the order of the rubric; h: the line between 1 and 2 is hard to see there; NA: not applicable.
LEVELS = {
    ("k-and-the-blue-bicycle", "escalation_rationale"): "0 1h 1h 1h 1h 3",
    ("l-and-the-lighthouse", "escalation_rationale"): "1h 0 3 2h 3 0",
    ("m-and-the-yellow-door", "escalation_rationale"): "2h 3 2h 3 0 2h",
    ("miss-e-and-the-two-sofas", "escalation_rationale"): "3 2h 0 0 2h 1h",
    ("miss-e-and-the-two-sofas", "crisis_plan_currency"): "1h 2h 2 1h NA 1h",
    ("mr-b-and-the-night-bus", "crisis_plan_currency"): "3 1h 2h 0 3 1h",
    ("mr-d-and-the-boxing-club", "crisis_plan_currency"): "2h 2h 0 3 1h 3",
    ("ms-a-and-the-allotment", "crisis_plan_currency"): "0 0 1h 1h 2h 0",
    ("ms-c-and-the-piano", "crisis_plan_currency"): "1h 3 3 2h 0 2h",
    ("mrs-f-and-the-biscuit-tin", "safeguarding_documentation"): "0 2h 0 1h 0 1h",
    ("n-and-the-school-fair", "safeguarding_documentation"): "1h 0 3 2h 1h 3",
    ("p-and-the-second-phone", "safeguarding_documentation"): "2h 3 1h 0 3 0",
    ("r-and-half-term", "safeguarding_documentation"): "3 1h 2h 3 2h 2h",
}
WORDS = range(350, 701)  # of documents: four to eight minutes


@pytest.fixture(scope="module")
def vignettes() -> tuple[Vignette, ...]:
    return load_all()


def test_what_is_published_stays_as_it_was(vignettes: tuple[Vignette, ...]) -> None:
    assert {vignette.id: vignette.digest for vignette in vignettes} == PUBLISHED
    assert {vignette.published for vignette in vignettes} == {"2026-11-22"}


def test_there_are_six_for_adults_and_six_for_children_without_a_note(vignettes: tuple[Vignette, ...]) -> None:
    assert [vignette.setting for vignette in vignettes] == ["adult"] * 6 + ["children"] * 6
    assert [finding.line() for vignette in vignettes[:1] for finding in check_vignette(HOME / vignette.id)] == []
    planted = [entry.id for entry in load_all(planted=True)]
    assert sorted(path.name for path in HOME.iterdir()) == sorted([*PUBLISHED, *planted, "published.toml"])
    listed = {file.name for name in PUBLISHED for file in (HOME / name).iterdir()}
    assert listed == {"vignette.toml"} | {entry.file for vignette in vignettes for entry in vignette.documents}


def test_the_levels_are_those_of_the_table(vignettes: tuple[Vignette, ...]) -> None:
    rubrics = {rubric.id: rubric for rubric in rubrics_published()}
    found = {}
    for vignette in vignettes:
        for rubric in vignette.rubrics:
            entries = [vignette.reference(rubric, criterion.id) for criterion in rubrics[rubric].criteria]
            words = [f"{'NA' if entry.code else entry.level}{'h' if entry.hard else ''}" for entry in entries]
            found[vignette.slug, rubric] = " ".join(words)
    assert found == LEVELS


def test_each_criterion_has_every_level_and_both_sides_of_the_hard_line(vignettes: tuple[Vignette, ...]) -> None:
    levels: dict[str, set[int | None]] = defaultdict(set)
    hard: dict[str, set[int | None]] = defaultdict(set)
    for reference in (reference for vignette in vignettes for reference in vignette.references):
        levels[reference.ref].add(reference.level)
        if reference.hard:
            hard[reference.ref].add(reference.level)
    criteria = {rubric.ref(criterion) for rubric in rubrics_published() for criterion in rubric.criteria}
    assert len(criteria) == 18 and set(levels) == criteria
    assert {ref for ref in criteria if not levels[ref] >= {0, 1, 2, 3}} == set()
    assert {ref for ref in criteria if hard[ref] != {1, 2}} == set()


def test_levels_are_mixed_within_each_vignette() -> None:
    for (slug, rubric), words in LEVELS.items():
        levels = {word[0] for word in words.split() if word != "NA"}
        assert levels & {"0", "1"} and levels & {"2", "3"}, (slug, rubric)


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_can_be_read_in_four_to_eight_minutes(vignettes: tuple[Vignette, ...], name: str) -> None:
    vignette = next(entry for entry in vignettes if entry.id == name)
    assert vignette.words in WORDS and 4 <= vignette.minutes <= 8
    assert all(reference.why.count(". ") <= 3 for reference in vignette.references)
    assert all(quotations(reference.why) for reference in vignette.references if reference.level)


def test_each_named_weekday_is_right(vignettes: tuple[Vignette, ...]) -> None:
    named = re.compile(r"\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day) (\d{1,2}) ([A-Z][a-z]+)(?: (\d{4}))?")
    seen = 0
    for vignette in vignettes:
        for weekday, day, month, year in named.findall(" ".join(" ".join(d.text for d in vignette.documents).split())):
            spelt = datetime.strptime(f"{day} {month} {year or vignette.record_to.year}", "%d %B %Y")
            assert spelt.strftime("%A") == weekday, (vignette.slug, weekday, day, month)
            seen += 1
    assert seen > 15


def test_entries_are_made_near_the_day_of_their_document(vignettes: tuple[Vignette, ...]) -> None:
    """Each "Entered 3 February" is on the document's day or up to the day as of which the record is read."""
    for vignette in vignettes:
        for document in vignette.documents:
            for day, month in re.findall(r"[Ee]ntered (\d{1,2}) ([A-Z][a-z]+)", document.text):
                spelt = datetime.strptime(f"{day} {month} {document.day.year}", "%d %B %Y").date()
                assert abs((spelt - document.day).days) <= 7 and spelt <= vignette.record_to, (
                    vignette.slug,
                    document.file,
                )


# What raters are sent


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_raters_are_sent_holds_no_reference(vignettes: tuple[Vignette, ...], name: str) -> None:
    vignette = next(entry for entry in vignettes if entry.id == name)
    sent = vignette.for_raters()
    served, printed = json.dumps(sent, ensure_ascii=False), page.html(vignette) + page.plain_text(vignette)
    for reference in vignette.references:
        own_words = [part for part in (reference.why, reference.hard) if part]
        assert not [part for part in own_words if part[:40] in served + printed]
    assert set(sent) == {
        "anonymity", "documents", "id", "local_rules", "minutes", "reader", "record_to", "rubrics", "setting", "title",
    }  # fmt: skip
    assert {key for entry in sent["documents"] for key in entry} == {"author", "day", "kind", "text"}
    assert "Reference levels" not in printed and "Hard between" not in printed
    assert [entry["text"] for entry in sent["documents"]] == [entry.text for entry in vignette.documents]


def test_the_page_for_trainers_says_who_set_the_levels() -> None:
    vignette = find_vignette("mr-b-and-the-night-bus")
    shown = page.plain_text(vignette, references=True)
    assert "The authors of this vignette set these levels. No panel has confirmed them" in shown
    assert "Coping, safety and means: level 0." in shown and "Hard between 1 and 2: Everything of level 2" in shown
    assert "No panel has confirmed them" in page.html(vignette, references=True)


def test_a_code_is_told_in_words() -> None:
    reference = find_vignette("miss-e-and-the-two-sofas").reference("crisis_plan_currency", "carers_and_dependants")
    assert (reference.level, page.level_words(reference)) == (None, "not applicable")
    with pytest.raises(KeyError):
        find_vignette("mr-b-and-the-night-bus").reference("escalation_rationale", "trigger_recognised")


# Publishing and retiring


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of vignettes with one of ours, not yet published there."""
    folder = tmp_path / "vignettes"
    shutil.copytree(HOME / "ms-c-and-the-piano-1.0", folder / "ms-c-and-the-piano-1.0")
    return folder


def test_a_draft_is_offered_once_it_is_published_and_then_fixed(home: Path) -> None:
    folder = home / "ms-c-and-the-piano-1.0"
    assert load_all(home) == () and [entry.published for entry in load_all(home, drafts=True)] == [""]
    assert publish(load_vignette(folder), home, date(2027, 1, 4)) is True
    assert [(entry.id, entry.published) for entry in load_all(home)] == [("ms-c-and-the-piano-1.0", "2027-01-04")]
    assert publish(load_vignette(folder), home, date(2027, 2, 4)) is False
    letter = folder / "03-discharge-summary.txt"
    letter.write_bytes(letter.read_bytes().replace(b"\n", b"\r\n"))
    assert load_vignette(folder).digest == PUBLISHED[folder.name], "line ends of Windows change nothing"
    letter.write_text(letter.read_text(encoding="utf-8").replace("29 April", "28 April"), encoding="utf-8")
    with pytest.raises(PolicyError, match="The vignettes have 2 faults") as caught:
        load_all(home)
    assert [finding.code for finding in caught.value.findings] == ["VIGNETTE_EDITED", "VIGNETTE_QUOTE"]
    assert caught.value.findings[0].line() == (
        "ms-c-and-the-piano-1.0/vignette.toml, line 5: version 1.0 was published on 2027-01-04 and has been changed since. Put the "
        "published text back, and make a new version: ratings name the text they were made with. [VIGNETTE_EDITED]"
    )


def test_a_level_that_is_changed_after_publication_is_found(home: Path) -> None:
    folder = home / "ms-c-and-the-piano-1.0"
    publish(load_vignette(folder), home, date(2027, 1, 4))
    header = folder / "vignette.toml"
    header.write_text(header.read_text(encoding="utf-8").replace("level = 2", "level = 3", 1), encoding="utf-8")
    assert "VIGNETTE_EDITED" in [finding.code for finding in check_vignette(folder)]


def test_a_retired_one_is_kept_and_not_offered(home: Path) -> None:
    publish(load_vignette(home / "ms-c-and-the-piano-1.0"), home, date(2027, 1, 4))
    with (home / "published.toml").open("a", encoding="utf-8") as file:
        file.write("retired = 2027-06-30\n")
    assert load_all(home) == ()
    assert [entry.retired for entry in load_all(home, retired=True)] == ["2027-06-30"]
    assert find_vignette("ms-c-and-the-piano-1.0", home).retired == "2027-06-30"
    with pytest.raises(PolicyError, match="There is no such vignette. See: sampling vignette list"):
        find_vignette("ms-c-and-the-piano", home)


def test_a_list_that_cannot_be_understood_is_refused(home: Path) -> None:
    (home / "published.toml").write_text("[[published]]\nslug = 1\n", encoding="utf-8")
    with pytest.raises(
        PolicyError, match="published.toml of the vignettes cannot be understood. Put the last good copy back"
    ):
        load_all(home)


def test_a_published_folder_that_is_gone_is_told(home: Path) -> None:
    folder = home / "ms-c-and-the-piano-1.0"
    publish(load_vignette(folder), home, date(2027, 1, 4))
    shutil.rmtree(folder)
    with pytest.raises(PolicyError, match="The vignettes have 1 fault") as caught:
        load_all(home)
    assert "the file cannot be read" in caught.value.findings[0].line()


def test_a_half_written_draft_stops_nobody_who_asks_for_another(home: Path) -> None:
    (home / "half-1.0").mkdir()
    (home / "half-1.0" / "vignette.toml").write_text("[vignette]\n", encoding="utf-8")
    assert load_all(home) == () and find_vignette("ms-c-and-the-piano", home).published == ""
    with pytest.raises(PolicyError, match="The vignettes have"):
        find_vignette("half", home)
