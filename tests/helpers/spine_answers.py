"""What the Spine answers, word for word as the contract has it, for tests that need no simulated Spine."""

from __future__ import annotations

import json
from typing import Any

NHS_NUMBER = "9990000018"
ANOTHER_NUMBER = "9990000026"
PERMISSION_SYSTEM = "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission"
NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"

UNKNOWN_NUMBER_TEXT = (
    "Code: 400, Display: Invalid Request;Code: 35160, Display: [PSIS-35160] - Invalid input message. "
    "Mandatory field NHS Number is missing or incorrect"
)
DISSENT_TEXT = (
    "Code: 420, Display: Business condition related to access control  which prevents the action being performed by "
    "PSIS;Code: 30418, Display: [PSIS-30418] - ACF does not permit access to resource"
)
ACCESS_TEXT = "Code: 420, Display: Business condition related to access control"
DUPLICATE_TEXT = "Code: 401, Display: Duplicate Message ID"
ROLE_TEXT = "Unable to determine Job Role Code for the given RoleID via the SDS Service: 555910000101"
NOT_ENABLED_TEXT = "The sending system is not enabled for interaction QUPC_IN190000UK04"

NO_SUMMARY: dict[str, Any] = {
    "resourceType": "Bundle",
    "id": "5b1a70f5-41c3-4dcb-bb12-3a5d3a3f1a10",
    "type": "searchset",
    "total": 0,
}


def summary(label: str = "Ask", nhs_number: str = NHS_NUMBER) -> dict[str, Any]:
    """The answer for a patient with a summary and this View permission."""
    kind = {"coding": [{"system": "http://snomed.info/sct", "code": "196981000000101"}]}
    pointer = {
        "resourceType": "DocumentReference",
        "id": "6d334ca8-a6e1-4bae-93b1-19a14a36ea7a",
        "masterIdentifier": {
            "system": "https://fhir.nhs.uk/Id/nhsSCRUUID",
            "value": "FA60BE64-1F34-11EB-A2A8-000C29A364EB",
        },
        "status": "current",
        "type": kind,
        "subject": {"reference": "Patient/9b9a16ed-3cd0-45b2-ab1f-e625dd0251c1"},
        "securityLabel": [{"coding": [{"system": PERMISSION_SYSTEM, "code": label}]}],
        "content": [{"attachment": {"url": f"https://spine.example/Bundle?x={NUMBER_SYSTEM}|{nhs_number}"}}],
        "context": {"event": [kind]},
    }
    patient = {
        "resourceType": "Patient",
        "id": "9b9a16ed-3cd0-45b2-ab1f-e625dd0251c1",
        "identifier": [{"system": NUMBER_SYSTEM, "value": nhs_number}],
    }
    return {
        "resourceType": "Bundle",
        "id": "55f8ba57-761a-406e-b61d-423027830fef",
        "type": "searchset",
        "total": 1,
        "entry": [
            {
                "fullUrl": "https://spine.example/DocumentReference/6d33",
                "resource": pointer,
                "search": {"mode": "match"},
            },
            {"fullUrl": "9b9a16ed-3cd0-45b2-ab1f-e625dd0251c1", "resource": patient},
        ],
    }


def service_error(text: str, code: str = "value") -> dict[str, Any]:
    """An error of the service."""
    issue = {"severity": "error", "code": code, "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def gateway_error(coding: str, display: str, diagnostics: str | None = None) -> dict[str, Any]:
    """An error of the gateway."""
    system = "https://fhir.nhs.uk/CodeSystem/Spine-ErrorOrWarningCode"
    issue: dict[str, Any] = {
        "severity": "error",
        "code": "unknown",
        "details": {"coding": [{"system": system, "version": "1", "code": coding, "display": display}]},
    }
    if diagnostics is not None:
        issue["diagnostics"] = diagnostics
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def as_bytes(document: Any) -> bytes:
    """The document as it goes over the wire."""
    return json.dumps(document).encode()
