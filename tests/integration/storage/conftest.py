"""A practice of a few patients in a real database file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.patient import RegistrationStatus
from app.engine.practice import GroupRow
from app.storage.database import PracticeDatabase
from tests.helpers.clocks import ManualClock
from tests.helpers.migration import Migration
from tests.helpers.practice import ListOf, a_patient, an_entry, new_practice, number


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def database(tmp_path: Path, clock: ManualClock) -> Iterator[PracticeDatabase]:
    """Seven patients, A to G: A and C object (C in the old term), B consents in the old term, E has left."""
    rows = ListOf(
        [
            a_patient("B", number(1)),
            a_patient("A", number(0)),
            a_patient("C", number(2)),
            a_patient("D", number(3), registration=RegistrationStatus.APPLIED),
            a_patient("E", number(4), registration=RegistrationStatus.TRANSFERRED_OUT),
            a_patient("F", None),
            a_patient("G", number(6)),
        ],
        [
            an_entry("A", "9Ndo."),
            an_entry("B", "93C2."),
            an_entry("C", "93C2."),
            an_entry("C", "93C3."),
            an_entry("E", "93C3."),
        ],
        [GroupRow("Flu clinic", "D", None), GroupRow("Flu clinic", "C", None), GroupRow("Flu clinic", "E", None)],
    )
    database = new_practice(tmp_path / "data", rows, clock)
    yield database
    database.close()


@pytest.fixture
def migration(database: PracticeDatabase) -> Migration:
    """A run over that practice, its first execution open."""
    return Migration(database).begin()
