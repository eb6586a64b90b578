"""Connections to real servers: the simulated Spine, and servers that say what a test tells them to."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.clock import SystemClock
from app.engine.spine_port import MessageIds, SpineAnswer
from app.spine.client import RequestsConnection, RequestsSpine
from app.spine.sandbox import NoSignIn
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from tests.helpers.certificates import Certificates, certificates_in
from tests.helpers.raw_server import Peer, Script
from tests.helpers.simulator import SimulatorProcess, running_simulator

DEADLINE = 0.6
"""Of exchanges with servers that never end; a good one takes milliseconds."""

HAS_SUMMARY, NO_SUMMARY, DISSENTS, CONSENTS = "9990000018", "9990000026", "9990000034", "9990000042"
WRITTEN = "9990000050"
"""The one patient of a shared simulated Spine whose permission tests change."""

UNKNOWN = "9990000069"

HEAD_200 = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
HEAD_201 = b"HTTP/1.1 201 Created\r\nContent-Type: application/fhir+json\r\n"
SPINE_CSV = f"""nhs_number,has_scr,permission
{HAS_SUMMARY},yes,
{NO_SUMMARY},no,
{DISSENTS},yes,No
{CONSENTS},yes,Yes
{WRITTEN},yes,
"""

ADMINISTRATOR, DOCTOR, EXPIRED, TWO_ROLES = (f"91000000000{number}" for number in (1, 2, 4, 5))
PASSCODE = "123456"

Connect = Callable[..., RequestsConnection]


def new_ids() -> MessageIds:
    return MessageIds(str(uuid.uuid4()), str(uuid.uuid4()))


def sends(*data: bytes, then: str = "close") -> Script:
    """A script that takes one request, sends these bytes and then closes, holds on, or resets."""

    def script(peer: Peer) -> None:
        if not peer.receive():
            return
        for piece in data:
            peer.send(piece)
        if then == "hold":
            peer.hold()
        elif then == "reset":
            peer.reset()

    return script


def soon() -> float:
    """When to give something up that takes a moment."""
    return time.monotonic() + 30.0


def calls(simulator: SimulatorProcess, path: str) -> list[dict[str, Any]]:
    """Every request whose path ends so."""
    return [entry for entry in simulator.history() if entry["path"].endswith(path)]


@contextmanager
def new_connection(settings: SpineSettings, source: SignInService | NoSignIn) -> Iterator[RequestsConnection]:
    """A connection closed at the end of a block."""
    session = source.current()
    assert session is not None
    connection = RequestsSpine(settings, source, SystemClock()).connect(session.session_id)
    try:
        yield connection
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool]) -> None:
    """Come back once this holds; fails after ten seconds."""
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def read(connection: RequestsConnection, nhs_number: str = HAS_SUMMARY) -> SpineAnswer:
    return connection.read_consent(nhs_number, new_ids())


def write(connection: RequestsConnection, nhs_number: str = WRITTEN) -> SpineAnswer:
    return connection.send_dissent(nhs_number, new_ids())


@pytest.fixture(scope="module")
def spine_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spine") / "spine.csv"
    path.write_text(SPINE_CSV, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shared_simulator(spine_file: Path) -> Iterator[SimulatorProcess]:
    with running_simulator("--rate", "0", load=spine_file) as spine:
        yield spine


@pytest.fixture
def simulator(shared_simulator: SimulatorProcess) -> Iterator[SimulatorProcess]:
    """One for all tests of a module, its clock and faults as at the start for each."""
    yield shared_simulator
    shared_simulator.clear_faults()
    shared_simulator.move_clock(0)


@pytest.fixture
def settings(simulator: SimulatorProcess) -> SpineSettings:
    return SpineSettings(spine_url=simulator.spine, auth_url=simulator.auth)


@pytest.fixture
def sign_in(settings: SpineSettings) -> SignInService:
    """Somebody is signed in, with the first card."""
    service = SignInService(settings, SystemClock())
    service.sign_in(ADMINISTRATOR, PASSCODE)
    return service


@pytest.fixture
def connection(settings: SpineSettings, sign_in: SignInService) -> Iterator[RequestsConnection]:
    """To the simulated Spine."""
    with new_connection(settings, sign_in) as made:
        yield made


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connections without a sign-in, to any address; keywords are settings."""
    made: list[RequestsConnection] = []

    def connect_to(url: str, clock: SystemClock | None = None, **settings: object) -> RequestsConnection:
        given = {"deadline": DEADLINE, **settings}
        nobody = NoSignIn(SystemClock(), ())
        session = nobody.sign_in("")
        spine_settings = SpineSettings(spine_url=url, auth_url="none", **given)  # type: ignore[arg-type]
        made.append(RequestsSpine(spine_settings, nobody, clock or SystemClock()).connect(session.session_id))
        return made[-1]

    yield connect_to
    for connection in made:
        connection.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates_in(tmp_path_factory.mktemp("certificates"))
