"""A practice of an earlier version is backed up and brought up to date, alone, in one step or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect

from app.domain.errors import DatabaseUnusable, Refused
from app.storage import audit
from app.storage.backend import Place, Surroundings
from app.storage.database import PracticeDatabase
from app.storage.place import backend_of
from app.storage.schema import CURRENT
from app.storage.sqlite import identity
from tests.helpers import databases
from tests.helpers.clocks import ManualClock
from tests.helpers.later_schema import LATER, later_schema
from tests.helpers.practice import ListOf, a_patient, new_practice

pytestmark = pytest.mark.both_databases


@pytest.fixture
def older(tmp_path: Path) -> Place:
    database = new_practice(tmp_path / "data", ListOf([a_patient("A")]))
    database.close()
    return database.place


def schema_number(place: Place) -> int:
    backend = backend_of(place, Surroundings())
    try:
        return backend.schema_number()
    finally:
        backend.close()


@pytest.mark.fault_row(28)
def test_an_older_one_is_backed_up_and_brought_up(older, tmp_path):
    wanted = later_schema(tmp_path, "UPDATE patient SET later = later || '!'")
    database = PracticeDatabase.open(older, clock=ManualClock(), wanted=wanted)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT later FROM patient").scalar() == "Surname-A!"
    assert schema_number(older) == LATER
    [copy] = database.backups.iterdir()
    assert identity.schema_number(copy) == CURRENT.number
    database.close()
    PracticeDatabase.open(older, clock=ManualClock(), wanted=wanted).close()
    assert list(database.backups.iterdir()) == [copy]


@pytest.mark.fault_row(28)
def test_a_revision_that_fails_leaves_the_older_one_whole(older, tmp_path):
    wanted = later_schema(tmp_path, "UPDATE no_such_table SET x = 1")
    with pytest.raises(DatabaseUnusable, match="left as it was"):
        PracticeDatabase.open(older, clock=ManualClock(), wanted=wanted)
    assert schema_number(older) == CURRENT.number
    database = PracticeDatabase.open(older, clock=ManualClock())
    with database.reading() as connection:
        assert "later" not in {column["name"] for column in inspect(connection).get_columns("patient")}
    assert audit.first_broken(database) is None
    database.close()


def test_no_bringing_up_without_a_backup(older, tmp_path):
    database = PracticeDatabase.open(older, clock=ManualClock())
    database.close()
    database.backups.write_text("in the way")
    with pytest.raises(DatabaseUnusable):
        PracticeDatabase.open(older, clock=ManualClock(), wanted=later_schema(tmp_path, "SELECT 1"))
    assert schema_number(older) == CURRENT.number


@pytest.mark.fault_row(28, 36)
def test_not_under_the_hands_of_somebody_who_works_on_it(older, tmp_path):
    """An earlier version on another workstation would go on in tables that it does not know."""
    clock, wanted = ManualClock(), later_schema(tmp_path, "SELECT 1")
    theirs, ours = databases.lock_at(older, clock, "ROOM-2"), databases.lock_at(older, clock, "FRONT-DESK")

    @contextmanager
    def alone():
        ours.acquire("the account")
        yield
        ours.release()

    theirs.acquire("Pat Manager")
    with pytest.raises(Refused, match="Pat Manager on ROOM-2"):
        PracticeDatabase.open(older, clock=clock, wanted=wanted, alone=alone)
    assert schema_number(older) == CURRENT.number
    theirs.release()
    PracticeDatabase.open(older, clock=clock, wanted=wanted, alone=alone).close()
    assert schema_number(older) == LATER
    # One that is up to date is opened whoever works on it.
    theirs.acquire("Pat Manager")
    PracticeDatabase.open(older, clock=clock, wanted=wanted, alone=alone).close()
    theirs.release()
