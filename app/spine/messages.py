"""The two messages of the Consent Migration and the strict reading of the one answer with a content.

The only permission that can be put into a message here is No.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from app.domain.decision import NO_SUMMARY, Permission, SpineConsent, Summary
from app.domain.nhs_number import has_number_shape
from app.engine.spine_port import MessageIds
from app.spine.strict_json import NotUnderstood, read_object

FHIR_JSON = "application/fhir+json"
_NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
_PERMISSION_SYSTEM = "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission"
_SUMMARY_ID_SYSTEM = "https://fhir.nhs.uk/Id/nhsSCRUUID"
_PATIENT_QUERY = quote(f"{_NHS_NUMBER_SYSTEM}|", safe="")
_PERMISSIONS = {"Yes": Permission.YES, "No": Permission.NO, "Ask": Permission.ASK}


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP request. Nothing of it is shown: the address holds an NHS number, the headers a token."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


def consent_query(base: str, nhs_number: str, ids: MessageIds, role_id: str | None, token: str | None) -> Message:
    """The read of a patient's record pointer. Raises ValueError unless the number is ten digits."""
    _require_ten_digits(nhs_number)
    url = f"{base}/DocumentReference?patient={_PATIENT_QUERY}{nhs_number}"
    return Message("GET", url, _headers(ids, role_id, token))


def dissent(base: str, nhs_number: str, ids: MessageIds, role_id: str | None, token: str | None) -> Message:
    """The one write there is: hold No for this patient. Raises ValueError unless the number is ten digits."""
    _require_ten_digits(nhs_number)
    headers = _headers(ids, role_id, token)
    headers["Content-Type"] = FHIR_JSON
    return Message("POST", f"{base}/$setPermission", headers, _dissent_body(nhs_number))


def read_consent(body: bytes, nhs_number: str) -> SpineConsent:
    """What a 200 to `consent_query` tells of the patient asked about.

    Raises `NotUnderstood` unless the answer is whole, unambiguous and about this patient: a bundle with a total of 0
    and nothing in it, or with one current record pointer, the patient it belongs to, and one permission.
    """
    bundle = read_object(body)
    _require(bundle.get("resourceType") == "Bundle" and bundle.get("type") == "searchset", "not a search result")
    total, entries = bundle.get("total"), bundle.get("entry", [])
    _require(type(total) is int and total in (0, 1), "a total that is neither 0 nor 1")
    if total == 0:
        _require(entries == [], "entries in spite of a total of 0")
        return NO_SUMMARY
    pointer, patient = _one_pointer_and_patient(entries)
    _require(_sole_nhs_number(patient) == nhs_number, "about another patient, or not saying about whom")
    _require(_belongs_to(pointer, patient), "a record pointer of somebody else")
    _require(pointer.get("status") == "current", "a record pointer that is not current")
    _require(_names_summary(pointer.get("masterIdentifier")), "a record pointer to no summary")
    return SpineConsent(Summary.YES, _sole_permission(pointer))


def _require_ten_digits(nhs_number: str) -> None:
    if not has_number_shape(nhs_number):
        raise ValueError("An NHS number is ten digits.")


def _headers(ids: MessageIds, role_id: str | None, token: str | None) -> dict[str, str]:
    headers = {
        "Accept": FHIR_JSON,
        # Answers are small: packing them would cost both sides more than it saves.
        "Accept-Encoding": "identity",
        "X-Request-ID": ids.request_id,
        "X-Correlation-ID": ids.correlation_id,
    }
    if role_id is not None:
        headers["NHSD-Session-URID"] = role_id
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _dissent_body(nhs_number: str) -> bytes:
    part = [
        {"name": "nhsNumber", "valueString": nhs_number},
        {"name": "permissionCode", "valueCoding": {"system": _PERMISSION_SYSTEM, "code": Permission.NO.value}},
    ]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "setPermissions", "part": part}]}
    return json.dumps(parameters).encode()


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise NotUnderstood(otherwise)


def _one_pointer_and_patient(entries: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record pointer, which is the match, and the patient, which comes along."""
    _require(isinstance(entries, list) and len(entries) == 2, "not one record pointer and its patient")
    pointer, patient = None, None
    for entry in entries:
        _require(isinstance(entry, dict) and isinstance(entry.get("resource"), dict), "an entry without a resource")
        resource, mode = entry["resource"], _search_mode(entry)
        if resource.get("resourceType") == "DocumentReference" and mode == "match":
            pointer = resource
        elif resource.get("resourceType") == "Patient" and mode in (None, "include"):
            patient = resource
    if pointer is None or patient is None:
        raise NotUnderstood("not one record pointer and its patient")
    return pointer, patient


def _search_mode(entry: dict[str, Any]) -> Any:
    search = entry.get("search")
    if search is None:
        return None
    _require(isinstance(search, dict) and isinstance(search.get("mode"), str), "a damaged entry")
    return search["mode"]


def _sole_nhs_number(patient: dict[str, Any]) -> str:
    identifiers = patient.get("identifier")
    if not isinstance(identifiers, list) or not all(isinstance(identifier, dict) for identifier in identifiers):
        raise NotUnderstood("a patient without a number")
    numbers = [found.get("value") for found in identifiers if found.get("system") == _NHS_NUMBER_SYSTEM]
    if len(numbers) == 1 and isinstance(numbers[0], str):
        return numbers[0]
    raise NotUnderstood("a patient without one NHS number")


def _belongs_to(pointer: dict[str, Any], patient: dict[str, Any]) -> bool:
    """The patient's entry proves nothing about the pointer unless the pointer names it."""
    subject, patient_id = pointer.get("subject"), patient.get("id")
    if not isinstance(subject, dict) or not isinstance(patient_id, str) or not patient_id:
        return False
    return bool(subject.get("reference") == f"Patient/{patient_id}")


def _names_summary(identifier: Any) -> bool:
    if not isinstance(identifier, dict) or identifier.get("system") != _SUMMARY_ID_SYSTEM:
        return False
    value = identifier.get("value")
    return isinstance(value, str) and bool(value.strip())


def _sole_permission(pointer: dict[str, Any]) -> Permission:
    label = _sole(pointer.get("securityLabel"), "not one security label")
    coding = _sole(label.get("coding"), "not one permission")
    _require(coding.get("system") == _PERMISSION_SYSTEM, "a label that is no permission")
    code = coding.get("code")
    if not isinstance(code, str) or code not in _PERMISSIONS:
        raise NotUnderstood("a permission that does not exist")
    return _PERMISSIONS[code]


def _sole(objects: Any, otherwise: str) -> dict[str, Any]:
    """The one object of a list of one."""
    if isinstance(objects, list) and len(objects) == 1 and isinstance(objects[0], dict):
        return objects[0]
    raise NotUnderstood(otherwise)
