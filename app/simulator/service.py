"""The Java service behind the gateway: ids, paths, methods, media types, and its five operations.

Order of its checks: UUID headers, path and method, media types, missing header, then the operation's own. The three
operations a consent migration does not use are answered plausibly and change nothing.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.simulator.answer import FHIR_JSON, Answer, catch_all, service_error
from app.simulator.document_reference import DocumentReference, empty_bundle, missing_parameter, patient_in
from app.simulator.gateway import ROLE_HEADER
from app.simulator.options import FHIR_PATH
from app.simulator.patients import Change, Patients, scr_id
from app.simulator.set_permission import CREATED, SetPermission

if TYPE_CHECKING:
    from app.simulator.call import Call

_UUID = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_IS_UUID = re.compile(_UUID.strip("^$"))
_ACCEPTABLE = {"*/*", "application/*", FHIR_JSON}
_HEALTHY = Answer(200, b'{"status": "UP"}', "application/json")


@dataclass(frozen=True, slots=True)
class Handled:
    """The service's answer, and the change it promises if it has one to make."""

    answer: Answer
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """A call past the first checks, with its ids and role as the service uses them."""

    call: Call
    request_id: str
    correlation_id: str
    role_id: str


class Service:
    """The service of one simulated Spine."""

    def __init__(
        self, patients: Patients, set_permission: SetPermission, document_reference: DocumentReference
    ) -> None:
        self._patients = patients
        self._set_permission = set_permission
        self._document_reference = document_reference
        self._operations: dict[str, dict[str, Callable[[_Request], Handled]]] = {
            "/$setPermission": {"POST": self._change_permission},
            "/DocumentReference": {"GET": self._find_document},
            "/Bundle": {"GET": self._get_summary, "POST": self._upload},
            "/AuditEvent": {"POST": self._alert},
            "/healthcheck": {"GET": lambda _: Handled(_HEALTHY)},
        }

    def handle(self, call: Call, role_id: str | None) -> Handled:
        """Answer a request the gateway has let through; every answer but a complaint about the ids mirrors them."""
        for name in ("X-Correlation-ID", "X-Request-ID"):
            if (value := call.headers.get(name)) and not _IS_UUID.fullmatch(value):
                return Handled(service_error(400, "value", f'Invalid {name}. Should be a UUIDv4 matching "{_UUID}"'))
        request_id = call.request_id or _made_up_id()
        correlation_id = call.correlation_id or _made_up_id()
        handled = self._route(call, role_id, request_id, correlation_id)
        mirrored = {"X-Request-ID": request_id, "X-Correlation-ID": correlation_id}
        return Handled(handled.answer.with_headers(mirrored), handled.change)

    def _route(self, call: Call, role_id: str | None, request_id: str, correlation_id: str) -> Handled:
        methods = self._operations.get(call.path.removeprefix(FHIR_PATH))
        if methods is None:
            return Handled(service_error(404, "not-found", f"{call.path} not found"))
        operation = methods.get(call.method)
        if operation is None:
            text = f"Request method '{call.method}' not supported"
            return Handled(service_error(405, "not-supported", text).with_headers({"Allow": ",".join(methods)}))
        if call.method == "POST" and (refusal := _refusal_of_content_type(call)):
            return Handled(refusal)
        if not _accepts_fhir(call):
            return Handled(catch_all(500))
        if call.method == "POST" and role_id is None:
            return Handled(
                service_error(
                    400,
                    "value",
                    f"Required request header '{ROLE_HEADER}' for method parameter type String is not present",
                )
            )
        return operation(_Request(call, request_id, correlation_id, role_id or ""))

    def _change_permission(self, request: _Request) -> Handled:
        checked = self._set_permission.check(
            request.call.body, request.role_id, request.request_id, request.correlation_id
        )
        return Handled(CREATED, checked) if isinstance(checked, Change) else Handled(checked)

    def _find_document(self, request: _Request) -> Handled:
        return Handled(self._document_reference.search(request.call.query))

    def _get_summary(self, request: _Request) -> Handled:
        query = request.call.query
        if "composition.identifier" not in query:
            return Handled(missing_parameter("composition.identifier"))
        nhs_number = patient_in(query, "composition.subject:Patient.identifier")
        if isinstance(nhs_number, Answer):
            return Handled(nhs_number)
        pointer = self._document_reference.of_patient(nhs_number)
        if pointer.status != 200:
            return Handled(pointer)
        patient = self._patients.find(nhs_number)
        bundle = empty_bundle()
        if patient and patient.has_scr and query["composition.identifier"] == scr_id(nhs_number):
            bundle |= _summary_entries(nhs_number)
        return Handled(Answer(200, json.dumps(bundle, indent=2).encode(), FHIR_JSON))

    def _upload(self, request: _Request) -> Handled:
        return Handled(_created_if_json(request.call, "Bundle"))

    def _alert(self, request: _Request) -> Handled:
        return Handled(_created_if_json(request.call, "AuditEvent"))


def _made_up_id() -> str:
    return str(uuid.uuid4()).upper()


def _refusal_of_content_type(call: Call) -> Answer | None:
    content_type = call.headers.get("Content-Type", "")
    if content_type.partition(";")[0].strip().lower() == FHIR_JSON:
        return None
    return service_error(415, "not-supported", f"Content type '{content_type}' not supported")


def _accepts_fhir(call: Call) -> bool:
    accept = call.headers.get("Accept", "*/*")
    return any(part.partition(";")[0].strip().lower() in _ACCEPTABLE for part in accept.split(","))


def _created_if_json(call: Call, resource_type: str) -> Answer:
    try:
        document = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        return service_error(400, "value", f"Failed to parse JSON encoded FHIR content: {error}")
    found = document.get("resourceType") if isinstance(document, dict) else None
    if found != resource_type:
        return service_error(
            400, "value", f'Incorrect resource type found, expected "{resource_type}" but found "{found}"'
        )
    return CREATED


def _summary_entries(nhs_number: str) -> dict[str, object]:
    """A summary's first and last resource, without any clinical content."""
    composition = {"resourceType": "Composition", "id": scr_id(nhs_number), "status": "final"}
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number}],
    }
    return {"total": 2, "entry": [{"resource": composition}, {"resource": patient}]}
