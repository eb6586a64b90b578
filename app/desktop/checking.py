"""The four actions behind a door that stays shut until the whole database was looked at (faults page, row 27)."""

from __future__ import annotations

from app.domain.actions import RunSituation
from app.domain.errors import Refused
from app.domain.session import CardSession
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import RunView
from app.engine.progress import ProgressBoard
from app.ui.choose_model import CHECKING
from app.ui.services import RunOperator


class CheckedOperator:
    """A `RunOperator` that refuses everything until `open_door` is called."""

    def __init__(self, operator: RunOperator) -> None:
        self._operator = operator
        self._is_shut = True

    def open_door(self) -> None:
        """The database was looked at and is whole."""
        self._is_shut = False

    def situation(self, family: str) -> RunSituation:
        """What the four actions depend on."""
        self._refuse_while_shut()
        return self._operator.situation(family)

    def check(self, press: Press) -> CardSession:
        """The session the press would run under."""
        self._refuse_while_shut()
        return self._operator.check(press)

    def execute(self, press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        """Carry out a press."""
        self._refuse_while_shut()
        return self._operator.execute(press, token, board)

    def stop_elsewhere(self, family: str) -> None:
        """Ask another copy of the program to stop."""
        self._refuse_while_shut()
        self._operator.stop_elsewhere(family)

    def _refuse_while_shut(self) -> None:
        if self._is_shut:
            raise Refused(CHECKING)
