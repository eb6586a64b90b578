"""The faults in force: what a script asks for, request by request, and how often each of its rules has struck."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.simulator.fault_document import FaultScript, read_fault_script
from app.simulator.fault_rules import AS_USUAL, Action

if TYPE_CHECKING:
    from app.simulator.call import Call


class Faults:
    """The current script; none at first. Scripts live in memory only: a restart begins without faults.

    `monotonic` gives seconds of the machine's time.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since = monotonic()
        self._document: dict[str, Any] = {}
        self._script = FaultScript()

    @property
    def skip_repeated_request(self) -> bool:
        """Whether a `$setPermission` under an X-Request-ID carried out before is answered without doing it again."""
        return self._script.skip_repeated_request

    @property
    def refuse_repeated_message(self) -> bool:
        """Whether a `$setPermission` under an X-Correlation-ID carried out before is refused as a duplicate."""
        return self._script.refuse_repeated_message

    @property
    def too_many_requests_as_on_pds(self) -> bool:
        """Which body a 429 has."""
        return self._script.too_many_requests_as_on_pds

    def replace(self, body: bytes) -> None:
        """Put the script of this JSON document in force, counting from nought; raises FieldsInvalid."""
        self._script = read_fault_script(body)
        self._document = json.loads(body)
        self._since = self._monotonic()

    def clear(self) -> None:
        """No faults from now on."""
        self._script = FaultScript()
        self._document = {}

    def decide(self, call: Call) -> Action:
        """What happens to this request: the action of the first rule that strikes it. Every rule counts it."""
        age = self._monotonic() - self._since
        striking = [rule for rule in self._script.rules if rule.meets(call, age)]
        if not striking:
            return AS_USUAL
        striking[0].fired += 1
        return striking[0].action

    def describe(self) -> dict[str, Any]:
        """The document in force, each rule with how many requests it was for and how many it struck."""
        rules = [
            {**asked, "matched": rule.matched, "fired": rule.fired}
            for asked, rule in zip(self._document.get("rules", []), self._script.rules, strict=True)
        ]
        return {**self._document, "rules": rules}
