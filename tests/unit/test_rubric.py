"""Rubrics as they are used: what is published stays as it was, versions and maps, publishing, and what a new version would cost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import PolicyError
from sampling.rubric import (
    Rubric,
    VersionMap,
    check_file,
    fate_of,
    find_rubric,
    load_rubric,
    rubrics_in,
    rubrics_in_use,
    rubrics_published,
)
from sampling.rubric.preview import CurrentRating, preview
from sampling.rubric.publish import publish
from tests.unit.test_rubric_check import GOOD

# What each published version said on the day of its publication. A line here is never changed: make a new version instead.
PUBLISHED = {
    ("crisis_plan_currency", "1.0"): "6748b9b2e64d8bbc4fdcb32cd6934dc4e99249de9c60add041c5d1dbcd6c9a65",
    ("escalation_rationale", "1.0"): "41d3a8e4cb48247b06aed1d5a57430b6b8869bb15329b4c4387466b5ab94e52a",
    ("safeguarding_documentation", "1.0"): "7946c3778565a864c50c3eb0926949cce0efca305a4096671e744b61f1b45ab7",
}
CRITICAL = {
    "escalation_rationale": {"trigger_recognised", "decision_and_reason"},
    "crisis_plan_currency": {"exists_and_current", "signs_and_routes"},
    "safeguarding_documentation": {"concern", "immediate_actions", "rationale_against_threshold"},
}
TODAY = date(2026, 11, 22)


# What is published


def test_what_was_published_still_says_the_same() -> None:
    now = {(rubric.id, rubric.version): rubric.digest for rubric in rubrics_in() if rubric.status == "published"}
    assert {name: now.get(name) for name in PUBLISHED} == PUBLISHED
    assert set(now) == set(PUBLISHED), "a new version: add its digest here"


def test_each_profile_has_its_rubrics_in_order() -> None:
    adult = ["escalation_rationale", "crisis_plan_currency", "safeguarding_documentation"]
    assert [rubric.id for rubric in rubrics_in_use("adult")] == adult
    assert [rubric.id for rubric in rubrics_in_use("children")] == [
        "escalation_rationale",
        "safeguarding_documentation",
    ]


@pytest.mark.parametrize("rubric", rubrics_in(), ids=lambda rubric: rubric.id)
def test_each_rubric_can_be_scored_with(rubric: Rubric) -> None:
    assert len(rubric.criteria) == 6 and rubric.pass_level == 2 and rubric.signals and rubric.sources
    assert {criterion.id for criterion in rubric.criteria if criterion.critical} == CRITICAL[rubric.id]
    for criterion in rubric.criteria:
        assert criterion.question.endswith("?") and criterion.sources
        assert len(set(criterion.levels)) == 4 and all(anchor.endswith(".") for anchor in criterion.levels)
        assert criterion.levels[3].startswith("As level 2"), "each level is the one before and more"
        assert rubric.ref(criterion) == f"{rubric.id}/{criterion.id}" and rubric.criterion(criterion.id) is criterion


def test_our_rubrics_have_no_finding_at_all() -> None:
    folder = Path(__file__).parents[2] / "rubrics"
    assert [finding.line() for path in folder.glob("*-*.toml") for finding in check_file(path)] == []


def test_a_version_is_found_by_its_name() -> None:
    assert find_rubric("crisis_plan_currency", "1.0").title == "Crisis-plan currency"
    with pytest.raises(PolicyError, match='no rubric "crisis_plan_currency" of version "9.0"'):
        find_rubric("crisis_plan_currency", "9.0")


def test_a_criterion_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        rubrics_in()[0].criterion("tone")


def test_the_rubric_of_the_tests_has_ten_criteria() -> None:
    (rubric,) = rubrics_in_use("adult", Path(__file__).parents[1] / "data")
    assert (rubric.id, len(rubric.criteria)) == ("ten_criteria", 10)


# A folder of one's own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "published.toml").touch()
    return tmp_path


def put(folder: Path, text: str, version: str = "1.0") -> Path:
    path = folder / f"tone-{version}.toml"
    path.write_text(text.replace('version = "1.0"', f'version = "{version}"'), encoding="utf-8")
    return path


def with_map(fates: str, before: str = "1.0", text: str = GOOD) -> str:
    return text + f'\n[[map]]\nfrom = "{before}"\n[map.criteria]\n{fates}\n'


CARRIED = 'respect = "same"\nclarity = "same"'


def test_the_digest_is_that_of_the_content(folder: Path) -> None:
    first = load_rubric(put(folder, GOOD))
    path = put(folder, "")
    path.write_bytes(
        b"\xef\xbb\xbf" + ("# another comment\n" + GOOD.replace("[[crit", "\n\n[[crit")).replace("\n", "\r\n").encode()
    )
    again = load_rubric(path)
    assert again.digest == first.digest and again.criteria == first.criteria and again.text != first.text
    assert load_rubric(put(folder, GOOD.replace("plain words.", "plain words!"))).digest != first.digest


def test_an_author_breaks_lines_where_they_like(folder: Path) -> None:
    rubric = load_rubric(put(folder, GOOD.replace('"Always."', '"""Always,\n  and everywhere."""')))
    assert rubric.applies_when == "Always, and everywhere."


def test_a_draft_is_in_the_folder_but_not_in_use(folder: Path) -> None:
    put(folder, GOOD)
    assert [rubric.status for rubric in rubrics_in(folder)] == ["draft"]
    assert rubrics_in_use("adult", folder) == ()


def test_publishing_writes_status_day_and_digest_and_no_other_line(folder: Path) -> None:
    path = put(folder, GOOD)
    rubric, new = publish(path, None, TODAY)
    assert new and (rubric.status, rubric.published) == ("published", "2026-11-22")
    assert path.read_text() == GOOD.replace('status = "draft"', 'status = "published"\npublished = 2026-11-22')
    assert [rubric.id for rubric in rubrics_in_use("adult", folder)] == ["tone"]
    assert rubrics_in_use("children", folder) == ()
    before = (folder / "published.toml").read_bytes()
    assert publish(path, None, date(2027, 1, 1)) == (rubric, False)
    assert (folder / "published.toml").read_bytes() == before


def test_a_digest_does_not_change_by_publishing(folder: Path) -> None:
    path = put(folder, GOOD)
    draft = load_rubric(path).digest
    assert publish(path, None, TODAY)[0].digest == draft


def test_publishing_keeps_windows_line_ends(folder: Path) -> None:
    path = folder / "tone-1.0.toml"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode())
    publish(path, None, TODAY)
    assert b'status = "published"\r\npublished = 2026-11-22\r\n' in path.read_bytes()
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"A note in plain words."', '"A note in words."'),
        ('title = "Clarity"', 'title = "Clearness"'),
        ("pass_level = 2", "pass_level = 1"),
        ("critical = true", "critical = false"),
        ("published = 2026-11-22", "published = 2026-11-21"),
        ('status = "published"\npublished = 2026-11-22', 'status = "draft"'),
    ],
)
def test_a_published_file_that_was_edited_is_refused(folder: Path, old: str, new: str) -> None:
    path = put(folder, GOOD)
    publish(path, None, TODAY)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(PolicyError, match="has 1 fault") as refused:
        load_rubric(path)
    assert refused.value.findings[0].line() == (
        "tone-1.0.toml, line 4: version 1.0 was published on 2026-11-22 and has been changed since. Put the published text back, "
        "and make a new version with a map: ratings name the text they were made with. [RUBRIC_EDITED]"
    )
    with pytest.raises(PolicyError, match="is not published: it has 1 fault"):
        publish(path, None, TODAY)
    with pytest.raises(PolicyError):
        rubrics_in_use("adult", folder)


def test_a_published_version_that_is_gone_is_told(folder: Path) -> None:
    path = put(folder, GOOD)
    publish(path, None, TODAY)
    path.unlink()
    with pytest.raises(PolicyError) as refused:
        rubrics_in_use("adult", folder)
    assert [finding.code for finding in refused.value.findings] == ["RUBRIC_UNREADABLE"]


def test_a_file_that_only_says_it_is_published_is_refused(folder: Path) -> None:
    path = put(folder, GOOD.replace('"draft"', '"published"\npublished = 2026-11-22'))
    (finding,) = check_file(path)
    assert (finding.code, finding.text_line) == ("RUBRIC_NOT_LISTED", 5)
    assert "sampling rubric publish FILE" in finding.next_step
    assert publish(path, None, TODAY)[1], "publishing lists it"
    assert check_file(path) == []


def test_a_faulty_file_is_not_published_and_not_changed(folder: Path) -> None:
    path = put(folder, GOOD.replace("critical = true\n", ""))
    before = path.read_bytes()
    with pytest.raises(PolicyError, match="tone-1.0.toml is not published: it has 1 fault"):
        publish(path, None, TODAY)
    assert path.read_bytes() == before and (folder / "published.toml").read_text() == ""


def test_a_file_elsewhere_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is not in the folder of rubrics"):
        publish(put(tmp_path, GOOD), None, TODAY)


def test_a_folder_of_ones_own_begins_with_the_first_publication(tmp_path: Path) -> None:
    publish(put(tmp_path, GOOD), tmp_path, TODAY)
    assert [rubric.id for rubric in rubrics_in_use("adult", tmp_path)] == ["tone"]


def test_a_status_within_brackets_is_refused(folder: Path) -> None:
    header, rest = GOOD.split("\n\n", 1)
    inline = "rubric = {" + ", ".join(line for line in header.split("\n")[2:]) + "}\n\n" + rest
    with pytest.raises(PolicyError, match='write status = "draft" on a line of its own'):
        publish(put(folder, inline), None, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "no toml",
        "[published]\nid = 1",
        "[[published]]\nid = 'a'",
        "[[published]]\nid = 'a'\nversion = '1.0'\npublished = 'x'\ndigest = ''",
    ],
)
def test_a_damaged_list_of_publications_is_told(folder: Path, text: str) -> None:
    (folder / "published.toml").write_text(text)
    with pytest.raises(
        PolicyError, match="published.toml cannot be understood. Only `sampling rubric publish` writes it"
    ):
        rubrics_in_use("adult", folder)


def test_a_list_with_a_version_twice_is_told(folder: Path) -> None:
    publish(put(folder, GOOD), None, TODAY)
    text = (folder / "published.toml").read_text()
    entry = text[text.index("[[published]]") :]
    (folder / "published.toml").write_text(text + entry.replace('digest = "', 'digest = "0'))
    with pytest.raises(PolicyError, match="cannot be understood"):
        rubrics_in_use("adult", folder)


# Versions and maps


@pytest.fixture
def published(folder: Path) -> Callable[[str, str], Rubric]:
    """Publishes a version of the sample rubric."""

    def make(version: str, text: str = GOOD) -> Rubric:
        return publish(put(folder, text, version), None, TODAY)[0]

    return make


Published = Callable[..., Rubric]


def test_the_newest_version_is_in_use_and_ten_is_newer_than_nine(folder: Path, published: Published) -> None:
    published("1.9")
    published("1.10", with_map(CARRIED, "1.9"))
    assert [rubric.version for rubric in rubrics_in_use("adult", folder)] == ["1.10"]
    assert [rubric.version for rubric in rubrics_in(folder)] == ["1.9", "1.10"]
    assert find_rubric("tone", "1.9", folder).version == "1.9"


def test_a_new_version_may_move_its_rubric_to_another_place(folder: Path, published: Published) -> None:
    published("1.0", GOOD.replace("[rubric]", "[rubric]\norder = 3"))
    other = GOOD.replace('"tone"', '"other"').replace("[rubric]", "[rubric]\norder = 2")
    (folder / "other-1.0.toml").write_text(other, encoding="utf-8")
    publish(folder / "other-1.0.toml", None, TODAY)
    assert [rubric.id for rubric in rubrics_in_use("adult", folder)] == ["other", "tone"]
    published("1.1", with_map(CARRIED, text=GOOD.replace("[rubric]", "[rubric]\norder = 1")))
    assert [(rubric.id, rubric.version) for rubric in rubrics_in_use("adult", folder)] == [
        ("tone", "1.1"),
        ("other", "1.0"),
    ]
    assert [rubric.version for rubric in rubrics_published(folder)] == ["1.0", "1.1", "1.0"]


def test_a_half_written_draft_stops_nobody(folder: Path, published: Published) -> None:
    published("1.0")
    put(folder, "[rubric", "1.1")
    assert [rubric.version for rubric in rubrics_in_use("adult", folder)] == ["1.0"]
    with pytest.raises(PolicyError, match="The rubrics have"):
        rubrics_in(folder)


MAPS: dict[str, tuple[str, int, str, str]] = {
    "no map": (GOOD, 4, "the rubric has no map from version 1.0", 'from = "1.0"'),
    "from nowhere": (with_map(CARRIED) + with_map(CARRIED, "0.9", ""), 45, "there is no older version to map from", "Older versions here: 1.0."),
    "twice": (with_map(CARRIED) + with_map(CARRIED, text=""), 45, "another map is from this version", "Take one away."),
    "new, but known": (with_map('respect = "new"\nclarity = "same"'), 41, "the older version has this criterion already", '"rescore"'),
    "same, but unknown": (with_map(CARRIED + '\nlength = "same"', text=GOOD + GOOD[GOOD.index('[[criterion]]\nid = "clarity"') :].replace("clarity", "length")),
                          54, "the older version has no such criterion", 'Write "new".'),
    "dropped, but never there": (with_map(CARRIED + '\nlength = "dropped"'), 43, "the older version has no such criterion", "Take it out."),
    "gone without a word": (with_map('respect = "same"\nwit = "new"', text=GOOD.replace('"clarity"', '"wit"')), 40,
                            'the map says nothing of "clarity"', '"dropped"'),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_a_map_that_leaves_something_open_is_told(folder: Path, published: Published, name: str) -> None:
    text, line, words, step = MAPS[name]
    published("1.0")
    findings = [finding for finding in check_file(put(folder, text, "1.1"))]
    assert [(finding.code, finding.text_line) for finding in findings] == [("RUBRIC_MAP", line)]
    assert words in findings[0].message and step in findings[0].next_step


def test_a_changed_anchor_that_carries_its_ratings_over_is_noted(folder: Path, published: Published) -> None:
    published("1.0")
    text = with_map(CARRIED, text=GOOD.replace('"No sentence."', '"No sentence at all."'))
    (finding,) = check_file(put(folder, text, "1.1"))
    assert (finding.code, finding.severity, finding.text_line) == ("RUBRIC_MAP_CHANGED", "note", 42)
    assert 'Write "rescore" unless every rating would stay what it is.' in finding.line()


def test_a_map_needs_no_draft_between(folder: Path, published: Published) -> None:
    published("1.0")
    put(folder, with_map(CARRIED), "1.1")
    assert check_file(put(folder, with_map(CARRIED), "1.2")) == []


def version(number: str, criteria: str, *maps: VersionMap) -> Rubric:
    rubric = rubrics_in()[0]
    chosen = tuple(replace(rubric.criteria[0], id=name) for name in criteria)
    return replace(rubric, id="r", version=number, criteria=chosen, maps=maps)


def test_what_becomes_of_a_rating_over_several_versions() -> None:
    one = version("1.0", "abcd")
    two = version("1.1", "abc", VersionMap("1.0", {"a": "same", "b": "rescore", "c": "same", "d": "dropped"}))
    three = version("1.10", "abcd", VersionMap("1.1", {"a": "same", "b": "same", "c": "rescore", "d": "new"}))
    all_versions = (one, two, three)
    fates = {name: fate_of(all_versions, three, name, "1.0") for name in "abcdx"}
    assert fates == {"a": "same", "b": "rescore", "c": "rescore", "d": "dropped", "x": "dropped"}
    assert [fate_of(all_versions, three, name, "1.1") for name in "abcd"] == ["same", "same", "rescore", "rescore"]
    assert [fate_of(all_versions, three, name, "1.10") for name in "ax"] == ["same", "dropped"]


@pytest.mark.parametrize("rated_with", ["0.1", "9.9", "a draft", ""])
def test_a_rating_by_a_version_that_nobody_knows_is_never_carried_over(rated_with: str) -> None:
    two = version("1.1", "ab", VersionMap("1.0", {"a": "same", "b": "new"}))
    assert [fate_of((two,), two, name, rated_with) for name in "abx"] == ["rescore", "rescore", "dropped"]


def test_a_direct_map_counts_more_than_the_way_round() -> None:
    one = version("1.0", "a")
    two = version("1.1", "a", VersionMap("1.0", {"a": "rescore"}))
    three = version("1.2", "a", VersionMap("1.1", {"a": "rescore"}), VersionMap("1.0", {"a": "same"}))
    assert fate_of((one, two, three), three, "a", "1.0") == "same"


# What a new version would cost


def rated(review: str, *criteria: str, by: str = "1.0") -> list[CurrentRating]:
    return [CurrentRating(review, criterion, by) for criterion in criteria]


NEW = version("1.1", "abe", VersionMap("1.0", {"a": "same", "b": "rescore", "c": "dropped", "e": "new"}))


def test_a_preview_counts_by_criterion() -> None:
    found = preview(NEW, (NEW,), [*rated("r1", "a", "b", "c"), *rated("r2", "a", "b"), *rated("r3", "a", by="1.1")])
    assert found.criteria == ("a", "b", "e", "c")
    assert [found.count("same", "a"), found.count("rescore", "b"), found.count("dropped", "c")] == [2, 2, 1]
    assert len(found.affected) == 5, "what was rated with this very version is not affected"
    assert found.cost == "2 ratings to be re-scored in 2 reviews: 2 need one criterion."


@pytest.mark.parametrize(
    ("ratings", "cost"),
    [
        ([], "No rating needs to be re-scored."),
        (rated("r1", "a", "c"), "No rating needs to be re-scored."),
        (rated("r1", "b"), "1 rating to be re-scored in 1 review: 1 needs one criterion."),
        (
            [*rated("r1", "a", "b", by="0.1"), *rated("r2", "b"), *rated("r3", "b")],
            "4 ratings to be re-scored in 3 reviews: 2 need one criterion, 1 needs two criteria.",
        ),
    ],
)
def test_the_cost_is_told_in_one_sentence(ratings: list[CurrentRating], cost: str) -> None:
    assert preview(NEW, (NEW,), ratings).cost == cost


# Never an exception


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 900),
    st.integers(0, 80),
    st.sampled_from(["", '"', "[[map]]\n", "map = 3\n", "criterion = 3\n", "x = nan\n", "\x00"]),
)
def test_any_change_of_a_file_beside_others_is_answered(start: int, length: int, new: str) -> None:
    text = with_map(CARRIED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish(put(folder, GOOD), folder, TODAY)
        path = put(folder, text[:start] + new + text[start + length :], "1.1")
        assert all(finding.line() for finding in check_file(path))
