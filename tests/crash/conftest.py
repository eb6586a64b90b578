"""Suites that kill, freeze, starve and damage: their judge tells in full what it found."""

from __future__ import annotations

import os

import pytest

pytest.register_assert_rewrite("tests.helpers.judge")

from tests.helpers.power import strace  # noqa: E402 - pytest has to know the judge before anybody loads it
from tests.helpers.undisturbed import Undisturbed, undisturbed_run  # noqa: E402

PATIENTS = 200


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A crowded practice whose run nobody disturbed."""
    return undisturbed_run(tmp_path_factory.mktemp("undisturbed"), PATIENTS)


@pytest.fixture(scope="session")
def tracer() -> str:
    """The system-call tracer. Where there is none the tests that need it step aside, aloud; not where it must be."""
    found = strace()
    if found is None:
        assert os.environ.get("CI") != "true", "strace is not here or may not trace: power loss cannot be tested"
        pytest.skip("strace is not here or may not trace: power loss is not tested")
    return found
