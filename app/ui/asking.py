"""Short questions to the practice database: at once where a file keeps it, aside where a server does.

A file of this computer answers within a millisecond. A server that is out of reach is known to be only after seconds,
and one that is frozen never answers: the window's thread waits for neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Slot

from app.ui.background import BackgroundCall, Ended
from app.ui.services import Services

Answered = Callable[[Ended], None]
"""A slot of an object that lives in the window's thread; told how a question ended."""


class Asking(QObject):
    """Asks for one page or controller, one question at a time. Lives in the window's thread."""

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = services.clock
        self._since: float | None = None
        self._waits: BackgroundCall | None = None
        self.at_once = not services.practice.shared_in

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being waited for."""
        return self._since is not None

    @property
    def waits_for(self) -> float:
        """For how many seconds an answer has been waited for; 0.0 where none is."""
        return 0.0 if self._since is None else self._clock.monotonic() - self._since

    def ask(self, name: str, question: Callable[[], Any], answered: Answered) -> None:
        """Have this question answered: before this returns, or later. Not while `is_busy`."""
        if self.at_once:
            try:
                ended = Ended(value=question())
            except Exception as error:  # noqa: BLE001 - told like those of a thread
                ended = Ended(error=error)
            answered(ended)
            return
        self._since = self._clock.monotonic()
        self._waits = BackgroundCall(name, question, self)
        self._waits.ended.connect(self.on_ended)
        self._waits.ended.connect(answered)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:  # noqa: ARG002 - the answer is for whoever asked
        """An answer has come."""
        self._since = self._waits = None

    def wait(self, seconds: float) -> bool:
        """Block until no answer is waited for, for the end of the program; whether none is."""
        return self._waits is None or self._waits.wait(seconds)
