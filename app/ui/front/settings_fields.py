"""The fields of the settings page, made from the declaration: one for a text or a number, one for a switch."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.ui.fields import FIELD_HEIGHT, TickBox
from app.ui.front.settings_model import NO, YES, FieldModel, fault_of
from app.ui.glyph import Glyph, Shape
from app.ui.tones import Tone
from app.ui.widgets import label, set_tone, tidy


class SettingField(QWidget):
    """One setting: its label, its control, what may stand in it, and what is wrong with what was typed.

    Signals: `changed()`; `faulty(QWidget)` with this field when what was typed has just become unusable.
    """

    changed = Signal()
    faulty = Signal(QWidget)

    def __init__(self, model: FieldModel) -> None:
        super().__init__()
        self.model = model
        self.control: QLineEdit | TickBox = self._switch() if model.setting.is_switch else self._line()
        self.fault = label(role="help", wraps=True)
        set_tone(self.fault, Tone.FAILED)
        self._fault_row = _beside_sign(Shape.CROSS, Tone.FAILED, self.fault)
        layout = QVBoxLayout(self)
        # Room for the focus ring.
        tidy(layout, margin=1, spacing=1)
        if isinstance(self.control, QLineEdit):
            caption = label(model.setting.label, "strong")
            caption.setBuddy(self.control)
            layout.addWidget(caption)
        layout.addWidget(self.control)
        layout.addWidget(self._fault_row)
        layout.addWidget(label(model.hint, "help", wraps=True))
        if model.note:
            layout.addWidget(_beside_sign(Shape.INFORMATION, Tone.ACCENT, label(model.note, "help", wraps=True)))
        self.on_edited()

    def _line(self) -> QLineEdit:
        line = QLineEdit(self.model.text)
        line.setMinimumHeight(FIELD_HEIGHT)
        line.setPlaceholderText(self.model.standard or "Not set")
        line.textChanged.connect(self.on_edited)
        return line

    def _switch(self) -> TickBox:
        box = TickBox(self.model.setting.label)
        box.setChecked(self.model.is_ticked)
        box.toggled.connect(self.on_edited)
        return box

    @property
    def text(self) -> str:
        """What the field says now."""
        if isinstance(self.control, QLineEdit):
            return self.control.text()
        return YES if self.control.isChecked() else NO

    @property
    def is_usable(self) -> bool:
        """Whether what it says can be saved."""
        return not fault_of(self.model.setting, self.text)

    @Slot()
    def on_edited(self) -> None:
        """Something was typed or ticked: say what is wrong with it, if anything is."""
        fault = fault_of(self.model.setting, self.text)
        is_new = bool(fault) and not self.fault.text()
        self.fault.setText(fault)
        self._fault_row.setVisible(bool(fault))
        self.control.setAccessibleName(self.model.setting.label)
        told = (fault, self.model.hint, self.model.note)
        self.control.setAccessibleDescription(" ".join(filter(None, told)))
        self.changed.emit()
        if is_new:
            self.faulty.emit(self)


def _beside_sign(shape: Shape, tone: Tone, words: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    tidy(layout, spacing=1)
    layout.addWidget(Glyph(shape, tone), 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(words, 1)
    return row
