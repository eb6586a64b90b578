"""Suites that kill, freeze, starve and damage: their judge tells in full what it found."""

from __future__ import annotations

import os

import pytest

from tests.helpers.power import strace

pytest.register_assert_rewrite("tests.helpers.judge")


@pytest.fixture(scope="session")
def tracer() -> str:
    """The system-call tracer. Where there is none the tests that need it step aside, aloud; not where it must be."""
    found = strace()
    if found is None:
        assert os.environ.get("CI") != "true", "strace is not here or may not trace: power loss cannot be tested"
        pytest.skip("strace is not here or may not trace: power loss is not tested")
    return found
