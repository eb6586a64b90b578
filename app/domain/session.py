"""The Smartcard session of one person: who, in which role, from when until when, and what the role allows.

Tokens are not known here; the Spine adapter keeps them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SESSION_LENGTH = timedelta(hours=10)
"""A session ends this long after sign-in, however often its tokens were refreshed."""

LAST_SEND_MARGIN = timedelta(seconds=90)
"""No message is begun with less of the session left than this (faults, row 34)."""

LAUNCH_ROLE_NAME = "System Administrator"
REPORT_ACTIVITY_CODE = "B0011"
CONSENT_ACTIVITY_CODE = "B0020"


@dataclass(frozen=True, slots=True)
class Role:
    """One role profile on a card; `role_id` is what the Spine is told the message was sent under."""

    role_id: str
    name: str
    code: str
    activity_codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class CardSession:
    """A signed-in person in one role. `session_id` tells this sign-in from any other.

    The name is left out of the representation, which may end up in a log.
    """

    session_id: str
    card_uid: str
    user_name: str = field(repr=False)
    role: Role
    signed_in_at: datetime
    ends_at: datetime

    def time_left(self, now: datetime) -> timedelta:
        """What is left of the session; negative once it has ended."""
        return self.ends_at - now

    def may_begin_send(self, now: datetime) -> bool:
        """Whether enough of the session is left to begin a message."""
        return self.time_left(now) >= LAST_SEND_MARGIN


def missing_launch_right(role: Role, accepted_codes: Collection[str]) -> str | None:
    """Why this role may not start a bulk transmission, in words, or None when it may."""
    if role.name != LAUNCH_ROLE_NAME:
        return (
            f"Only a {LAUNCH_ROLE_NAME} may start this. You are signed in as {role.name}. "
            "Ask the practice manager, or sign in with the right role."
        )
    return _missing_activity(role, accepted_codes, "bulk uploads")


def missing_report_right(role: Role, accepted_codes: Collection[str]) -> str | None:
    """Why this role may not see lists with patients' names, in words, or None when it may.

    `accepted_codes` are activities that count beside B0011: whoever may launch a run may look at what came of it.
    """
    return _missing_activity(role, {REPORT_ACTIVITY_CODE, *accepted_codes}, "lists with patients' names")


def missing_consent_right(role: Role) -> str | None:
    """Why this role may not record a patient's consent, in words, or None when it may."""
    return _missing_activity(role, {CONSENT_ACTIVITY_CODE}, "recording consent")


def _missing_activity(role: Role, accepted_codes: Collection[str], what: str) -> str | None:
    if not role.activity_codes.isdisjoint(accepted_codes):
        return None
    wanted = " or ".join(sorted(accepted_codes)) or "an accepted activity"
    return (
        f"Your role lacks the activity {wanted} that allows {what}. "
        "The practice's Registration Authority agent can add it to the card."
    )
