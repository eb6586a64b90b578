"""A Spine within the test's own process, behind the engine's port: it holds permissions, and does as it is told.

For the engine's own behaviour under every kind of answer. What the wire does to an answer is tested with real HTTP
where the client is.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.clock import Clock, SystemClock
from app.domain.decision import DISSENT_REFUSAL, NO_SUMMARY, Permission, SpineConsent, Summary
from app.engine.spine_port import AnswerKind, MessageIds, SpineAnswer


@dataclass(slots=True)
class Holding:
    """What this Spine holds of one patient."""

    has_scr: bool = False
    permission: Permission | None = None


@dataclass(slots=True)
class Call:
    """One request it received: `at` and `monotonic` by its clock, `kind` what it answered, None while it has not.

    `applied` turns true when a late one lands.
    """

    operation: str
    nhs_number: str
    request_id: str
    correlation_id: str
    at: datetime
    monotonic: float
    kind: AnswerKind | None = None
    applied: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """The message is applied so many seconds later, and its answer lost."""

    seconds: float


Script = Callable[[Holding, Call], SpineAnswer | Late | None]
"""Answers in the Spine's place; None lets it answer by itself."""


@dataclass
class ScriptedSpine:
    """Satisfies `SpineService`. `scripts[("read" | "send", number)]` are used up one a call; `always` at every call.

    `witness` is shown every request before it is answered.
    """

    holdings: dict[str, Holding] = field(default_factory=dict)
    hides_dissent: bool = False
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.scripts: dict[tuple[str, str], deque[Script]] = defaultdict(deque)
        self.always: Script | None = None
        self.witness: Callable[[Call], None] | None = None
        self.calls: list[Call] = []
        self._late: list[tuple[float, Call]] = []
        self._lock = threading.Lock()

    def connect(self, session_id: str = "") -> _Connection:
        return _Connection(self)

    def script(self, operation: str, nhs_number: str, *answers: Script | SpineAnswer | Late | AnswerKind) -> None:
        for answer in answers:
            self.scripts[operation, nhs_number].append(as_script(answer))

    def sends(self, nhs_number: str | None = None) -> list[Call]:
        return [call for call in self.calls if call.operation == "send" and nhs_number in {None, call.nhs_number}]

    def reads(self, nhs_number: str | None = None) -> list[Call]:
        return [call for call in self.calls if call.operation == "read" and nhs_number in {None, call.nhs_number}]

    def permission(self, nhs_number: str) -> Permission | None:
        self._land()
        return self.holdings[nhs_number].permission

    def answer(self, operation: str, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        with self._lock:
            self._land()
            holding = self.holdings.setdefault(nhs_number, Holding())
            call = self._received(operation, nhs_number, ids)
            if self.witness is not None:
                self.witness(call)
            before = holding.permission
            queue = self.scripts[operation, nhs_number]
            script = queue.popleft() if queue else self.always
            answer = script(holding, call) if script else None
            if isinstance(answer, Late):
                self._late.append((call.monotonic + answer.seconds, call))
                answer = SpineAnswer(AnswerKind.UNKNOWN)
            elif answer is None:
                answer = self._read(holding) if operation == "read" else self._apply(holding)
            call.applied = operation == "send" and (answer.kind is AnswerKind.ACCEPTED or holding.permission != before)
            call.kind = answer.kind
            self.calls.append(call)
            return answer

    def _received(self, operation: str, nhs_number: str, ids: MessageIds) -> Call:
        now, monotonic = self.clock.now(), self.clock.monotonic()
        return Call(operation, nhs_number, ids.request_id, ids.correlation_id, now, monotonic)

    def _land(self) -> None:
        """Apply what was held up until now."""
        now = self.clock.monotonic()
        landed = [call for due, call in self._late if due <= now]
        self._late = [(due, call) for due, call in self._late if due > now]
        for call in landed:
            self.holdings[call.nhs_number].permission = Permission.NO
            call.applied = True

    def _read(self, holding: Holding) -> SpineAnswer:
        if holding.permission is Permission.NO and not (self.hides_dissent and not holding.has_scr):
            return consent(DISSENT_REFUSAL)
        if not holding.has_scr:
            return consent(NO_SUMMARY)
        return consent(SpineConsent(Summary.YES, holding.permission or Permission.ASK))

    @staticmethod
    def _apply(holding: Holding) -> SpineAnswer:
        holding.permission = Permission.NO
        return SpineAnswer(AnswerKind.ACCEPTED, 201)


class _Connection:
    def __init__(self, spine: ScriptedSpine) -> None:
        self._spine = spine

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._spine.answer("read", nhs_number, ids)

    def send_dissent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._spine.answer("send", nhs_number, ids)

    def abort(self) -> None:
        return

    def close(self) -> None:
        return


def consent(told: SpineConsent) -> SpineAnswer:
    """The answer of a strictly understood read."""
    return SpineAnswer(AnswerKind.CONSENT, 403 if told is DISSENT_REFUSAL else 200, consent=told)


def applied_but_lost(holding: Holding, _call: Call) -> SpineAnswer:
    """The message is applied, and its answer lost."""
    holding.permission = Permission.NO
    return SpineAnswer(AnswerKind.UNKNOWN)


def as_script(answer: Script | SpineAnswer | Late | AnswerKind) -> Script:
    """An answer as a script that always gives it."""
    if isinstance(answer, AnswerKind):
        answer = SpineAnswer(answer)
    if isinstance(answer, SpineAnswer | Late):
        fixed = answer
        return lambda _holding, _call: fixed
    return answer
