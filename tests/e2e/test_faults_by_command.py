"""A whole run over real HTTP while the Spine misbehaves ends as an undisturbed one does (faults, rows 8, 10-16)."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.clock import LONDON
from tests.helpers.expected import Expected, expected_outcomes, rows
from tests.helpers.program import Program
from tests.helpers.simulator import ROOT, SimulatorProcess, running_simulator

SOON = 90.0
QUICK = {
    "SCR_BULK_SETTLE_SECONDS": "0.5",
    "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2,0.4",
    "SCR_BULK_READ_TIMEOUT_SECONDS": "2",
    "SCR_BULK_DEADLINE_SECONDS": "3",
}
SENT_REASONS = {"dissent_sent", "confirmed_by_read"}


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[tuple[Program, SimulatorProcess]]:
    program = Program(tmp_path / "practice")
    program.make_demonstration(500, seed=11)
    program("practice", "export", "--out", tmp_path / "before")
    with running_simulator("--rate", "0", load=tmp_path / "practice" / "spine.csv") as spine:
        program.spine = spine
        yield program, spine


def expected_of(program: Program) -> dict[str, Expected]:
    today = datetime.now(LONDON).date()
    return expected_outcomes(program.folder.parent / "before", program.folder / "spine.csv", today)


def as_undisturbed(program: Program, spine: SimulatorProcess) -> None:
    """Every patient ends as the rules say, every dissent is on the Spine, no message applied twice without cause."""
    out = program.folder.parent / "after"
    assert program("practice", "export", "--out", out).code == 0
    outcomes = {row["patient_ref"]: row for row in rows(out / "outcomes.csv")}
    wanted = expected_of(program)
    state = spine.state()
    for ref, row in outcomes.items():
        if wanted[ref].outcome == "sent":
            assert row["reason"] in SENT_REASONS, row
            assert state[row["nhs_number"]][1] == "No"
        else:
            assert row["reason"] == wanted[ref].reason, row
        assert row["code_after"] == wanted[ref].code_after
    applied = Counter(call["nhs_number"] for call in spine.writes() if call["applied"])
    for number in applied:
        attempts = spine.writes(number)
        assert len({call["request_id"] for call in attempts}) == 1
        assert len({call["correlation_id"] for call in attempts}) == len(attempts)
    assert program("audit", "verify").code == 0


@pytest.mark.fault_row(8, 10)
def test_with_the_network_cut_in_mid_run_nobody_fails_and_the_run_ends_as_if_it_had_not_been(
    practice: tuple[Program, SimulatorProcess],
):
    program, spine = practice
    run = subprocess.Popen(
        program.command(*program.pressing("run")),
        cwd=ROOT,
        env=program.environment({**QUICK, "SCR_BULK_REQUESTS_PER_SECOND": "100"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: len(spine.history()) > 80)
    spine.put_faults({"operation": ["read", "write"], "action": {"reset_before": True}})
    struck = len(spine.history())
    # The circuit opens, and the first probe five seconds later fails too.
    wait_for(lambda: _last_gap(spine, struck) > 4.0)
    spine.clear_faults()
    _, err = run.communicate(timeout=SOON)
    assert run.returncode == 0, err
    as_undisturbed(program, spine)


@pytest.mark.fault_row(10, 11, 13, 14, 15)
@pytest.mark.parametrize(
    "action",
    [
        {"reset_before": True},
        {"reset_after": True},
        {"truncated": True},
        {"status": 500},
        {"answer": "503_html"},
        {"status": 504, "apply": True},
        {"status": 429, "retry_after": "1"},
        {"delay_seconds": 4.0},
        {"apply_late_seconds": 0.2},
    ],
    ids=lambda action: "-".join(str(part) for part in action),
)
def test_every_first_answer_to_a_dissent_goes_wrong_and_all_the_same_each_arrives_once(
    practice: tuple[Program, SimulatorProcess], action: dict[str, Any]
):
    program, spine = practice
    # For a few patients, so that it does not look like an outage of everybody.
    dissenters = _sent(program)[:3]
    rule = {"operation": "write", "nhs_number": dissenters, "per_patient": True, "nth": 1, "action": action}
    spine.put_faults(rule)
    done = program.press("run", environment=QUICK)
    assert done.code == 0, done.err
    assert sum(rule["fired"] for rule in spine.faults()["rules"]) == len(dissenters)
    as_undisturbed(program, spine)


def _sent(program: Program) -> list[str]:
    numbers = {row["patient_ref"]: row["nhs_number"] for row in rows(program.folder.parent / "before" / "patients.csv")}
    return [numbers[ref] for ref, row in expected_of(program).items() if row.outcome == "sent"]


def _last_gap(spine: SimulatorProcess, since: int) -> float:
    """The longest silence between two requests that were answered by nothing, in seconds."""
    times = [datetime.fromisoformat(call["at"]) for call in spine.history()[since:]]
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    return max(gaps, default=0.0)


def wait_for(met: Any) -> None:
    give_up = time.monotonic() + SOON
    while not met():
        assert time.monotonic() < give_up, "it did not come about in time"
        time.sleep(0.05)
