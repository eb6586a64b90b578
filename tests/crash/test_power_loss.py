"""The power fails in the middle of a run: nothing that was acknowledged is lost, and nothing is corrupt.

A run of the real program is traced, system call by system call; then the disk is rebuilt as it may be found after the
power failed at some moment, and opened as the program opens it (faults, row 7; section 4, "Power loss"). Killing a
process proves nothing about this: what it wrote is in the system's memory, and stays there.
"""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import SystemClock
from app.domain.actions import CONSENT_MIGRATION
from app.domain.errors import DatabaseUnusable
from app.domain.states import IntentState, RunStatus
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.run_queries import SqlRunQueries
from app.storage.tables import attempt, intent
from tests.helpers.crowd import SPINE_FILE, import_crowd, write_crowd
from tests.helpers.hindered import TOLD, commits_that_may_be_lost, hindered, tell
from tests.helpers.judge import all_rows
from tests.helpers.power import Disk, Event, Told, events_of, lay_out, traced
from tests.helpers.program import Program
from tests.helpers.simulator import running_simulator
from tests.helpers.soak import dice, size

pytestmark = pytest.mark.sqlite_only
"""What a server's disk keeps of a commit is its own affair; that its settings promise it is seen as it is connected."""

PATIENTS = 120
IMAGES = size(150, 2_000)
KEPT = (0.0, 0.5, 1.0)
CORRELATION = re.compile(rb"POST \S+\$setPermission HTTP.*?\r\nX-Correlation-ID: ([0-9a-f-]{36})\r\n", re.DOTALL | re.I)


@dataclass(frozen=True, slots=True)
class Traced:
    """A run that was traced: what the folder held before, and every event."""

    program: Program
    before: Disk
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Promises:
    """What had been acknowledged by some moment: messages that had left, the last counters told, and the end."""

    left: frozenset[str]
    counts: dict[str, int]
    completed: bool


def traced_run(folder: Path, tracer: str, *hindrances: str) -> Traced:
    """Run the practice once under the tracer."""
    lists = folder / "lists"
    write_crowd(lists, PATIENTS)
    program = Program(folder / "practice")
    import_crowd(program, lists)
    with running_simulator("--rate", "0", load=lists / SPINE_FILE) as spine:
        program.spine = spine
        before = Disk(program.folder)
        command = hindered(program, dict.fromkeys((tell.__name__, *hindrances)), *program.pressing("run"))
        trace = folder / "trace.txt"
        out = traced(tracer, command, program.environment(), program.folder, trace)
        assert json.loads(out.splitlines()[-1])["status"] == "completed"
        events = events_of(trace, program.folder)
        trace.unlink()
        left = {told for event in events if isinstance(event, Told) for told in left_by(event)}
        assert left == {call["correlation_id"] for call in spine.writes()}
    return Traced(program, before, events)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tracer: str) -> Traced:
    return traced_run(tmp_path_factory.mktemp("flushed"), tracer)


@pytest.fixture(scope="module")
def careless_run(tmp_path_factory: pytest.TempPathFactory, tracer: str) -> Traced:
    return traced_run(tmp_path_factory.mktemp("careless"), tracer, commits_that_may_be_lost.__name__)


def left_by(event: Told) -> list[str]:
    """The messages of which bytes leave with this."""
    return [found.decode() for found in CORRELATION.findall(event.data)]


def promises_by(events: Sequence[Event]) -> Iterator[Promises]:
    """What has been acknowledged before each event, and after the last."""
    promises = Promises(frozenset(), {}, completed=False)
    for event in events:
        yield promises
        if isinstance(event, Told):
            promises = told_more(promises, event)
    yield promises


def told_more(promises: Promises, event: Told) -> Promises:
    left, counts, completed = promises.left.union(left_by(event)), promises.counts, promises.completed
    if event.data.startswith(TOLD.encode()):
        counts = json.loads(event.data.decode().removeprefix(TOLD))
    completed = completed or b'"status": "completed"' in event.data
    return Promises(left, counts, completed)


def moments(run: Traced, chance: random.Random) -> list[int]:
    """When the power fails, as numbers of events: half of them just after something was acknowledged."""
    told = [place + 1 for place, event in enumerate(run.events) if isinstance(event, Told)]
    anywhere = range(1, len(run.events) + 1)
    half = IMAGES // 2
    return sorted([*chance.choices(told, k=half), *chance.choices(anywhere, k=IMAGES - half)])


@dataclass
class Verdicts:
    """What became of so many images."""

    images: int = 0
    corrupt: int = 0
    lost: int = 0

    def look_at(self, folder: Path, promises: Promises) -> None:
        """Open what is in the folder as the program does at its start, and compare it with what was promised."""
        self.images += 1
        try:
            database = PracticeDatabase.open(folder / "practice.db", clock=SystemClock())
        except DatabaseUnusable:
            self.corrupt += 1
            return
        try:
            self.corrupt += audit.first_broken(database) is not None or not is_consistent(database)
            self.lost += not keeps(database, promises)
        finally:
            database.close()


def keeps(database: PracticeDatabase, promises: Promises) -> bool:
    """Whether every message that had left is written down, and the counters are no less than what was told."""
    rows = {row.correlation_id for row in all_rows(database, select(attempt.c.correlation_id))}
    view = SqlRunQueries(database).latest_run(CONSENT_MIGRATION.key)
    if view is None:
        return not promises.left and not promises.counts
    enough = all(getattr(view.counts, name) >= count for name, count in promises.counts.items())
    return promises.left <= rows and enough and (view.status is RunStatus.COMPLETED or not promises.completed)


def is_consistent(database: PracticeDatabase) -> bool:
    """Whether a message with an attempt that has not ended is in flight, and no other."""
    open_ones = select(attempt.c.request_id).where(attempt.c.ended_at.is_(None))
    in_flight = select(intent.c.request_id).where(intent.c.state == IntentState.IN_FLIGHT)
    return set(all_rows(database, open_ones)) == set(all_rows(database, in_flight))


def judged(run: Traced, folder: Path, kept: float) -> Verdicts:
    """Let the power fail at many moments, each time with another part of the unflushed writes kept."""
    chance = dice("power loss")
    disk, verdicts, happened = copy.deepcopy(run.before), Verdicts(), 0
    promises = list(promises_by(run.events))
    for moment in moments(run, chance):
        for event in run.events[happened:moment]:
            disk.happen(event)
        happened = moment
        image = folder / "image"
        lay_out(disk.after_power_loss(kept, chance), run.program.folder, image, chance)
        verdicts.look_at(image, promises[moment])
        shutil.rmtree(image)
    sys.stdout.write(f"{verdicts}\n")
    return verdicts


@pytest.mark.fault_row(7)
@pytest.mark.parametrize("kept", KEPT)
def test_what_was_acknowledged_outlives_a_power_loss(tmp_path: Path, run: Traced, kept: float):
    verdicts = judged(run, tmp_path, kept)
    assert (verdicts.images, verdicts.lost, verdicts.corrupt) == (IMAGES, 0, 0)


def test_without_the_flush_at_every_commit_it_would_not(tmp_path: Path, careless_run: Traced):
    """Proves that the images bite: with the log flushed now and then only, acknowledged commits are lost."""
    verdicts = judged(careless_run, tmp_path, 0.0)
    assert verdicts.lost > IMAGES // 10
    assert verdicts.corrupt == 0
