"""A server that is lost at the commit: what became of it is looked up before anything goes on, never assumed."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.domain.errors import StorageBusy, StorageFault
from app.domain.outcomes import ItemState
from app.domain.states import IntentState
from app.storage import audit
from app.storage.faults import InconsistentChange
from app.storage.postgres import server as backend
from app.storage.tables import patient_group

REQUEST = "11111111-1111-4111-8111-111111111111"
COMMIT = b"COMMIT\x00"
"""The statement as it goes over the line; READ COMMITTED is another."""


def groups(database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(patient_group)).scalar_one()


def make_group(database) -> None:
    with database.writing() as connection:
        connection.execute(insert(patient_group).values(name="Flu clinic"))


@pytest.mark.fault_row(39)
def test_a_commit_whose_answer_was_lost_counts_once_it_was_looked_up(database, over_the_line, line):
    line.lose_answer_to = COMMIT
    make_group(over_the_line)
    assert line.struck == 1
    assert groups(database) == groups(over_the_line) == 1


@pytest.mark.fault_row(39)
def test_a_commit_that_never_arrived_did_not_happen_and_may_be_tried_again(database, over_the_line, line):
    line.lose = COMMIT
    with pytest.raises(StorageBusy, match="server with the practice database"):
        make_group(over_the_line)
    assert (line.struck, groups(database)) == (1, 0)
    make_group(over_the_line)
    assert groups(database) == 1


@pytest.mark.fault_row(39)
def test_where_nobody_can_tell_it_is_not_tried_again_by_itself(database, over_the_line, line, monkeypatch):
    monkeypatch.setattr(backend, "SETTLE_SECONDS", 0.5)
    line.lose_answer_to, line.stay_cut = COMMIT, True
    with pytest.raises(StorageFault, match="cannot be asked whether it was") as told:
        make_group(over_the_line)
    assert not isinstance(told.value, StorageBusy)
    assert groups(database) == 1


@pytest.mark.fault_row(39)
@pytest.mark.parametrize("arrived", [True, False])
def test_a_message_is_prepared_once_whatever_became_of_the_line(migration, database, line, arrived):
    line.lose_answer_to, line.lose = (COMMIT, None) if arrived else (None, COMMIT)
    change = migration.prepare("A", REQUEST)
    try:
        made = migration.commit(change)
    except StorageBusy:
        # It certainly did not happen: the engine keeps the change and hands it in again.
        made = migration.commit(change)
    assert (made, line.struck) == ([True], 1)
    assert migration.row("intent").state is IntentState.PREPARED
    assert len(migration.rows("intent")) == 1
    assert migration.item_row("A").state is ItemState.SENDING
    assert audit.first_broken(database) is None


@pytest.mark.fault_row(39)
def test_a_transaction_that_hangs_on_the_server_is_ended_there(database, over_the_line, line):
    """The COMMIT is lost on its way and the server does not see that the line is dead: it would wait with the lock."""
    line.lose = COMMIT
    began = time.monotonic()
    with pytest.raises(StorageBusy):
        make_group(over_the_line)
    make_group(database)
    assert time.monotonic() - began < 5


@pytest.mark.fault_row(39)
def test_a_server_that_is_started_anew_at_the_commit(server, database, over_the_line, line):
    line.lose_answer_to = COMMIT
    restarting = threading.Thread(target=server.restart)
    make_group_and_restart = [restarting.start, lambda: make_group(over_the_line), restarting.join]
    try:
        for step in make_group_and_restart:
            step()
    except StorageFault:
        restarting.join()
        assert groups(over_the_line) == 0
    else:
        assert groups(over_the_line) == 1


def test_a_server_that_was_started_anew_between_two_transactions_is_not_noticed(server, database):
    make_group(database)
    server.restart()
    assert groups(database) == 1
    server.restart()
    with database.writing() as connection:
        connection.execute(insert(patient_group).values(name="Another"))
    assert groups(database) == 2


def test_a_server_that_is_away_is_said_and_back_again_used(server, database):
    server.stop()
    try:
        for use in (make_group, groups):
            with pytest.raises(StorageBusy, match="cannot be reached"):
                use(database)
    finally:
        server.start()
    make_group(database)
    assert groups(database) == 1


@pytest.mark.parametrize("name", ["Zyxmarker\0", "Flu clinic"])
def test_a_text_that_cannot_be_stored_is_our_fault_and_not_told(database, name):
    make_group(database)
    with pytest.raises(InconsistentChange) as told, database.writing() as connection:
        connection.execute(insert(patient_group).values(name=name))
    assert name not in str(told.value)
    assert groups(database) == 1


def make_two_groups_of_one_name(database) -> None:
    with database.writing() as connection:
        connection.execute(insert(patient_group).values(name="Flu clinic"))
        with suppress(IntegrityError):
            connection.execute(insert(patient_group).values(name="Flu clinic"))


def test_what_was_undone_is_never_taken_for_stored(database):
    """After a statement that failed the server answers COMMIT with ROLLBACK, and with no error."""
    with pytest.raises(InconsistentChange, match="failed"):
        make_two_groups_of_one_name(database)
    assert groups(database) == 0
