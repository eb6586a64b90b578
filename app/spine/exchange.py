"""One HTTP exchange, made once and never repeated, told as a value: what came back, or how far it got.

No exception leaves here: those of the HTTP library hold the address, and with it the NHS number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

from app.spine.messages import Message
from app.spine.settings import SpineSettings
from app.spine.strict_json import LARGEST_BODY
from app.spine.wire import WatchedAdapter, Wire

FURTHEST_OFFSET_SECONDS = 366 * 50 * 86_400.0

_IDLE_SECONDS = 20.0
"""A connection unused for longer may have been closed by the peer: a message on it could be lost for nothing."""

_ORDINARY = frozenset({200, 201, 400, 401, 403, 404, 429})
"""After any other answer the connection is closed, lest something left over on it be taken for the next answer."""

_OWN_HEADERS = {"User-Agent": "scr-bulk", "Connection": "keep-alive"}
_SIMULATED_HEADER = "X-Simulated-Spine"
_OFFSET_HEADER = "X-Simulated-Offset-Seconds"
_OFFSET = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
_MIRRORED_HEADER = "X-Correlation-ID"


class Trouble(Enum):
    """Why an exchange did not end with a whole answer."""

    SET_UP = "set_up"
    """The connection could not even be tried: the address or the settings cannot be used."""
    NOT_CONNECTED = "not_connected"
    """Nothing was sent: name, connection, proxy or TLS set-up failed, or there was no time left."""
    CERTIFICATE = "certificate"
    """One side does not accept the other's certificate."""
    BROKEN = "broken"
    """The request may have arrived; its answer did not, or not whole: reset, timeout, end of the stream."""
    TOO_LARGE = "too_large"
    """The answer is larger than any that could be meant."""
    ANOTHERS = "anothers"
    """The answer is to another request: the service mirrors a request's id, and this is not ours."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an exchange.

    `status` is there as soon as a whole status line was seen. `trouble` is None exactly when the answer is whole;
    of a 201 that is its head, and the body is left empty.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    trouble: Trouble | None = None

    @property
    def simulated(self) -> bool:
        """Whether the answer says that it comes from a simulated Spine."""
        return self.headers.get(_SIMULATED_HEADER, "").strip().lower() == "true"

    @property
    def date(self) -> datetime | None:
        """When the answer was made, by the peer's clock; None where it does not say so understandably."""
        try:
            told = parsedate_to_datetime(self.headers.get("Date", ""))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return None if told.tzinfo is None else told

    @property
    def offset_seconds(self) -> float | None:
        """How far a simulated Spine says that its time runs ahead of the machine's; None from any other."""
        told = self.headers.get(_OFFSET_HEADER, "").strip()
        if not (self.simulated and _OFFSET.fullmatch(told)):
            return None
        return float(told) if abs(float(told)) <= FURTHEST_OFFSET_SECONDS else None


Hear = Callable[[Reply, float], None]
"""Is told every reply, and when its exchange was begun."""


def hear_nothing(_: Reply, __: float) -> None:
    """Nobody wants to know."""


class Exchanger:
    """The way to one peer, over one connection at a time. Used by one thread, but for `abort`; times are seconds of
    `monotonic`.

    Of `requests` this uses the adapter, without the session around it: that would take things from the surroundings
    (.netrc for the token, the environment for proxy and certificates), keep cookies, follow redirects, and build each
    message anew for two thirds of an exchange's processor time.
    """

    def __init__(
        self, settings: SpineSettings, base: str, monotonic: Callable[[], float], hear: Hear = hear_nothing
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._hear = hear
        self._wire = Wire(monotonic)
        self._adapter = WatchedAdapter(self._wire, settings.ca_bundle, settings.client_certificate)
        self._proxies = dict(settings.proxies_for(base))
        self._last_used = monotonic()

    def exchange(self, message: Message, give_up_at: float, leave_by: float = math.inf) -> Reply:
        """Make this exchange; it has ended by `give_up_at`, whatever the peer does.

        No byte of the message leaves after `leave_by`: where the connection took longer, none was made.
        """
        begun_at = self._monotonic()
        reply = self._exchange(message, give_up_at, leave_by)
        self._hear(reply, begun_at)
        return reply

    def _exchange(self, message: Message, give_up_at: float, leave_by: float) -> Reply:
        left = give_up_at - self._monotonic()
        if left <= 0:
            return Reply(trouble=Trouble.NOT_CONNECTED)
        if self._monotonic() - self._last_used > _IDLE_SECONDS:
            self._adapter.close()
        self._wire.begin(give_up_at, self._settings.read_timeout, leave_by)
        try:
            return self._converse(message, min(self._settings.connect_timeout, left))
        except Exception:  # noqa: BLE001 - what a fault means is told by how far the exchange got, not by its class
            self._adapter.close()
            return Reply(self._wire.status, trouble=_trouble(self._wire))
        finally:
            self._wire.end()
            self._last_used = self._monotonic()

    def abort(self) -> None:
        """Cut the exchange in hand, from any thread."""
        self._wire.cut()

    def close(self) -> None:
        """Close the connection."""
        self._adapter.close()

    def _converse(self, message: Message, connect_timeout: float) -> Reply:
        timeouts = (connect_timeout, self._settings.read_timeout)
        with self._adapter.send(_prepared(message), stream=True, timeout=timeouts, proxies=self._proxies) as response:
            # An answer left unread closes its connection, and with it whatever is behind it.
            if not _is_answer_to(message, response.headers):
                return Reply(response.status_code, trouble=Trouble.ANOTHERS)
            if response.status_code == HTTPStatus.CREATED and response.headers.get("Content-Length") != "0":
                # It says all there is to say: a body that trickles must not hold up the sender.
                return Reply(response.status_code, response.headers)
            body = response.raw.read(LARGEST_BODY + 1, decode_content=True)
        if response.status_code not in _ORDINARY:
            self._adapter.close()
        if len(body) > LARGEST_BODY:
            return Reply(response.status_code, response.headers, trouble=Trouble.TOO_LARGE)
        return Reply(response.status_code, response.headers, body)


def _prepared(message: Message) -> PreparedRequest:
    """The message as `requests` sends it. It is whole already: address quoted, body in bytes."""
    request = PreparedRequest()
    request.method, request.url, request.body = message.method, message.url, message.body
    request.headers = CaseInsensitiveDict({**_OWN_HEADERS, **message.headers})
    if message.body is not None:
        # Without it the body would be sent in chunks.
        request.headers["Content-Length"] = str(len(message.body))
    return request


def _is_answer_to(message: Message, headers: Mapping[str, str]) -> bool:
    """Whether the id mirrored is the request's; the gateway's own answers carry none."""
    asked, mirrored = message.headers.get(_MIRRORED_HEADER), headers.get(_MIRRORED_HEADER)
    return asked is None or mirrored is None or mirrored.strip().lower() == asked.lower()


def _trouble(wire: Wire) -> Trouble:
    """What a fault means, by how far the exchange got. The order matters: the first that applies.

    A certificate refused    nothing was processed, whichever side refused; with TLS 1.3 that may come late
    Request begun            it may have arrived: this includes a kept connection that was reset on sending
    A connection tried       certainly nothing was sent
    Nothing tried            the address or the settings are at fault
    """
    if wire.certificate_refused:
        return Trouble.CERTIFICATE
    if wire.request_begun:
        return Trouble.BROKEN
    if wire.reached_out:
        return Trouble.NOT_CONNECTED
    return Trouble.SET_UP
