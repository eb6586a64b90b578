"""What the Smartcard panel and the status bar say about the reader and who is signed in. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.session import CardSession
from app.domain.session_notices import NOTICES
from app.domain.states import StopReason
from app.engine.ports import InsertedCard
from app.ui.formatting import clock_time, time_left
from app.ui.tones import Tone

_ENDS_SOON, _, _ENDS_NOW = NOTICES

_SIGNED_OUT = "Nobody is signed in."
_LOCKED = "This card is locked: its passcode was typed wrongly three times. Remove it and use another card."
_REVOKED = "Your session was ended at the sign-in service. Sign in again."


@dataclass(frozen=True, slots=True)
class CardModel:
    """The panel. Without a session `name` is empty and `note` says why; `brief` is the status bar's text.

    `reader` says whether a card is in, empty where there is no reader; `card_in` whether one could be taken out.
    """

    reader: str
    card_in: bool
    name: str
    role: str
    since: str
    ends: str
    left: str
    note: str
    tone: Tone
    brief: str

    @property
    def signed_in(self) -> bool:
        """Whether there is a session."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class CardState:
    """What the panel is about: the card in the reader, the session that counts now, and why there is none.

    `last` is the latest session there was, `has_reader` tells whether cards are used at all.
    """

    card: InsertedCard | None = None
    session: CardSession | None = None
    ended_because: StopReason | None = None
    last: CardSession | None = None
    has_reader: bool = True


def card_model(state: CardState, now: datetime) -> CardModel:
    """The panel as things stand at this instant."""
    reader = _reader(state)
    card_in = state.card is not None
    session = state.session
    if session is None:
        note, tone = _why_nobody(state, now)
        return CardModel(reader, card_in, "", "", "", "", "", note, tone, "Smartcard: nobody signed in")
    remaining = session.time_left(now)
    left = f"{time_left(remaining)} left"
    note, tone = _end_in_sight(remaining)
    return CardModel(
        reader=reader,
        card_in=card_in,
        name=session.user_name,
        role=session.role.name,
        since=f"Signed in at {clock_time(session.signed_in_at, now)}",
        ends=f"Ends at {clock_time(session.ends_at, now)}",
        left=left,
        note=note,
        tone=tone,
        brief=f"Smartcard: {left}",
    )


def _reader(state: CardState) -> str:
    if not state.has_reader:
        return ""
    return "Card in the reader" if state.card is not None else "No card in the reader"


def _why_nobody(state: CardState, now: datetime) -> tuple[str, Tone]:
    card, last = state.card, state.last
    if card is not None and card.is_locked:
        return _LOCKED, Tone.FAILED
    if state.ended_because is StopReason.CARD_EXPIRED and last is not None:
        return f"Your Smartcard session ended at {clock_time(last.ends_at, now)}. Sign in again.", Tone.ATTENTION
    if card is not None and last is not None and last.card_uid == card.uid:
        return _REVOKED, Tone.ATTENTION
    return _SIGNED_OUT, Tone.QUIET


def _end_in_sight(remaining: timedelta) -> tuple[str, Tone]:
    """What to say beside the time left, once there is not much of it."""
    if remaining > _ENDS_SOON:
        return "", Tone.PLAIN
    if remaining > _ENDS_NOW:
        return "The session ends soon. A run pauses then: sign in again and press Resume.", Tone.ATTENTION
    return "The session ends now. A run pauses: sign in again and press Resume.", Tone.FAILED
