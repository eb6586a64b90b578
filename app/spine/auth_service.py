"""The conversation with the sign-in service: one question each, answered by values or by errors in words.

The addresses `simulated-smartcard` and `revoke` exist only on the simulated sign-in service; the token and userinfo
answers have the real service's shape. Nothing is remembered here.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from app.clock import Clock
from app.domain.errors import SignInRefused, SignInUnreachable, WrongPasscode
from app.spine.exchange import Exchanger, Hear, Reply, Trouble
from app.spine.identity import (
    ApplicationToken,
    Person,
    TokenAnswer,
    read_application_token,
    read_person,
    read_refusal,
    read_tokens,
)
from app.spine.messages import Message
from app.spine.settings import SpineSettings
from app.spine.strict_json import NotUnderstood
from app.spine.tokens import GrantRefused

_PATIENCE_SECONDS = 20.0
"""For one answer of the sign-in service; senders wait for a refresh, so it is much less than for the Spine."""

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_PERIOD_OVER = "refresh period has expired"
_WRONG_PASSCODE = "invalid_passcode"
_REFUSALS = {
    "unknown_card": "This card is not known. Check its number.",
    _WRONG_PASSCODE: "The passcode is wrong. Type it again.",
    "card_expired": "This card has expired. The practice's Registration Authority agent can renew it.",
}
_NOT_ACCEPTED = "The sign-in service did not accept this card. Try again, or have the card checked."
_UNREACHABLE = "The sign-in service could not be reached. Check the network, then try again."
_SET_UP_WRONG = (
    "The connection to the sign-in service is not set up rightly: its address cannot be used or its certificate is "
    "not trusted. Have it checked, then try again."
)
UNCLEAR = "The sign-in service did not answer understandably. Have its address checked, or try again later."


class TokenRefused(Exception):
    """The sign-in service does not know this access token any more."""


class AuthService:
    """Each question has a connection of its own: they are rare, and come from many threads.

    All raise `SignInUnreachable` where there is no whole and understandable answer. `hear` is told every reply.
    """

    def __init__(self, settings: SpineSettings, clock: Clock, hear: Hear) -> None:
        self._settings = settings
        self._clock = clock
        self._hear = hear

    def open_session(self, card_uid: str, passcode: str) -> tuple[TokenAnswer, bool]:
        """A session's first tokens, and whether they are a simulation's. Raises `SignInRefused`, `WrongPasscode`."""
        reply = self._ask(self._json_message("simulated-smartcard", {"uid": card_uid, "passcode": passcode}))
        if reply.status in (400, 401, 403) and reply.trouble is None:
            error = read_refusal(reply.body).error
            words = _REFUSALS.get(error, _NOT_ACCEPTED)
            raise WrongPasscode(words) if error == _WRONG_PASSCODE else SignInRefused(words)
        return _tokens(reply), reply.simulated

    def person(self, access_token: str) -> Person:
        """Whose token this is, and what they may do. Raises `TokenRefused`."""
        headers = {"Accept": _JSON, "Authorization": f"Bearer {access_token}"}
        reply = self._ask(Message("GET", f"{self._settings.auth_url}/userinfo", headers))
        if reply.status == 401 and reply.trouble is None:
            raise TokenRefused
        _require_success(reply)
        try:
            return read_person(reply.body)
        except NotUnderstood:
            raise SignInUnreachable(UNCLEAR) from None

    def refresh(self, refresh_token: str, give_up_at: float) -> TokenAnswer:
        """New tokens for a session, by this monotonic second. Raises `GrantRefused`."""
        reply = self._ask_for_token({"grant_type": "refresh_token", "refresh_token": refresh_token}, give_up_at)
        if reply.status in (400, 401) and reply.trouble is None:
            refusal = read_refusal(reply.body)
            if refusal.error == "invalid_grant":
                raise GrantRefused(period_over=_PERIOD_OVER in refusal.description.lower())
        return _tokens(reply)

    def application_token(self, give_up_at: float) -> tuple[ApplicationToken, bool]:
        """A token of the application alone, and whether it is a simulation's. Raises `GrantRefused`.

        The real service wants the application to prove itself by a signed assertion: that belongs to the sign-in
        adapter of a real deployment.
        """
        reply = self._ask_for_token({"grant_type": "client_credentials"}, give_up_at)
        if reply.status in (400, 401, 403) and reply.trouble is None:
            raise GrantRefused(period_over=False)
        _require_success(reply)
        try:
            return read_application_token(reply.body), reply.simulated
        except NotUnderstood:
            raise SignInUnreachable(UNCLEAR) from None

    def revoke(self, card_uid: str) -> None:
        """Have every session of this card ended. Whether it arrived or not: there they lapse in any case."""
        self._ask(self._json_message("revoke", {"uid": card_uid}))

    def _ask_for_token(self, fields: dict[str, str], give_up_at: float) -> Reply:
        headers = {"Accept": _JSON, "Content-Type": _FORM}
        url = f"{self._settings.auth_url}/token"
        return self._ask(Message("POST", url, headers, urlencode(fields).encode()), give_up_at)

    def _json_message(self, path: str, fields: dict[str, str]) -> Message:
        headers = {"Accept": _JSON, "Content-Type": _JSON}
        return Message("POST", f"{self._settings.auth_url}/{path}", headers, json.dumps(fields).encode())

    def _ask(self, message: Message, give_up_at: float | None = None) -> Reply:
        latest = self._clock.monotonic() + min(_PATIENCE_SECONDS, self._settings.deadline)
        exchanger = Exchanger(self._settings, self._settings.auth_url, self._clock.monotonic, self._hear)
        try:
            return exchanger.exchange(message, latest if give_up_at is None else min(latest, give_up_at))
        finally:
            exchanger.close()


def _tokens(reply: Reply) -> TokenAnswer:
    _require_success(reply)
    try:
        return read_tokens(reply.body)
    except NotUnderstood:
        raise SignInUnreachable(UNCLEAR) from None


def _require_success(reply: Reply) -> None:
    """Raise `SignInUnreachable`, saying what is wrong, unless this is a whole 200."""
    if reply.trouble in (Trouble.SET_UP, Trouble.CERTIFICATE):
        raise SignInUnreachable(_SET_UP_WRONG)
    if reply.status is None or reply.trouble is Trouble.BROKEN or reply.status >= 500:
        raise SignInUnreachable(_UNREACHABLE)
    if reply.status != 200 or reply.trouble is not None:
        raise SignInUnreachable(UNCLEAR)
