"""The ring around whatever has the keyboard, in the look's colours: one for the whole application.

Qt's own focus frame does the following; an event filter of ours would be called while windows are taken apart, and
Python must not be entered then.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPlainTextEdit,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)
from shiboken6 import isValid

_RING, _INNER, _OUTSIDE = 3.0, 1.0, 4
_RINGED = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)
_TYPED_INTO = (QAbstractSpinBox, QLineEdit, QPlainTextEdit)
_MARGINS = {QStyle.PixelMetric.PM_FocusFrameHMargin, QStyle.PixelMetric.PM_FocusFrameVMargin}


class FocusRing(QObject):
    """Moves the ring with the focus. A button that was clicked needs none; one that was reached by keyboard does."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._style = _RoomForRing()
        self._style.setParent(self)
        self._frame: _Frame | None = None
        application.focusChanged.connect(self.on_focus_changed)

    @Slot(QWidget, QWidget)
    def on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:  # noqa: ARG002 - Qt's signature
        """Move to the widget that has the focus now, if it is a control."""
        if not isinstance(new, _RINGED):
            if self._frame is not None and isValid(self._frame):
                self._frame.hide()
            return
        if self._frame is None or not isValid(self._frame):
            # The last one went with the dialog it was in.
            self._frame = _Frame(new)
            self._frame.setStyle(self._style)
        clicked = bool(QGuiApplication.mouseButtons().value) and not isinstance(new, _TYPED_INTO)
        self._frame.setWidget(new)
        self._frame.setVisible(not clicked)


class _RoomForRing(QProxyStyle):
    """Tells the frame to stand as far outside its widget as the ring is wide."""

    def pixelMetric(  # noqa: N802 - Qt's name
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Qt's measures but for the frame's margins."""
        return _OUTSIDE if metric in _MARGINS else super().pixelMetric(metric, option, widget)

    def styleHint(  # noqa: N802 - Qt's name
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,  # noqa: N803 - Qt's name
    ) -> int:
        """Qt's hints, but that the frame lies over the page: within a row as high as its field it would be cut off."""
        if hint is QStyle.StyleHint.SH_FocusFrame_AboveWidget:
            return 1
        return super().styleHint(hint, option, widget, returnData)


class _Frame(QFocusFrame):
    """The ring itself."""

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
