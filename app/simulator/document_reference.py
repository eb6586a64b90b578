"""GET `/DocumentReference`: has the patient a summary, and which permission does the ACS hold?

The shapes are the service's, oddities included: two entries for one match, a display that begins with a blank, the
Patient entry's bare id, resource ids that are new each time.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from app.simulator.answer import FHIR_JSON, Answer, service_error
from app.simulator.call import NHS_NUMBER_PREFIX
from app.simulator.options import DissentShape
from app.simulator.patients import PERMISSION_SYSTEM, Patients, scr_id
from app.simulator.spine_errors import DISSENT_IN_FORCE

_SUMMARY_TYPE = {
    "coding": [{"system": "http://snomed.info/sct", "code": "196981000000101", "display": " General Practice Summary"}]
}
_ONLY_VALUES = {"type": "http://snomed.info/sct|196981000000101", "_sort": "date", "_count": "1"}


def document_bundle(base: str, nhs_number: str, label: str) -> dict[str, Any]:
    """The search result for a patient with a summary, as a document."""
    reference_id, patient_id, summary_id = str(uuid.uuid4()), str(uuid.uuid4()), scr_id(nhs_number)
    reference = {
        "resourceType": "DocumentReference",
        "id": reference_id,
        "masterIdentifier": {"system": "https://fhir.nhs.uk/Id/nhsSCRUUID", "value": summary_id},
        "status": "current",
        "type": _SUMMARY_TYPE,
        "subject": {"reference": f"Patient/{patient_id}"},
        "securityLabel": [{"coding": [{"system": PERMISSION_SYSTEM, "code": label}]}],
        "content": [
            {
                "attachment": {
                    "url": f"{base}/Bundle?composition.identifier={summary_id}"
                    f"&composition.subject:Patient.identifier={NHS_NUMBER_PREFIX}{nhs_number}"
                }
            }
        ],
        "context": {"event": [_SUMMARY_TYPE]},
    }
    patient = {
        "resourceType": "Patient",
        "id": patient_id,
        "identifier": [{"system": NHS_NUMBER_PREFIX.rstrip("|"), "value": nhs_number}],
    }
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "type": "searchset",
        "total": 1,
        "entry": [
            {
                "fullUrl": f"{base}/DocumentReference/{reference_id}",
                "resource": reference,
                "search": {"mode": "match"},
            },
            {"fullUrl": patient_id, "resource": patient},
        ],
    }


def empty_bundle() -> dict[str, Any]:
    """The search result for a patient without a summary: a total of 0 and no entries."""
    return {"resourceType": "Bundle", "id": str(uuid.uuid4()), "type": "searchset", "total": 0}


def patient_in(query: Mapping[str, str], name: str) -> str | Answer:
    """The number in a query parameter that must name a patient, or the service's complaint."""
    value = query.get(name)
    if value is None:
        return missing_parameter(name)
    number = value.removeprefix(NHS_NUMBER_PREFIX)
    return number if number and number != value else _invalid_parameter(name, value)


def missing_parameter(name: str) -> Answer:
    """The service's answer when a required query parameter is missing."""
    return service_error(
        400, "value", f"Required request parameter '{name}' for method parameter type String is not present"
    )


def _invalid_parameter(name: str, value: str) -> Answer:
    return service_error(400, "value", f"Invalid value - {value} in field '{name}'")


class DocumentReference:
    """The service's operation, with Spine behind it."""

    def __init__(self, patients: Patients, base: str, dissent_shape: DissentShape) -> None:
        self._patients = patients
        self._base = base
        self._dissent_shape = dissent_shape

    def search(self, query: Mapping[str, str]) -> Answer:
        """Answer a search for one patient's summary."""
        nhs_number = patient_in(query, "patient")
        if isinstance(nhs_number, Answer):
            return nhs_number
        for name, only in _ONLY_VALUES.items():
            if query.get(name) not in (None, "", only):
                return _invalid_parameter(name, query[name])
        return self.of_patient(nhs_number)

    def of_patient(self, nhs_number: str) -> Answer:
        """What a read shows of this patient; a number nobody knows has no summary."""
        patient = self._patients.find(nhs_number)
        if patient is None:
            return _found(empty_bundle())
        if patient.dissents and self._refuses(patient.has_scr):
            return DISSENT_IN_FORCE
        if not patient.has_scr:
            return _found(empty_bundle())
        return _found(document_bundle(self._base, nhs_number, patient.label))

    def _refuses(self, has_scr: bool) -> bool:
        if self._dissent_shape is DissentShape.FORBIDDEN:
            return True
        return self._dissent_shape is DissentShape.LABEL and not has_scr


def _found(bundle: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(bundle, indent=2).encode(), FHIR_JSON)
