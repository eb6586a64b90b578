"""A server with no connection left, and one that is not the one it says it is: told as that, and to the lock too."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from app.domain.errors import DatabaseUnusable, Refused, StorageBusy
from app.storage.database import PracticeDatabase
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.lock import PracticeServerLock
from tests.helpers.certificates import certificates_in


def told_by(address: ServerAddress, clock: Any, **parameters: str) -> str:
    """What is told when the practice is opened at this address, with these parameters of the driver instead."""
    other = replace(address, parameters=tuple((dict(address.parameters) | parameters).items()))
    with pytest.raises(DatabaseUnusable) as told:
        PracticeDatabase.open(other, clock=clock)
    with pytest.raises(Refused) as refused:
        PracticeServerLock(other, clock).acquire("Pat Manager")
    assert str(refused.value) == str(told.value)
    return str(told.value)


@contextmanager
def a_role(server, words: str) -> Iterator[str]:
    """A user of the server, made with these words."""
    with closing(server.admin()) as admin:
        admin.execute(f"CREATE ROLE clerk {words}")
        try:
            yield "clerk"
        finally:
            admin.execute("DROP ROLE clerk")


def test_a_server_with_no_connection_left(server, address, clock, database):
    with a_role(server, "LOGIN CONNECTION LIMIT 0") as name:
        assert "no connection left" in told_by(address, clock, user=name)


def test_no_connection_left_is_waited_for_where_something_is_being_done(server, address, clock, database):
    """It passes, as a database does that somebody else is writing to."""
    database.close()
    held: list[Any] = []
    with suppress(Exception):
        while True:
            held.append(server.admin())
    try:
        with pytest.raises(StorageBusy, match="no connection left"):
            database.info()
    finally:
        for connection in held:
            connection.close()
    assert database.info()


@pytest.fixture
def two_faced(tmp_path) -> Iterator[int]:
    """What a server would look like that is not the one it says it is: it speaks TLS, with a name of another one."""
    context = certificates_in(tmp_path).server("elsewhere", "DNS:elsewhere.example")
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                client.recv(8)
                client.sendall(b"S")
                with suppress(OSError), context.wrap_socket(client, server_side=True) as line:
                    line.recv(8)

    threading.Thread(target=answer, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def test_another_server_in_its_place(address, clock, two_faced, tmp_path):
    authority = str(tmp_path / "authority.pem")
    told = told_by(address, clock, port=str(two_faced), sslmode="verify-full", sslrootcert=authority)
    assert "names another server" in told
