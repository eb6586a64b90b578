"""Opening the demonstration practice, or making one of any size first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QSpinBox, QWidget

from app.ui.fields import FIELD_HEIGHT
from app.ui.formatting import patients
from app.ui.front.file_field import FileField
from app.ui.front.ports import PortOf
from app.ui.front.sheet import Sheet
from app.ui.front.work_sheet import WorkSheet
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, button, frame, label, tidy

LARGEST = 500_000
USUAL = 1_000

_SIZES = "An average practice has about 10,000 patients, the largest in England about 100,000."


class DemonstrationSheet(Sheet):
    """Signals: `chosen(object)` with the folder, once there is a demonstration in it; `failed(object)`, unexpected."""

    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, port_of: PortOf, folder: Path, parent: QWidget | None) -> None:
        super().__init__("Demonstration practice", parent, width=160, height=66)
        self._port_of = port_of
        self._folder = folder
        self.work: WorkSheet | None = None
        self.size_field = QSpinBox()
        self.size_field.setRange(1, LARGEST)
        self.size_field.setSingleStep(1_000)
        self.size_field.setGroupSeparatorShown(True)
        self.size_field.setValue(USUAL)
        self.size_field.setMinimumHeight(FIELD_HEIGHT)
        self.size_field.lineEdit().setTextMargins(STEP, 0, 0, 0)
        self.size_field.setAccessibleName("Patients")
        self.size_field.setAccessibleDescription(_SIZES)
        self.folder = FileField("Folder", folder=True, hint="Where the demonstration is kept")
        self.folder.set_path(folder)
        self.note = Notice(Tone.QUIET)
        self.ok_button = button("", primary=True)
        self.cancel_button = button("Cancel")
        self.default, self.back = self.ok_button, self.cancel_button
        self._lay_out()
        self.add_buttons(self.ok_button, self.cancel_button)
        self.folder.changed.connect(self.on_folder_changed)
        self.ok_button.clicked.connect(self.on_accepted)
        self.cancel_button.clicked.connect(self.dismiss)
        self.on_folder_changed()

    def _lay_out(self) -> None:
        panel = frame("panel")
        form = QFormLayout(panel)
        tidy(form, margin=4, spacing=3)
        form.setHorizontalSpacing(4 * STEP)
        for words, field in (("&Folder", self.folder), ("&Patients", self.size_field)):
            caption = label(words)
            caption.setMinimumHeight(FIELD_HEIGHT)
            caption.setBuddy(field.line if isinstance(field, FileField) else field)
            form.addRow(caption, field)
        form.addRow("", label(_SIZES, "help", wraps=True))
        self.content.addWidget(panel)
        self.content.addWidget(self.note)
        self.content.addStretch(1)

    @Slot()
    def on_folder_changed(self) -> None:
        """Another folder: is there a demonstration in it already?"""
        folder = self.folder.path
        is_there = folder is not None and self._port_of(folder).has_practice()
        self.note.say(
            Tone.QUIET, "There is a practice in this folder already: it is opened as it is." if is_there else ""
        )
        self.size_field.setEnabled(not is_there)
        self.ok_button.setText("&Open" if is_there else "&Make and open")
        self.ok_button.setEnabled(folder is not None)

    @Slot()
    def on_accepted(self) -> None:
        """Open what is there, or make it first."""
        folder = self.folder.path
        if folder is None:
            return
        self._folder = folder
        port = self._port_of(folder)
        if port.has_practice():
            self.on_made()
            return
        count = self.size_field.value()
        title = f"Making a demonstration practice of {patients(count)}"
        self.work = WorkSheet(title, lambda progress: port.make_demonstration(count, progress), self)
        self.work.succeeded.connect(self.on_made)
        self.work.refused.connect(self.on_refused)
        self.work.failed.connect(self.failed)
        self.work.open()

    @Slot()
    def on_made(self) -> None:
        """There is one now."""
        self.dismiss()
        self.chosen.emit(self._folder)

    @Slot(str)
    def on_refused(self, words: str) -> None:
        """It could not be made."""
        self.note.say(Tone.FAILED, words)

    def wait(self, seconds: float) -> bool:
        """At the end of the program: give the making up and wait for it; whether it is over."""
        return self.work is None or self.work.wait(seconds)
