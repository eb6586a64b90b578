"""The two messages, and the strict reading of a patient's record pointer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.decision import Permission, SpineConsent, Summary
from app.engine.spine_port import MessageIds
from app.spine.messages import consent_query, dissent, read_consent
from app.spine.strict_json import NotUnderstood
from tests.helpers.spine_answers import (
    ANOTHER_NUMBER,
    NHS_NUMBER,
    NO_SUMMARY,
    NUMBER_SYSTEM,
    PERMISSION_SYSTEM,
    as_bytes,
    summary,
)

BASE = "https://spine.example/summary-care-record/FHIR/R4"
IDS = MessageIds("0b3cd1a4-5c59-4d3b-9d0f-8a4a0d1c7e11", "9f0e6a4c-4a86-4f5c-8f6b-7d7d7fcb4a22")


def test_the_query_names_the_patient_and_carries_every_header():
    message = consent_query(BASE, NHS_NUMBER, IDS, "555910000101", "a-token")
    parts = urlsplit(message.url)
    assert message.method == "GET"
    assert message.body is None
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{BASE}/DocumentReference"
    assert parse_qs(parts.query, strict_parsing=True) == {
        "patient": [f"https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}"]
    }
    assert message.headers["Accept"] == "application/fhir+json"
    assert message.headers["X-Request-ID"] == IDS.request_id
    assert message.headers["X-Correlation-ID"] == IDS.correlation_id
    assert message.headers["NHSD-Session-URID"] == "555910000101"
    assert message.headers["Authorization"] == "Bearer a-token"
    assert "Content-Type" not in message.headers


def test_the_dissent_says_no_and_nothing_else():
    message = dissent(BASE, NHS_NUMBER, IDS, "555910000101", "a-token")
    assert message.method == "POST"
    assert message.url == f"{BASE}/$setPermission"
    assert message.headers["Content-Type"] == "application/fhir+json"
    assert message.body is not None
    assert json.loads(message.body) == {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "setPermissions",
                "part": [
                    {"name": "nhsNumber", "valueString": NHS_NUMBER},
                    {
                        "name": "permissionCode",
                        "valueCoding": {"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": "No"},
                    },
                ],
            }
        ],
    }


def test_without_a_sign_in_no_token_is_sent():
    assert "Authorization" not in consent_query(BASE, NHS_NUMBER, IDS, "555254240100", None).headers


@pytest.mark.parametrize("number", ["", "999000001", "99900000188", "999 000 0018", "9990000018\n", "٩٩٩٠٠٠٠٠١٨", "x"])
@pytest.mark.parametrize("build", [consent_query, dissent])
def test_nothing_but_ten_digits_gets_into_a_message(build, number):
    with pytest.raises(ValueError, match="ten digits") as told:
        build(BASE, number, IDS, "555910000101", "a-token")
    assert not number.strip() or number.strip() not in str(told.value)


def test_a_message_shows_nothing_of_itself():
    shown = repr(dissent(BASE, NHS_NUMBER, IDS, "555910000101", "a-token"))
    assert NHS_NUMBER not in shown
    assert "a-token" not in shown


@pytest.mark.parametrize(
    ("label", "permission"), [("Yes", Permission.YES), ("No", Permission.NO), ("Ask", Permission.ASK)]
)
def test_a_summary_tells_its_permission(label, permission):
    assert read_consent(as_bytes(summary(label)), NHS_NUMBER) == SpineConsent(Summary.YES, permission)


def test_a_total_of_nought_is_no_summary_and_tells_no_permission():
    none = SpineConsent(Summary.NO, Permission.NOT_TOLD)
    assert read_consent(as_bytes(NO_SUMMARY), NHS_NUMBER) == none
    assert read_consent(as_bytes({**NO_SUMMARY, "entry": []}), NHS_NUMBER) == none


def test_the_order_of_the_entries_and_what_is_added_to_them_does_not_matter():
    bundle = summary("Ask")
    bundle["entry"].reverse()
    bundle["entry"][0]["search"] = {"mode": "include"}
    bundle["meta"] = {"lastUpdated": "2026-11-02T18:30:00Z"}
    assert read_consent(as_bytes(bundle), NHS_NUMBER).permission is Permission.ASK


GONE = object()
POINTER, PATIENT = ("entry", 0, "resource"), ("entry", 1, "resource")
NUMBER = (*PATIENT, "identifier", 0)
LABEL = (*POINTER, "securityLabel", 0)
CODING = (*LABEL, "coding", 0)
OUTCOME = {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}
GOOD = summary()
DISSENTING = summary("No")["entry"][0]["resource"]["securityLabel"][0]
OTHER = {"system": NUMBER_SYSTEM, "value": ANOTHER_NUMBER}
OWN = {"system": NUMBER_SYSTEM, "value": NHS_NUMBER}

# Where the answer is spoilt, and what stands there then.
DAMAGES: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("another resource", ("resourceType",), "OperationOutcome"),
    ("another kind of bundle", ("type",), "document"),
    ("no total", ("total",), GONE),
    ("a total as text", ("total",), "1"),
    ("a total with a fraction", ("total",), 1.0),
    ("a total that is true", ("total",), True),
    ("a total of two", ("total",), 2),
    ("a negative total", ("total",), -1),
    ("a total of nought with entries", ("total",), 0),
    ("no entries", ("entry",), GONE),
    ("entries that are null", ("entry",), None),
    ("entries that are no list", ("entry",), {"0": GOOD["entry"][0], "1": GOOD["entry"][1]}),
    ("no patient", ("entry",), GOOD["entry"][:1]),
    ("no pointer", ("entry",), GOOD["entry"][1:]),
    ("two pointers", ("entry", 1), GOOD["entry"][0]),
    ("a third entry", ("entry",), [*GOOD["entry"], GOOD["entry"][1]]),
    ("an entry without a resource", POINTER, GONE),
    ("an entry that is null", ("entry", 1), None),
    ("an outcome in the patient's place", ("entry", 1), OUTCOME),
    ("a pointer that is not the match", ("entry", 0, "search", "mode"), "include"),
    ("a pointer that does not say", ("entry", 0, "search"), GONE),
    ("a patient that is the match", ("entry", 1, "search"), {"mode": "match"}),
    ("a search that is text", ("entry", 1, "search"), "include"),
    ("another patient", (*NUMBER, "value"), ANOTHER_NUMBER),
    ("a number with spaces", (*NUMBER, "value"), "999 000 0018"),
    ("a number that is a number", (*NUMBER, "value"), int(NHS_NUMBER)),
    ("two numbers", (*PATIENT, "identifier"), [OWN, OTHER]),
    ("the number twice", (*PATIENT, "identifier"), [OWN, OWN]),
    ("a number of another kind", (*NUMBER, "system"), "https://fhir.nhs.uk/Id/local-number"),
    ("no identifier", (*PATIENT, "identifier"), GONE),
    ("an identifier that is text", NUMBER, NHS_NUMBER),
    ("a pointer of somebody else", (*POINTER, "subject", "reference"), "Patient/0"),
    ("a pointer of nobody", (*POINTER, "subject"), GONE),
    ("a pointer of nobody known", (*PATIENT, "id"), GONE),
    ("a superseded pointer", (*POINTER, "status"), "superseded"),
    ("a pointer entered in error", (*POINTER, "status"), "entered-in-error"),
    ("a pointer without a status", (*POINTER, "status"), GONE),
    ("a pointer to no summary", (*POINTER, "masterIdentifier"), GONE),
    ("a pointer to a blank summary", (*POINTER, "masterIdentifier", "value"), " "),
    ("a pointer to something else", (*POINTER, "masterIdentifier", "system"), "urn:ietf:rfc:3986"),
    ("no label", (*POINTER, "securityLabel"), GONE),
    ("an empty label", (*POINTER, "securityLabel"), []),
    ("two labels", (*POINTER, "securityLabel"), [GOOD["entry"][0]["resource"]["securityLabel"][0], DISSENTING]),
    ("the same label twice", (*POINTER, "securityLabel"), [DISSENTING, DISSENTING]),
    ("two codings", (*LABEL, "coding"), [{"system": PERMISSION_SYSTEM, "code": code} for code in ("Ask", "No")]),
    ("a coding that is no list", (*LABEL, "coding"), {"system": PERMISSION_SYSTEM, "code": "Ask"}),
    ("a label of an older system", (*CODING, "system"), "https://fhir.nhs.uk/R4/CodeSystem/SCR-ACSPermission"),
    ("a label without a system", (*CODING, "system"), GONE),
    ("a label without a code", (*CODING, "code"), GONE),
    ("a permission that does not exist", (*CODING, "code"), "Maybe"),
    ("a permission in small letters", (*CODING, "code"), "ask"),
    ("a permission with a blank", (*CODING, "code"), "Ask "),
    ("a permission that is a list", (*CODING, "code"), ["Ask"]),
]


def spoilt(bundle: dict[str, Any], place: tuple[str | int, ...], value: Any) -> bytes:
    node: Any = bundle
    for step in place[:-1]:
        node = node[step]
    if value is GONE:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return as_bytes(bundle)


@pytest.mark.parametrize(("what", "place", "value"), DAMAGES, ids=[what for what, _, _ in DAMAGES])
@pytest.mark.parametrize("label", ["Ask", "Yes", "No"])
def test_a_damaged_answer_is_not_understood(label, what, place, value):
    with pytest.raises(NotUnderstood):
        read_consent(spoilt(summary(label), place, value), NHS_NUMBER)


@pytest.mark.parametrize(
    "document",
    [{**NO_SUMMARY, "entry": None}, {**NO_SUMMARY, "entry": {}}, {**NO_SUMMARY, "total": False}, [GOOD], [], {}],
)
def test_neither_a_summary_nor_none(document):
    with pytest.raises(NotUnderstood):
        read_consent(as_bytes(document), NHS_NUMBER)


def test_the_undamaged_answer_would_have_been_understood():
    assert all(read_consent(as_bytes(summary(label)), NHS_NUMBER) for label in ("Ask", "Yes", "No"))
    with pytest.raises(NotUnderstood):
        read_consent(as_bytes(summary("Ask")), ANOTHER_NUMBER)
