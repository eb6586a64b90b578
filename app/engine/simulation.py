"""The port to what only a rehearsal has: time that can be moved, a session revoked elsewhere, a Spine in trouble."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Disturbance(Enum):
    """What may be the matter with a Spine."""

    SLOW = "slow"
    """Every answer takes some seconds."""
    FAILING = "failing"
    """Every request is answered with an error of the service."""
    UNREACHABLE = "unreachable"
    """No answer comes: every connection is reset."""


class SimulationControls(Protocol):
    """Makes things happen at a simulated Spine. Each call waits for it; all raise `Refused` when it does not answer."""

    def let_time_pass(self, seconds: float) -> None:
        """Move the time of the Spine and of this program forward."""

    def revoke_session(self, card_uid: str) -> None:
        """End every session of this card at the sign-in service; nobody here is told."""

    def disturb(self, disturbance: Disturbance, seconds: float) -> None:
        """Make the Spine and its sign-in service troublesome for so long; it takes the place of any trouble before."""

    def clear_disturbance(self) -> None:
        """Everything answers as usual again."""
