"""What stands before the service: token, role, limits, in the contract's order; and the sandbox without a token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from app.simulator.rate import Quota, SpikeArrest
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.integration.simulator.caller import (
    TWO_ROLES,
    Caller,
    gateway_issue,
    issue_code,
    permission_body,
    service_text,
)

ROLE_OF_ADMINISTRATOR = "555910000101"
MISSING_ROLE = "Required request header 'NHSD-Session-URID' for method parameter type String is not present"
START = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)


def application_token(spine: SimulatorProcess) -> str:
    answer = spine.http.post(f"{spine.auth}/token", data={"grant_type": "client_credentials"}, timeout=30)
    token: str = answer.json()["access_token"]
    return token


@pytest.mark.parametrize(
    ("header", "display"),
    [
        (None, "Missing Authorization header"),
        ("", "Empty Authorization header"),
        ("Bearer", "Missing access token"),
        ("Basic abc", "Invalid token type 'Basic', must be 'Bearer'"),
        ("Bearer abcdef123456789", "Invalid Access Token"),
    ],
)
def test_a_missing_or_wrong_token(caller: Caller, patient: str, header: str | None, display: str) -> None:
    for answer in (caller.read(patient, Authorization=header), caller.write(patient, Authorization=header)):
        assert answer.status_code == 401
        assert gateway_issue(answer) == ("ACCESS_DENIED", display, None)
        assert issue_code(answer) == "forbidden"
    assert caller.spine.state()[patient] == (True, "")


def test_a_refresh_token_is_no_access_token(caller: Caller, patient: str) -> None:
    answer = caller.read(patient, Authorization=f"Bearer {caller.tokens['refresh_token']}")
    assert answer.status_code == 401


def test_a_token_expires_after_599_seconds(caller: Caller, spine: SimulatorProcess, patient: str) -> None:
    spine.move_clock(590)
    assert caller.write(patient).status_code == 201
    spine.move_clock(599)
    answer = caller.write(patient)
    assert answer.status_code == 401
    assert gateway_issue(answer) == ("ACCESS_DENIED", "Access Token expired", None)


def test_the_one_role_may_be_named_or_left_out(caller: Caller, patient: str) -> None:
    assert caller.write(patient).status_code == 201
    assert caller.write(patient, NHSD_Session_URID=ROLE_OF_ADMINISTRATOR).status_code == 201


def assert_role_refused(answer: requests.Response, diagnostics: str) -> None:
    assert answer.status_code == 400
    assert gateway_issue(answer) == ("INVALID_VALUE", "Provided value is invalid", diagnostics)
    assert issue_code(answer) == "400"


def test_another_role_is_refused_on_reads_too(caller: Caller, patient: str) -> None:
    for role in ("555910000301", "not-a-role"):
        assert_role_refused(caller.read(patient, NHSD_Session_URID=role), "nhsd-session-urid is invalid")
        assert_role_refused(caller.write(patient, NHSD_Session_URID=role), "nhsd-session-urid is invalid")


def test_with_two_roles_one_has_to_be_named(spine: SimulatorProcess, patient: str) -> None:
    caller = Caller(spine, TWO_ROLES)
    assert_role_refused(caller.write(patient), "selected_roleid is missing in your token")
    assert caller.write(patient, NHSD_Session_URID=ROLE_OF_ADMINISTRATOR).status_code == 201


def test_an_application_alone_may_read_and_not_write(spine: SimulatorProcess, patient: str) -> None:
    caller = Caller(spine, token=application_token(spine))
    assert caller.read(patient).status_code == 200
    answer = caller.write(patient)
    assert answer.status_code == 401
    assert answer.reason == "Application-restricted access is not available on this POST request"
    code, display, diagnostics = gateway_issue(answer)
    assert (code, display) == ("UNKNOWN_ERROR", "Unknown Error")
    assert str(diagnostics).startswith("Your app has insufficient permissions")
    assert issue_code(answer) == "unknown"
    put = caller.http.put(f"{spine.spine}/$setPermission", headers=caller.headers(), timeout=30)
    assert put.status_code == 403
    assert gateway_issue(put)[:2] == (
        "INVALID_METHOD",
        "Cannot update resource with Application-Restricted access token",
    )


def test_the_order_of_the_checks(caller: Caller, spine: SimulatorProcess) -> None:
    """A request that is wrong in every way is put right one step at a time; each step shows the next complaint."""
    wrong: dict[str, Any] = {
        "Authorization": "Bearer nothing",
        "NHSD_Session_URID": "1",
        "X_Correlation_ID": "1",
        "X_Request_ID": "1",
        "Content_Type": "text/plain",
    }
    body: Any = {"resourceType": "Parameters"}
    right = caller.headers()

    def complaint() -> str:
        answer = caller.post(body, **wrong)
        return f"{answer.status_code} {answer.text}"

    assert "ACCESS_DENIED" in complaint()
    wrong["Authorization"] = f"Bearer {application_token(spine)}"
    assert "insufficient permissions" in complaint()
    wrong["Authorization"] = right["Authorization"]
    assert "INVALID_VALUE" in complaint()
    del wrong["NHSD_Session_URID"]
    assert "Invalid X-Correlation-ID" in complaint()
    del wrong["X_Correlation_ID"]
    assert "Invalid X-Request-ID" in complaint()
    del wrong["X_Request_ID"]
    assert complaint().startswith("415")
    del wrong["Content_Type"]
    assert "name not found" in complaint()
    body = permission_body("9111231130")
    assert "PSIS-35160" in complaint()


def test_ids_are_checked_before_the_path(caller: Caller) -> None:
    assert "Invalid X-Request-ID" in caller.get("/Nowhere", X_Request_ID="1").text


def test_without_a_token_even_an_unknown_path_is_401(caller: Caller) -> None:
    assert caller.get("/Nowhere", Authorization=None).status_code == 401


class TestLimits:
    def test_two_at_once_are_one_too_many_and_a_bad_token_costs_nothing(self, spine_csv: Path) -> None:
        with running_simulator("--rate", "0.02", load=spine_csv) as spine:
            caller = Caller(spine)
            for _ in range(5):
                assert caller.read("9990000018", Authorization="Bearer no").status_code == 401
                assert caller.read("9990000018", NHSD_Session_URID="1").status_code == 400
            assert caller.read("9990000018", X_Request_ID="1").status_code == 400
            # The complaint about the id came from behind the limit, so it has used it up.
            answer = caller.write("9990000018")
            assert answer.status_code == 429
            code, display, diagnostics = gateway_issue(answer)
            assert (code, display) == ("UNKNOWN_ERROR", "Unknown Error")
            assert "(Message ID: " in str(diagnostics)
            assert issue_code(answer) == "unknown"
            assert "Retry-After" not in answer.headers
            assert spine.state()["9990000018"] == (True, "")
            spine.put_faults(too_many_requests_body="pds")
            answer = caller.write("9990000018")
            assert answer.status_code == 429
            assert gateway_issue(answer)[:2] == ("TOO_MANY_REQUESTS", "Too many requests")

    def test_sign_in_and_the_simulation_itself_are_not_limited(self, spine_csv: Path) -> None:
        with running_simulator("--rate", "0.02", load=spine_csv) as spine:
            assert len({spine.sign_in()["access_token"] for _ in range(5)}) == 5
            assert len(spine.history()) == 5

    def test_no_limit(self, caller: Caller, patient: str) -> None:
        assert {caller.read(patient).status_code for _ in range(50)} == {200}

    @pytest.mark.parametrize("jitter", [0.0, 0.009])
    def test_the_exact_pace_is_never_refused(self, jitter: float) -> None:
        arrest, quota = SpikeArrest(5), Quota(300)
        for count in range(2000):
            early = jitter if count % 2 else 0.0
            seconds = count * 0.2 - early
            assert arrest.take(seconds)
            assert quota.take(START + timedelta(seconds=seconds))

    def test_a_burst_is_cut_to_the_pace(self) -> None:
        arrest = SpikeArrest(5)
        taken = sum(arrest.take(count * 0.001) for count in range(10_001))
        assert taken == 51

    def test_a_little_too_fast_is_refused_in_the_end(self) -> None:
        arrest = SpikeArrest(5)
        assert not all(arrest.take(count * 0.195) for count in range(10))

    def test_a_pause_saves_nothing_up(self) -> None:
        arrest = SpikeArrest(5)
        assert arrest.take(0)
        assert [arrest.take(100), arrest.take(100.1), arrest.take(100.2)] == [True, False, True]

    def test_the_quota_is_of_the_calendar_minute(self) -> None:
        quota = Quota(3)
        late = START + timedelta(seconds=50)
        assert [quota.take(late) for _ in range(4)] == [True, True, True, False]
        assert not quota.take(START + timedelta(seconds=59))
        assert [quota.take(START + timedelta(seconds=60)) for _ in range(4)] == [True, True, True, False]

    def test_a_request_of_the_last_ten_milliseconds_may_count_in_the_next_minute(self) -> None:
        quota = Quota(1)
        assert quota.take(START)
        assert not quota.take(START + timedelta(seconds=59.98))
        assert quota.take(START + timedelta(seconds=59.995))
        assert not quota.take(START + timedelta(seconds=59.996))
        assert not quota.take(START + timedelta(seconds=61))
        assert quota.take(START + timedelta(seconds=120))


def test_the_sandbox_asks_for_a_role_and_no_token(spine_csv: Path) -> None:
    with running_simulator("--rate", "0", "--sandbox", load=spine_csv) as spine:
        caller = Caller(spine, uid=None)
        assert caller.read("9990000018", Authorization=None).status_code == 200
        answer = caller.write("9990000018", Authorization=None)
        assert answer.status_code == 400
        assert service_text(answer) == MISSING_ROLE
        assert issue_code(answer) == "value"
        unknown = caller.write("9990000018", Authorization=None, NHSD_Session_URID="nurse")
        assert unknown.status_code == 400
        assert service_text(unknown) == (
            "Unable to determine Job Role Code for the given RoleID via the SDS Service: nurse"
        )
        assert spine.state()["9990000018"] == (True, "")
        assert caller.write("9990000018", Authorization=None, NHSD_Session_URID="555254240100").status_code == 201
        assert spine.state()["9990000018"] == (True, "No")
