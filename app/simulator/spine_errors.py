"""Spine's own error codes, worded as the service passes them on: `Code: n, Display: text`, joined by semicolons."""

from __future__ import annotations

from app.simulator.answer import Answer, service_error

_ACCESS_CONTROL = (
    "Code: 420, Display: Business condition related to access control  which prevents the action being "
    "performed by PSIS"
)
_DISSENT = "Code: 30418, Display: [PSIS-30418] - ACF does not permit access to resource"

DISSENT_IN_FORCE = service_error(403, "forbidden", f"{_ACCESS_CONTROL};{_DISSENT}")
"""The read of a patient who has dissented."""

ACCESS_REFUSED = service_error(403, "forbidden", _ACCESS_CONTROL)
"""Spine's access control refuses, and does not say that it is for a dissent."""

NOT_ENABLED = service_error(403, "forbidden", "The sending system is not enabled for interaction QUPC_IN190000UK04")
"""A fault of the whole installation: neither 420 nor 30418."""

NHS_NUMBER_UNKNOWN = service_error(
    400,
    "value",
    "Code: 400, Display: Invalid Request;Code: 35160, Display: [PSIS-35160] - Invalid input message. "
    "Mandatory field NHS Number is missing or incorrect",
)
"""The NHS number is not known to Spine, or is malformed."""

DUPLICATE_MESSAGE_ID = service_error(400, "value", "Code: 401, Display: Duplicate Message ID")
"""Spine has seen this message id, which is the X-Correlation-ID."""

LOGICAL_INCONSISTENCY = service_error(400, "value", "Code: 410, Display: Logical inconsistency")
INVALID_UPDATE = service_error(400, "value", "Code: 430, Display: Invalid update")

SERVICE_NOT_AVAILABLE = service_error(503, "transient", "Code: 502, Display: Service not available")
"""Spine is not there for now."""


def role_code_unknown(role_id: str) -> Answer:
    """The user's role cannot be turned into a job role; about the user, not the patient."""
    return service_error(
        400,
        "value",
        f"Unable to determine Job Role Code for the given RoleID via the SDS Service: {role_id}",
    )
