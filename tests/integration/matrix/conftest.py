"""A small practice, the real engine and client, and the simulated Spine in its own process: one fault, one outcome."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.clock import SystemClock
from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.engine.sender_pool import SenderPool
from app.engine.spine_port import AnswerKind, MessageIds
from app.spine.client import RequestsSpine
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService
from app.storage import audit
from tests.helpers.bench import Bench, Person, consenter
from tests.helpers.certificates import Certificates, certificates_in
from tests.helpers.practice import number
from tests.helpers.simulator import SimulatorProcess, running_simulator

SETTLE = 0.4
DEADLINE = 1.5
SIZE, BLOCKS = 6, 150
CARD, PASSCODE = "910000000001", "123456"


class Practice:
    """The patient `P` with this record and five others, whose NHS numbers nobody else in the module has."""

    def __init__(self, folder: Path, person: Person, spine: SimulatorProcess, block: int) -> None:
        people = [person, *(consenter(f"C{number}") for number in range(SIZE - 1))]
        numbers = {one.ref: number(block * SIZE + place) for place, one in enumerate(people)}
        numbered = [replace(one, flags={"nhs_number": numbers[one.ref], **one.flags}) for one in people]
        self.bench = Bench(folder, numbered, clock=SystemClock())
        self.bench.numbers = numbers
        self.bench.make_senders = SenderPool
        self.bench.settings = replace(
            self.bench.settings, senders=2, deadline=DEADLINE, settle=SETTLE, retry_delays=(0.05, 0.1, 0.2)
        )
        self.spine = spine
        self.settings = SpineSettings(spine_url=spine.spine, auth_url=spine.auth, deadline=DEADLINE, read_timeout=30.0)
        self.reader = SignInService(self.settings, self.bench.clock)
        session = self.reader.sign_in(CARD, PASSCODE)
        self.bench.card = self.reader  # type: ignore[assignment]
        self.bench.service = RequestsSpine(self.settings, self.reader, self.bench.clock)
        if person.permission is Permission.NO:
            self._let_the_spine_hold_no(session.session_id)
        self._since = len(spine.history())

    def _let_the_spine_hold_no(self, session_id: str) -> None:
        connection = self.bench.service.connect(session_id)
        ids = MessageIds(str(uuid.uuid4()), str(uuid.uuid4()))
        assert connection.send_dissent(self.number, ids).kind is AnswerKind.ACCEPTED
        connection.close()

    @property
    def number(self) -> str:
        """P's NHS number."""
        return self.bench.numbers["P"]

    def strike(self, operation: str, action: dict[str, Any], **which: Any) -> None:
        """Let this happen to P's first such request, or to those that `which` names."""
        which = {"nth": 1, **which}
        if which["nth"] is None:
            del which["nth"]
        self.spine.put_faults({"operation": operation, "nhs_number": self.number, **which, "action": action})

    def history(self, **equal: Any) -> list[dict[str, Any]]:
        """Every request that the Spine received since this practice is there; see `SimulatorProcess.history`."""
        return [call for call in self.spine.history(**equal) if call["n"] > self._since]

    def writes(self) -> list[dict[str, Any]]:
        """Every message about P that the Spine received."""
        return [call for call in self.history(nhs_number=self.number) if call["path"].endswith("/$setPermission")]

    def reads(self) -> list[dict[str, Any]]:
        """Every question about P that the Spine received."""
        return self.history(method="GET", nhs_number=self.number)

    @property
    def ended(self) -> tuple[ItemState, Reason | None]:
        """What became of P."""
        return self.bench.ended("P")

    def others_are_done(self) -> bool:
        """Whether the fault stayed P's own."""
        return all(self.bench.ended(f"C{number}")[0] is ItemState.NOT_REQUIRED for number in range(SIZE - 1))

    def check(self) -> None:
        """I2, I5 and I8, and that one message keeps its id: by the Spine's own history."""
        attempts = {row.correlation_id: row for row in self.bench.attempts("P")}
        writes = self.writes()
        for place, call in enumerate(writes):
            assert attempts[call["correlation_id"]].request_id == call["request_id"], "I5"
            assert not place or attempts[call["correlation_id"]].reason, "every repeat carries its reason"
        assert len({call["correlation_id"] for call in writes}) == len(writes)
        applied = [place for place, call in enumerate(writes) if call["applied"]]
        if len(applied) > 1:
            before = [attempts[call["correlation_id"]].answer_class for call in writes[: applied[1]]]
            assert AnswerKind.UNKNOWN in before, "I2"
        assert audit.first_broken(self.bench.database) is None, "I8"


@pytest.fixture(scope="module")
def shared_spine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """A simulated Spine that knows everybody, each with a summary and no permission set."""
    known = tmp_path_factory.mktemp("spine") / "spine.csv"
    lines = [f"{number(ordinal)},yes," for ordinal in range(BLOCKS * SIZE)]
    known.write_text("\n".join(["nhs_number,has_scr,permission", *lines]) + "\n", encoding="utf-8")
    with running_simulator("--rate", "0", load=known) as spine:
        yield spine


@pytest.fixture(scope="module")
def blocks() -> Iterator[int]:
    return iter(range(BLOCKS))


@pytest.fixture
def make_practice(tmp_path: Path, shared_spine: SimulatorProcess, blocks: Iterator[int]) -> Iterator[Any]:
    """A practice of its own for each test; the invariants hold at the end."""
    made: list[Practice] = []

    def make(person: Person) -> Practice:
        made.append(Practice(tmp_path / "practice", person, shared_spine, next(blocks)))
        return made[-1]

    yield make
    shared_spine.clear_faults()
    for practice in made:
        try:
            practice.check()
        finally:
            practice.bench.database.close()


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return certificates_in(tmp_path)
