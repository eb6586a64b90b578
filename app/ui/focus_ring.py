"""The ring around whatever has the keyboard: one for the whole window, in the look's colours."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QWidget,
)

_RING, _INNER = 3.0, 1.0
_RINGED = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit)
_TYPED_INTO = (QAbstractSpinBox, QLineEdit)


class FocusRing(QFocusFrame):
    """Follows the focus. A button that was clicked needs no ring; one that was reached by keyboard does."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self.on_focus_changed)

    @Slot(QWidget, QWidget)
    def on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:  # noqa: ARG002 - Qt's signature
        """Move to the widget that has the focus now, if it is a control."""
        if not isinstance(new, _RINGED):
            self.setWidget(None)  # type: ignore[arg-type]  # Qt takes none for "nothing"
            return
        clicked = bool(QGuiApplication.mouseButtons().value)
        self.setWidget(None if clicked and not isinstance(new, _TYPED_INTO) else new)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002 - Qt's name and signature
        """Draw the ring and the dark line inside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        for colour, width, inset in (
            (QPalette.ColorRole.BrightText, _RING, _RING / 2),
            (QPalette.ColorRole.Shadow, _INNER, _RING + _INNER / 2),
        ):
            painter.setPen(QPen(self.palette().color(colour), width))
            painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), 5, 5)
        painter.end()
