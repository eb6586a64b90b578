"""The server under a shared practice fails in mid-run: nothing is lost, and nothing is sent twice.

Real crashes of a real PostgreSQL, real connections ended, a real line that loses the answers to commits (faults, rows
37 and 39; for a file they are those of the disk, rows 25 and 26). Skipped, and said so, where there is no PostgreSQL.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from app.config import change_config_file, load_settings
from app.storage.postgres.address import ServerAddress
from tests.helpers import databases
from tests.helpers.hindered import hindered, patient_for
from tests.helpers.judge import check_invariants, repeats_that_were_applied
from tests.helpers.lossy_line import LossyLine
from tests.helpers.postgres import Server
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.soak import dice, size
from tests.helpers.undisturbed import Undisturbed

SETTINGS = {
    "SCR_BULK_SETTLE_SECONDS": "1",
    "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2",
    "SCR_BULK_REQUESTS_PER_SECOND": "60",
}
COMMIT = b"COMMIT\x00"
MOST_PRESSES = 12


@dataclass(frozen=True, slots=True)
class Stage:
    """A practice on a server, nobody of it migrated yet, and its Spine."""

    program: Program
    spine: SimulatorProcess
    undisturbed: Undisturbed
    server: Server

    @property
    def database(self) -> str:
        """The name of the practice's database on the server."""
        settings = load_settings(self.program.folder)
        return dict(ServerAddress.parse(settings.database_url, self.program.folder).parameters)["dbname"]

    def press(self) -> subprocess.Popen[str]:
        """Press what goes on from where it is."""
        begun = self.program("status", "--json").code != 4
        return started(self.program, "resume" if begun else "run", SETTINGS)

    def wait_for_requests(self, more: int, run: subprocess.Popen[str]) -> None:
        """Let it work for so many requests more, or to its end."""
        target = len(self.spine.history()) + more
        wait_until(lambda: len(self.spine.history()) > target or run.poll() is not None)

    def check_end(self) -> None:
        """Everybody is where they belong, and no message was applied twice."""
        assert not repeats_that_were_applied(self.spine)
        self.undisturbed.check_ended_alike(self.program, self.spine)

    def end_connections(self) -> None:
        """What the server does when somebody has it end them, or when its own keepalives find nobody."""
        with closing(self.server.admin()) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.database])


@pytest.fixture
def stage(tmp_path: Path, undisturbed: Undisturbed) -> Iterator[Stage]:
    before, there = databases.under_test, databases.made()
    databases.use(databases.Kind.POSTGRESQL)
    program = undisturbed.another(tmp_path)
    with running_simulator("--rate", "0", "--latency-ms", "10", load=undisturbed.spine_file) as spine:
        program.spine = spine
        yield Stage(program, spine, undisturbed, databases.server())
    databases.use(before)
    databases.drop_those_after(there)


def struck_until_it_ends(stage: Stage, strike: Callable[[], object], strikes: int, chance: Random) -> int:
    """Strike at random moments and press again whenever it paused; how often it did."""
    left = strikes
    for pauses in range(MOST_PRESSES):
        run = stage.press()
        while left and run.poll() is None:
            stage.wait_for_requests(chance.randrange(3, 25), run)
            if run.poll() is None:
                strike()
                left -= 1
        done = ended(run)
        assert "Traceback" not in done.err + done.out, done.err
        if done.code == 0:
            assert not left, "it ended before it was struck as often as was meant"
            return pauses
        told_as_the_database(done.code, done.err)
        check_invariants(stage.program, stage.spine)
    raise AssertionError("it does not come to its end")


def told_as_the_database(code: int, told: str) -> None:
    """Paused or refused because of the database, in words."""
    assert code in {3, 4}, told
    assert "database" in told or "taken over" in told, told


@pytest.mark.fault_row(39)
@pytest.mark.parametrize("round_number", range(size(1, 20)))
def test_a_server_that_crashes_again_and_again(stage: Stage, round_number: int):
    pauses = struck_until_it_ends(stage, stage.server.restart, 6, dice("server crashes"))
    sys.stdout.write(f"paused {pauses} times\n")
    stage.check_end()


@pytest.mark.fault_row(37, 39)
@pytest.mark.parametrize("round_number", range(size(1, 20)))
def test_connections_that_are_ended_again_and_again(stage: Stage, round_number: int):
    """The lock's among them: whoever held it knows nothing of that."""
    pauses = struck_until_it_ends(stage, stage.end_connections, 10, dice("connections"))
    sys.stdout.write(f"paused {pauses} times\n")
    stage.check_end()


@pytest.mark.fault_row(39)
@pytest.mark.parametrize("round_number", range(size(1, 20)))
def test_a_line_that_loses_commits_and_their_answers(stage: Stage, round_number: int):
    line, chance = LossyLine(stage.server.port), dice("lossy line")
    change_config_file(stage.program.folder, {"DATABASE_URL": stage.server.url(stage.database, line.port)})

    def lose_one() -> None:
        setattr(line, chance.choice(["lose", "lose_answer_to"]), COMMIT)

    try:
        pauses = struck_until_it_ends(stage, lose_one, 8, chance)
        sys.stdout.write(f"paused {pauses} times\n")
        assert line.struck > 3
        stage.check_end()
    finally:
        line.close()


@pytest.mark.fault_row(39)
def test_a_server_that_is_away_for_good_pauses_the_run(stage: Stage):
    command = hindered(stage.program, {patient_for.__name__: 3.0}, *stage.program.pressing("run"))
    run = started(stage.program, "run", SETTINGS, command)
    stage.wait_for_requests(60, run)
    stage.server.stop()
    try:
        done = ended(run)
        told_as_the_database(done.code, done.err)
        sent = len(stage.spine.writes())
        refused = stage.program.press("resume")
        assert refused.code == 4
        assert "cannot be reached" in refused.err
        assert len(stage.spine.writes()) == sent
    finally:
        stage.server.start()
    resumed = stage.program.press("resume", environment=SETTINGS)
    assert resumed.code == 0, resumed.err
    stage.check_end()


@pytest.mark.fault_row(25)
def test_a_server_whose_disk_is_full_pauses_the_run(stage: Stage):
    """Raised within the server in the place of its disk, which cannot be filled: the state and the moment are real."""
    with closing(stage.server.admin(stage.database)) as admin:
        for step in DISK_IS_FULL_AFTER_A_WHILE:
            admin.execute(step)
        paused = ended(stage.press())
        assert paused.code == 3, paused.err
        assert "Paused. The disk with the practice database is full. Free some space" in paused.err
        assert (paused.result["status"], paused.result["reason"]) == ("paused", "database")
        check_invariants(stage.program, stage.spine)
        admin.execute("DROP TRIGGER full_disk ON scr_bulk.audit_event")
    resumed = stage.program.press("resume", environment=SETTINGS)
    assert resumed.code == 0, resumed.err
    stage.check_end()


DISK_IS_FULL_AFTER_A_WHILE = (
    """
    CREATE FUNCTION scr_bulk.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$
    """,
    """
    CREATE TRIGGER full_disk BEFORE INSERT ON scr_bulk.audit_event
    FOR EACH ROW WHEN (NEW.number > 120) EXECUTE FUNCTION scr_bulk.full_disk()
    """,
)
