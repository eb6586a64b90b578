"""What the API gateway checks before a request reaches the service, in its order: token, role, quota, spike arrest,
and last whether a token without a user may make this request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.simulator.answer import Answer, access_denied, gateway_error, too_many_requests
from app.simulator.cards import CARDS
from app.simulator.rate import Quota, SpikeArrest
from app.simulator.sessions import Sessions, TokenExpired, TokenInvalid

if TYPE_CHECKING:
    from app.simulator.call import Call
    from app.simulator.faults import Faults
    from app.simulator.spinetime import SpineTime

ROLE_HEADER = "NHSD-Session-URID"
_SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request the gateway lets through; `role_id` is the user's role, filled in by the gateway where it can."""

    role_id: str | None


class Gateway:
    """The gateway in front of one simulated Spine; in the sandbox it checks the limits only."""

    def __init__(self, sessions: Sessions, time: SpineTime, faults: Faults, *, rate: float, sandbox: bool) -> None:
        self._sessions = sessions
        self._time = time
        self._faults = faults
        self._sandbox = sandbox
        self._quota = Quota(rate * _SECONDS_A_MINUTE) if rate else None
        self._spike_arrest = SpikeArrest(rate) if rate else None

    def admit(self, call: Call) -> Admitted | Answer:
        """Let the request through, or give the answer that refuses it."""
        asked_role = call.headers.get(ROLE_HEADER) or None
        if self._sandbox:
            return self._over_limit() or Admitted(asked_role)
        try:
            uid = self._sessions.holder(_bearer_token(call))
        except _NoToken as missing:
            return access_denied(str(missing))
        except TokenExpired:
            return access_denied("Access Token expired")
        except TokenInvalid:
            return access_denied("Invalid Access Token")
        role_id = _role(uid, asked_role) if uid else asked_role
        if isinstance(role_id, Answer):
            return role_id
        if refusal := self._over_limit():
            return refusal
        if uid is None and (refusal := _refusal_without_user(call.method)):
            return refusal
        return Admitted(role_id)

    def _over_limit(self) -> Answer | None:
        if self._quota and not self._quota.take(self._time.now()):
            return too_many_requests("quota", as_on_pds=self._faults.too_many_requests_as_on_pds)
        if self._spike_arrest and not self._spike_arrest.take(self._time.monotonic()):
            return too_many_requests("spike arrest", as_on_pds=self._faults.too_many_requests_as_on_pds)
        return None


class _NoToken(Exception):
    """The request carries no bearer token; the text is the gateway's fault string."""


def _bearer_token(call: Call) -> str:
    header = call.headers.get("Authorization")
    if header is None:
        raise _NoToken("Missing Authorization header")
    if not header.strip():
        raise _NoToken("Empty Authorization header")
    kind, _, token = header.strip().partition(" ")
    if kind.lower() != "bearer":
        raise _NoToken(f"Invalid token type '{kind}', must be 'Bearer'")
    if not token.strip():
        raise _NoToken("Missing access token")
    return token.strip()


def _role(uid: str, asked: str | None) -> str | Answer:
    """The role of this user the request is made under: the one asked for, or the only one."""
    held = [role.person_roleid for role in CARDS[uid].roles]
    if asked in held:
        return asked
    if asked is None and len(held) == 1:
        return held[0]
    fault = "nhsd-session-urid is invalid" if asked else "selected_roleid is missing in your token"
    return gateway_error(400, "400", "INVALID_VALUE", "Provided value is invalid", fault)


def _refusal_without_user(method: str) -> Answer | None:
    """The gateway's answer to a request an application must not make on its own, or None."""
    if method == "GET":
        return None
    if method == "POST":
        return gateway_error(
            401,
            "unknown",
            "UNKNOWN_ERROR",
            "Unknown Error",
            "Your app has insufficient permissions to use this method. Please contact support.",
            reason="Application-restricted access is not available on this POST request",
        )
    return gateway_error(
        403,
        "forbidden",
        "INVALID_METHOD",
        "Cannot update resource with Application-Restricted access token",
    )
