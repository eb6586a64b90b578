"""The line that says how the dissents stand and which worklists have somebody left, with the way to them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from app.engine.worklists import WorklistCount
from app.ui.tones import Tone
from app.ui.widgets import Notice, button
from app.ui.worklists.words import standing_words


class WorklistsNotice(Notice):
    """Signals: `worklists_wanted()`."""

    worklists_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(speaks=True)
        self._counts: Sequence[WorklistCount] = ()
        self._is_wanted = True
        self.open_button = button("Wor&klists…")
        self.open_button.clicked.connect(self.worklists_wanted)
        self.add(self.open_button)

    def show_counts(self, counts: Sequence[WorklistCount]) -> None:
        """How the worklists stand; without any, which hides the line, that is not known."""
        self._counts = counts
        self._show()

    def want(self, is_wanted: bool) -> None:
        """Whether the line belongs to what the page shows at this moment."""
        if is_wanted != self._is_wanted:
            self._is_wanted = is_wanted
            self._show()

    def _show(self) -> None:
        counts = self._counts if self._is_wanted else ()
        self.open_button.setVisible(any(one.left + one.dealt_with for one in counts))
        self.say(*(standing_words(counts) if counts else (Tone.QUIET, "")))
