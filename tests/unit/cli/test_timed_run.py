"""A terminal on watch over set times: what it does where an order cannot be carried out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from app.cli import timed_run
from app.cli.timed_run import TimedRun
from app.domain.errors import KnownError, Refused, StorageBusy, StorageFault
from tests.helpers.clocks import ManualClock

AT_EIGHT = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)


class Waiting:
    """Something is scheduled until it was carried out; an order is handed over whenever somebody is waited for."""

    def __init__(self, *outcomes: KnownError | str) -> None:
        self.outcomes = list(outcomes)
        self.carried_out = 0
        self.run: TimedRun | None = None

    def active(self) -> Any:
        if self.outcomes and self.run is not None:
            self.run._orders.put(SimpleNamespace(execute=self.execute))  # type: ignore[arg-type]
        following = SimpleNamespace(begins_at=AT_EIGHT) if self.outcomes else None
        return SimpleNamespace(
            schedule=SimpleNamespace(run_id=1), following=lambda _: following, has_lapsed=lambda _: False
        )

    def execute(self, *_: object) -> Any:
        self.carried_out += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, KnownError):
            raise outcome
        return SimpleNamespace(run_id=1, stop_reason=None, told=outcome)


@pytest.fixture
def stay(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Waiting]:
    """Has a terminal stay until nothing is left to wait for."""
    monkeypatch.setattr(timed_run, "renewal", lambda *_: lambda: None)

    def stay(*outcomes: KnownError | str) -> Waiting:
        waiting = Waiting(*outcomes)
        product = SimpleNamespace(
            schedules=waiting,
            clock=ManualClock(AT_EIGHT),
            reader=None,
            family=SimpleNamespace(key="any"),
            queries=SimpleNamespace(run=lambda _: SimpleNamespace()),
        )
        waiting.run = TimedRun(product, argparse.Namespace())  # type: ignore[arg-type]
        waiting.run._go_on(None)
        return waiting

    return stay


@pytest.mark.parametrize("trouble", [Refused("Not now."), StorageBusy("The practice database is busy.")])
def test_what_may_pass_by_itself_does_not_end_the_waiting(stay, capsys, trouble):
    """A list that is brought in at eight holds the database for a minute: the night's run is made up for after it."""
    waiting = stay(trouble, "done")
    assert waiting.carried_out == 2
    assert str(trouble) in capsys.readouterr().err


def test_a_database_that_does_not_come_back_does(stay):
    with pytest.raises(StorageFault):
        stay(StorageFault("The disk is full."), "never")
