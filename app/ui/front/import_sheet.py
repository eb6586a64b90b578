"""Importing a list: choose the files, see what is in them and every fault, and only then have it stored."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from app.engine.long_work import Cancelled, WorkState
from app.engine.practice import ImportSummary
from app.ui.background import Ended
from app.ui.front.import_files import ImportFiles
from app.ui.front.import_model import done_words, names_words
from app.ui.front.import_preview import ImportPreview
from app.ui.front.long_task import LongTask, Work
from app.ui.front.ports import ListToImport, PortOf
from app.ui.front.sheet import Sheet
from app.ui.front.told import words_of
from app.ui.front.work_bar import WorkBar
from app.ui.front.work_sheet import GIVING_UP, VANISHED
from app.ui.tones import Tone
from app.ui.widgets import button

FINDINGS_NAME = "list-remarks.csv"


class ImportSheet(Sheet):
    """Signals: `imported(object)` with the practice's folder, when a list was stored and the sheet is done with;
    `failed(object)` with an unexpected error.
    """

    imported = Signal(object)
    failed = Signal(object)

    def __init__(self, port_of: PortOf, folder: Path | None, parent: QWidget | None, *, update: bool) -> None:
        title = "Update from a newer list" if update else "Import a list"
        super().__init__(title, parent, width=205, height=155)
        self._port_of = port_of
        self._update = update
        self._task: LongTask | None = None
        self._list: ListToImport | None = None
        self._chooser: QFileDialog | None = None
        self._stored_in: Path | None = None
        self.files = ImportFiles(folder, update=update)
        self.bar = WorkBar()
        self.preview = ImportPreview()
        self._steps = QStackedWidget()
        for step in (self.files, self.bar, self.preview):
            self._steps.addWidget(step)
        self.content.addWidget(self._steps, 1)
        self.save_button = button("Save &remarks…")
        self.again_button = button("&Back")
        self.look_button = button("&Look at the list", primary=True)
        self.import_button = button("&Import", primary=True)
        self.done_button = button("&Close" if update else "&Open the practice", primary=True)
        self.cancel_button = button("Cancel")
        self._connect()
        self._show_step(self.files)

    def _connect(self) -> None:
        self.add_buttons(
            *(self.save_button, self.again_button, self.look_button, self.import_button, self.done_button),
            self.cancel_button,
        )
        self.back = self.cancel_button
        self.files.changed.connect(self.on_files_changed)
        self.look_button.clicked.connect(self.on_look)
        self.import_button.clicked.connect(self.on_import)
        self.again_button.clicked.connect(self.on_again)
        self.done_button.clicked.connect(self.on_done)
        self.save_button.clicked.connect(self.on_save_wanted)
        self.cancel_button.clicked.connect(self.on_cancel)

    @property
    def _folder(self) -> Path:
        """The practice's folder: one was chosen before this is asked."""
        return self.files.folder.path or Path()

    # --- the steps ----------------------------------------------------------------------------------------------

    @Slot()
    def on_files_changed(self) -> None:
        """Something was chosen."""
        self.files.message.say(Tone.FAILED, "")

    @Slot()
    def on_look(self) -> None:
        """Look at the list was pressed."""
        missing, files = self.files.missing(), self.files.files
        port = self._port_of(self._folder)
        if not missing and not self._update and port.has_practice():
            missing = "This folder holds a practice already. Choose another folder, or open it and update its list."
        if missing or files is None:
            self.files.message.say(Tone.FAILED, missing)
            return
        update = self._update
        self._begin(lambda progress: port.look_at_list(files, update, progress), "list check")

    @Slot()
    def on_import(self) -> None:
        """Import was pressed."""
        if self._list is not None:
            chosen = self._list.named(self.files.name.text().strip(), self.files.code.text().strip().upper())
            self._begin(chosen.bring_in, "import")

    @Slot()
    def on_again(self) -> None:
        """Back to the files."""
        self._list = None
        self._show_step(self.files)

    @Slot()
    def on_cancel(self) -> None:
        """Cancel was pressed: give up what is under way, else close."""
        if self._task is None:
            self.dismiss()
            return
        self._task.cancel()
        self.cancel_button.setEnabled(False)
        self.bar.show_words(GIVING_UP)

    @Slot()
    def on_done(self) -> None:
        """The last button was pressed."""
        self.dismiss()
        self.imported.emit(self._stored_in)

    def _begin(self, work: Work, name: str) -> None:
        self._task = LongTask(name, work, self)
        self._task.progressed.connect(self.on_progressed)
        self._task.ended.connect(self.on_ended)
        self.bar.show_state(WorkState("Getting ready"))
        self.preview.begin()
        self._show_step(self.bar)

    @Slot(object)
    def on_progressed(self, state: WorkState) -> None:
        """The work is a little further."""
        if self._task is not None and not self._task.is_cancelled:
            self.bar.show_state(state)

    @Slot(object)
    def on_ended(self, ended: Ended) -> None:
        """The work is over."""
        self._task = None
        self.cancel_button.setEnabled(True)
        if isinstance(ended.value, ImportSummary):
            self._show_done(ended.value)
        elif ended.value is not None:
            self._list = ended.value
            self._show_step(self.preview)
            self.preview.show_preview(ended.value.preview)
        else:
            self._tell_of(ended)

    def _tell_of(self, ended: Ended) -> None:
        self._list = None
        self._show_step(self.files)
        if words := words_of(ended.error):
            self.files.message.say(Tone.FAILED, words)
        elif isinstance(ended.error, Cancelled):
            self.files.message.say(Tone.QUIET, "Given up. Nothing was stored.")
        elif ended.error is not None:
            self.failed.emit(ended.error)
        else:
            self.files.message.say(Tone.FAILED, VANISHED)

    def _show_done(self, summary: ImportSummary) -> None:
        self._stored_in = self._folder
        self._list = None
        self._show_step(self.preview)
        self.preview.show_done(done_words(summary, update=self._update), names_words(summary))

    def _show_step(self, step: QWidget) -> None:
        self._steps.setCurrentWidget(step)
        found = self._list.preview if self._list is not None else None
        is_done = self._stored_in is not None
        shown = {
            self.look_button: step is self.files,
            self.import_button: found is not None and step is self.preview,
            self.again_button: found is not None and step is self.preview,
            self.save_button: found is not None and step is self.preview and bool(found.faults or found.warnings),
            self.done_button: is_done,
            self.cancel_button: not is_done,
        }
        for one, is_shown in shown.items():
            one.setVisible(is_shown)
        usable = found is not None and found.is_usable
        self.import_button.setEnabled(usable)
        self.import_button.setToolTip("" if usable else "Put the faults right first, then look at the list again.")
        self.import_button.setAccessibleDescription(self.import_button.toolTip())
        self.default = next(
            (one for one in (self.look_button, self.import_button, self.done_button) if shown[one]), None
        )
        self.back = self.done_button if is_done else self.cancel_button
        focused = (
            self.files.patients.line if step is self.files else self.default if usable or is_done else self.again_button
        )
        if step is self.bar:
            focused = self.cancel_button
        if focused is not None:
            focused.setFocus()

    # --- the remarks --------------------------------------------------------------------------------------------

    @Slot()
    def on_save_wanted(self) -> None:
        """Ask where the remarks are to be saved."""
        self._chooser = QFileDialog(self, "Save the remarks", FINDINGS_NAME, "CSV (*.csv)")
        self._chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._chooser.fileSelected.connect(self.save_to)
        self._chooser.open()

    @Slot(str)
    def save_to(self, path: str) -> None:
        """Write the remarks there, and say whether that worked."""
        if self._list is None:
            return
        found = self._list.preview
        try:
            self._port_of(self._folder).save_findings(Path(path), found.faults or found.warnings)
        except OSError:
            self.preview.note.say(Tone.FAILED, "The remarks could not be written there. Choose another folder.")
        else:
            self.preview.note.say(Tone.DONE, f"Saved as {path}.")

    def wait(self, seconds: float) -> bool:
        """At the end of the program: give up what is under way and wait for it; whether it is over."""
        if self._task is None:
            return True
        self._task.cancel()
        return self._task.wait(seconds)
