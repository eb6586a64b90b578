"""A server that says exactly what a script tells it to, byte by byte: for what no HTTP library would send.

def script(peer):
    peer.receive()
    peer.send(b"HTTP/1.1 201 Created\\r\\n")

with raw_server(script) as server:
    requests.post(server.url)
    assert server.requests[0].startswith(b"POST ")

The script runs for each connection, on a thread of its own; the connection is closed when it returns.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_NO_LINGER = struct.pack("ii", 1, 0)
_PATIENCE = 10.0


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer with its length; `status` is such as "200 OK"."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Peer:
    """One connection, as the script sees it."""

    def __init__(self, connection: socket.socket, server: RawServer) -> None:
        self._connection = connection
        self._server = server
        self._left = b""

    def receive(self) -> bytes:
        """The next request, whole; empty when there is none."""
        data = self._left
        while b"\r\n\r\n" not in data:
            data += (more := self._connection.recv(65536))
            if not more:
                return b""
        head, body = data.split(b"\r\n\r\n", 1)
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        while len(body) < length:
            body += (more := self._connection.recv(65536))
            if not more:
                return b""
        self._left = body[length:]
        request = head + b"\r\n\r\n" + body[:length]
        self._server.requests.append(request)
        return request

    def hear(self) -> None:
        """Wait until something arrives, whatever it is."""
        self._left += self._connection.recv(65536)

    def send(self, data: bytes) -> None:
        """Send these bytes at once."""
        self._connection.sendall(data)

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Send byte after byte, so long between them, until the client is gone or the server ends."""
        for byte in data:
            if not self.pause(seconds):
                return
            self._connection.sendall(bytes([byte]))

    def pause(self, seconds: float) -> bool:
        """Keep silent for so long; False when the server ends meanwhile."""
        return not self._server.ending.wait(seconds)

    def hold(self) -> None:
        """Keep silent until the client is gone or the server ends."""
        self._connection.settimeout(0.05)
        while not self._server.ending.is_set():
            with suppress(TimeoutError):
                if not self._connection.recv(65536):
                    return

    def join(self, onward: socket.socket) -> None:
        """Pass bytes on to another connection and back, until one side is gone or the server ends."""
        sides = {self._connection: onward, onward: self._connection}
        while not self._server.ending.is_set():
            for side in select.select(list(sides), [], [], 0.05)[0]:
                data = side.recv(65536)
                if not data:
                    return
                sides[side].sendall(data)

    def reset(self) -> None:
        """End the connection the hard way."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._connection.close()


Script = Callable[[Peer], None]


class RawServer:
    """A running server: where it is, and what it was sent."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._open: set[socket.socket] = set()
        self._mistakes: list[BaseException] = []
        self.ending = threading.Event()
        self.requests: list[bytes] = []
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Take connections from now on."""
        self._threads[0].start()

    def close(self) -> None:
        """Take no more, end every script, and raise what went wrong in one."""
        self.ending.set()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        # Closing alone would leave the accepting thread asleep.
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            pass
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._listener.close()
        if self._mistakes:
            raise self._mistakes[0]

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self.ending.is_set():
                connection.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE)
        self._open.add(connection)
        try:
            if self._tls is None:
                self._script(Peer(connection, self))
            else:
                self._serve_encrypted(connection, self._tls)
        except OSError:
            pass  # the client has gone, or did not care for our certificate
        except BaseException as mistake:  # noqa: BLE001 - told to the test by close()
            self._mistakes.append(mistake)
        finally:
            self._open.discard(connection)
            connection.close()

    def _serve_encrypted(self, connection: socket.socket, tls: ssl.SSLContext) -> None:
        # The encrypted socket takes over a duplicate, so that this one can still be shut down and drained.
        with tls.wrap_socket(connection.dup(), server_side=True, do_handshake_on_connect=False) as encrypted:
            try:
                encrypted.do_handshake()
            except ssl.SSLError:
                # Closed with bytes unread, the connection would be reset and our alert lost.
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
                raise
            self._script(Peer(encrypted, self))


@contextmanager
def raw_server(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server on this computer while the block lasts."""
    server = RawServer(script, tls)
    server.start()
    try:
        yield server
    finally:
        server.close()


def answering(*answers: bytes) -> Script:
    """A script that gives these answers in turn, each to one request, all on one connection or on several."""
    waiting = iter(answers)
    lock = threading.Lock()

    def script(peer: Peer) -> None:
        while peer.receive():
            with lock:
                answer = next(waiting, None)
            if answer is None:
                return
            peer.send(answer)

    return script
