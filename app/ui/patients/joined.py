"""The line of the results about patients who joined since the run began, with the Rerun that takes them in."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot

from app.ui.formatting import patients
from app.ui.tones import Tone
from app.ui.widgets import Notice, button


class JoinedNotice(Notice):
    """Shown only where somebody joined. Signals: `view_wanted()`, `rerun_wanted()`."""

    view_wanted = Signal()
    rerun_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(Tone.ACCENT)
        self.view_button = button("Vie&w them")
        self.rerun_button = button("R&erun")
        self.view_button.clicked.connect(self.view_wanted)
        self.rerun_button.clicked.connect(self.rerun_wanted)
        self.add(self.view_button)
        self.add(self.rerun_button)

    @Slot(int)
    def show_joined(self, number: int) -> None:
        """So many joined; none hides the line."""
        have = "has" if number == 1 else "have"
        words = f"{patients(number)} {have} joined the practice since this run began and {have} not been scanned."
        self.say(Tone.ACCENT, words if number else "", "Rerun scans everybody again, the new ones with them.")
