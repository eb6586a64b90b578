"""The computer stays awake while a run is live, and may sleep again after it, whatever the desktop answers."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.keep_awake import KeepAwake
from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.rows import Counts
from tests.ui.conftest import Staged
from tests.ui.fakes import FakeAwake, run_view, until_stopped
from tests.ui.hands import Hands


class System:
    """A desktop that can be asked, in place of the one where tests run, which has none."""

    def __init__(self, *, agrees: bool = True, fails_to_ask: bool = False, fails_to_let_go: bool = False) -> None:
        self.agrees, self.fails_to_ask, self.fails_to_let_go = agrees, fails_to_ask, fails_to_let_go
        self.awake = False

    def running(self, **_: object) -> System:
        if self.fails_to_ask:
            raise OSError("no bus")
        return self

    def __enter__(self) -> SimpleNamespace:
        self.awake = self.agrees
        return SimpleNamespace(active=self.agrees)

    def __exit__(self, *_: object) -> None:
        self.awake = False
        if self.fails_to_let_go:
            raise OSError("no bus any more")


def with_system(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    library = ModuleType("wakepy")
    library.keep = system
    monkeypatch.setitem(sys.modules, "wakepy", library)


@pytest.mark.parametrize("agrees", [True, False])
def test_it_is_awake_for_as_long_as_it_runs_where_the_system_agrees(monkeypatch: pytest.MonkeyPatch, agrees: bool):
    system, awake = System(agrees=agrees), KeepAwake()
    with_system(monkeypatch, system)
    with awake.while_it_runs():
        assert awake.is_on is system.awake is agrees
    assert not awake.is_on
    assert not system.awake


def test_it_stays_awake_until_the_last_of_two_has_ended(monkeypatch: pytest.MonkeyPatch):
    awake = KeepAwake()
    with_system(monkeypatch, System())
    with awake.while_it_runs():
        with awake.while_it_runs():
            pass
        assert awake.is_on
    assert not awake.is_on


@pytest.mark.parametrize("fault", ["fails_to_ask", "fails_to_let_go"])
def test_a_desktop_that_fails_costs_no_run_its_answer(monkeypatch: pytest.MonkeyPatch, fault: str):
    with_system(monkeypatch, System(**{fault: True}))
    awake, done = KeepAwake(), []
    with awake.while_it_runs():
        done.append("the run")
    assert done == ["the run"]
    assert not awake.is_on


def test_the_error_of_a_run_is_told_and_the_computer_may_sleep(monkeypatch: pytest.MonkeyPatch):
    system, awake = System(), KeepAwake()
    with_system(monkeypatch, system)
    with pytest.raises(ZeroDivisionError), awake.while_it_runs():
        raise ZeroDivisionError
    assert not system.awake


def test_without_any_desktop_it_runs_all_the_same():
    awake = KeepAwake()
    with awake.while_it_runs():
        pass
    assert not awake.is_on


def test_the_status_bar_says_so(staged: Staged, qtbot: QtBot):
    def carry_out(press, token, board):
        until_stopped(token)
        return run_view(RunStatus.STOPPED, Counts(unprocessed=5), StopReason.USER)

    staged.practice.carry_out = carry_out
    staged.reader.begin()
    hands = Hands(staged.open(awake=FakeAwake(agrees=True)), qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: "computer kept awake" in hands.window.status_texts()[0])
    hands.click(hands.middle.running.stop_button)
    hands.until(lambda: hands.middle.status.text() == "Paused")
    assert "awake" not in hands.window.status_texts()[0]
