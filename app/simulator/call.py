"""One request as the simulated Spine sees it, read once and before anything judges it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.simulator.options import AUTH_PATH, FHIR_PATH

NHS_NUMBER_PREFIX = "https://fhir.nhs.uk/Id/nhs-number|"


class Operation(StrEnum):
    """The kinds of request that faults are scripted for."""

    READ = "read"
    WRITE = "write"
    TOKEN = "token"  # noqa: S105 - the name of an operation
    SIGN_IN = "signin"
    OTHER = "other"


_OPERATIONS = {
    ("GET", f"{FHIR_PATH}/DocumentReference"): Operation.READ,
    ("POST", f"{FHIR_PATH}/$setPermission"): Operation.WRITE,
    ("POST", f"{AUTH_PATH}/token"): Operation.TOKEN,
    ("POST", f"{AUTH_PATH}/simulated-smartcard"): Operation.SIGN_IN,
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request: what was asked, under which ids, and about which patient as far as that can be told.

    `nhs_number` and `permission` are what the request says, right or wrong; the ids are None when not sent.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    operation: Operation
    nhs_number: str | None
    permission: str | None

    @property
    def request_id(self) -> str | None:
        """X-Request-ID as sent."""
        return self.headers.get("X-Request-ID") or None

    @property
    def correlation_id(self) -> str | None:
        """X-Correlation-ID as sent."""
        return self.headers.get("X-Correlation-ID") or None


def read_call(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Call:
    """Put a request together and note which patient it names."""
    operation = _OPERATIONS.get((method, path), Operation.OTHER)
    nhs_number, permission = None, None
    if operation is Operation.READ:
        nhs_number = query.get("patient", "").removeprefix(NHS_NUMBER_PREFIX) or None
    elif operation is Operation.WRITE:
        nhs_number, permission = _named_in(body)
    return Call(method, path, query, headers, body, operation, nhs_number, permission)


def _named_in(body: bytes) -> tuple[str | None, str | None]:
    """The NHS number and the permission a `$setPermission` body names; None for what it does not tell."""
    nhs_number, permission = None, None
    try:
        document = json.loads(body)
        for part in document["parameter"][0]["part"]:
            if part.get("name") == "nhsNumber":
                nhs_number = nhs_number or _text(part.get("valueString"))
            elif part.get("name") == "permissionCode":
                permission = permission or _text(part["valueCoding"].get("code"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        pass
    return nhs_number, permission


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
