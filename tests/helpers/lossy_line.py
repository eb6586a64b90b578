"""A line to a server that can be cut in the middle of something: real bytes over real sockets."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class LossyLine:
    """Passes bytes between clients and a server on this computer.

    `lose_answer_to` and `lose` take effect once, at the first bytes from a client that hold a word: the answer to them
    never comes back, or they never arrive; that connection is closed then. `stay_cut` lets nobody through any more.
    """

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.lose_answer_to: bytes | None = None
        self.lose: bytes | None = None
        self.stay_cut = False
        self.struck = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self.stay_cut and self.struck:
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                deaf = threading.Event()
                threading.Thread(target=self._up, args=(client, server, deaf), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client, deaf), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.lose is not None and self.lose in data:
                    self.lose, self.struck = None, self.struck + 1
                    _hang_up(client)
                    return
                if self.lose_answer_to is not None and self.lose_answer_to in data:
                    self.lose_answer_to, self.struck = None, self.struck + 1
                    deaf.set()
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _down(self, server: socket.socket, client: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if deaf.is_set():
                    # The server has answered, so it is done; nobody hears of it.
                    break
                client.sendall(data)
        for end in (server, client):
            _hang_up(end)


def _hang_up(end: socket.socket) -> None:
    # A socket that another thread waits at is not closed by closing it.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
