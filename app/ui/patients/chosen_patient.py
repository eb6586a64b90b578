"""What stands below a list of patients: who is chosen, and what became of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.engine.patient_line import PatientLine
from app.ui.patients.list_model import chosen_model
from app.ui.patients.manner import Manner
from app.ui.widgets import button, frame, label, tidy


class ChosenPatient(QWidget):
    """Who is chosen, and what became of them; the Spine's own words stand behind Details."""

    def __init__(self, manner: Manner) -> None:
        super().__init__()
        self._manner = manner
        self._who = label(role="strong", wraps=True)
        self._what = label(wraps=True)
        self._spine = label(role="secondary", wraps=True)
        self.details_button = button("Detai&ls")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self.on_details_toggled)
        box = frame("quiet")
        row = QHBoxLayout(box)
        tidy(row, margin=3, spacing=3)
        lines = QVBoxLayout()
        tidy(lines, spacing=1)
        for text in (self._who, self._what, self._spine):
            lines.addWidget(text)
        row.addLayout(lines, 1)
        row.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        tidy(outer)
        outer.addWidget(box)
        self.show_line(None)

    def show_line(self, line: PatientLine | None) -> None:
        """Show this patient, or nobody."""
        self.setVisible(line is not None)
        if line is None:
            for text in (self._who, self._what, self._spine):
                text.clear()
            return
        model = chosen_model(line, self._manner)
        self._who.setText(model.who)
        self._what.setText(model.what)
        self._spine.setText(model.spine)
        self.details_button.setVisible(bool(model.spine))
        self._spine.setVisible(bool(model.spine) and self.details_button.isChecked())

    @Slot(bool)
    def on_details_toggled(self, shown: bool) -> None:
        """Show the Spine's own words, or hide them."""
        self._spine.setVisible(shown and bool(self._spine.text()))

    @property
    def texts(self) -> tuple[QLabel, ...]:
        """The three texts, from the top."""
        return self._who, self._what, self._spine
