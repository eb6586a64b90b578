"""Ready-made answers for scripted faults: errors in the Spine's own words, and answers damaged on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.simulator.answer import (
    FHIR_JSON,
    Answer,
    access_denied,
    catch_all,
    gateway_error,
    service_error,
    too_many_requests,
)
from app.simulator.document_reference import document_bundle
from app.simulator.options import Addresses
from app.simulator.spine_errors import (
    ACCESS_REFUSED,
    DISSENT_IN_FORCE,
    DUPLICATE_MESSAGE_ID,
    INVALID_UPDATE,
    LOGICAL_INCONSISTENCY,
    NHS_NUMBER_UNKNOWN,
    NOT_ENABLED,
    SERVICE_NOT_AVAILABLE,
    role_code_unknown,
)

_STAND_INS = ("9000000009", "9000000017")
_OVERSIZE = 2 * 1024 * 1024
_DEPTH = 100_000
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class FaultContext:
    """What a ready-made answer may need to know of the request it stands in for."""

    addresses: Addresses
    now: datetime
    nhs_number: str | None
    label: str
    role_id: str | None


FaultAnswer = Callable[[FaultContext], Answer]


def _always(answer: Answer) -> FaultAnswer:
    return lambda _: answer


def _html(status: int, title: str) -> Answer:
    page = f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    return Answer(status, page.encode(), _HTML)


def _bundle(context: FaultContext, nhs_number: str | None = None) -> dict[str, Any]:
    number = nhs_number or context.nhs_number or _STAND_INS[0]
    return document_bundle(context.addresses.spine, number, context.label)


def _found(bundle: dict[str, Any], *, replace: tuple[str, str] | None = None) -> Answer:
    text = json.dumps(bundle, indent=2)
    return Answer(200, (text.replace(*replace, 1) if replace else text).encode(), FHIR_JSON)


def _wrong_patient(context: FaultContext) -> Answer:
    other = next(number for number in _STAND_INS if number != context.nhs_number)
    return _found(_bundle(context, other))


def _two_labels(context: FaultContext) -> Answer:
    bundle = _bundle(context)
    labels = bundle["entry"][0]["resource"]["securityLabel"]
    coding = labels[0]["coding"][0]
    labels.append({"coding": [{**coding, "code": "Yes" if coding["code"] == "No" else "No"}]})
    return _found(bundle)


def _unknown_code(context: FaultContext) -> Answer:
    bundle = _bundle(context)
    bundle["entry"][0]["resource"]["securityLabel"][0]["coding"][0]["code"] = "Maybe"
    return _found(bundle)


def _no_entry(context: FaultContext) -> Answer:
    bundle = _bundle(context)
    del bundle["entry"]
    return _found(bundle)


def _oversized(context: FaultContext) -> Answer:
    return _found(_bundle(context) | {"meta": {"tag": [{"display": "x" * _OVERSIZE}]}})


def _malformed(context: FaultContext) -> Answer:
    whole = _found(_bundle(context)).body
    return Answer(200, whole[: len(whole) // 2], FHIR_JSON)


def _redirect(context: FaultContext) -> Answer:
    return Answer(302, headers={"Location": f"{context.addresses.root}/elsewhere"})


READY_MADE: dict[str, FaultAnswer] = {
    "500": lambda _: catch_all(500),
    "502": lambda _: catch_all(502),
    "503_json": _always(SERVICE_NOT_AVAILABLE),
    "503_html": _always(_html(503, "503 Service Temporarily Unavailable")),
    "504": _always(service_error(504, "transient", "Gateway timeout")),
    "429": lambda _: too_many_requests("quota", as_on_pds=False),
    "429_pds": lambda _: too_many_requests("quota", as_on_pds=True),
    "401_expired": _always(access_denied("Access Token expired")),
    "401_invalid": _always(access_denied("Invalid Access Token")),
    "403_420": _always(ACCESS_REFUSED),
    "403_30418": _always(DISSENT_IN_FORCE),
    "403_neither": _always(NOT_ENABLED),
    "400_35160": _always(NHS_NUMBER_UNKNOWN),
    "400_duplicate": _always(DUPLICATE_MESSAGE_ID),
    "400_410": _always(LOGICAL_INCONSISTENCY),
    "400_430": _always(INVALID_UPDATE),
    "400_no_asid": lambda _: catch_all(400),
    "400_role_code": lambda context: role_code_unknown(context.role_id or "null"),
    "400_role_header": _always(
        gateway_error(400, "400", "INVALID_VALUE", "Provided value is invalid", "nhsd-session-urid is invalid")
    ),
    "302": _redirect,
    "404": _always(service_error(404, "not-found", "/ not found")),
    "413": _always(service_error(413, "invalid", "Request entity too large")),
    "html_200": _always(_html(200, "Sign in to the network")),
    "empty_200": _always(Answer(200, content_type=FHIR_JSON)),
    "malformed_json": _malformed,
    "deep_nesting": _always(Answer(200, b'{"entry":' * _DEPTH + b"0" + b"}" * _DEPTH, FHIR_JSON)),
    "nan": lambda context: _found(_bundle(context), replace=('"total": 1', '"total": NaN')),
    "duplicate_keys": lambda context: _found(_bundle(context), replace=('"total": 1', '"total": 0,\n  "total": 1')),
    "wrong_patient": _wrong_patient,
    "two_labels": _two_labels,
    "unknown_code": _unknown_code,
    "total_mismatch": lambda context: _found(_bundle(context) | {"total": 0}),
    "no_entry": _no_entry,
    "oversized": _oversized,
}
"""Answers a fault names by `answer`."""

BY_STATUS = {
    302: "302", 400: "400_35160", 401: "401_expired", 403: "403_neither", 404: "404", 413: "413", 429: "429",
    500: "500", 502: "502", 503: "503_json", 504: "504",
}  # fmt: skip
"""The ready-made answer of a fault that gives a status and no body."""
