"""The simulated sign-in: a card and its passcode in place of the NHS's identity service.

The token answers and their errors have the real service's shape; `simulated-smartcard` and `revoke` exist only here.
Client ids and secrets are not asked for.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from app.simulator.answer import Answer, json_answer
from app.simulator.cards import CARDS, PASSCODE, CardRights
from app.simulator.options import AUTH_PATH
from app.simulator.sessions import Sessions, TokenExpired, TokenInvalid

if TYPE_CHECKING:
    from app.simulator.call import Call

_NOT_STORED = {"Cache-Control": "no-store"}


class SignIn:
    """Answers everything under the sign-in address."""

    def __init__(self, sessions: Sessions, cards: CardRights) -> None:
        self._sessions = sessions
        self._cards = cards
        self._routes: dict[str, tuple[str, Callable[[Call], Answer]]] = {
            f"{AUTH_PATH}/simulated-smartcard": ("POST", self._insert_card),
            f"{AUTH_PATH}/token": ("POST", self._token),
            f"{AUTH_PATH}/userinfo": ("GET", self._userinfo),
            f"{AUTH_PATH}/revoke": ("POST", self._remove_card),
        }

    def handle(self, call: Call) -> Answer:
        """Answer one request."""
        method, route = self._routes.get(call.path, (None, None))
        if route is None:
            return _refused(404, "not_found", f"There is nothing at {call.path}.")
        if call.method != method:
            return _refused(405, "method_not_allowed", f"{call.path} takes {method} only.").with_headers(
                {"Allow": str(method)}
            )
        return route(call)

    def _insert_card(self, call: Call) -> Answer:
        fields = _json_object(call.body)
        uid, passcode = fields.get("uid"), fields.get("passcode")
        if not isinstance(uid, str) or not isinstance(passcode, str):
            return _refused(400, "invalid_request", "Send a JSON object with the texts uid and passcode.")
        card = CARDS.get(uid)
        if card is None:
            return _refused(401, "unknown_card", "The card is not known.")
        if passcode != PASSCODE:
            return _refused(401, "invalid_passcode", "The passcode is wrong.")
        if card.expired:
            return _refused(401, "card_expired", "The card has expired.")
        return json_answer(200, self._sessions.sign_in(uid), _NOT_STORED)

    def _token(self, call: Call) -> Answer:
        fields = {name: values[-1] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        grant = fields.get("grant_type")
        if grant == "client_credentials":
            return json_answer(200, self._sessions.for_application(), _NOT_STORED)
        if grant != "refresh_token":
            return _refused(400, "unsupported_grant_type", "grant_type is invalid")
        if "refresh_token" not in fields:
            return _refused(400, "invalid_request", "refresh_token is missing")
        try:
            return json_answer(200, self._sessions.refresh(fields["refresh_token"]), _NOT_STORED)
        except TokenExpired:
            return _refused(401, "invalid_grant", "refresh token refresh period has expired")
        except TokenInvalid:
            return _refused(401, "invalid_grant", "refresh_token is invalid")

    def _userinfo(self, call: Call) -> Answer:
        kind, _, token = call.headers.get("Authorization", "").partition(" ")
        try:
            uid = self._sessions.holder(token if kind.lower() == "bearer" else "")
        except TokenExpired:
            return _refused(401, "invalid_token", "Access Token expired")
        except TokenInvalid:
            return _refused(401, "invalid_token", "Invalid Access Token")
        if uid is None:
            return _refused(401, "invalid_token", "The token is not a user's.")
        return json_answer(200, self._cards.userinfo(uid))

    def _remove_card(self, call: Call) -> Answer:
        uid = _json_object(call.body).get("uid")
        if not isinstance(uid, str):
            return _refused(400, "invalid_request", "Send a JSON object with the text uid.")
        if uid not in CARDS:
            return _refused(401, "unknown_card", "The card is not known.")
        self._sessions.end(uid)
        return json_answer(200, {})


def _json_object(body: bytes) -> dict[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _refused(status: int, error: str, description: str) -> Answer:
    fields = {"error": error, "error_description": description, "message_id": str(uuid.uuid4())}
    return json_answer(status, fields, _NOT_STORED)
