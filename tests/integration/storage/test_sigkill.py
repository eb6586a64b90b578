"""A program killed in the middle of its commits: what it had committed is there, whole, and the rest is not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.domain.outcomes import ItemState
from app.domain.states import IntentState
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.run_queries import SqlRunQueries
from tests.helpers.clocks import ManualClock
from tests.helpers.migration import FAMILY, Migration
from tests.helpers.practice import ListOf, a_patient, an_entry, new_practice, number

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parents[3]
PATIENTS = 300
WORKER = """
import sys, uuid
from dataclasses import replace
from pathlib import Path
from app.engine.rows import Scope, Tally
from app.storage.database import PracticeDatabase
from tests.helpers.clocks import ManualClock
from tests.helpers.migration import Migration

migration = Migration(PracticeDatabase.open(Path(sys.argv[1]), clock=ManualClock())).begin()
print("begun", flush=True)
while works := migration.store.fresh_items(migration.key, Scope.UNPROCESSED, 0, 4):
    refs = migration.refs(works)
    sends = [migration.prepare(ref, f"r-{ref}", migration.conversion(ref), send_as=f"c-{ref}") for ref in refs]
    migration.commit(*sends, reads=len(refs))
    migration.commit(*[migration.accepted(ref, f"r-{ref}", f"c-{ref}") for ref in refs])
"""


@pytest.mark.fault_row(6)
@pytest.mark.parametrize("done_before", [8, 50])
def test_what_was_committed_is_there_and_whole(tmp_path, done_before):
    rows = ListOf(
        [a_patient(f"P{n}", number(0)) for n in range(PATIENTS)], [an_entry(f"P{n}", "93C3.") for n in range(PATIENTS)]
    )
    database = new_practice(tmp_path, rows)
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(database.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "begun\n"
        seen = wait_until_sent(database, done_before)
        process.kill()
    database.close()

    database = PracticeDatabase.open(tmp_path / "practice.db", clock=ManualClock())
    assert audit.first_broken(database) is None
    migration = Migration(database)
    view = SqlRunQueries(database).latest_run(FAMILY)
    assert view.counts.total == PATIENTS
    assert view.counts.sent >= seen
    migration.run_id = view.run_id
    migration.take_up()
    agree(migration)
    database.close()


def wait_until_sent(database: PracticeDatabase, wanted: int) -> int:
    """Look until this many are counted as sent; how many there were then."""
    queries = SqlRunQueries(database)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        view = queries.latest_run(FAMILY)
        if view is not None and view.counts.sent >= wanted:
            return view.counts.sent
    raise AssertionError("the worker did not come that far")


def agree(migration: Migration) -> None:
    """Items, messages, attempts and records of each patient tell one story."""
    intents = {row.patient_id: row for row in migration.rows("intent")}
    attempts = {row.request_id: row for row in migration.rows("attempt")}
    codes = {row.patient_id: row.code for row in migration.rows("consent_entry")}
    versions = {row.id: row.consent_version for row in migration.rows("patient")}
    for row in migration.rows("item"):
        message = intents.get(row.patient_id)
        if row.state is ItemState.UNPROCESSED:
            assert message is None
            assert (codes[row.patient_id], versions[row.patient_id]) == ("93C3.", 1)
            continue
        expected = {
            ItemState.SENT: (IntentState.CONFIRMED, "accepted"),
            ItemState.SENDING: (IntentState.UNKNOWN, "unknown"),
        }
        assert (message.state, attempts[message.request_id].answer_class) == expected[row.state]
        assert (codes[row.patient_id], versions[row.patient_id], row.attempts) == ("9Ndo.", 2, 1)
        assert (row.next_attempt_at is not None) == (row.state is ItemState.SENDING)
