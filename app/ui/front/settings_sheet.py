"""The settings page: made from the one declaration, checked as one types, saved into the file of the data folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.config import Given, SettingsError
from app.ui.background import BackgroundCall, Ended
from app.ui.front.settings_fields import SettingField
from app.ui.front.settings_model import changes_of, field_model
from app.ui.front.sheet import Sheet
from app.ui.front.told import words_of
from app.ui.tones import Tone
from app.ui.widgets import Notice, button, frame, label, tidy

Changes = Mapping[str, str | None]

WHEN = (
    "Changes count from the next time the practice is opened. A run that is under way keeps the settings it began with."
)


@dataclass(frozen=True, slots=True)
class SettingsPort:
    """The settings of one data folder.

    `given` is how each is set now; it raises `SettingsError` for a file that cannot be read. `standards` are what
    counts where nobody sets anything, by key, where that is not the declared default. `save` checks the changes as a
    whole and writes them, or raises `SettingsError` or `KnownError` with the reason.
    """

    given: Callable[[], list[Given]]
    save: Callable[[Changes], None]
    standards: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


class SettingsSheet(Sheet):
    """Signals: `saved(bool)`, whether the practice is to be opened again at once; `failed(object)`, unexpected."""

    saved = Signal(bool)
    failed = Signal(object)

    def __init__(self, port: SettingsPort, parent: QWidget | None, *, can_reopen: bool) -> None:
        super().__init__("Settings", parent, width=170, height=165)
        self._port = port
        self._call: BackgroundCall | None = None
        self._opens_again = False
        self.fields: dict[str, SettingField] = {}
        self.message = Notice(Tone.FAILED, speaks=True)
        self.save_button = button("&Save", primary=True)
        self.reopen_button = button("Save and &open again")
        self.cancel_button = button("Cancel")
        self.default, self.back = self.save_button, self.cancel_button
        self._fill()
        self.add_buttons(self.reopen_button, self.save_button, self.cancel_button)
        self.reopen_button.setVisible(can_reopen)
        self.save_button.clicked.connect(self.on_save)
        self.reopen_button.clicked.connect(self.on_save_and_reopen)
        self.cancel_button.clicked.connect(self.dismiss)
        self.on_changed()

    def _fill(self) -> None:
        self.content.addWidget(label(WHEN, wraps=True))
        if self._port.remark:
            self.content.addWidget(Notice(Tone.QUIET, self._port.remark))
        try:
            given = [one for one in self._port.given() if one.setting.offered]
        except SettingsError as fault:
            self.message.say(Tone.FAILED, str(fault))
            given = []
        for group, members in groupby(given, key=lambda one: one.setting.group):
            self.content.addWidget(self._panel(group, list(members)))
        self.content.addWidget(self.message)
        self.content.addStretch(1)

    def _panel(self, group: str, members: list[Given]) -> QWidget:
        panel = frame("panel")
        lines = QVBoxLayout(panel)
        tidy(lines, margin=4, spacing=4)
        lines.addWidget(label(group.upper(), "heading"))
        for given in members:
            setting = given.setting
            one = SettingField(field_model(given, self._port.standards.get(setting.key, setting.default)))
            one.changed.connect(self.on_changed)
            one.faulty.connect(self.on_faulty)
            self.fields[setting.key] = one
            lines.addWidget(one)
        return panel

    def changes(self) -> dict[str, str | None]:
        """What saving would change."""
        typed = {key: one.text for key, one in self.fields.items()}
        return changes_of([one.model for one in self.fields.values()], typed)

    @Slot()
    def on_changed(self) -> None:
        """Something was typed: whether it can be saved, and whether there is anything to save."""
        usable = all(one.is_usable for one in self.fields.values())
        why_not = "" if usable else "One of the settings cannot be used. Its reason stands below it."
        if usable and self.fields and not self.changes():
            why_not = "Nothing has been changed."
        for one in (self.save_button, self.reopen_button):
            one.setEnabled(bool(self.fields) and not why_not and self._call is None)
            one.setToolTip(why_not)
            one.setAccessibleDescription(why_not)

    @Slot(QWidget)
    def on_faulty(self, one: QWidget) -> None:
        """What was typed cannot be used: have the reason in sight."""
        area = self.findChild(QScrollArea)
        if area is not None:
            area.ensureWidgetVisible(one)

    @Slot()
    def on_save(self) -> None:
        """Save was pressed."""
        self._save(opens_again=False)

    @Slot()
    def on_save_and_reopen(self) -> None:
        """Save and open again was pressed."""
        self._save(opens_again=True)

    def _save(self, *, opens_again: bool) -> None:
        changes = self.changes()
        self._opens_again = opens_again
        self._call = BackgroundCall("settings", lambda: self._port.save(changes), self)
        self._call.ended.connect(self.on_saved)
        self.message.say(Tone.FAILED, "")
        self.on_changed()

    def wait(self, seconds: float) -> bool:
        """At the end of the program: wait for the file to be written; whether it is."""
        return self._call is None or self._call.wait(seconds)

    @Slot(object)
    def on_saved(self, ended: Ended) -> None:
        """The file is written, or why not."""
        self._call = None
        self.on_changed()
        if words := words_of(ended.error):
            self.message.say(Tone.FAILED, words)
            return
        self.dismiss()
        if ended.error is not None:
            self.failed.emit(ended.error)
        else:
            self.saved.emit(self._opens_again)
