"""Scripted answers in place of the Spine's own: errors in its words, and answers damaged on purpose."""

from __future__ import annotations

import email.utils
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.simulator.caller import PREFIX, SYSTEM, Caller, gateway_issue, issue_code, service_text
from tests.integration.simulator.wire import exchange

SERVICE_ANSWERS = {
    "503_json": (503, "transient", "Code: 502, Display: "),
    "504": (504, "transient", ""),
    "403_420": (403, "forbidden", "Code: 420, Display: "),
    "403_30418": (403, "forbidden", "Code: 420, Display: "),
    "403_neither": (403, "forbidden", ""),
    "400_35160": (400, "value", "Code: 400, Display: Invalid Request;Code: 35160, Display: [PSIS-35160]"),
    "400_duplicate": (400, "value", "Code: 401, Display: "),
    "400_410": (400, "value", "Code: 410, Display: "),
    "400_430": (400, "value", "Code: 430, Display: "),
    "400_role_code": (400, "value", "Unable to determine Job Role Code for the given RoleID via the SDS Service: 7"),
    "404": (404, "not-found", ""),
    "413": (413, "invalid", ""),
}
GATEWAY_ANSWERS = {
    "500": (500, "unknown", "UNKNOWN_ERROR", "Unknown Error"),
    "502": (502, "unknown", "UNKNOWN_ERROR", "Unknown Error"),
    "429": (429, "unknown", "UNKNOWN_ERROR", "Unknown Error"),
    "429_pds": (429, "value", "TOO_MANY_REQUESTS", "Too many requests"),
    "401_expired": (401, "forbidden", "ACCESS_DENIED", "Access Token expired"),
    "401_invalid": (401, "forbidden", "ACCESS_DENIED", "Invalid Access Token"),
    "400_no_asid": (400, "unknown", "UNKNOWN_ERROR", "Unknown Error"),
    "400_role_header": (400, "400", "INVALID_VALUE", "Provided value is invalid"),
}


def script(caller: Caller, patient: str, **action: Any) -> None:
    caller.spine.put_faults({"nhs_number": patient, "action": action})


@pytest.mark.parametrize("name", SERVICE_ANSWERS)
def test_errors_of_the_service(caller: Caller, patient: str, name: str) -> None:
    script(caller, patient, answer=name)
    status, code, text = SERVICE_ANSWERS[name]
    for answer in (caller.write(patient, NHSD_Session_URID="7"), caller.read(patient, NHSD_Session_URID="7")):
        assert answer.status_code == status
        assert service_text(answer).startswith(text)
        assert issue_code(answer) == code
        assert answer.headers["X-Simulated-Spine"] == "true"
    assert caller.spine.state()[patient] == (True, "")


def test_403_texts_tell_the_three_kinds_apart(caller: Caller, patient: str) -> None:
    codes = {}
    for name in ("403_420", "403_30418", "403_neither"):
        script(caller, patient, answer=name)
        text = service_text(caller.read(patient))
        codes[name] = ("420" in text, "30418" in text)
    assert codes == {"403_420": (True, False), "403_30418": (True, True), "403_neither": (False, False)}


@pytest.mark.parametrize("name", GATEWAY_ANSWERS)
def test_errors_of_the_gateway(caller: Caller, patient: str, name: str) -> None:
    script(caller, patient, answer=name)
    status, code, coding, display = GATEWAY_ANSWERS[name]
    answer = caller.write(patient)
    assert answer.status_code == status
    assert gateway_issue(answer)[:2] == (coding, display)
    assert issue_code(answer) == code


@pytest.mark.parametrize(
    ("status", "coding"),
    [(500, "UNKNOWN_ERROR"), (502, "UNKNOWN_ERROR"), (429, "UNKNOWN_ERROR"), (401, "ACCESS_DENIED")],
)
def test_a_status_alone_has_the_gateways_body(caller: Caller, patient: str, status: int, coding: str) -> None:
    script(caller, patient, status=status)
    answer = caller.write(patient)
    assert (answer.status_code, gateway_issue(answer)[0]) == (status, coding)


@pytest.mark.parametrize(("status", "text"), [(400, "35160"), (403, ""), (503, "502"), (504, "")])
def test_a_status_alone_has_the_services_body(caller: Caller, patient: str, status: int, text: str) -> None:
    script(caller, patient, status=status)
    answer = caller.write(patient)
    assert answer.status_code == status
    assert text in service_text(answer)


def test_503_as_a_web_page(caller: Caller, patient: str) -> None:
    script(caller, patient, answer="503_html")
    answer = caller.read(patient)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "503 Service Temporarily Unavailable" in answer.text


def test_a_redirect_leads_to_where_following_it_would_be_seen(caller: Caller, patient: str) -> None:
    script(caller, patient, status=302)
    answer = caller.write(patient)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"http://127.0.0.1:{caller.spine.port}/")
    caller.http.get(answer.headers["Location"], timeout=30)
    assert caller.spine.history()[-1]["status"] == 404


def test_any_status_body_and_type(caller: Caller, patient: str) -> None:
    script(
        caller,
        patient,
        status=418,
        body={"short": True},
        content_type="application/teapot",
        reason="Short And Stout",
        headers={"X-Kettle": "on"},
    )
    answer = caller.read(patient)
    assert (answer.status_code, answer.reason) == (418, "Short And Stout")
    assert (answer.headers["Content-Type"], answer.headers["X-Kettle"]) == ("application/teapot", "on")
    assert answer.json() == {"short": True}
    script(caller, patient, status=200, body="as it is")
    assert caller.read(patient).text == "as it is"


@pytest.mark.parametrize("value", [5, 0, -3, 1.5, "5", "soon", "-1", "99999999999", ""])
def test_retry_after_as_it_is_given(caller: Caller, patient: str, value: Any) -> None:
    script(caller, patient, status=429, retry_after=value)
    assert caller.read(patient).headers["Retry-After"] == str(value)


def test_retry_after_as_a_date_of_the_simulated_time(caller: Caller, patient: str) -> None:
    caller.spine.move_clock(86_400)
    script(caller, patient, answer="503_html", retry_after={"date_in_seconds": 30})
    due = email.utils.parsedate_to_datetime(caller.read(patient).headers["Retry-After"])
    expected = datetime.now(UTC) + timedelta(days=1, seconds=30)
    assert abs((due - expected).total_seconds()) < 15


def damaged(caller: Caller, patient: str, name: str) -> bytes:
    script(caller, patient, answer=name)
    answer = caller.read(patient)
    assert answer.status_code == 200
    return answer.content


def test_a_web_page_with_200(caller: Caller, patient: str) -> None:
    assert b"<html>" in damaged(caller, patient, "html_200")


def test_an_empty_200(caller: Caller, patient: str) -> None:
    assert damaged(caller, patient, "empty_200") == b""


@pytest.mark.parametrize("name", ["malformed_json", "deep_nesting"])
def test_json_that_cannot_be_read(caller: Caller, patient: str, name: str) -> None:
    content = damaged(caller, patient, name)
    with pytest.raises((ValueError, RecursionError)):
        json.loads(content)


def test_a_number_that_is_none(caller: Caller, patient: str) -> None:
    assert b'"total": NaN' in damaged(caller, patient, "nan")


def test_a_key_that_is_there_twice(caller: Caller, patient: str) -> None:
    pairs = json.loads(damaged(caller, patient, "duplicate_keys"), object_pairs_hook=list)
    assert [value for name, value in pairs if name == "total"] == [0, 1]


def test_the_wrong_patient(caller: Caller, patient: str) -> None:
    bundle = json.loads(damaged(caller, patient, "wrong_patient"))
    assert patient not in json.dumps(bundle)
    assert bundle["entry"][1]["resource"]["identifier"][0]["value"] == "9000000009"


def test_two_labels_that_disagree(caller: Caller, patient: str) -> None:
    caller.write(patient, "Yes")
    bundle = json.loads(damaged(caller, patient, "two_labels"))
    labels = bundle["entry"][0]["resource"]["securityLabel"]
    assert [label["coding"][0]["code"] for label in labels] == ["Yes", "No"]


def test_a_code_nobody_knows(caller: Caller, patient: str) -> None:
    bundle = json.loads(damaged(caller, patient, "unknown_code"))
    [coding] = bundle["entry"][0]["resource"]["securityLabel"][0]["coding"]
    assert coding == {"system": SYSTEM, "code": "Maybe"}


def test_totals_that_do_not_match(caller: Caller, patient: str) -> None:
    none_but_some = json.loads(damaged(caller, patient, "total_mismatch"))
    assert (none_but_some["total"], len(none_but_some["entry"])) == (0, 2)
    one_but_none = json.loads(damaged(caller, patient, "no_entry"))
    assert (one_but_none["total"], "entry" in one_but_none) == (1, False)


def test_an_answer_beyond_a_megabyte(caller: Caller, patient: str) -> None:
    content = damaged(caller, patient, "oversized")
    assert len(content) > 1024 * 1024
    assert json.loads(content)["total"] == 1


def test_a_damaged_answer_shows_the_patients_own_label_otherwise(caller: Caller, patient: str) -> None:
    caller.write(patient, "Yes")
    bundle = json.loads(damaged(caller, patient, "total_mismatch"))
    assert bundle["entry"][0]["resource"]["securityLabel"][0]["coding"][0]["code"] == "Yes"
    assert bundle["entry"][1]["resource"]["identifier"][0]["value"] == patient
    assert PREFIX + patient in bundle["entry"][0]["resource"]["content"][0]["attachment"]["url"]


def test_sign_in_and_token_can_fail_too(caller: Caller) -> None:
    spine = caller.spine
    spine.put_faults(
        {"operation": "signin", "action": {"status": 503}}, {"operation": "token", "action": {"status": 500}}
    )
    card = {"uid": "910000000001", "passcode": "123456"}
    assert spine.http.post(f"{spine.auth}/simulated-smartcard", json=card, timeout=30).status_code == 503
    assert spine.http.post(f"{spine.auth}/token", data={}, timeout=30).status_code == 500
    described = spine.faults()["rules"]
    assert [(rule["matched"], rule["fired"]) for rule in described] == [(1, 1), (1, 1)]


def test_what_is_not_http_is_answered_as_a_simulated_spine(caller: Caller) -> None:
    wire = exchange(caller, b"NOT HTTP AT ALL\r\n\r\n")
    assert wire.head.startswith("HTTP/1.0 400") or wire.head.startswith("HTTP/1.1 400")
    assert "X-Simulated-Spine: true" in wire.head
