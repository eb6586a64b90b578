"""The simulated Spine's own addresses behind the engine's port."""

from __future__ import annotations

import json
from typing import Any

from app.clock import Clock
from app.domain.errors import Refused
from app.engine.simulation import Disturbance
from app.spine.exchange import Exchanger, Hear
from app.spine.messages import Message
from app.spine.settings import SpineSettings
from app.spine.strict_json import NotUnderstood, read_object

_PATIENCE_SECONDS = 10.0
_SLOW_SECONDS = 5.0
_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}
_NO_ANSWER = "The simulated Spine did not answer, so nothing was changed. Try again."

_ACTIONS: dict[Disturbance, dict[str, Any]] = {
    Disturbance.SLOW: {"delay_seconds": _SLOW_SECONDS},
    Disturbance.FAILING: {"answer": "503_html"},
    Disturbance.UNREACHABLE: {"reset_before": True},
}


class SimulatedSpineControls:
    """`SimulationControls` over HTTP, for a rehearsal's own thread.

    `hear` is told every reply: that is how this program's clock follows.
    """

    def __init__(self, settings: SpineSettings, simulation_url: str, clock: Clock, hear: Hear) -> None:
        self._settings = settings
        self._base = simulation_url
        self._clock = clock
        self._hear = hear

    def let_time_pass(self, seconds: float) -> None:
        """Move the time of the Spine and of this program forward."""
        offset = self._ask("GET", f"{self._base}/clock").get("offset_seconds")
        if not isinstance(offset, (int, float)):
            raise Refused(_NO_ANSWER)
        self._ask("PUT", f"{self._base}/clock", {"offset_seconds": offset + seconds})

    def revoke_session(self, card_uid: str) -> None:
        """End every session of this card at the sign-in service."""
        self._ask("POST", f"{self._settings.auth_url}/revoke", {"uid": card_uid})

    def disturb(self, disturbance: Disturbance, seconds: float) -> None:
        """Make the Spine and its sign-in service troublesome for so long."""
        rule = {"operation": "any", "for_seconds": seconds, "action": _ACTIONS[disturbance]}
        self._ask("PUT", f"{self._base}/faults", {"rules": [rule]})

    def clear_disturbance(self) -> None:
        """Everything answers as usual again."""
        self._ask("DELETE", f"{self._base}/faults")

    def _ask(self, method: str, url: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
        body = None if document is None else json.dumps(document).encode()
        exchanger = Exchanger(self._settings, url, self._clock.monotonic, self._hear)
        try:
            reply = exchanger.exchange(
                Message(method, url, _HEADERS, body), self._clock.monotonic() + _PATIENCE_SECONDS
            )
        finally:
            exchanger.close()
        if reply.status != 200 or reply.trouble is not None or not reply.simulated:
            raise Refused(_NO_ANSWER)
        try:
            return read_object(reply.body)
        except NotUnderstood:
            raise Refused(_NO_ANSWER) from None
