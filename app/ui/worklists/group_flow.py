"""Puts one patient of a worklist into a group: one there is, or a new one. Reads and changes in another thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.domain.errors import KnownError
from app.engine.groups import LONGEST_NAME, draft_of_one
from app.engine.ports import GroupView
from app.ui.background import BackgroundCall, Ended
from app.ui.fields import FIELD_HEIGHT, Choice
from app.ui.front.sheet import Sheet
from app.ui.help.help_desk import HelpDesk
from app.ui.help.topics import GROUPS
from app.ui.patients.groups_model import members_words, size_words
from app.ui.services import Groups, Services
from app.ui.tones import Tone
from app.ui.widgets import Notice, button, label

_EXPLANATION = "Rerun with this Group Name takes the patients of the group alone."
_NEW = "A new group"


class GroupSheet(Sheet):
    """Signals: `accepted_group(str, bool)` with the group's name, and whether it is a new one."""

    accepted_group = Signal(str, bool)

    def __init__(self, groups: Sequence[GroupView], parent: QWidget) -> None:
        super().__init__("Add a patient to a group", parent, width=120, height=64)
        self.group = Choice()
        self.group.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.group.setAccessibleName("Group")
        for one in groups:
            self.group.addItem(f"{one.name} ({size_words(one.members, one.active)})", one.name)
        self.group.addItem(_NEW, None)
        self.name = QLineEdit()
        self.name.setMaxLength(2 * LONGEST_NAME)
        self.name.setMinimumHeight(FIELD_HEIGHT)
        self.name.setAccessibleName("Name of the new group")
        self.message = Notice(Tone.FAILED, speaks=True)
        self.ok_button = button("&Add", primary=True)
        self.cancel_button = button("Cancel")
        chosen, self._named = label("&Group"), label("Group &name")
        chosen.setBuddy(self.group)
        self._named.setBuddy(self.name)
        self.content.addWidget(label(_EXPLANATION, "secondary", wraps=True))
        for part in (chosen, self.group, self._named, self.name, self.message):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.add_buttons(self.ok_button, self.cancel_button)
        self.default, self.back = self.ok_button, self.cancel_button
        self.group.currentIndexChanged.connect(self.on_group_chosen)
        self.ok_button.clicked.connect(self.on_ok)
        self.cancel_button.clicked.connect(self.dismiss)
        self.on_group_chosen()
        self.group.setFocus()

    @Slot()
    def on_group_chosen(self) -> None:
        """Another group was chosen: only a new one needs a name."""
        for part in (self._named, self.name):
            part.setVisible(self.group.currentData() is None)

    @Slot()
    def on_ok(self) -> None:
        """Add was pressed."""
        self.message.say(Tone.FAILED, "")
        chosen = self.group.currentData()
        self.accepted_group.emit(self.name.text() if chosen is None else chosen, chosen is None)

    def refuse(self, words: str) -> None:
        """It cannot be so: the reason, where one looks."""
        self.message.say(Tone.FAILED, words)


class GroupFlow(QObject):
    """Lives in the window's thread. Signals: `told(str)` with what was done; `refused(str)` with a reason in words;
    `failed(object)` with an unexpected error.
    """

    told = Signal(str)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, help_desk: HelpDesk, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._queries = services.queries
        self._groups = services.groups
        self._help = help_desk
        self._window = window
        self.sheet: GroupSheet | None = None
        self._patient_id: int | None = None

    def begin(self, patient_id: int) -> None:
        """Ask into which group this patient is to go."""
        if self.sheet is None and not self.is_busy:
            self._patient_id = patient_id
            BackgroundCall("groups", self._queries.groups, self).ended.connect(self.on_groups_read)

    @Slot(object)
    def on_groups_read(self, ended: Ended) -> None:
        """The groups there are."""
        if self._is_sound(ended) and self.sheet is None:
            sheet = GroupSheet(ended.value, self._window)
            sheet.accepted_group.connect(self.on_group_accepted)
            sheet.finished.connect(self.on_closed)
            self.sheet = sheet
            self._help.serve(sheet, GROUPS)
            sheet.open()

    @Slot(str, bool)
    def on_group_accepted(self, name: str, is_new: bool) -> None:
        """The dialog's Add was pressed."""
        whom, groups = self._patient_id, self._groups
        if whom is not None and self.sheet is not None and not self.is_busy:
            self.sheet.ok_button.setEnabled(False)
            BackgroundCall("add to group", lambda: _add(groups, name, whom, is_new=is_new), self).ended.connect(
                self.on_added
            )

    @Slot(object)
    def on_added(self, ended: Ended) -> None:
        """The patient is in the group, or cannot be."""
        if self.sheet is not None:
            self.sheet.ok_button.setEnabled(True)
        if self._is_sound(ended):
            if self.sheet is not None:
                self.sheet.dismiss()
            self.told.emit(ended.value)

    @Slot()
    def on_closed(self) -> None:
        """The dialog is done with."""
        if self.sheet is not None:
            self.sheet.deleteLater()
        self.sheet = None

    @property
    def is_busy(self) -> bool:
        """Whether a read or a change is under way."""
        return any(isinstance(one, BackgroundCall) for one in self.children())

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: wait for what is under way; whether it is over."""
        over = [one.wait(seconds) for one in self.children() if isinstance(one, BackgroundCall)]
        return all(over)

    def _is_sound(self, ended: Ended) -> bool:
        if isinstance(ended.error, KnownError):
            if self.sheet is not None:
                self.sheet.refuse(str(ended.error))
            else:
                self.refused.emit(str(ended.error))
        elif ended.error is not None or ended.vanished:
            self.failed.emit(ended.error or RuntimeError("a call ended without telling how"))
        return ended.error is None and not ended.vanished


def _add(groups: Groups, name: str, patient_id: int, *, is_new: bool) -> str:
    whom = draft_of_one(patient_id)
    if is_new:
        return f"The group {groups.make(name, whom).name} was made with this patient."
    change = groups.add_members(name, whom)
    return members_words(change, adds=True) if change.changed else f"The patient is in the group {name} already."
