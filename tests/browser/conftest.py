"""Fixtures for the tests in a browser."""

from __future__ import annotations

from tests.stage_store import store_of_the_stage as store_of_the_stage
