"""The card session from sign-in until it ends: the one holder of its tokens.

A new sign-in is a new session with a name of its own: what is said of an earlier one's tokens changes nothing here.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.clock import Clock
from app.domain.errors import RoleChoiceNeeded, SignInRefused, SignInUnreachable
from app.domain.session import CardSession, Role
from app.domain.states import StopReason
from app.spine.auth_service import UNCLEAR, AuthService, TokenRefused
from app.spine.credentials import Credentials, SessionOver
from app.spine.exchange import Hear, hear_nothing
from app.spine.identity import Person
from app.spine.settings import SpineSettings
from app.spine.tokens import CardTokens, Stopwatch

_TAKEN_OUT = "The card was taken out before sign-in had ended. Insert it and sign in again."
_NO_ROLE = "This card carries no role. The practice's Registration Authority agent can add one."
_OTHER_ROLE = "This card does not carry the role asked for. Choose one that it carries."
_NOTHING_TO_CHOOSE = "No sign-in waits for a role. Type your passcode and sign in again."

_CONFIRM_SECONDS = 20.0

_DISAGREEMENT = timedelta(seconds=2)
"""Two clocks that differ by less say the same."""


@dataclass(frozen=True, slots=True)
class _SignedIn:
    """Tokens that were handed out for a card, and whose they are."""

    person: Person
    tokens: CardTokens = field(repr=False)
    simulated: bool


@dataclass(frozen=True, slots=True)
class _Held:
    session: CardSession
    card: _SignedIn


class SignInService:
    """The sign-in service and the one card session it has given. May be used from any thread.

    `sign_in`, `confirm_rights` and `remove_card` wait for the service, up to 40, 60 and 20 seconds; the rest answers at
    once. `hear` is told every reply.
    """

    def __init__(self, settings: SpineSettings, clock: Clock, hear: Hear = hear_nothing) -> None:
        self._service = AuthService(settings, clock, hear)
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._undecided: _SignedIn | None = None
        """Signed in, with several roles to choose from."""
        self._removals = 0
        self._simulated = False

    @property
    def simulated(self) -> bool:
        """Whether the service one signed in with last says that it belongs to a simulated Spine."""
        return self._simulated

    def sign_in(self, card_uid: str, passcode: str, role_id: str | None = None) -> CardSession:
        """Begin a session with this card in this role; an earlier one is replaced.

        Without a role the card's only one is taken. Raises `RoleChoiceNeeded` when it carries several, for
        `choose_role` to go on with; `WrongPasscode` and `SignInRefused` when the passcode, the card or the role is not
        accepted; `SignInUnreachable`.
        """
        card_uid, removals = card_uid.strip(), self._removals
        asked_at = self._clock.monotonic()
        answer, simulated = self._service.open_session(card_uid, passcode)
        # By the monotonic clock: the answer of a simulated service may just have moved the other one.
        age = Stopwatch(self._clock, self._clock.monotonic() - asked_at)
        try:
            person = self._service.person(answer.access_token)
        except TokenRefused:
            raise SignInUnreachable(UNCLEAR) from None
        if person.card_uid != card_uid:
            raise SignInUnreachable(UNCLEAR)
        card = _SignedIn(person, CardTokens(answer, age, self._service.refresh, self._clock), simulated)
        return self._open(card, role_id, removals)

    def choose_role(self, role_id: str) -> CardSession:
        """Begin the session of a sign-in that left the role to be chosen. Raises `SignInRefused`."""
        card, removals = self._undecided, self._removals
        if card is None:
            raise SignInRefused(_NOTHING_TO_CHOOSE)
        return self._open(card, role_id, removals)

    def remove_card(self) -> None:
        """End the session: here at once, and at the service as well as can be. A sign-in under way comes to nothing."""
        with self._lock:
            held, self._held = self._held, None
            undecided, self._undecided = self._undecided, None
            self._removals += 1
        cards = {card.person.card_uid for card in (undecided, held.card if held else None) if card is not None}
        for card_uid in cards:
            self._service.revoke(card_uid)

    def current(self) -> CardSession | None:
        """The session, or None when nobody is signed in or it has ended."""
        held = self._held
        if held is None or held.card.tokens.ended is not None:
            return None
        return _as_it_stands(held, self._clock.now())

    def ended_because(self) -> StopReason | None:
        """Why there is no usable session, None while there is one."""
        held = self._held
        return held.card.tokens.ended if held is not None else StopReason.CARD_REMOVED

    def confirm_rights(self) -> None:
        """Ask what the session's role may do now; where the service cannot be reached, what it said last stands."""
        held = self._held
        if held is None:
            return
        try:
            person = self._person_now(held.card.tokens)
        except (SessionOver, SignInUnreachable, TokenRefused):
            return
        is_same = person.card_uid == held.session.card_uid
        role = next((role for role in person.roles if is_same and role.role_id == held.session.role.role_id), None)
        # A role that is gone allows nothing, nor do tokens that are somebody else's by now.
        role = role or replace(held.session.role, activity_codes=frozenset())
        with self._lock:
            if self._held is held:
                self._held = replace(held, session=replace(held.session, role=role))

    def credentials(self, give_up_at: float) -> Credentials:
        """What to send the next message under. Raises `SessionOver`, `SignInUnreachable`."""
        held = self._held
        if held is None:
            raise SessionOver(StopReason.CARD_REMOVED)
        token = held.card.tokens.usable(give_up_at)
        return Credentials(held.session.session_id, held.session.role.role_id, token, held.card.simulated)

    def refused(self, credentials: Credentials, give_up_at: float) -> None:
        """Have new tokens made unless that was done since. Raises `SessionOver`, `SignInUnreachable`.

        A token of an earlier session is none of this one's, so its refusal changes nothing.
        """
        held = self._held
        if held is None:
            raise SessionOver(StopReason.CARD_REMOVED)
        if credentials.token is not None:
            held.card.tokens.replace(credentials.token, give_up_at)

    def _open(self, card: _SignedIn, role_id: str | None, removals: int) -> CardSession:
        """Begin the session of a card in a role, unless the card has been taken out since."""
        role = None if role_id is None and len(card.person.roles) > 1 else _chosen(card.person.roles, role_id)
        with self._lock:
            still_in = self._removals == removals
            if still_in and role is None:
                self._undecided = card
            elif still_in and role is not None:
                self._held, self._undecided = _Held(self._session(card, role), card), None
                self._simulated = card.simulated
                return self._held.session
        if not still_in:
            self._service.revoke(card.person.card_uid)
            raise SignInRefused(_TAKEN_OUT)
        raise RoleChoiceNeeded(card.person.roles)

    def _session(self, card: _SignedIn, role: Role) -> CardSession:
        signed_in_at = self._clock.now() - timedelta(seconds=card.tokens.age())
        return CardSession(
            session_id=str(uuid.uuid4()),
            card_uid=card.person.card_uid,
            user_name=card.person.name,
            role=role,
            signed_in_at=signed_in_at,
            ends_at=signed_in_at + timedelta(seconds=card.tokens.length),
        )

    def _person_now(self, tokens: CardTokens) -> Person:
        give_up_at = self._clock.monotonic() + _CONFIRM_SECONDS
        token = tokens.usable(give_up_at)
        try:
            return self._service.person(token)
        except TokenRefused:
            tokens.replace(token, give_up_at)
            return self._service.person(tokens.usable(give_up_at))


def _as_it_stands(held: _Held, now: datetime) -> CardSession:
    """The session with the end it will have by the clock as it goes now, which may have been put back since."""
    ends_at = now + timedelta(seconds=held.card.tokens.seconds_left())
    if held.session.ends_at - ends_at < _DISAGREEMENT:
        return held.session
    return replace(held.session, ends_at=ends_at.replace(microsecond=0))


def _chosen(roles: tuple[Role, ...], role_id: str | None) -> Role:
    if not roles:
        raise SignInRefused(_NO_ROLE)
    if role_id is None:
        return roles[0]
    for role in roles:
        if role.role_id == role_id:
            return role
    raise SignInRefused(_OTHER_ROLE)
