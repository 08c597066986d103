"""The commissioner's answers in one sentence each: from what is shown, with nothing that is hidden."""

from __future__ import annotations

import doctest

from sampling.assurance.report import answers
from sampling.assurance.report.answers import ANSWERED, ENDED, LATE, NOTHING, WAITING, of_patterns, of_rows, of_tables
from sampling.assurance.report.kept import Part, ShownTable


def test_the_examples_hold() -> None:
    assert doctest.testmod(answers).failed == 0


def test_a_table_that_hides_all_says_so_and_one_that_hides_nothing_says_no_more() -> None:
    columns = ("What", "Due", "In time")
    hidden = ShownTable("Formal one-to-ones", columns, (("Service", "*", "-"),))
    whole = ShownTable("Formal one-to-ones", columns, (("North", "*", "*"), ("Service", "45", "35")))
    assert of_tables([hidden, whole, ShownTable("Empty", columns, ())]) == (
        "Formal one-to-ones, service: hidden.",
        "Formal one-to-ones, service: due 45; in time 35.",
    )


def test_named_rows_alone_are_told() -> None:
    rows = (("Formulation updates", "40", "20"), ("Use of escalation", "40", "*"))
    table = ShownTable("Covered", ("What", "Formal one-to-ones", "Covered"), rows)
    assert of_rows([table], ["Use of escalation"]) == (
        "Covered, use of escalation: formal one-to-ones 40; the rest is hidden.",
    )
    assert of_rows([], ["Use of escalation"]) == ()


def test_patterns_are_counted_by_what_leaders_did() -> None:
    said = ("2 counts are hidden.", f"A. {ANSWERED}1 May.", f"B. {LATE}", f"C. {LATE}", f"D. {WAITING}", f"E. {ENDED}")
    assert of_patterns(Part(sentences=said)) == (
        "Of 5 patterns that may be told, leaders answered 1; 2 have no response though their day has passed."
    )
    assert of_patterns(Part(refusal="Nothing leaves.")) == "Nothing leaves."
    assert of_patterns(Part(sentences=said[:1])).startswith("No pattern may be told here")
    assert NOTHING.endswith(".")
