"""A running simulated Spine for each module, a caller who is signed in, and patients nobody else uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.integration.simulator.caller import Caller, made_up_numbers, write_spine_csv

FRESH_PATIENTS = made_up_numbers(1000, 300)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A simulated Spine without a limit, knowing the fresh patients: each with a summary, nothing recorded."""
    path = tmp_path_factory.mktemp("spine") / "spine.csv"
    write_spine_csv(path, dict.fromkeys(FRESH_PATIENTS, (True, "")))
    with running_simulator("--rate", "0", load=path) as spine:
        yield spine


@pytest.fixture(scope="module")
def fresh_numbers() -> Iterator[str]:
    """The numbers of the fresh patients, each handed out once."""
    return iter(FRESH_PATIENTS)


@pytest.fixture
def spine(running: SimulatorProcess) -> SimulatorProcess:
    """The module's simulated Spine, without faults and at the machine's time."""
    running.clear_faults()
    running.move_clock(0)
    return running


@pytest.fixture
def caller(spine: SimulatorProcess) -> Caller:
    """Somebody signed in as the system administrator."""
    return Caller(spine)


@pytest.fixture
def patient(fresh_numbers: Iterator[str]) -> str:
    """A patient with a summary and nothing recorded, whom no other test has used."""
    return next(fresh_numbers)


@pytest.fixture
def spine_csv(tmp_path: Path) -> Path:
    """A spine.csv of five patients, one of each kind."""
    path = tmp_path / "spine.csv"
    write_spine_csv(
        path,
        {
            "9990000018": (True, ""),
            "9990000026": (True, "No"),
            "9990000034": (False, "No"),
            "9990000042": (False, ""),
            "9990000050": (True, "Yes"),
        },
    )
    return path
