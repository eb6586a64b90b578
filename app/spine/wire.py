"""The HTTP connection under `requests`, watched: how far an exchange got, and when it must end.

`requests` limits each wait for bytes, not the whole exchange, and does not tell whether a failed request had left.
Here every wait gets what is left of the exchange's time, so bytes that trickle end it all the same; and the points
that decide what a failure means are noted as they are passed. Nothing here knows what is sent.
"""

from __future__ import annotations

import functools
import http.client
import io
import math
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.response import assert_header_parsing
from urllib3.util.retry import Retry
from urllib3.util.ssl_ import create_urllib3_context
from urllib3.util.ssl_match_hostname import CertificateError

from app.spine.settings import show_own_certificate

_READ_AT_ONCE = 16 * 1024


class Wire:
    """One sender's connection at work: the limits of the exchange in hand, and what became of it.

    Used by the sender's thread; `cut` alone may be called from any other. Times are seconds of `monotonic`.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._busy = False
        self._cut = False
        self._socket: socket.socket | None = None
        self._give_up_at = 0.0
        self._leave_by = math.inf
        self._read_timeout = 0.0
        self._forget()

    def begin(self, give_up_at: float, read_timeout: float, leave_by: float) -> None:
        """A new exchange, which must have begun to leave by `leave_by`, and have ended by `give_up_at`."""
        self._forget()
        self._give_up_at = give_up_at
        self._leave_by = leave_by
        self._read_timeout = read_timeout
        with self._lock:
            self._busy = True
            self._cut = False

    def end(self) -> None:
        """The exchange is over; cutting it now does nothing."""
        with self._lock:
            self._busy = False

    def cut(self) -> None:
        """End the exchange in hand, if there is one: no byte of it is sent or taken from now on."""
        with self._lock:
            if not self._busy:
                return
            self._cut = True
            if self._socket is not None:
                with suppress(OSError):
                    # Not the TLS object's own shutdown, which would go on with the bytes still encrypted.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def connected(self, connection: socket.socket | None) -> None:
        """This is the socket to cut."""
        with self._lock:
            self._socket = connection

    def patience(self) -> float:
        """Seconds the next wait for the peer may take. Raises TimeoutError when the exchange must end now."""
        left = self._give_up_at - self._monotonic()
        if self._cut or left <= 0:
            raise TimeoutError("the exchange was ended")
        return min(self._read_timeout, left)

    def require_in_time(self) -> None:
        """Raise TimeoutError where it is too late for the request to begin to leave."""
        if self._monotonic() > self._leave_by:
            raise TimeoutError("the connection took too long")

    def note_fault(self, fault: BaseException) -> None:
        """Note whether a fault is about a certificate, ours or the peer's.

        Only on a connection that is new, before any answer, does that prove that nothing was processed.
        """
        reason = str(getattr(fault, "reason", ""))
        about = "CERTIFICATE" in reason or "UNKNOWN_CA" in reason or isinstance(fault, CertificateError)
        self.certificate_refused |= about and self.opening and self.status is None

    def _forget(self) -> None:
        self.reached_out = False
        """A connection was tried, or one still open was used."""
        self.opening = False
        """A connection was tried."""
        self.request_begun = False
        """Bytes of the request itself, not of setting up the connection, may have left."""
        self.certificate_refused = False
        self.status: int | None = None
        """The status of a whole status line, whatever came after it."""
        self.stream_ended = False
        """The peer, or a cut, ended the stream of the answer."""


class WatchedAdapter(HTTPAdapter):
    """Transport to one peer, by one way, over watched connections; repeats nothing by itself."""

    def __init__(self, wire: Wire, ca_bundle: Path | None, client_certificate: Path | None = None) -> None:
        self._pool: Any = None
        self._pool_classes = _pool_classes(wire)
        self._tls = create_urllib3_context()
        if ca_bundle is not None:
            # Beside the usual ones, which `requests` adds.
            self._tls.load_verify_locations(cafile=str(ca_bundle))
        if client_certificate is not None:
            show_own_certificate(self._tls, client_certificate)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=Retry(total=0, redirect=0))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, ssl_context=self._tls, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools for connections by a proxy."""
        manager = super().proxy_manager_for(*args, ssl_context=self._tls, proxy_ssl_context=self._tls, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool of the peer, looked up with the first message."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """The answer with what is looked at: no cookie is taken from it, and its text is read by others."""
        response = Response()
        response.request, response.raw = req, resp
        response.status_code, response.headers = resp.status, resp.headers
        return response

    def close(self) -> None:
        """Close the connection; the next message opens another."""
        self._pool = None
        super().close()


class _WatchedAnswer(http.client.HTTPResponse):
    """An answer read within the wire's limits, whose head must be whole and well formed."""

    def __init__(self, wire: Wire, connection: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedSocket(connection, wire), *args, **kwargs)  # type: ignore[arg-type]
        self._wire = wire

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        # A proxy's answer to CONNECT comes before the request; a line cut off in the middle tells nothing.
        if self._wire.request_begun and not self._wire.stream_ended:
            self._wire.status = status
        return version, status, reason

    def begin(self) -> None:
        """Read status and headers. Raises when the head was cut off or is malformed."""
        super().begin()
        # http.client takes the end of the stream for the end of the headers.
        if self._wire.stream_ended:
            raise http.client.HTTPException("the head of the answer is not whole")
        # urllib3 asks this too, but goes on after logging the address.
        assert_header_parsing(self.headers)


class _TimedSocket:
    """A socket as `http.client` reads it, each wait within the wire's limits."""

    def __init__(self, connection: socket.socket, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire

    def makefile(self, _: str) -> io.BufferedReader:
        """The stream of what the peer sends."""
        return io.BufferedReader(_Stream(self._connection, self._wire), _READ_AT_ONCE)


class _Stream(io.RawIOBase):
    """The bytes of one answer."""

    def __init__(self, connection: socket.socket, wire: Wire) -> None:
        self._connection = connection
        self._raw = connection.makefile("rb", buffering=0)
        self._wire = wire

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Wait for bytes, as long as the exchange has time left."""
        self._connection.settimeout(self._wire.patience())
        try:
            count = self._raw.readinto(buffer)
        except ssl.SSLError as fault:
            # With TLS 1.3 a refused certificate of ours shows only here.
            self._wire.note_fault(fault)
            raise
        if count == 0:
            self._wire.stream_ended = True
        return count

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._raw.close()
        super().close()


class _Watched:
    """Mixed into urllib3's connections: notes the points of no return."""

    wire: ClassVar[Wire]
    sock: Any
    _connecting = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_class = functools.partial(_WatchedAnswer, self.wire)

    def connect(self) -> None:
        """Open the connection, by way of the proxy and TLS where asked for."""
        self.wire.reached_out = self.wire.opening = True
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]
        except (ssl.SSLError, CertificateError) as fault:
            self.wire.note_fault(fault)
            raise
        finally:
            self._connecting = False
        self.wire.connected(self.sock)

    def send(self, data: Any) -> None:
        """Send bytes of the request, or while connecting those that ask a proxy for a tunnel."""
        if self.sock is None:
            self.connect()
        self.wire.reached_out = True
        self.sock.settimeout(self.wire.patience())
        if not self._connecting:
            if not self.wire.request_begun:
                self.wire.require_in_time()
            self.wire.request_begun = True
        super().send(data)  # type: ignore[misc]


def _pool_classes(wire: Wire) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3 makes connections by class, so each wire has classes of its own."""
    own = {"wire": wire}
    plain = type("_PlainConnection", (_Watched, HTTPConnection), own)
    secure = type("_SecureConnection", (_Watched, HTTPSConnection), own)
    return {
        "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
