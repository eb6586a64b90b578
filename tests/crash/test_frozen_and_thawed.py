"""The program frozen with SIGSTOP and thawed again: nothing is sent twice, and nothing by one that was taken over from.

Faults, rows 32, 36, 37 and 40; section 4, "SIGSTOP". While it is frozen its lock is held, for the system or the server
keeps it; a lock that got lost is one whose file was replaced, or whose connection the server gave up.
"""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.session import SESSION_LENGTH
from app.domain.states import IntentState
from app.storage.database import PracticeDatabase
from app.storage.tables import attempt, intent
from tests.helpers import databases
from tests.helpers.hindered import held_before_the_first_byte, hindered
from tests.helpers.judge import all_rows, repeats_that_were_applied, rows_of, stale_sends
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.soak import dice, size
from tests.helpers.undisturbed import Undisturbed

DEADLINE = 2.0
SETTINGS = {
    "SCR_BULK_DEADLINE_SECONDS": str(DEADLINE),
    "SCR_BULK_READ_TIMEOUT_SECONDS": "1.5",
    "SCR_BULK_SETTLE_SECONDS": "2",
    "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2",
    "SCR_BULK_REQUESTS_PER_SECOND": "60",
}
SENDERS = 4

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows knows no SIGSTOP")


@dataclass(frozen=True, slots=True)
class Stage:
    """A practice with nobody migrated yet, its Spine, and how a run ends that nobody disturbs."""

    program: Program
    spine: SimulatorProcess
    undisturbed: Undisturbed
    database: PracticeDatabase
    """The practice, looked at from outside while the program works."""

    def start(self, action: str, command: list[str] | None = None) -> subprocess.Popen[str]:
        return started(self.program, action, SETTINGS, command)

    def goes_on_to_its_end(self) -> None:
        resumed = self.program.press("resume", environment=SETTINGS)
        assert resumed.code == 0, resumed.err
        self.check_end()

    def check_end(self) -> None:
        """Everybody is where they belong, and no message was applied twice."""
        assert not repeats_that_were_applied(self.spine)
        self.undisturbed.check_ended_alike(self.program, self.spine)


@pytest.fixture
def stage(tmp_path: Path, undisturbed: Undisturbed) -> Iterator[Stage]:
    program = undisturbed.another(tmp_path)
    latency = ("--rate", "0", "--latency-ms", "20")
    with running_simulator(*latency, load=undisturbed.spine_file) as spine, rows_of(program) as database:
        program.spine = spine
        yield Stage(program, spine, undisturbed, database)


def at_any_moment(stage: Stage) -> bool:
    return True


def with_nothing_on_the_doorstep(stage: Stage) -> bool:
    """Whether everything in flight has reached the Spine.

    Between the last question whether it may leave and its first byte nothing can hold a message back: it would be the
    one call that was in the air already, which whoever takes over settles (faults, row 37).
    """
    received = {call["correlation_id"] for call in stage.spine.writes()}
    under_way = all_rows(stage.database, select(attempt.c.correlation_id).where(attempt.c.ended_at.is_(None)))
    return all(row.correlation_id in received for row in under_way)


@contextmanager
def frozen(
    stage: Stage, process: subprocess.Popen[str], when: Callable[[Stage], bool] = at_any_moment
) -> Iterator[None]:
    """Freeze it, but not in the middle of a commit, which would keep everybody out until it thaws."""
    while True:
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: all_stopped(process.pid))
        if not databases.is_being_written(stage.database.place) and when(stage):
            break
        process.send_signal(signal.SIGCONT)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def all_stopped(pid: int) -> bool:
    """Whether every thread stands still: one that is within a system call finishes that first, a lock it takes too."""
    tasks = Path("/proc", str(pid), "task")
    if not tasks.exists():
        return True
    states = [(task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] for task in tasks.iterdir()]
    return all(state in {"T", "t", "Z", "X"} for state in states)


def wait_for_sends(stage: Stage, count: int, process: subprocess.Popen[str]) -> None:
    wait_until(lambda: len(stage.spine.writes()) > count, process)


@pytest.mark.fault_row(37)
@pytest.mark.parametrize("round_number", range(size(1, 12)))
def test_frozen_again_and_again_it_ends_as_if_it_had_not_been(stage: Stage, round_number: int):
    """Shorter and longer than an exchange may last; what was in the air all too long is settled by reading."""
    chance = dice("freezing")
    run = stage.start("run")
    for seconds in frozen_for(chance):
        target = len(stage.spine.history()) + chance.randrange(5, 40)
        wait_until(lambda target=target: len(stage.spine.history()) > target, run)
        with frozen(stage, run):
            time.sleep(seconds)  # the length of the freeze is what is tried here
    done = ended(run)
    assert done.code == 0, done.err
    stage.check_end()


def frozen_for(chance: random.Random) -> list[float]:
    """How long each freeze lasts, in seconds: some beyond the deadline."""
    return [0.1, chance.uniform(0.1, DEADLINE), DEADLINE + 0.5, chance.uniform(0.1, 1.0), DEADLINE + 1.5]


@pytest.mark.fault_row(36, 40)
def test_while_it_is_frozen_its_lock_is_held_and_after_its_death_it_is_free(stage: Stage):
    run = stage.start("run")
    wait_for_sends(stage, 5, run)
    with frozen(stage, run):
        sent = len(stage.spine.writes())
        refused = stage.program.press("resume")
        assert refused.code == 4
        for word in ("Alison Marsh", socket.gethostname(), "since"):
            assert word in refused.err
        assert len(stage.spine.writes()) == sent
        run.kill()
    ended(run)
    stage.goes_on_to_its_end()


@pytest.mark.fault_row(37)
@pytest.mark.parametrize("thaws", ["while the other works", "after the other has ended"])
@pytest.mark.parametrize("round_number", range(size(1, 20)))
def test_one_that_lost_its_lock_in_a_freeze_sends_nothing_more(stage: Stage, thaws: str, round_number: int):
    chance = dice("take-over")
    first = stage.start("run")
    wait_for_sends(stage, chance.randrange(3, 25), first)
    with frozen(stage, first, with_nothing_on_the_doorstep):
        databases.lose_lock(stage.database.place)
        second = stage.start("resume")
        if thaws == "while the other works":
            sent = len(stage.spine.writes())
            wait_for_sends(stage, sent + 3, second)
        else:
            done = ended(second)
            assert done.code == 0, done.err
    stopped = ended(first)
    assert stopped.code == 4, stopped.err
    assert "taken this Consent Migration over" in stopped.err
    if second.returncode is None:
        done = ended(second)
        assert done.code == 0, done.err
    assert not stale_sends(stage.program, stage.spine.writes())
    stage.check_end()


@pytest.mark.fault_row(37)
def test_a_message_held_up_before_its_first_byte_never_leaves_after_a_take_over(stage: Stage, tmp_path: Path):
    """The very moment that no lock and no epoch can see: written down as in flight, and not a byte of it sent."""
    release = tmp_path / "release"
    hindrances: Mapping[str, str] = {held_before_the_first_byte.__name__: str(release)}
    first = stage.start("run", hindered(stage.program, hindrances, *stage.program.pressing("run")))
    wait_until(lambda: in_flight(stage) >= SENDERS, first)
    with frozen(stage, first):
        databases.lose_lock(stage.database.place)
        second = stage.program.press("resume", environment=SETTINGS)
        assert second.code == 0, second.err
        release.touch()
    stopped = ended(first)
    assert stopped.code == 4, stopped.err
    assert not stale_sends(stage.program, stage.spine.writes())
    stage.check_end()
    sys.stdout.write(f"{len(stage.spine.writes())} messages, none of them stale\n")


def in_flight(stage: Stage) -> int:
    return len(all_rows(stage.database, select(intent.c.id).where(intent.c.state == IntentState.IN_FLIGHT)))


@pytest.mark.fault_row(32, 34)
def test_frozen_beyond_the_end_of_the_session_it_sends_nothing_on_waking(stage: Stage):
    run = stage.start("run")
    wait_for_sends(stage, 10, run)
    with frozen(stage, run):
        # The Spine may still be answering what had arrived: only what comes later counts.
        stage.spine.move_clock((SESSION_LENGTH + timedelta(minutes=5)).total_seconds())
        before = {call["correlation_id"] for call in stage.spine.writes()}
    stopped = ended(run)
    assert stopped.code == 3, stopped.err
    assert (stopped.result["status"], stopped.result["reason"]) == ("paused", "card_expired")
    later = [call for call in stage.spine.writes() if call["correlation_id"] not in before]
    assert len(later) <= SENDERS
    assert not [call for call in later if call["applied"]], "nothing of what arrived later was accepted"
    stage.spine.move_clock(0)
    stage.goes_on_to_its_end()
