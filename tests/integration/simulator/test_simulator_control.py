"""What only a simulation has: its history, its state, its clock."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.integration.simulator.caller import Caller, made_up_numbers, write_spine_csv

FIELDS = [
    "n", "at", "method", "path", "nhs_number", "permission", "request_id", "correlation_id", "status", "applied",
]  # fmt: skip


def test_the_history_of_a_write(caller: Caller, patient: str) -> None:
    before = datetime.now(UTC)
    answer = caller.write(patient, "No")
    [entry] = caller.spine.writes(patient)
    assert list(entry) == FIELDS
    assert before - timedelta(seconds=1) <= datetime.fromisoformat(entry["at"]) <= datetime.now(UTC)
    del entry["n"], entry["at"]
    assert entry == {
        "method": "POST",
        "path": "/summary-care-record/FHIR/R4/$setPermission",
        "nhs_number": patient,
        "permission": "No",
        "request_id": answer.headers["X-Request-ID"],
        "correlation_id": answer.headers["X-Correlation-ID"],
        "status": 201,
        "applied": True,
    }


def test_refused_requests_are_in_the_history_with_what_they_say(caller: Caller, patient: str) -> None:
    caller.write(patient, "Maybe")
    caller.write(patient, "No", Authorization=None)
    caller.post(b"{", X_Request_ID="mine")
    entries = caller.spine.writes()[-3:]
    assert [(entry["nhs_number"], entry["permission"], entry["status"]) for entry in entries] == [
        (patient, "Maybe", 400),
        (patient, "No", 401),
        (None, None, 400),
    ]
    assert entries[2]["request_id"] == "mine"
    assert not any(entry["applied"] for entry in entries)


def test_the_history_is_in_order_and_without_gaps(caller: Caller, fresh_numbers: object, spine_csv: Path) -> None:
    numbers = made_up_numbers(700_000, 40)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: Caller(caller.spine, token="no").read(number), numbers))
    history = caller.spine.history()
    assert [entry["n"] for entry in history] == list(range(1, len(history) + 1))
    times = [datetime.fromisoformat(entry["at"]) for entry in history if entry["nhs_number"] in numbers]
    assert len(times) == 40
    assert times == sorted(times)


def test_the_simulation_itself_is_not_in_the_history(spine: SimulatorProcess) -> None:
    before = len(spine.history())
    spine.state()
    spine.faults()
    spine.move_clock(0)
    assert len(spine.history()) == before


def test_an_untouched_spine_has_an_empty_history(spine_csv: Path) -> None:
    with running_simulator(load=spine_csv) as spine:
        assert spine.history() == []


def test_the_state_is_a_spine_csv(spine_csv: Path, tmp_path: Path) -> None:
    with running_simulator("--rate", "0", load=spine_csv) as spine:
        Caller(spine).write("9990000042", "No")
        answer = spine.http.get(f"{spine.simulation}/state", timeout=30)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfnhs_number,has_scr,permission\r\n")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1:] == [
        ["9990000018", "yes", ""],
        ["9990000026", "yes", "No"],
        ["9990000034", "no", "No"],
        ["9990000042", "no", "No"],
        ["9990000050", "yes", "Yes"],
    ]
    again = tmp_path / "again.csv"
    again.write_bytes(answer.content)
    with running_simulator(load=again) as spine:
        assert spine.http.get(f"{spine.simulation}/state", timeout=30).content == answer.content


def test_a_practice_of_the_largest_size_loads_and_shows_within_seconds(tmp_path: Path) -> None:
    patients = dict.fromkeys(made_up_numbers(0, 101267), (True, ""))
    write_spine_csv(tmp_path / "spine.csv", patients)
    start = datetime.now(UTC)
    with running_simulator(load=tmp_path / "spine.csv", state=tmp_path / "state.db") as spine:
        assert spine.state() == patients
    assert datetime.now(UTC) - start < timedelta(seconds=30)


def test_the_clock_moves_the_history_and_says_so(caller: Caller, patient: str) -> None:
    spine = caller.spine
    answer = spine.http.put(f"{spine.simulation}/clock", json={"offset_seconds": 86_400.5}, timeout=30)
    assert answer.json()["offset_seconds"] == 86_400.5
    moved = datetime.fromisoformat(answer.json()["now"]) - datetime.now(UTC)
    assert abs(moved - timedelta(seconds=86_400.5)) < timedelta(seconds=5)
    assert spine.http.get(f"{spine.simulation}/clock", timeout=30).json()["offset_seconds"] == 86_400.5
    Caller(spine).write(patient)
    [entry] = spine.writes(patient)
    assert datetime.fromisoformat(entry["at"]) - datetime.now(UTC) > timedelta(hours=23)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"offset_seconds": "1"}',
        '{"offset_seconds": 1e30}',
        "[",
        "7",
        '{"offset_seconds": 1, "x": 2}',
    ],
)
def test_clocks_that_make_no_sense(spine: SimulatorProcess, body: str) -> None:
    answer = spine.http.put(f"{spine.simulation}/clock", data=body, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert spine.http.get(f"{spine.simulation}/clock", timeout=30).json()["offset_seconds"] == 0


def test_other_paths_and_methods(spine: SimulatorProcess) -> None:
    assert spine.http.get(f"{spine.simulation}/nowhere", timeout=30).status_code == 404
    answer = spine.http.post(f"{spine.simulation}/faults", timeout=30)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET,PUT,DELETE")
