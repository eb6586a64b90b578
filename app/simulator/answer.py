"""An answer before it becomes HTTP, and the two shapes in which the Spine and its gateway say no.

The service behind the gateway sends `application/fhir+json` with `details.text`; the gateway sends
`application/json` with `details.coding` and `diagnostics`.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

FHIR_JSON = "application/fhir+json"
JSON = "application/json"
ERROR_SYSTEM = "https://fhir.nhs.uk/CodeSystem/Spine-ErrorOrWarningCode"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and what goes with them; `reason` replaces the standard reason phrase."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None

    def with_headers(self, headers: dict[str, str]) -> Answer:
        """The same answer with these headers besides its own."""
        return replace(self, headers={**self.headers, **headers})


def json_answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    """An ordinary JSON answer, as sign-in and the simulation's own addresses give."""
    return Answer(status, json.dumps(body).encode(), JSON, headers or {})


def service_error(status: int, code: str, text: str) -> Answer:
    """An error of the service: an OperationOutcome with `details.text`."""
    issue = {"severity": "error", "code": code, "details": {"text": text}}
    return Answer(status, _outcome(issue), FHIR_JSON)


def gateway_error(
    status: int,
    code: str,
    coding: str,
    display: str,
    diagnostics: str | None = None,
    reason: str | None = None,
) -> Answer:
    """An error of the gateway: an OperationOutcome with `details.coding` and, mostly, `diagnostics`."""
    details = {"coding": [{"system": ERROR_SYSTEM, "version": "1", "code": coding, "display": display}]}
    issue: dict[str, Any] = {"severity": "error", "code": code, "details": details}
    if diagnostics is not None:
        issue["diagnostics"] = diagnostics
    return Answer(status, _outcome(issue), JSON, reason=reason)


def catch_all(status: int) -> Answer:
    """What the gateway puts in place of any answer it does not expect."""
    return gateway_error(
        status,
        "unknown",
        "UNKNOWN_ERROR",
        "Unknown Error",
        "An unknown error occurred processing this request. Contact us for assistance diagnosing this issue: "
        f"https://digital.nhs.uk/developer/help-and-support. (Message ID: {uuid.uuid4()})",
    )


def access_denied(fault: str) -> Answer:
    """The gateway's 401: the token is missing, wrong, expired or revoked."""
    return gateway_error(401, "forbidden", "ACCESS_DENIED", fault)


def too_many_requests(limit: str, *, as_on_pds: bool) -> Answer:
    """The gateway's 429, in one of two bodies: which one the live service sends is not settled.

    `limit` says which limit was met; only the body used on PDS, on the same gateway, names it.
    """
    if not as_on_pds:
        return catch_all(429)
    return gateway_error(
        429,
        "value",
        "TOO_MANY_REQUESTS",
        "Too many requests",
        f"You have exceeded your application's {limit} limit. Wait before you send the next request.",
    )


def _outcome(issue: dict[str, Any]) -> bytes:
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}, indent=2).encode()
