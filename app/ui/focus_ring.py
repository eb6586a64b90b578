"""The ring around whatever has the keyboard: one for each window, in the look's colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

_RING, _INNER = 3.0, 1.0
_OUTSIDE = 4
_RINGED = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)
_TYPED_INTO = (QAbstractSpinBox, QLineEdit, QPlainTextEdit)
_MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}


class FocusRing(QWidget):
    """Follows the focus within one window. A button that was clicked needs no ring; one reached by keyboard does."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._ringed: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self.on_focus_changed)

    @Slot(QWidget, QWidget)
    def on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:  # noqa: ARG002 - Qt's signature
        """Move to the widget that has the focus now, if it is a control of this window."""
        clicked = bool(QGuiApplication.mouseButtons().value) and not isinstance(new, _TYPED_INTO)
        if self._ringed is not None:
            self._ringed.removeEventFilter(self)
        self._ringed = None
        if isinstance(new, _RINGED) and not clicked and new.window() is self._window:
            self._ringed = new
            new.installEventFilter(self)
            # A sibling of what it rings, so that it is scrolled and clipped with it.
            self.setParent(new.parentWidget())
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay around the widget wherever it goes."""
        if watched is self._ringed and event.type() in _MOVES:
            self._follow()
        return False

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
            radius = 8 - inset
            painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), radius, radius)
        painter.end()

    def _follow(self) -> None:
        if self._ringed is None or not self._ringed.isVisible():
            self.hide()
            return
        self.setGeometry(self._ringed.geometry().adjusted(-_OUTSIDE, -_OUTSIDE, _OUTSIDE, _OUTSIDE))
        self.raise_()
        self.show()
