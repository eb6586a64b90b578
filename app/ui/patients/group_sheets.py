"""The dialogs that make a group, rename one and change who is in it. They check nothing: what is typed is told."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.engine.groups import LONGEST_NAME
from app.ui.fields import FIELD_HEIGHT
from app.ui.front.sheet import Sheet
from app.ui.patients.groups_model import size_words
from app.ui.patients.whom_fields import WhomFields
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, bar, button, label, tidy

_NOBODY_NAMED = "Name at least one patient of this practice first."


class GroupSheet(Sheet):
    """What all of them share: a sentence for what cannot be, OK and Cancel."""

    def __init__(self, title: str, what: str, parent: QWidget, *, width: int = 110, height: int = 0) -> None:
        super().__init__(title, parent, width=width, height=height)
        self.message = Notice(Tone.FAILED, speaks=True)
        self.ok_button = button(what, primary=True)
        self.cancel_button = button("Cancel")
        self.add_buttons(self.ok_button, self.cancel_button)
        self.default, self.back = self.ok_button, self.cancel_button
        self.ok_button.clicked.connect(self.on_ok)
        self.cancel_button.clicked.connect(self.dismiss)

    @Slot()
    def on_ok(self) -> None:
        """OK was pressed."""
        self.message.say(Tone.FAILED, "")

    def refuse(self, words: str) -> None:
        """It cannot be so: the reason, where one looks."""
        self.message.say(Tone.FAILED, words)

    @Slot(bool)
    def allow(self, allowed: bool) -> None:
        """Whether there is anybody to take."""
        self.message.say(Tone.FAILED, "")
        bar(self.ok_button, None if allowed else _NOBODY_NAMED)


class NameSheet(GroupSheet):
    """A dialog with the group's name to be typed. Signals: `accepted_name(str)`."""

    accepted_name = Signal(str)

    def __init__(self, title: str, what: str, name: str, parent: QWidget, *, width: int = 110, height: int = 0) -> None:
        super().__init__(title, what, parent, width=width, height=height)
        self.name = QLineEdit(name)
        self.name.setMaxLength(2 * LONGEST_NAME)
        self.name.setMinimumHeight(FIELD_HEIGHT)
        self.name.setAccessibleName("Group name")
        self.name.selectAll()
        named = label("Group &name")
        named.setBuddy(self.name)
        form = QFormLayout()
        form.setHorizontalSpacing(4 * STEP)
        form.addRow(named, self.name)
        self.content.addLayout(form)
        self.name.setFocus()

    @Slot()
    def on_ok(self) -> None:
        """OK was pressed."""
        super().on_ok()
        self.accepted_name.emit(self.name.text())


class RenameSheet(NameSheet):
    """Another name for a group."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__("Rename group", "&Rename", name, parent)
        self.content.addWidget(self.message)
        self.content.addStretch(1)


class KeepSheet(NameSheet):
    """A group of everybody on the list that is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keep as group", "&Make group", "", parent)
        self.sizes = label("Counting…", wraps=True)
        self.content.addWidget(self.sizes)
        self.content.addWidget(self.message)
        self.content.addStretch(1)

    def show_sizes(self, members: int, active: int) -> None:
        """So many the group would hold."""
        self.sizes.setText(f"The group will hold {size_words(members, active)}.")


class NewGroupSheet(NameSheet):
    """A group of NHS numbers, typed, pasted or from a file, or of those found by a search; they are named in `whom`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("New group", "&Make group", "", parent, width=150, height=135)
        self.whom = WhomFields()
        self.whom.named.connect(self.allow)
        self.content.addWidget(self.whom, 1)
        self.content.addWidget(self.message)
        self.allow(False)
        for before, after in pairwise((self.name, *self.whom.in_order(), self.ok_button, self.cancel_button)):
            QWidget.setTabOrder(before, after)


class MembersSheet(GroupSheet):
    """Patients to be put into a group or taken out of it; they are named in `whom`. Signals: `accepted_members(bool)`,
    whether they are to be added.
    """

    accepted_members = Signal(bool)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__("Change members", "", parent, width=150, height=135)
        self.adds = QRadioButton("&Add patients to the group")
        self.removes = QRadioButton("&Take patients out of the group")
        self.whom = WhomFields()
        ways = QWidget()
        lines = QVBoxLayout(ways)
        tidy(lines, spacing=2)
        for way in (self.adds, self.removes):
            way.toggled.connect(self.on_way_toggled)
            lines.addWidget(way)
        self.content.addWidget(label(name, "strong", wraps=True))
        self.content.addWidget(ways)
        self.content.addWidget(self.whom, 1)
        self.content.addWidget(self.message)
        self.whom.named.connect(self.allow)
        self.adds.setChecked(True)
        self.allow(False)
        fields = (self.adds, self.removes, *self.whom.in_order(), self.ok_button, self.cancel_button)
        for before, after in pairwise(fields):
            QWidget.setTabOrder(before, after)
        self.whom.numbers.setFocus()

    @Slot()
    def on_way_toggled(self) -> None:
        """The other way round."""
        self.message.say(Tone.FAILED, "")
        self.ok_button.setText("A&dd" if self.adds.isChecked() else "Ta&ke out")

    @Slot()
    def on_ok(self) -> None:
        """OK was pressed."""
        super().on_ok()
        self.accepted_members.emit(self.adds.isChecked())
