"""What survives the end of the process, however it ends; and states and files that cannot be used."""

from __future__ import annotations

import os
import threading
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from sqlcipher3 import dbapi2

from tests.helpers.simulator import SimulatorDidNotStart, running_simulator, start_simulator
from tests.integration.simulator.caller import Caller, made_up_numbers, wait_until, write_spine_csv


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_everything_answered_survives_a_kill(tmp_path: Path, state: Path) -> None:
    numbers = made_up_numbers(0, 2000)
    write_spine_csv(tmp_path / "spine.csv", dict.fromkeys(numbers, (True, "")))
    answered: dict[str, str] = {}

    def send(mine: list[str], spine_token: str) -> None:
        # A session of its own: the one of the process is not for several threads.
        with requests.Session() as http, suppress(requests.ConnectionError):
            caller = Caller(spine, token=spine_token)
            caller.http = http
            for number in mine:
                request_id = str(uuid.uuid4())
                if caller.write(number, X_Request_ID=request_id).status_code == 201:
                    answered[number] = request_id

    with running_simulator("--rate", "0", state=state, load=tmp_path / "spine.csv") as spine:
        token = spine.sign_in()["access_token"]
        senders = [threading.Thread(target=send, args=(numbers[start::4], token)) for start in range(4)]
        for sender in senders:
            sender.start()
        wait_until(lambda: len(answered) >= 200)
        spine.kill()
        for sender in senders:
            sender.join()
    assert 200 <= len(answered) < 2000
    with running_simulator("--rate", "0", state=state) as spine:
        after = spine.state()
        history = spine.history(method="POST", status=201)
        applied = {entry["nhs_number"] for entry in spine.writes() if entry["applied"]}
    assert len(after) == 2000
    assert [number for number in answered if after[number] != (True, "No")] == []
    assert set(answered.items()) <= {(entry["nhs_number"], entry["request_id"]) for entry in history}
    # The permissions and the history tell the same story, also about what was in the air.
    assert {number for number, (_, permission) in after.items() if permission == "No"} == applied


def test_sessions_clock_and_ids_survive_a_kill(spine_csv: Path, state: Path) -> None:
    request_id, correlation_id = str(uuid.uuid4()), str(uuid.uuid4())
    with running_simulator("--rate", "0", state=state, load=spine_csv) as spine:
        caller = Caller(spine)
        removed = spine.sign_in("910000000002")
        refreshed = spine.sign_in("910000000003")
        form = {"grant_type": "refresh_token", "refresh_token": refreshed["refresh_token"]}
        spine.http.post(f"{spine.auth}/token", data=form, timeout=30)
        spine.http.post(f"{spine.auth}/revoke", json={"uid": "910000000002"}, timeout=30)
        caller.write("9990000018", X_Request_ID=request_id, X_Correlation_ID=correlation_id)
        spine.move_clock(400)
        received = len(spine.history())
        spine.kill()
    with running_simulator("--rate", "0", state=state) as spine:
        again = Caller(spine, token=caller.tokens["access_token"])
        assert again.read("9990000018").status_code == 403
        assert spine.history()[-1]["n"] == received + 1
        clock = spine.http.get(f"{spine.simulation}/clock", timeout=30).json()
        assert clock["offset_seconds"] == 400
        assert Caller(spine, token=removed["access_token"]).read("9990000018").status_code == 401
        assert spine.http.post(f"{spine.auth}/token", data=form, timeout=30).status_code == 401
        spine.put_faults(dedup={"request_id": True})
        assert again.write("9990000018", "Yes", X_Request_ID=request_id).status_code == 201
        assert spine.state()["9990000018"] == (True, "No")
        spine.put_faults(dedup={"correlation_id": True})
        assert again.write("9990000018", "Yes", X_Correlation_ID=correlation_id).status_code == 400
        spine.move_clock(600)
        assert again.read("9990000018").status_code == 401


def test_a_request_still_in_the_air_is_in_the_history_after_a_kill(spine_csv: Path, state: Path) -> None:
    with running_simulator("--rate", "0", state=state, load=spine_csv) as spine:
        caller = Caller(spine)
        spine.put_faults({"operation": "write", "action": {"delay_seconds": 60}})
        with pytest.raises(requests.Timeout):
            caller.post({"resourceType": "Parameters"}, timeout=0.3)
        wait_until(lambda: spine.writes())
        spine.kill()
    with running_simulator(state=state) as spine:
        [entry] = spine.writes()
        assert (entry["status"], entry["applied"]) == (None, False)


def test_without_a_state_file_everything_is_forgotten(spine_csv: Path) -> None:
    for _ in range(2):
        with running_simulator("--rate", "0", load=spine_csv) as spine:
            assert spine.state()["9990000018"] == (True, "")
            Caller(spine).write("9990000018")


def assert_refused(kind: str, *words: str, state: Path | None = None, load: Path | None = None, port: int = 0) -> str:
    with pytest.raises(SimulatorDidNotStart) as refusal:
        start_simulator("--port", str(port), state=state, load=load).close()
    text = str(refusal.value)
    assert text.startswith(f"{kind}: ")
    assert "Traceback" not in text
    assert [word for word in words if word not in text] == []
    return text


def test_a_load_into_a_state_with_patients_is_refused(spine_csv: Path, state: Path) -> None:
    with running_simulator(state=state, load=spine_csv):
        pass
    assert_refused("LoadRefused", "5 patients", "spine.csv", state=state, load=spine_csv)
    with running_simulator(state=state) as spine:
        assert len(spine.state()) == 5


def test_a_load_into_an_empty_state_is_not_refused(spine_csv: Path, state: Path) -> None:
    with running_simulator(state=state) as spine:
        assert spine.state() == {}
    with running_simulator(state=state, load=spine_csv) as spine:
        assert len(spine.state()) == 5


def test_a_state_in_use(spine_csv: Path, state: Path) -> None:
    with running_simulator(state=state, load=spine_csv):
        assert_refused("StateUnreadable", "in use", state=state)
    with running_simulator(state=state) as spine:
        assert len(spine.state()) == 5


def test_a_state_that_is_no_database(state: Path) -> None:
    state.write_bytes(b"nhs_number,has_scr,permission\n" * 100)
    before = state.read_bytes()
    assert_refused("StateUnreadable", "damaged", state=state)
    assert state.read_bytes() == before


def test_a_database_of_another_program(state: Path) -> None:
    connection = dbapi2.connect(str(state))
    connection.execute("CREATE TABLE invoices (id INTEGER)")
    connection.commit()
    connection.close()
    assert_refused("StateForeign", "another program", state=state)


def test_a_state_of_a_newer_version(spine_csv: Path, state: Path) -> None:
    with running_simulator(state=state, load=spine_csv) as spine:
        assert spine.stop() == 0
    connection = dbapi2.connect(str(state))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert_refused("StateForeign", "newer", state=state)


def test_a_state_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert_refused("StateUnreadable", "folder", state=tmp_path / "nowhere" / "state.db")
    assert_refused("StateUnreadable", state=tmp_path)


def test_a_damaged_state_is_refused_in_words(spine_csv: Path, state: Path) -> None:
    with running_simulator(state=state, load=spine_csv) as spine:
        assert spine.stop() == 0
    content = bytearray(state.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    state.write_bytes(content)
    assert_refused("StateUnreadable", "damaged", state=state)


def test_a_port_in_use(spine_csv: Path) -> None:
    with running_simulator(load=spine_csv) as spine:
        assert_refused("PortInUse", f"Port {spine.port}", port=spine.port)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="limits the size of files of another process")
def test_a_disk_that_fills_up_ends_it_with_a_reason_and_no_false_promise(spine_csv: Path, state: Path) -> None:
    import resource

    spine = start_simulator("--rate", "0", state=state, load=spine_csv)
    try:
        caller = Caller(spine)
        limit = 64 * 1024
        resource.prlimit(spine.process.pid, resource.RLIMIT_FSIZE, (limit, limit))  # type: ignore[attr-defined,unused-ignore]
        answered = 0
        with suppress(requests.ConnectionError):
            for _ in range(5000):
                answered += caller.write("9990000018").status_code == 201
        assert 0 < answered < 5000
        assert spine.process.wait(15) == 1
        assert "StateUnreadable: " in spine.errors()
    finally:
        spine.close()
    with running_simulator(state=state) as spine:
        assert len([entry for entry in spine.writes() if entry["status"] == 201]) >= answered
        assert spine.state()["9990000018"] == (True, "No")
