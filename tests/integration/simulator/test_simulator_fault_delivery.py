"""Faults of the connection and of time: delays, resets, lost and late answers, drips, and which world remembers ids."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

import pytest
import requests

from tests.helpers.simulator import SimulatorProcess
from tests.integration.simulator.caller import Caller, permission_body, service_text, wait_until
from tests.integration.simulator.wire import exchange, read_request, write_request


def script(caller: Caller, patient: str, **action: Any) -> None:
    caller.spine.put_faults({"operation": "write", "nhs_number": patient, "action": action})


def only_entry(spine: SimulatorProcess, patient: str) -> dict[str, Any]:
    [entry] = spine.writes(patient)
    return entry


def test_reset_before_leaves_everything_as_it_was(caller: Caller, patient: str) -> None:
    script(caller, patient, reset_before=True)
    wire = exchange(caller, write_request(caller, patient))
    assert (wire.reset, wire.data) == (True, b"")
    with pytest.raises(requests.ConnectionError):
        caller.write(patient)
    assert caller.spine.state()[patient] == (True, "")
    for entry in caller.spine.writes(patient):
        assert (entry["status"], entry["applied"], entry["permission"]) == (None, False, "No")


def test_reset_after_has_changed_the_permission(caller: Caller, patient: str) -> None:
    script(caller, patient, reset_after=True)
    wire = exchange(caller, write_request(caller, patient))
    assert (wire.reset, wire.data) == (True, b"")
    assert caller.spine.state()[patient] == (True, "No")
    entry = only_entry(caller.spine, patient)
    assert (entry["status"], entry["applied"]) == (None, True)


@pytest.mark.parametrize("status", [504, 500, 503, 201])
def test_applied_but_another_answer(caller: Caller, patient: str, status: int) -> None:
    script(caller, patient, status=status, apply=True)
    assert caller.write(patient).status_code == status
    assert caller.spine.state()[patient] == (True, "No")
    entry = only_entry(caller.spine, patient)
    assert (entry["status"], entry["applied"]) == (status, True)


def test_an_answer_without_apply_changes_nothing(caller: Caller, patient: str) -> None:
    script(caller, patient, status=201)
    assert caller.write(patient).status_code == 201
    assert caller.spine.state()[patient] == (True, "")
    assert only_entry(caller.spine, patient)["applied"] is False


def test_a_delay_comes_before_the_change(caller: Caller, patient: str) -> None:
    script(caller, patient, delay_seconds=2.0)
    start = time.monotonic()
    sender = threading.Thread(target=caller.write, args=(patient,))
    sender.start()
    wait_until(lambda: caller.spine.writes(patient))
    entry = only_entry(caller.spine, patient)
    assert (entry["status"], entry["applied"]) == (None, False)
    assert caller.spine.state()[patient] == (True, "")
    sender.join()
    assert time.monotonic() - start >= 2.0
    assert caller.spine.state()[patient] == (True, "No")
    assert only_entry(caller.spine, patient)["status"] == 201


def test_a_delay_beyond_the_clients_patience(caller: Caller, patient: str) -> None:
    script(caller, patient, delay_seconds=0.6)
    with pytest.raises(requests.Timeout):
        caller.post(permission_body(patient), timeout=0.2)
    wait_until(lambda: only_entry(caller.spine, patient)["applied"])
    assert only_entry(caller.spine, patient)["status"] is None
    assert caller.spine.state()[patient] == (True, "No")


def test_a_late_change_lands_after_its_answer_was_lost(caller: Caller, patient: str) -> None:
    script(caller, patient, apply_late_seconds=0.4)
    wire = exchange(caller, write_request(caller, patient))
    assert (wire.reset, wire.data) == (True, b"")
    wait_until(lambda: only_entry(caller.spine, patient)["applied"])
    assert only_entry(caller.spine, patient)["status"] is None
    assert caller.spine.state()[patient] == (True, "No")


def test_a_late_change_after_a_given_answer_waits_for_the_simulated_time(caller: Caller, patient: str) -> None:
    script(caller, patient, apply_late_seconds=300, status=504)
    assert caller.write(patient).status_code == 504
    caller.spine.move_clock(200)
    assert caller.read(patient).status_code == 200
    assert only_entry(caller.spine, patient)["applied"] is False
    caller.spine.move_clock(301)
    wait_until(lambda: only_entry(caller.spine, patient)["applied"])
    assert caller.read(patient).status_code == 403
    assert only_entry(caller.spine, patient)["status"] == 504


def test_a_late_change_can_land_on_a_newer_one(caller: Caller, patient: str) -> None:
    caller.spine.put_faults({"operation": "write", "nth": 1, "action": {"apply_late_seconds": 60, "status": 504}})
    caller.write(patient, "No")
    caller.write(patient, "Yes")
    assert caller.spine.state()[patient] == (True, "Yes")
    caller.spine.move_clock(61)
    wait_until(lambda: caller.spine.state()[patient] == (True, "No"))


def test_a_request_that_is_refused_never_lands(caller: Caller) -> None:
    script(caller, "9111231130", apply_late_seconds=0)
    with pytest.raises(requests.ConnectionError):
        caller.write("9111231130")
    assert only_entry(caller.spine, "9111231130")["applied"] is False


def test_a_truncated_201(caller: Caller, patient: str) -> None:
    script(caller, patient, truncated=True)
    wire = exchange(caller, write_request(caller, patient))
    assert wire.head.startswith("HTTP/1.1 201 Created")
    assert wire.content_length() > len(wire.body)
    assert not wire.reset
    assert caller.spine.state()[patient] == (True, "No")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        caller.write(patient)


def test_slow_headers(caller: Caller, patient: str) -> None:
    script(caller, patient, slow_headers=0.1, slow_bytes=40)
    wire = exchange(caller, write_request(caller, patient))
    assert wire.head.startswith("HTTP/1.1 201 Created")
    assert "X-Simulated-Spine: true" in wire.head
    assert len(wire.body) == wire.content_length()
    assert len(wire.arrivals) > 1
    assert wire.arrivals[-1] > 0.1 * (len(wire.data) // 40 - 1)
    assert caller.spine.state()[patient] == (True, "No")


def test_a_slow_body(caller: Caller, patient: str) -> None:
    caller.spine.put_faults({"operation": "read", "action": {"slow_body": 0.02, "slow_bytes": 100}})
    wire = exchange(caller, read_request(caller, patient))
    assert wire.head.startswith("HTTP/1.1 200 OK")
    assert len(wire.body) == wire.content_length()
    assert patient.encode() in wire.body
    assert len(wire.arrivals) > 1
    assert wire.arrivals[-1] > 0.02 * (len(wire.body) // 100 - 1)


def test_a_drip_goes_on_when_the_client_has_gone(caller: Caller, patient: str) -> None:
    script(caller, patient, slow_headers=0.05)
    exchange(caller, write_request(caller, patient), until=0.2)
    caller.spine.clear_faults()
    assert caller.read(patient).status_code == 403


class TestWorldsThatRememberIds:
    def test_by_default_nothing_is_remembered(self, caller: Caller, patient: str) -> None:
        ids = {"X_Request_ID": str(uuid.uuid4()), "X_Correlation_ID": str(uuid.uuid4())}
        assert [caller.write(patient, **ids).status_code for _ in range(2)] == [201, 201]
        assert [entry["applied"] for entry in caller.spine.writes(patient)] == [True, True]

    def test_a_repeated_request_id_is_answered_and_not_done_again(self, caller: Caller, patient: str) -> None:
        caller.spine.put_faults(dedup={"request_id": True})
        sent = str(uuid.uuid4())
        assert caller.write(patient, "No", X_Request_ID=sent).status_code == 201
        assert caller.write(patient, "Yes", X_Request_ID=sent.upper()).status_code == 201
        assert caller.spine.state()[patient] == (True, "No")
        assert [entry["applied"] for entry in caller.spine.writes(patient)] == [True, False]
        assert caller.write(patient, "Yes").status_code == 201
        assert caller.spine.state()[patient] == (True, "Yes")

    def test_a_request_id_that_was_not_carried_out_is_free(self, caller: Caller, patient: str) -> None:
        lost = {"operation": "write", "nth": 1, "action": {"reset_before": True}}
        caller.spine.put_faults(lost, dedup={"request_id": True, "correlation_id": True})
        ids = {"X_Request_ID": str(uuid.uuid4()), "X_Correlation_ID": str(uuid.uuid4())}
        with pytest.raises(requests.ConnectionError):
            caller.write(patient, **ids)
        assert caller.write(patient, **ids).status_code == 201
        assert caller.spine.state()[patient] == (True, "No")

    def test_a_repeated_correlation_id_is_refused_as_a_duplicate(self, caller: Caller, patient: str) -> None:
        caller.spine.put_faults(dedup={"correlation_id": True})
        sent = str(uuid.uuid4())
        assert caller.write(patient, "No", X_Correlation_ID=sent).status_code == 201
        answer = caller.write(patient, "Yes", X_Correlation_ID=sent)
        assert answer.status_code == 400
        assert service_text(answer).startswith("Code: 401, Display: ")
        assert caller.spine.state()[patient] == (True, "No")

    def test_a_late_change_is_not_done_after_its_repeat(self, caller: Caller, patient: str) -> None:
        late = {"operation": "write", "nth": 1, "action": {"apply_late_seconds": 60}}
        caller.spine.put_faults(late, dedup={"request_id": True})
        sent = str(uuid.uuid4())
        with pytest.raises(requests.ConnectionError):
            caller.write(patient, X_Request_ID=sent)
        caller.write(patient, X_Request_ID=sent)
        caller.write(patient, "Ask")
        caller.spine.move_clock(61)
        assert caller.read(patient).status_code == 200
        assert [entry["applied"] for entry in caller.spine.writes(patient)] == [False, True, True]
