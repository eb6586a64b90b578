"""What a rehearsal needs of the simulated Spine: its time in every answer, troubles that pass, rights withdrawn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.integration.simulator.caller import Caller

OFFSET = "X-Simulated-Offset-Seconds"


@pytest.fixture
def own(spine_csv: Path) -> Iterator[SimulatorProcess]:
    """A simulated Spine of this test's own."""
    with running_simulator("--rate", "0", load=spine_csv) as spine:
        yield spine


def test_every_answer_tells_how_far_its_time_was_moved(own: SimulatorProcess) -> None:
    caller = Caller(own)

    def told() -> set[str | None]:
        answers = [
            caller.read("9990000018"),
            caller.write("9990000018"),
            caller.read("9990000018", Authorization=None),
            own.http.get(f"{own.auth}/userinfo", timeout=30),
            own.http.get(f"{own.simulation}/clock", timeout=30),
            own.http.get(f"{own.simulation}/history", timeout=30),
            own.http.get(f"{own.simulation}/nowhere", timeout=30),
        ]
        return {answer.headers.get(OFFSET) for answer in answers}

    assert told() == {"0.000"}
    own.move_clock(3600.5)
    assert told() == {"3600.500"}


def test_a_damaged_answer_tells_it_too(own: SimulatorProcess) -> None:
    own.move_clock(60)
    own.put_faults({"operation": "read", "action": {"status": 200, "body": "x", "slow_body": 0.001}})
    assert Caller(own).read("9990000018").headers.get(OFFSET) == "60.000"


def test_a_trouble_passes_by_itself(own: SimulatorProcess) -> None:
    caller = Caller(own)
    own.put_faults({"for_seconds": 0.5, "action": {"status": 503}})
    assert caller.read("9990000018").status_code == 503
    give_up_at = time.monotonic() + 30
    while caller.read("9990000018").status_code == 503:
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    assert own.faults()["rules"][0]["fired"] >= 1
    own.put_faults({"for_seconds": 300, "action": {"status": 503}})
    own.move_clock(3600)
    assert caller.read("9990000018").status_code == 503, "troubles last in the machine's time"


@pytest.mark.parametrize("seconds", [-1, "long", True, None])
def test_how_long_a_trouble_lasts_must_make_sense(own: SimulatorProcess, seconds: object) -> None:
    rule = {"for_seconds": seconds, "action": {"status": 503}}
    answer = own.http.put(f"{own.simulation}/faults", json={"rules": [rule]}, timeout=30)
    assert answer.status_code == 400
    assert "for_seconds" in answer.json()["error"]


def codes(spine: SimulatorProcess, uid: str = "910000000001") -> list[str]:
    token = spine.sign_in(uid)["access_token"]
    answer = spine.http.get(f"{spine.auth}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return [code for role in answer.json()["nhsid_nrbac_roles"] for code in role["activity_codes"]]


def withdraw(spine: SimulatorProcess, document: object) -> tuple[int, dict[str, object]]:
    answer = spine.http.put(f"{spine.simulation}/rights", json=document, timeout=30)
    return answer.status_code, answer.json()


def test_an_activity_can_be_withdrawn_from_a_card_and_given_back(own: SimulatorProcess) -> None:
    assert codes(own) == ["B0062", "B0011", "B0020"]
    document = {"withdrawn": {"910000000001": ["B0062"]}}
    assert withdraw(own, document) == (200, document)
    assert codes(own) == ["B0011", "B0020"]
    assert codes(own, "910000000005") == ["B0011", "B0062", "B0011", "B0020"], "other cards keep theirs"
    assert own.http.get(f"{own.simulation}/rights", timeout=30).json() == document
    assert withdraw(own, {"withdrawn": {}})[0] == 200
    assert codes(own) == ["B0062", "B0011", "B0020"]


@pytest.mark.parametrize(
    "document", [{}, {"withdrawn": []}, {"withdrawn": {"nobody": ["B0062"]}}, {"withdrawn": {}, "given": {}}, []]
)
def test_rights_that_make_no_sense_are_refused(own: SimulatorProcess, document: object) -> None:
    status, answer = withdraw(own, document)
    assert status == 400
    assert "rights" in str(answer["error"])
    assert codes(own) == ["B0062", "B0011", "B0020"]
