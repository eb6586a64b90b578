"""The line of the results about the worklists, with the way to them."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.ui.tones import Tone
from app.ui.widgets import Notice, button
from app.ui.worklists.words import notice_words


class WorklistsNotice(Notice):
    """Shown only where a worklist has patients left. Signals: `worklists_wanted()`."""

    worklists_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(Tone.ACCENT)
        self.open_button = button("Wor&klists…")
        self.open_button.clicked.connect(self.worklists_wanted)
        self.add(self.open_button)

    def show_number(self, number: int) -> None:
        """So many worklists have patients left; none hides the line."""
        self.say(Tone.ACCENT, notice_words(number), "They stay after the run, and empty as things are put right.")
        if not number:
            self.say(Tone.ACCENT, "")
