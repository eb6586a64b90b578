"""POST $setPermission, against what the interface promises."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from tests.helpers.simulator import SimulatorProcess
from tests.integration.simulator.caller import (
    FHIR,
    SYSTEM,
    Caller,
    gateway_issue,
    issue_code,
    permission_body,
    service_text,
)

UPPER_UUID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}")
UNKNOWN_NUMBER = (
    "Code: 400, Display: Invalid Request;Code: 35160, Display: [PSIS-35160] - Invalid input message. "
    "Mandatory field NHS Number is missing or incorrect"
)


def test_success_is_201_without_a_body_and_is_seen_at_once(caller: Caller, patient: str) -> None:
    answer = caller.write(patient, "No")
    assert answer.status_code == 201
    assert answer.content == b""
    assert "Content-Type" not in answer.headers
    assert caller.spine.state()[patient] == (True, "No")
    assert caller.read(patient).status_code == 403


def test_the_ids_come_back(caller: Caller, patient: str) -> None:
    ids = {
        "X_Request_ID": "2DC8AB1B-0000-4000-8000-00000000000a",
        "X_Correlation_ID": "11111111-2222-3333-4444-555555555555",
    }
    answer = caller.write(patient, **ids)
    assert answer.headers["X-Request-ID"] == ids["X_Request_ID"]
    assert answer.headers["X-Correlation-ID"] == ids["X_Correlation_ID"]


def test_ids_not_sent_are_made_up_in_upper_case(caller: Caller, patient: str) -> None:
    answer = caller.write(patient, X_Request_ID=None, X_Correlation_ID=None)
    assert answer.status_code == 201
    assert UPPER_UUID.fullmatch(answer.headers["X-Request-ID"])
    assert UPPER_UUID.fullmatch(answer.headers["X-Correlation-ID"])
    [entry] = caller.spine.writes(patient)
    assert (entry["request_id"], entry["correlation_id"]) == (None, None)


def test_an_escaped_dollar_is_the_same_path(caller: Caller, patient: str) -> None:
    assert caller.post(permission_body(patient), "/%24setPermission").status_code == 201
    [entry] = caller.spine.writes(patient)
    assert entry["path"] == "/summary-care-record/FHIR/R4/$setPermission"


def test_a_charset_in_the_content_type_is_harmless(caller: Caller, patient: str) -> None:
    assert caller.write(patient, Content_Type=f"{FHIR}; charset=utf-8").status_code == 201


@pytest.mark.parametrize(
    ("code", "stored"), [("No", "No"), ("no", "No"), ("YES", "Yes"), ("Yes", "Yes"), ("yEs", "Yes"), ("NO", "No")]
)
def test_a_code_is_taken_in_any_letter_case(caller: Caller, patient: str, code: str, stored: str) -> None:
    assert caller.write(patient, code).status_code == 201
    assert caller.spine.state()[patient] == (True, stored)


@pytest.mark.parametrize("code", ["Ask", "ask", "ASK"])
def test_ask_takes_an_earlier_value_away(caller: Caller, patient: str, code: str) -> None:
    caller.write(patient, "No")
    assert caller.write(patient, code).status_code == 201
    assert caller.spine.state()[patient] == (True, "")
    label = caller.read(patient).json()["entry"][0]["resource"]["securityLabel"]
    assert label == [{"coding": [{"system": SYSTEM, "code": "Ask"}]}]


def parts_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = body["parameter"][0]["part"]
    return parts


def test_what_the_service_ignores(caller: Caller, patient: str) -> None:
    body = permission_body(patient)
    other_system = {"system": "https://fhir.nhs.uk/R4/CodeSystem/SCR-ACSPermission", "code": "Yes"}
    parts_of(body).insert(0, {"name": "permissionCode", "valueCoding": other_system})
    parts_of(body).append({"name": "comment", "valueString": "seen at the desk"})
    body["parameter"].append({"name": "somethingElse", "valueBoolean": True})
    assert caller.post(body).status_code == 201
    assert caller.spine.state()[patient] == (True, "No")


def broken_bodies() -> dict[str, tuple[Any, str]]:
    """Name to (body for 9990000018, the rule's text)."""
    number = "9990000018"
    not_found = f"Parameter.Part named 'permissionCode' with valueCoding.system {SYSTEM} not found"

    def changed(change: Any) -> dict[str, Any]:
        body = copy.deepcopy(permission_body(number))
        change(body)
        return body

    second = {"name": "permissionCode", "valueCoding": {"system": SYSTEM, "code": "Ask"}}
    wrong_system = {"system": "https://fhir.nhs.uk/R4/CodeSystem/SCR-ACSPermission", "code": "No"}
    return {
        "no parameter": ({"resourceType": "Parameters"}, "Parameter named 'setPermissions' name not found"),
        "singular name": (
            changed(lambda body: body["parameter"][0].update(name="setPermission")),
            "Parameter named 'setPermissions' name not found",
        ),
        "two parameters": (
            changed(lambda body: body["parameter"].append(body["parameter"][0])),
            "Exactly 1 parameter named 'setPermissions' expected",
        ),
        "no number": (
            changed(lambda body: parts_of(body).pop(0)),
            "Missing value for Parameter.Part 'nhsNumber'",
        ),
        "number without value": (
            changed(lambda body: parts_of(body)[0].pop("valueString")),
            "Missing value for Parameter.Part 'nhsNumber'",
        ),
        "two numbers": (
            changed(lambda body: parts_of(body).append({"name": "nhsNumber", "valueString": "9990000026"})),
            "Exactly 1 Parameter.Part named 'nhsNumber' with not empty value expected",
        ),
        "no code": (changed(lambda body: parts_of(body).pop(1)), not_found),
        "wrong system": (changed(lambda body: parts_of(body)[1].update(valueCoding=wrong_system)), not_found),
        "two codes": (
            changed(lambda body: parts_of(body).append(second)),
            f"Exactly 1 Parameter.Part named 'permissionCode' with valueCoding.system {SYSTEM} expected",
        ),
        "other word": (permission_body(number, "Clear"), "Invalid value - Clear in field 'valueCoding.code'"),
        "padded word": (permission_body(number, " No"), "Invalid value -  No in field 'valueCoding.code'"),
        "no word": (
            changed(lambda body: parts_of(body)[1]["valueCoding"].pop("code")),
            "Invalid value - null in field 'valueCoding.code'",
        ),
        "number before code": (
            changed(lambda body: body["parameter"][0].update(part=[])),
            "Missing value for Parameter.Part 'nhsNumber'",
        ),
    }


@pytest.mark.parametrize("name", broken_bodies())
def test_the_rule_texts(caller: Caller, name: str) -> None:
    body, text = broken_bodies()[name]
    answer = caller.post(body)
    assert answer.status_code == 400
    assert service_text(answer) == text
    assert issue_code(answer) == "value"
    assert "X-Request-ID" in answer.headers


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"<Parameters/>", "Failed to parse JSON"),
        (b'{"resourceType": "Parameters", ', "Failed to parse JSON"),
        (b"[]", "FHIR JSON"),
        (b'{"resourceType": "Parameters", "parameter": NaN}', "Failed to parse JSON"),
        (b"{}", "resourceType"),
        (b'{"resourceType": "Bundle"}', '"Bundle"'),
        (b'{"resourceType": "Parameters", "colour": "red"}', "'colour'"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": "x", "code": "y"}]}', "'code'"),
        (b'{"resourceType": "Parameters", "parameter": {"name": "x"}}', "parameter"),
        (b'{"resourceType": "Parameters", "parameter": ["x"]}', "parameter"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": ""}]}', "not be empty"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": null}]}', "name"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": "x", "valueString": 7}]}', "valueString"),
        (b'{"resourceType": "Parameters", "parameter": [{"name": "x", "valueInteger": true}]}', "valueInteger"),
        (b'{"resourceType": "Parameters", "parameter": [{"valueString": "a", "valueCode": "b"}]}', "repetition"),
        (b'{"resourceType": "Parameters", "parameter": [{"valueCoding": {"colour": "red"}}]}', "'colour'"),
    ],
)
def test_the_parser_is_strict(caller: Caller, body: bytes, hint: str) -> None:
    answer = caller.post(body)
    assert answer.status_code == 400
    assert hint in service_text(answer)
    assert issue_code(answer) == "value"


def test_an_empty_number_is_an_error_of_the_parser(caller: Caller) -> None:
    answer = caller.post(permission_body(""))
    assert answer.status_code == 400
    assert "not be empty" in service_text(answer)


@pytest.mark.parametrize("value", [None, {"valueString": "No"}])
def test_a_permission_code_without_coding_trips_the_service_up(caller: Caller, value: dict[str, str] | None) -> None:
    body = permission_body("9990000018")
    parts_of(body)[1] = {"name": "permissionCode", **(value or {})}
    assert_catch_all(caller.post(body))


def test_an_empty_body_trips_the_service_up(caller: Caller) -> None:
    assert_catch_all(caller.post(b""))


def test_an_accept_header_for_plain_json_trips_the_service_up(caller: Caller, patient: str) -> None:
    assert_catch_all(caller.write(patient, Accept="application/json"))
    assert caller.spine.state()[patient] == (True, "")


@pytest.mark.parametrize("accept", ["*/*", FHIR, "text/html, application/fhir+json;q=0.9", "application/*"])
def test_accept_headers_that_allow_fhir(caller: Caller, patient: str, accept: str) -> None:
    assert caller.write(patient, Accept=accept).status_code == 201


def assert_catch_all(answer: Any) -> None:
    assert answer.status_code == 500
    code, display, diagnostics = gateway_issue(answer)
    assert (code, display) == ("UNKNOWN_ERROR", "Unknown Error")
    assert "(Message ID: " in str(diagnostics)
    assert issue_code(answer) == "unknown"


@pytest.mark.parametrize("number", ["9111231130", "9000000000", "999", "99900000189", "nobody", "999 000 0018"])
def test_a_number_spine_does_not_know_or_cannot_read(caller: Caller, number: str) -> None:
    answer = caller.write(number)
    assert answer.status_code == 400
    assert service_text(answer) == UNKNOWN_NUMBER
    assert issue_code(answer) == "value"
    assert caller.spine.writes(number)[-1]["applied"] is False


@pytest.mark.parametrize("name", ["X-Correlation-ID", "X-Request-ID"])
@pytest.mark.parametrize("value", ["1", "2dc8ab1b-0000-4000-8000-00000000000g", "2dc8ab1b00004000800000000000000a"])
def test_ids_that_are_no_uuids(caller: Caller, patient: str, name: str, value: str) -> None:
    answer = caller.write(patient, **{name: value})
    assert answer.status_code == 400
    assert service_text(answer).startswith(f"Invalid {name}")
    assert "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-" in service_text(answer)
    assert issue_code(answer) == "value"
    assert "X-Request-ID" not in answer.headers
    assert "X-Correlation-ID" not in answer.headers


def test_the_correlation_id_is_checked_first(caller: Caller, patient: str) -> None:
    answer = caller.write(patient, X_Request_ID="1", X_Correlation_ID="2")
    assert service_text(answer).startswith("Invalid X-Correlation-ID")


@pytest.mark.parametrize("sent", ["application/json", "text/plain; charset=utf-8", None])
def test_another_content_type_is_415(caller: Caller, patient: str, sent: str | None) -> None:
    answer = caller.post(json.dumps(permission_body(patient)).encode(), Content_Type=sent)
    assert answer.status_code == 415
    assert service_text(answer) == f"Content type '{sent or ''}' not supported"
    assert issue_code(answer) == "not-supported"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/$setPermission", "POST"),
        ("/DocumentReference", "GET"),
        ("/Bundle", "GET,POST"),
        ("/AuditEvent", "POST"),
        ("/healthcheck", "GET"),
    ],
)
def test_another_method_is_405_and_lists_the_right_ones(caller: Caller, path: str, allowed: str) -> None:
    answer = caller.http.put(caller.spine.spine + path, data=b"{}", headers=caller.headers(), timeout=30)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert service_text(answer) == "Request method 'PUT' not supported"
    assert issue_code(answer) == "not-supported"


def test_a_path_that_is_not_there_is_404(caller: Caller) -> None:
    answer = caller.get("/Patient")
    assert answer.status_code == 404
    assert service_text(answer) == "/summary-care-record/FHIR/R4/Patient not found"
    assert issue_code(answer) == "not-found"


def test_a_body_beyond_the_host_limit_is_413(caller: Caller) -> None:
    answer = caller.post(b" " * (11 * 1024 * 1024))
    assert answer.status_code == 413
    assert issue_code(answer) == "invalid"
    assert caller.spine.writes()[-1]["status"] == 413


def test_uploads_and_alerts_are_taken(caller: Caller) -> None:
    assert caller.post({"resourceType": "Bundle"}, "/Bundle").status_code == 201
    assert caller.post({"resourceType": "AuditEvent"}, "/AuditEvent").status_code == 201
    refused = caller.post(b"<invalid_content>>", "/Bundle")
    assert (refused.status_code, issue_code(refused)) == (400, "value")
    assert caller.post({"resourceType": "Patient"}, "/AuditEvent").status_code == 400


def test_the_health_check_needs_nothing(spine: SimulatorProcess) -> None:
    for root in (f"http://127.0.0.1:{spine.port}", spine.spine):
        answer = spine.http.get(f"{root}/healthcheck", timeout=30)
        assert answer.status_code == 200


def test_every_answer_says_that_it_is_simulated(caller: Caller, patient: str) -> None:
    spine = caller.spine
    answers = [
        caller.write(patient),
        caller.read(patient),
        caller.post(b""),
        caller.get("/Nowhere"),
        caller.read(patient, Authorization=None),
        spine.http.get(f"http://127.0.0.1:{spine.port}/elsewhere", timeout=30),
        spine.http.get(f"{spine.auth}/userinfo", timeout=30),
        spine.http.get(f"{spine.simulation}/history", timeout=30),
        spine.http.get(f"{spine.simulation}/nowhere", timeout=30),
    ]
    assert [answer.headers.get("X-Simulated-Spine") for answer in answers] == ["true"] * len(answers)


def test_texts_that_are_no_unicode_end_nothing(caller: Caller, patient: str) -> None:
    odd = json.dumps(permission_body("x\ud800")).replace('"No"', '"\\udfff"').encode()
    assert caller.post(odd).status_code == 400
    body = permission_body("\ud83d")
    assert service_text(caller.post(body)) == UNKNOWN_NUMBER
    assert caller.get("/DocumentReference", {"patient": b"\xff\xfe"}).status_code == 400  # type: ignore[dict-item]
    assert caller.write(patient, X_Request_ID=b"\xff\xfe").status_code == 400
    assert caller.write(patient).status_code == 201
    assert caller.spine.writes()[-2]["status"] == 400
    assert caller.spine.errors() == ""


def test_a_body_nested_without_end(caller: Caller) -> None:
    nested = b'{"part": [' * 900 + b"]}" * 900
    answer = caller.post(b'{"resourceType": "Parameters", "parameter": [' + nested + b"]}")
    assert answer.status_code == 400
    assert caller.spine.errors() == ""
