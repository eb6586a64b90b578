"""Signing in with a (simulated) Smartcard, and the card session until it ends: the one holder of its tokens.

The addresses `simulated-smartcard` and `revoke` exist only on the simulated sign-in service (design, section 2); the
token and userinfo answers have the real service's shape.
"""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from app.clock import Clock
from app.domain.errors import RoleChoiceNeeded, SignInRefused, SignInUnreachable
from app.domain.session import CardSession, Role
from app.domain.states import StopReason
from app.spine.credentials import Credentials, SessionOver
from app.spine.exchange import Exchanger, Hear, Reply, Trouble, hear_nothing
from app.spine.identity import Person, TokenAnswer, read_person, read_refusal, read_tokens
from app.spine.messages import Message
from app.spine.settings import SpineSettings
from app.spine.strict_json import NotUnderstood
from app.spine.tokens import CardTokens, GrantRefused, Stopwatch, session_seconds

_PATIENCE_SECONDS = 20.0
"""For one answer of the sign-in service; senders wait for a refresh, so it is much less than for the Spine."""

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_PERIOD_OVER = "refresh period has expired"
_REFUSALS = {
    "unknown_card": "This card is not known. Check its number.",
    "invalid_passcode": "The passcode is wrong. Type it again.",
    "card_expired": "This card has expired. The practice's Registration Authority agent can renew it.",
}
_NOT_ACCEPTED = "The sign-in service did not accept this card. Try again, or have the card checked."
_TAKEN_OUT = "The card was taken out before sign-in had ended. Insert it and sign in again."
_NO_ROLE = "This card carries no role. The practice's Registration Authority agent can add one."
_OTHER_ROLE = "This card does not carry the role asked for. Choose one that it carries."
_UNREACHABLE = "The sign-in service could not be reached. Check the network, then try again."
_SET_UP_WRONG = (
    "The connection to the sign-in service is not set up rightly: its address cannot be used or its certificate is "
    "not trusted. Have it checked, then try again."
)
_UNCLEAR = "The sign-in service did not answer understandably. Have its address checked, or try again later."


@dataclass(frozen=True, slots=True)
class _InsertedCard:
    session: CardSession
    tokens: CardTokens = field(repr=False)
    simulated: bool


class SignInService:
    """The sign-in service and the one card session it has given. May be used from any thread.

    `sign_in` and `remove_card` wait for the service, up to 40 and 20 seconds; the rest answers at once.
    """

    def __init__(self, settings: SpineSettings, clock: Clock, hear: Hear = hear_nothing) -> None:
        self._settings = settings
        self._clock = clock
        self._hear = hear
        self._lock = threading.Lock()
        self._card: _InsertedCard | None = None
        self._removals = 0
        self._simulated = False

    @property
    def simulated(self) -> bool:
        """Whether the service one signed in with last says that it belongs to a simulated Spine."""
        return self._simulated

    def sign_in(self, card_uid: str, passcode: str, role_id: str | None = None) -> CardSession:
        """Begin a session with this card in this role; an earlier one is replaced.

        Without a role the card's only one is taken. Raises `RoleChoiceNeeded` when it carries several,
        `SignInRefused` when the card, the passcode or the role is not accepted, `SignInUnreachable`.
        """
        card_uid, removals = card_uid.strip(), self._removals
        age, signed_in_at = Stopwatch(self._clock), self._clock.now()
        answer, simulated = self._insert(card_uid, passcode)
        person = self._who_is(answer)
        if person.card_uid != card_uid:
            raise SignInUnreachable(_UNCLEAR)
        session = CardSession(
            session_id=str(uuid.uuid4()),
            card_uid=card_uid,
            user_name=person.name,
            role=_chosen(person.roles, role_id),
            signed_in_at=signed_in_at,
            ends_at=signed_in_at + timedelta(seconds=session_seconds(answer)),
        )
        tokens = CardTokens(answer, age, self._refresh, self._clock)
        with self._lock:
            still_in = self._removals == removals
            if still_in:
                self._card = _InsertedCard(session, tokens, simulated)
                self._simulated = simulated
        if not still_in:
            self._revoke(card_uid)
            raise SignInRefused(_TAKEN_OUT)
        return session

    def remove_card(self) -> None:
        """End the session: here at once, and at the service as well as can be. A sign-in under way comes to nothing."""
        with self._lock:
            card, self._card = self._card, None
            self._removals += 1
        if card is not None:
            self._revoke(card.session.card_uid)

    def current(self) -> CardSession | None:
        """The session, or None when nobody is signed in or it has ended."""
        card = self._card
        return card.session if card is not None and card.tokens.ended is None else None

    def ended_because(self) -> StopReason | None:
        """Why there is no usable session, None while there is one."""
        card = self._card
        return card.tokens.ended if card is not None else StopReason.CARD_REMOVED

    def credentials(self, give_up_at: float) -> Credentials:
        """What to send the next message under. Raises `SessionOver`, `SignInUnreachable`."""
        card = self._card
        if card is None:
            raise SessionOver(StopReason.CARD_REMOVED)
        token = card.tokens.usable(give_up_at)
        return Credentials(card.session.session_id, card.session.role.role_id, token, card.simulated)

    def refused(self, credentials: Credentials, give_up_at: float) -> None:
        """Have new tokens made unless that was done since. Raises `SessionOver`, `SignInUnreachable`.

        A token of an earlier session is none of this one's, so its refusal changes nothing.
        """
        card = self._card
        if card is None:
            raise SessionOver(StopReason.CARD_REMOVED)
        if credentials.token is not None:
            card.tokens.replace(credentials.token, give_up_at)

    def _insert(self, card_uid: str, passcode: str) -> tuple[TokenAnswer, bool]:
        """The session's first tokens, and whether they are a simulation's."""
        reply = self._ask(self._json_message("simulated-smartcard", {"uid": card_uid, "passcode": passcode}))
        if reply.status in (400, 401, 403) and reply.trouble is None:
            raise SignInRefused(_REFUSALS.get(read_refusal(reply.body).error, _NOT_ACCEPTED))
        return _tokens(reply), reply.simulated

    def _who_is(self, answer: TokenAnswer) -> Person:
        headers = {"Accept": _JSON, "Authorization": f"Bearer {answer.access_token}"}
        reply = self._ask(Message("GET", f"{self._settings.auth_url}/userinfo", headers))
        _require_success(reply)
        try:
            return read_person(reply.body)
        except NotUnderstood:
            raise SignInUnreachable(_UNCLEAR) from None

    def _refresh(self, refresh_token: str, give_up_at: float) -> TokenAnswer:
        form = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token})
        headers = {"Accept": _JSON, "Content-Type": _FORM}
        reply = self._ask(Message("POST", f"{self._settings.auth_url}/token", headers, form.encode()), give_up_at)
        if reply.status in (400, 401) and reply.trouble is None:
            refusal = read_refusal(reply.body)
            if refusal.error == "invalid_grant":
                raise GrantRefused(period_over=_PERIOD_OVER in refusal.description.lower())
        return _tokens(reply)

    def _revoke(self, card_uid: str) -> None:
        # Whether it arrived or not: here the tokens are forgotten, there they lapse.
        self._ask(self._json_message("revoke", {"uid": card_uid}))

    def _json_message(self, path: str, fields: dict[str, str]) -> Message:
        headers = {"Accept": _JSON, "Content-Type": _JSON}
        return Message("POST", f"{self._settings.auth_url}/{path}", headers, json.dumps(fields).encode())

    def _ask(self, message: Message, give_up_at: float | None = None) -> Reply:
        """One exchange over a connection of its own: they are rare, and come from many threads."""
        latest = self._clock.monotonic() + min(_PATIENCE_SECONDS, self._settings.deadline)
        exchanger = Exchanger(self._settings, self._settings.auth_url, self._clock.monotonic, self._hear)
        try:
            return exchanger.exchange(message, latest if give_up_at is None else min(latest, give_up_at))
        finally:
            exchanger.close()


def _chosen(roles: tuple[Role, ...], role_id: str | None) -> Role:
    if not roles:
        raise SignInRefused(_NO_ROLE)
    if role_id is None:
        if len(roles) > 1:
            raise RoleChoiceNeeded(roles)
        return roles[0]
    for role in roles:
        if role.role_id == role_id:
            return role
    raise SignInRefused(_OTHER_ROLE)


def _tokens(reply: Reply) -> TokenAnswer:
    _require_success(reply)
    try:
        return read_tokens(reply.body)
    except NotUnderstood:
        raise SignInUnreachable(_UNCLEAR) from None


def _require_success(reply: Reply) -> None:
    """Raise `SignInUnreachable`, saying what is wrong, unless this is a whole 200."""
    if reply.trouble in (Trouble.SET_UP, Trouble.CERTIFICATE):
        raise SignInUnreachable(_SET_UP_WRONG)
    if reply.status is None or reply.trouble is Trouble.BROKEN or reply.status >= 500:
        raise SignInUnreachable(_UNREACHABLE)
    if reply.status != 200 or reply.trouble is not None:
        raise SignInUnreachable(_UNCLEAR)
