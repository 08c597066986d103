"""A variable of the environment holds inside the block alone, and is then as it was, also after an error."""

from __future__ import annotations

import os

import pytest

from sampling.surroundings import environment


def test_variables_are_as_they_were_when_the_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLING_TEST_THERE", "before")
    monkeypatch.delenv("SAMPLING_TEST_ABSENT", raising=False)
    own = {"SAMPLING_TEST_THERE": "inside", "SAMPLING_TEST_ABSENT": "inside"}
    with pytest.raises(ValueError, match="an error of the block"), environment(own):
        assert [os.environ[name] for name in own] == ["inside", "inside"]
        raise ValueError("an error of the block")
    assert os.environ["SAMPLING_TEST_THERE"] == "before" and "SAMPLING_TEST_ABSENT" not in os.environ
