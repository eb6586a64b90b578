"""Several workstations and one practice: who works on it, who holds it up, who takes over."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.domain.errors import Refused
from app.engine.ports import Fenced
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.postgres.lock import Guards, PracticeServerLock
from app.storage.postgres.recipe import LOCK_CLASS, connect
from tests.helpers.migration import Migration
from tests.helpers.program import wait_until

ROOT = Path(__file__).resolve().parents[3]
REQUEST = "11111111-1111-4111-8111-111111111111"

HOLDER = """
import sys
from pathlib import Path
from app.clock import SystemClock
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.lock import PracticeServerLock
lock = PracticeServerLock(ServerAddress.parse(sys.argv[1], Path(sys.argv[2])), SystemClock(), workstation="ROOM-2")
lock.acquire("Dr Example")
print("held", flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
sys.stdin.readline()
"""


@contextmanager
def another_workstation(server, address, tmp_path):
    """A process that holds the practice's lock until it is told to give it back."""
    name = dict(address.parameters)["dbname"]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, server.url(name), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lock_of(address, clock, where="FRONT-DESK", guards=Guards.PRACTICE):
    return PracticeServerLock(address, clock, guards, workstation=where)


def end_connection_of(server, lock) -> None:
    """What the server does with a connection whose workstation no longer answers."""
    with closing(server.admin()) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [lock._connection.info.backend_pid])


def connections_to(server, address) -> int:
    with closing(server.admin()) as admin:
        [count] = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [dict(address.parameters)["dbname"]]
        ).fetchone()
    return count


@pytest.mark.fault_row(36)
def test_the_second_is_told_who_where_and_since_when(address, clock):
    first, second = lock_of(address, clock), lock_of(address, clock, "ROOM-2")
    first.acquire("Pat Manager")
    assert first.holder() is None
    words = r"Pat Manager on FRONT-DESK, since .*2026.* Wait until that has ended\."
    assert second.holder() is not None
    with pytest.raises(Refused, match=words):
        second.acquire("Robin")
    first.release()
    assert second.holder() is None
    second.acquire("Robin")
    assert "Robin on ROOM-2" in (first.holder() or "")
    second.release()


def test_one_copy_does_not_take_it_twice(address, clock):
    lock = lock_of(address, clock)
    lock.acquire("Pat Manager")
    with pytest.raises(Refused, match="already working"):
        lock.acquire("Pat Manager")
    lock.release()
    lock.release()
    assert not lock.held_here


def test_the_watch_and_the_work_are_two_locks(address, clock):
    work, watch = lock_of(address, clock), lock_of(address, clock, guards=Guards.WATCH)
    work.acquire("Pat Manager")
    watch.acquire("Pat Manager")
    assert (lock_of(address, clock, guards=Guards.WATCH).holder(), watch.holder()) != (None, "")
    work.release()
    watch.release()


@pytest.mark.fault_row(36)
def test_of_many_that_press_at_once_one_has_it(address, clock):
    locks = [lock_of(address, clock, f"ROOM-{number}") for number in range(6)]
    start = threading.Barrier(len(locks))
    took: list[str] = []

    def press(lock) -> None:
        start.wait()
        try:
            lock.acquire("Pat Manager")
        except Refused:
            return
        took.append("it")

    presses = [threading.Thread(target=press, args=(lock,)) for lock in locks]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert took == ["it"]
    assert sum(lock.held_here for lock in locks) == 1
    for lock in locks:
        lock.release()


def test_given_back_it_leaves_no_connection_behind(server, address, clock):
    """Nor does one that was only looked at: a server has a hundred for everybody."""
    held, looked_at = lock_of(address, clock), lock_of(address, clock, "ROOM-2")
    held.acquire("Pat Manager")
    assert looked_at.holder()
    for lock in (held, looked_at):
        lock.release()
    wait_until(lambda: connections_to(server, address) == 0)
    assert looked_at.holder() is None
    looked_at.release()


@pytest.mark.fault_row(36, 40)
def test_a_holder_that_was_killed_holds_nothing(server, address, clock, tmp_path):
    mine = lock_of(address, clock)
    with another_workstation(server, address, tmp_path) as holder:
        assert "Dr Example on ROOM-2" in (mine.holder() or "")
        holder.kill()
        holder.wait()
        wait_until(lambda: mine.holder() is None)
    mine.acquire("Pat Manager")
    mine.release()


@pytest.mark.fault_row(37)
def test_a_frozen_holder_keeps_it_until_the_server_gives_its_connection_up(server, address, clock, tmp_path):
    mine = lock_of(address, clock)
    with another_workstation(server, address, tmp_path) as holder:
        holder.send_signal(signal.SIGSTOP)
        with pytest.raises(Refused, match="Dr Example on ROOM-2"):
            mine.acquire("Pat Manager")
        with closing(server.admin()) as admin:
            [pid] = admin.execute("SELECT pid FROM pg_locks WHERE classid = %s AND objid = 2", [LOCK_CLASS]).fetchone()
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        mine.acquire("Pat Manager")
        holder.send_signal(signal.SIGCONT)
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "released\n"
        # What it gave back was its own, which it no longer had.
        assert mine.held_here
        assert "Pat Manager" in (lock_of(address, clock).holder() or "")
    mine.release()


@pytest.mark.fault_row(37)
def test_who_lost_the_lock_without_noticing_changes_nothing_any_more(server, address, clock, database):
    first_lock, second_lock = lock_of(address, clock), lock_of(address, clock, "ROOM-2")
    first_lock.acquire("Pat Manager")
    first = Migration(database).begin()
    first.commit(first.prepare("A", REQUEST))
    end_connection_of(server, first_lock)
    second_lock.acquire("Robin")
    other = PracticeDatabase.open(address, clock=clock)
    second = Migration(other)
    second.run_id = first.run_id
    second.take_up()
    assert first_lock.held_here
    with pytest.raises(Fenced):
        first.commit(first.not_required("B"))
    assert second.commit(second.not_required("B")) == [True]
    assert audit.first_broken(other) is None
    first_lock.release()
    assert "Robin" in (lock_of(address, clock).holder() or "")
    second_lock.release()
    other.close()


@pytest.mark.fault_row(38)
def test_the_server_finds_out_within_a_minute_that_a_workstation_is_without_power(address):
    """What the server itself says of the connection, as its system has set it; and the driver's for the other way."""
    with closing(connect(address)) as connection:
        idle, interval, count = (
            int(connection.execute(f"SHOW tcp_keepalives_{name}").fetchone()[0])
            for name in ("idle", "interval", "count")
        )
        told = connection.info.get_parameters()
    assert 0 < idle + interval * count < 60
    mine = [int(told[f"keepalives_{name}"]) for name in ("idle", "interval", "count")]
    assert (told["keepalives"], mine) == ("1", [idle, interval, count])
    assert int(told["tcp_user_timeout"]) < 60_000


@pytest.mark.fault_row(38)
def test_a_workstation_that_froze_in_a_transaction_holds_nobody_up_for_long(address):
    with closing(connect(address)) as connection:
        assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone()[0] == "1min"
        assert connection.execute("SHOW lock_timeout").fetchone()[0] == "5s"


def test_two_workstations_that_write_at_once_keep_one_trail(address, clock, database):
    other = PracticeDatabase.open(address, clock=clock)
    start = threading.Barrier(2)

    def write(practice) -> None:
        start.wait()
        for number in range(40):
            audit.record(practice, audit.AuditEvent(clock.now(), "tester", "exported", detail=str(number)))

    threads = [threading.Thread(target=write, args=(practice,)) for practice in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.first_broken(database) is None
    with other.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM audit_event WHERE action = 'exported'").scalar_one()
    assert count == 80
    other.close()
