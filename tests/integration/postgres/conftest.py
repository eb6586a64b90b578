"""A practice of a few patients on the tests' own server. Skipped, and said so, where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.storage.database import PracticeDatabase
from app.storage.postgres.address import ServerAddress
from tests.helpers import databases
from tests.helpers.clocks import ManualClock
from tests.helpers.lossy_line import LossyLine
from tests.helpers.migration import Migration
from tests.helpers.postgres import Server
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, number


@pytest.fixture(autouse=True)
def on_postgresql() -> Iterator[None]:
    before, there = databases.under_test, databases.made()
    databases.use(databases.Kind.POSTGRESQL)
    yield
    databases.use(before)
    databases.drop_those_after(there)


@pytest.fixture
def server(on_postgresql: None) -> Server:
    return databases.server()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def address(server: Server, tmp_path: Path) -> ServerAddress:
    """A database with an empty practice in it."""
    found = databases.new_place(tmp_path)
    assert isinstance(found, ServerAddress)
    return found


@pytest.fixture
def database(address: ServerAddress, clock: ManualClock) -> Iterator[PracticeDatabase]:
    """Three patients, A to C: A and C object."""
    database = PracticeDatabase.open(address, clock=clock)
    rows = [a_patient(ref, number(ordinal)) for ordinal, ref in enumerate("ABC")]
    bring_in(database, ListOf(rows, [an_entry("A", "9Ndo."), an_entry("B", "93C2."), an_entry("C", "9Ndo.")]))
    yield database
    database.close()


@pytest.fixture
def line(server: Server) -> Iterator[LossyLine]:
    line = LossyLine(server.port)
    yield line
    line.close()


@pytest.fixture
def over_the_line(database: PracticeDatabase, address: ServerAddress, line: LossyLine, clock: ManualClock):
    """The same practice as a workstation sees it whose line can be cut."""
    parameters = dict(address.parameters) | {"port": str(line.port)}
    far = PracticeDatabase.open(replace(address, parameters=tuple(parameters.items())), clock=clock)
    yield far
    far.close()


@pytest.fixture
def migration(over_the_line: PracticeDatabase) -> Migration:
    """A run of that workstation, its first execution open."""
    return Migration(over_the_line).begin()
