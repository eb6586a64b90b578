"""POST `$setPermission`: the service's rules for the body, in its order and words, and what Spine then says.

The service itself does not check the NHS number: Spine does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.simulator.answer import Answer, catch_all, service_error
from app.simulator.parameters import Parameter, ParametersInvalid, parse_parameters
from app.simulator.patients import PERMISSION_SYSTEM, Change, Patients
from app.simulator.spine_errors import DUPLICATE_MESSAGE_ID, NHS_NUMBER_UNKNOWN, role_code_unknown

if TYPE_CHECKING:
    from app.simulator.faults import Faults

_PERMISSIONS = {"YES": "Yes", "NO": "No", "ASK": "Ask"}

CREATED = Answer(201)


class RuleBroken(Exception):
    """The body breaks one of the service's rules; the message is the rule's text."""


class BeyondTheService(Exception):
    """The body trips the service up instead of being refused by it: a 500."""


@dataclass(frozen=True, slots=True)
class PermissionRequest:
    """What a valid body asks for; `permission` is Yes, No or Ask."""

    nhs_number: str
    permission: str


def read_permission_request(body: bytes) -> PermissionRequest:
    """What the body asks for; raises RuleBroken for the first rule it breaks, or BeyondTheService."""
    if not body.strip():
        raise BeyondTheService
    try:
        parameters = parse_parameters(body)
    except ParametersInvalid as error:
        raise RuleBroken(str(error)) from error
    found = [parameter for parameter in parameters if parameter.name == "setPermissions"]
    if not found:
        raise RuleBroken("Parameter named 'setPermissions' name not found")
    if len(found) > 1:
        raise RuleBroken("Exactly 1 parameter named 'setPermissions' expected")
    parts = found[0].parts
    nhs_number = _nhs_number_part(parts)
    permission = _permission(parts)
    if isinstance(nhs_number.value, dict):
        raise BeyondTheService
    return PermissionRequest(str(nhs_number.value), permission)


def _nhs_number_part(parts: tuple[Parameter, ...]) -> Parameter:
    found = [part for part in parts if part.name == "nhsNumber" and part.value is not None]
    if not found:
        raise RuleBroken("Missing value for Parameter.Part 'nhsNumber'")
    if len(found) > 1:
        raise RuleBroken("Exactly 1 Parameter.Part named 'nhsNumber' with not empty value expected")
    return found[0]


def _permission(parts: tuple[Parameter, ...]) -> str:
    codings = []
    for part in parts:
        if part.name != "permissionCode":
            continue
        if part.value_type != "Coding":
            raise BeyondTheService
        if part.value.get("system") == PERMISSION_SYSTEM:
            codings.append(part.value)
        if len(codings) > 1:
            raise RuleBroken(
                f"Exactly 1 Parameter.Part named 'permissionCode' with valueCoding.system {PERMISSION_SYSTEM} expected"
            )
    if not codings:
        raise RuleBroken(f"Parameter.Part named 'permissionCode' with valueCoding.system {PERMISSION_SYSTEM} not found")
    code = codings[0].get("code")
    permission = _PERMISSIONS.get((code or "").upper())
    if permission is None:
        raise RuleBroken(f"Invalid value - {'null' if code is None else code} in field 'valueCoding.code'")
    return permission


class SetPermission:
    """The service's operation, with Spine behind it."""

    def __init__(self, patients: Patients, faults: Faults) -> None:
        self._patients = patients
        self._faults = faults

    def check(self, body: bytes, role_id: str, request_id: str, message_id: str) -> Change | Answer:
        """The change a request asks for, or the answer when there is nothing to change."""
        try:
            asked = read_permission_request(body)
        except RuleBroken as broken:
            return service_error(400, "value", str(broken))
        except BeyondTheService:
            return catch_all(500)
        if not (role_id.isascii() and role_id.isdigit()):
            return role_code_unknown(role_id)
        if self._faults.refuse_repeated_message and self._patients.has_seen_message(message_id):
            return DUPLICATE_MESSAGE_ID
        if self._patients.find(asked.nhs_number) is None:
            return NHS_NUMBER_UNKNOWN
        if self._faults.skip_repeated_request and self._patients.has_carried_out_request(request_id):
            return CREATED
        return Change(asked.nhs_number, asked.permission, request_id, message_id)
