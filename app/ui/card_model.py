"""What the Smartcard panel and the status bar say about who is signed in. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.session import CardSession
from app.domain.states import StopReason
from app.ui.formatting import clock_time, time_left
from app.ui.tones import Tone

_ENDS_SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CardModel:
    """The panel. Without a session `name` is empty and `note` says why; `brief` is the status bar's text."""

    name: str
    role: str
    ends: str
    left: str
    note: str
    tone: Tone
    brief: str

    @property
    def signed_in(self) -> bool:
        """Whether there is a session."""
        return bool(self.name)


def card_model(session: CardSession | None, ended_because: StopReason | None, now: datetime) -> CardModel:
    """The panel for a session, or for why there is none."""
    if session is None:
        expired = ended_because is StopReason.CARD_EXPIRED
        note = "Your Smartcard session has ended. Sign in again." if expired else "Nobody is signed in."
        return CardModel("", "", "", "", note, Tone.QUIET, "Smartcard: nobody signed in")
    remaining = session.time_left(now)
    left = f"{time_left(remaining)} left"
    return CardModel(
        name=session.user_name,
        role=session.role.name,
        ends=f"Ends at {clock_time(session.ends_at, now)}",
        left=left,
        note="The session ends soon." if remaining < _ENDS_SOON else "",
        tone=Tone.FAILED if remaining < _ENDS_SOON else Tone.PLAIN,
        brief=f"Smartcard: {left}",
    )
