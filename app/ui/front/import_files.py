"""The first step of an import: which files, and for a new practice its name and where it is kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.engine.list_preview import ListFiles
from app.ui.fields import FIELD_HEIGHT
from app.ui.front.file_field import FileField
from app.ui.front.import_model import fault_of_code
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, frame, label, tidy

_NEW = (
    "A new practice is made from the CSV files of your clinical system. They are looked at first: you see what is in "
    "them, and every fault, before anything is stored."
)
_UPDATE = (
    "A newer list is merged into the practice that is open. Patients are matched by their reference, else by NHS "
    "number; those who are not in it are kept. A backup is made first."
)
_NAMES = {"patients": "patients.csv", "consent": "consent.csv", "groups": "groups.csv"}


class ImportFiles(QWidget):
    """Signals: `changed()` whenever something was typed or chosen."""

    changed = Signal()

    def __init__(self, folder: Path | None, *, update: bool) -> None:
        super().__init__()
        self._update = update
        self.patients = FileField("Patients file", hint="The patients, one a line")
        self.consent = FileField("Consent file", hint="Their consent entries")
        self.groups = FileField("Groups file", hint="Patient groups; may be left out")
        self.folder = FileField("Folder of the practice", folder=True, hint="Where the practice is kept")
        self.folder.set_path(folder)
        self.name = _line("Practice name")
        self.code = _line("ODS code")
        self.message = Notice(Tone.FAILED, speaks=True)
        layout = QVBoxLayout(self)
        tidy(layout, spacing=4)
        layout.addWidget(label(_UPDATE if update else _NEW, wraps=True))
        practice = self._panel((("Practice &name", self.name), ("&ODS code", self.code), ("&Folder", self.folder)))
        practice.setVisible(not update)
        layout.addWidget(practice)
        layout.addWidget(
            self._panel((("&Patients", self.patients), ("&Consent", self.consent), ("&Groups", self.groups)))
        )
        layout.addWidget(self.message)
        layout.addStretch(1)
        self.patients.changed.connect(self.on_patients_chosen)
        for one in (self.consent, self.groups, self.folder):
            one.changed.connect(self.changed)
        for line in (self.name, self.code):
            line.textChanged.connect(self.changed)

    def _panel(self, rows: tuple[tuple[str, FileField | QLineEdit], ...]) -> QWidget:
        panel = frame("panel")
        form = QFormLayout(panel)
        tidy(form, margin=4, spacing=3)
        form.setHorizontalSpacing(4 * STEP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in rows:
            caption = label(words)
            caption.setMinimumHeight(FIELD_HEIGHT)
            caption.setBuddy(field.line if isinstance(field, FileField) else field)
            form.addRow(caption, field if isinstance(field, FileField) else _in_line(field))
        return panel

    @property
    def files(self) -> ListFiles | None:
        """The files that were chosen, None while one is missing."""
        patients, consent = self.patients.path, self.consent.path
        return ListFiles(patients, consent, self.groups.path) if patients and consent else None

    def missing(self) -> str:
        """What is still to be filled in or put right, in a sentence; empty for nothing."""
        if not self._update and self.folder.path is None:
            return "Choose the folder in which the practice is to be kept."
        if self.files is None:
            return "Choose the patients file and the consent file."
        return fault_of_code(self.code.text())

    @Slot()
    def on_patients_chosen(self) -> None:
        """A patients file was chosen: the others often lie beside it."""
        chosen = self.patients.path
        if chosen is not None and chosen.name == _NAMES["patients"] and chosen.is_file():
            for field, name in ((self.consent, _NAMES["consent"]), (self.groups, _NAMES["groups"])):
                beside = chosen.with_name(name)
                if field.path is None and beside.is_file():
                    field.set_path(beside)
        self.changed.emit()


def _in_line(line: QLineEdit) -> QWidget:
    """With the same room around it as a file's field has, so that all begin below one another."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    tidy(row, margin=1)
    row.addWidget(line)
    return holder


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setMinimumHeight(FIELD_HEIGHT)
    line.setAccessibleName(name)
    line.setPlaceholderText("May be left empty")
    return line
