"""Card sessions and their tokens: who holds a valid one, until when, and what ends them.

A session lasts 10 hours from sign-in and refreshing never lengthens it; an access token lasts 10 minutes; a refresh
token works once. Taking the card out ends all its sessions at once. Only digests of tokens are kept, so that the
state file is no key ring; they survive a restart, as the real service's do.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.simulator.journal import Journal
    from app.simulator.spinetime import SpineTime

ACCESS_LIFE = timedelta(seconds=599)
REFRESH_WINDOW = timedelta(seconds=35_999)
APPLICATION_LIFE = timedelta(seconds=3_599)

_PUT_SESSION = (
    "INSERT INTO session (sid, uid, ends_at, refresh_count, revoked) VALUES (?, ?, ?, ?, ?) ON CONFLICT (sid) "
    "DO UPDATE SET refresh_count = excluded.refresh_count, revoked = excluded.revoked"
)
_PUT_TOKEN = (
    "INSERT INTO token (digest, kind, sid, expires_at, spent) VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) "  # noqa: S105
    "DO UPDATE SET spent = excluded.spent"
)


class TokenExpired(Exception):
    """The token, or the window of its session, has run out."""


class TokenInvalid(Exception):
    """The token is not one of ours, has been used up, or its session has been ended."""


@dataclass(slots=True)
class Session:
    """One sign-in with one card."""

    sid: str
    uid: str
    ends_at: datetime
    refresh_count: int = 0
    revoked: bool = False


@dataclass(slots=True)
class _Token:
    digest: str
    kind: str
    session: Session | None
    expires_at: datetime
    spent: bool = False


class Sessions:
    """All sessions and tokens there are."""

    def __init__(self, journal: Journal, time: SpineTime) -> None:
        self._journal = journal
        self._time = time
        self._sessions = {
            sid: Session(sid, uid, datetime.fromisoformat(ends_at), count, bool(revoked))
            for sid, uid, ends_at, count, revoked in journal.rows(
                "SELECT sid, uid, ends_at, refresh_count, revoked FROM session"
            )
        }
        self._tokens = {
            digest: _Token(
                digest, kind, self._sessions[sid] if sid else None, datetime.fromisoformat(expires_at), bool(spent)
            )
            for digest, kind, sid, expires_at, spent in journal.rows(
                "SELECT digest, kind, sid, expires_at, spent FROM token"
            )
        }

    def sign_in(self, uid: str) -> dict[str, str]:
        """A new session for this card: the answer of a sign-in, all numbers as strings."""
        now = self._time.now()
        session = Session(str(uuid.uuid4()), uid, now + REFRESH_WINDOW)
        self._sessions[session.sid] = session
        self._keep_session(session)
        return {**self._token_answer(session, now), "sid": session.sid}

    def refresh(self, refresh_token: str) -> dict[str, str]:
        """New tokens for a session that still lasts; raises TokenInvalid or TokenExpired."""
        token = self._find(refresh_token, "refresh")
        session = token.session
        if session is None or token.spent:
            raise TokenInvalid
        now = self._time.now()
        if now >= session.ends_at:
            raise TokenExpired
        token.spent = True
        self._keep_token(token)
        session.refresh_count += 1
        self._keep_session(session)
        return self._token_answer(session, now)

    def for_application(self) -> dict[str, str]:
        """A token of the application alone, without a user."""
        access = self._issue("access", None, self._time.now() + APPLICATION_LIFE)
        return {
            "access_token": access,
            "expires_in": str(int(APPLICATION_LIFE.total_seconds())),
            "token_type": "Bearer",
        }

    def holder(self, access_token: str) -> str | None:
        """The card whose access token this is, None for the application's own.

        Raises TokenInvalid or TokenExpired.
        """
        token = self._find(access_token, "access")
        if self._time.now() >= token.expires_at:
            raise TokenExpired
        return token.session.uid if token.session else None

    def end(self, uid: str) -> None:
        """The card has been taken out: refuse every token of its sessions from now on."""
        for session in self._sessions.values():
            if session.uid == uid and not session.revoked:
                session.revoked = True
                self._keep_session(session)

    def _token_answer(self, session: Session, now: datetime) -> dict[str, str]:
        return {
            "access_token": self._issue("access", session, now + ACCESS_LIFE),
            "expires_in": str(int(ACCESS_LIFE.total_seconds())),
            "refresh_token": self._issue("refresh", session, session.ends_at),
            "refresh_token_expires_in": str(int((session.ends_at - now).total_seconds())),
            "refresh_count": str(session.refresh_count),
            "token_type": "Bearer",
        }

    def _issue(self, kind: str, session: Session | None, expires_at: datetime) -> str:
        text = secrets.token_urlsafe(24)
        token = _Token(_digest(text), kind, session, expires_at)
        self._tokens[token.digest] = token
        self._keep_token(token)
        return text

    def _find(self, text: str, kind: str) -> _Token:
        token = self._tokens.get(_digest(text))
        if token is None or token.kind != kind or (token.session is not None and token.session.revoked):
            raise TokenInvalid
        return token

    def _keep_session(self, session: Session) -> None:
        row = (session.sid, session.uid, session.ends_at.isoformat(), session.refresh_count, session.revoked)
        self._journal.write(_PUT_SESSION, [row])

    def _keep_token(self, token: _Token) -> None:
        sid = token.session.sid if token.session else None
        row = (token.digest, token.kind, sid, token.expires_at.isoformat(), token.spent)
        self._journal.write(_PUT_TOKEN, [row])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
