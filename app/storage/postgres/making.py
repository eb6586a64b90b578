"""A practice on its way onto a server: in a schema of its own until it is whole, then given its name in one step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import Refused
from app.storage.backend import Surroundings
from app.storage.faults import told_in_words
from app.storage.postgres.address import ServerAddress
from app.storage.postgres.server import PostgresServer


@contextmanager
def on_the_way(address: ServerAddress) -> Iterator[ServerAddress]:
    """A place for a practice that becomes this address's own at the end of the context, and is removed otherwise.

    The caller holds the practice's lock. Raises `Refused` where there is a practice already, and `StorageFault`.
    """
    refuse_taken(address)
    remove_unfinished(address)
    try:
        yield address.in_the_making
        finish(address)
    except BaseException:
        remove_unfinished(address)
        raise


def refuse_taken(address: ServerAddress) -> None:
    """Raise `Refused` where the address has a practice, and `DatabaseUnusable` where it cannot be worked with."""
    if is_taken(address):
        raise Refused("The shared database holds a practice already. Choose another database.")


def is_taken(address: ServerAddress) -> bool:
    """Whether the address has a practice. Raises `DatabaseUnusable` where that cannot be told."""
    with _backend(address) as backend:
        return backend.exists()


def holds(address: ServerAddress, number: int, seal: str) -> bool:
    """Whether the practice there has this event in its audit trail. Raises `DatabaseUnusable`."""
    with _backend(address) as backend:
        return backend.holds(number, seal)


def remove_unfinished(address: ServerAddress) -> None:
    """Remove what was on its way and never arrived. Raises `StorageFault`."""
    with told_in_words(), _backend(address.in_the_making) as backend:
        backend.remove()


def finish(address: ServerAddress) -> None:
    """Have what was on its way take its place. Raises `Refused` and `StorageFault`."""
    with told_in_words(), _backend(address.in_the_making) as backend:
        backend.take_its_place(address)


@contextmanager
def _backend(address: ServerAddress) -> Iterator[PostgresServer]:
    backend = PostgresServer(address, Surroundings())
    try:
        yield backend
    finally:
        backend.close()
