"""The real program killed again and again with SIGKILL, over real HTTP: it ends as if nothing had happened.

Judged by the Spine's history and state, by the rows and by the exported practice, against a run that was left alone
(faults, rows 1 to 6; section 4, "Real SIGKILL").
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.domain.actions import CONSENT_MIGRATION
from app.storage.run_queries import SqlRunQueries
from tests.helpers.judge import (
    check_invariants,
    repeats_that_were_applied,
    rows_of,
)
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.soak import dice, size
from tests.helpers.undisturbed import Undisturbed, undisturbed_run

PATIENTS = 500
KILLS = 25
SHAPES = ("403", "label", "hidden")
LATENCY = ("--rate", "0", "--latency-ms", "10")
QUICK = {"SCR_BULK_SETTLE_SECONDS": "1.0", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2,0.4"}
FAULTY = {
    **QUICK,
    "SCR_BULK_READ_TIMEOUT_SECONDS": "1.5",
    "SCR_BULK_DEADLINE_SECONDS": "2",
}
FAULTS: list[dict[str, Any]] = [
    {"operation": "write", "probability": 0.08, "action": {"apply_late_seconds": 0.6}},
    {"operation": "write", "probability": 0.08, "action": {"reset_after": True}},
    {"operation": "write", "probability": 0.05, "action": {"reset_before": True}},
    {"operation": "write", "probability": 0.08, "action": {"delay_seconds": 0.3}},
    {"operation": "write", "probability": 0.05, "action": {"status": 504, "apply": True}},
    {"operation": "write", "probability": 0.03, "action": {"truncated": True}},
    {"operation": "read", "probability": 0.04, "action": {"delay_seconds": 0.2}},
    {"operation": "read", "probability": 0.03, "action": {"answer": "503_html"}},
]


@pytest.fixture(scope="module")
def undisturbed_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Undisturbed]:
    """How the run ends that is left alone, by how the Spine shows a dissent."""

    @cache
    def by_shape(shape: str) -> Undisturbed:
        return undisturbed_run(tmp_path_factory.mktemp("undisturbed"), PATIENTS, "--dissent-shape", shape)

    return by_shape


@dataclass
class Killer:
    """Starts the program, kills it at a random moment, and looks at what it left, again and again."""

    program: Program
    spine: SimulatorProcess
    settings: dict[str, str]
    chance: random.Random
    requests: int
    kills: int = 0

    def kill(self, times: int) -> None:
        """So many kills, spread over what is left of the run each time; fewer only when it has come to its end."""
        for left in range(times, 0, -1):
            received = len(self.spine.history())
            share = max(self.requests - received, 12) * 1.5 / (left + 1)
            if not self._die_after(received + int(self.chance.uniform(0, share))):
                return
            self.kills += 1
            check_invariants(self.program, self.spine)
            if self.kills % 5 == 0:
                self._is_found_as_interrupted()

    def next_action(self) -> str:
        """Killed before the first commit of a run there is none; afterwards it can be resumed."""
        with rows_of(self.program) as database:
            return "run" if SqlRunQueries(database).latest_run(CONSENT_MIGRATION.key) is None else "resume"

    def finish(self) -> bool:
        """Let it work to its end; whether Failed had to be pressed.

        It has to where the Spine tells nothing of a patient, so that a message of unknown outcome cannot be settled
        by reading: repeated once, it is left to a person, who presses Failed when the trouble is over.
        """
        if self.program("status", "--json").result.get("status") != "completed":
            done = self.program.press(self.next_action(), environment=self.settings)
            assert done.code == 0, done.err
        if ",outcome_unknown," not in self.program("report", "outcomes").out:
            return False
        self.spine.clear_faults()
        assert self.program.press("failed", environment=self.settings).code == 0
        return True

    def _is_found_as_interrupted(self) -> None:
        told = self.program("status", "--json").result
        if self.next_action() == "resume":
            assert (told["status"], told["reason"]) == ("paused", "interrupted")

    def _die_after(self, requests: int) -> bool:
        """Start it and kill it once the Spine has received so many; whether it was still alive."""
        process = started(self.program, self.next_action(), self.settings)
        self._wait_for(len(self.spine.history()), process, pause=0.03)
        self._wait_for(requests, process, pause=0.001)
        alive = process.poll() is None
        process.kill()
        last = ended(process)
        assert alive or last.code == 0, last.err
        return alive

    def _wait_for(self, requests: int, process: subprocess.Popen[str], pause: float) -> None:
        wait_until(lambda: len(self.spine.history()) > requests or process.poll() is not None, pause=pause)


def killed(folder: Path, undisturbed: Undisturbed, times: int, round_number: int, *faults: Any) -> Killer:
    """Kill a run over the same lists so often, let it come to its end, and compare."""
    shape, settings = shape_of(round_number), FAULTY if faults else QUICK
    program = undisturbed.another(folder)
    with running_simulator(*LATENCY, "--dissent-shape", shape, load=undisturbed.spine_file) as spine:
        program.spine = spine
        chance = dice("kills")
        if faults:
            spine.put_faults(*faults, seed=chance.randrange(1_000_000))
        killer = Killer(program, spine, settings, chance, undisturbed.requests)
        killer.kill(times)
        pressed_failed = killer.finish()
        # Where the Spine tells nothing a message may be repeated once without having been read back.
        assert shape == "hidden" or not repeats_that_were_applied(spine), "read back before it is repeated"
        ending = undisturbed.check_ended_alike(program, spine, failed_again=pressed_failed)
        repeats = len(spine.writes()) - len({call["request_id"] for call in spine.writes()})
        sys.stdout.write(f"{killer.kills} kills, {len(ending.repeated)} unknown outcomes, {repeats} repeats\n")
    return killer


def shape_of(round_number: int) -> str:
    """How the Spine shows a dissent in this round: all its ways come in turn."""
    return SHAPES[round_number % len(SHAPES)]


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6)
@pytest.mark.parametrize("round_number", range(size(1, 14)))
def test_killed_at_random_moments_it_ends_as_if_nothing_had_happened(
    tmp_path: Path, undisturbed_in: Callable[[str], Undisturbed], round_number: int
):
    assert killed(tmp_path, undisturbed_in(shape_of(round_number)), KILLS, round_number).kills >= KILLS - 3


@pytest.mark.fault_row(4, 5, 10, 11, 13)
@pytest.mark.parametrize("round_number", range(size(1, 25)))
def test_killed_while_the_spine_misbehaves_it_ends_as_if_nothing_had_happened(
    tmp_path: Path, undisturbed_in: Callable[[str], Undisturbed], round_number: int
):
    """Messages applied late, lost after they were applied, delayed: and the program killed on top of it."""
    assert killed(tmp_path, undisturbed_in(shape_of(round_number)), 6, round_number, *FAULTS).kills >= 4
