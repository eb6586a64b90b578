"""Walks through every widget that is to be seen, as the accessibility tests and people with a screen reader do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QWidget,
)

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)


def widgets_of(root: QWidget) -> Iterator[QWidget]:
    """Everything in a window that is to be seen, but for the insides of Qt's own controls."""
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.window() is root and not _is_inside(widget):
            yield widget


def controls_of(root: QWidget) -> list[QWidget]:
    """What somebody can press, choose or type into."""
    return [widget for widget in widgets_of(root) if isinstance(widget, CONTROLS)]


def _is_inside(widget: QWidget) -> bool:
    """Whether it belongs to a control of Qt's, which speaks for it."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QAbstractSpinBox, QComboBox, QAbstractItemView, QProgressBar)):
            return True
        parent = parent.parentWidget()
    return widget.objectName().startswith("qt_")


def told(widget: QWidget) -> tuple[str, str, QAccessible.Role]:
    """What a screen reader is told: name, description, role."""
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None, widget
    return interface.text(QAccessible.Text.Name), interface.text(QAccessible.Text.Description), interface.role()


def texts_of(root: QWidget) -> list[QLabel]:
    """The labels with something in them."""
    return [widget for widget in widgets_of(root) if isinstance(widget, QLabel) and widget.text()]


def is_cut_off(label: QLabel) -> bool:
    """Whether a text needs more room than it has."""
    if label.wordWrap():
        return label.height() < label.heightForWidth(label.width())
    return label.width() < label.sizeHint().width()


def place_of(widget: QWidget, root: QWidget) -> QRect:
    """Where it is, in its window."""
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def tab_order(root: QWidget, start: QWidget) -> list[QWidget]:
    """What the Tab key goes through, from a control until it comes round again."""
    order = [start]
    widget = start.nextInFocusChain()
    while widget is not start:
        if _takes_tab(widget, root):
            order.append(widget)
        widget = widget.nextInFocusChain()
    return order


def _takes_tab(widget: QWidget, root: QWidget) -> bool:
    policy = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    return (
        bool(policy)
        and widget.isVisible()
        and widget.isEnabled()
        and widget.window() is root
        and not _is_inside(widget)
    )


def ink_of(widget: QWidget) -> QColor:
    """The colour its words are written in."""
    role = QPalette.ColorRole.ButtonText if isinstance(widget, QAbstractButton) else widget.foregroundRole()
    group = QPalette.ColorGroup.Active if widget.isEnabled() else QPalette.ColorGroup.Disabled
    return widget.palette().color(group, role)


def ground_of(widget: QWidget, root: QWidget, picture: QImage) -> QColor:
    """The colour they are written on: the most common one where it is."""
    place = place_of(widget, root).adjusted(3, 3, -3, -3).intersected(QRect(QPoint(0, 0), root.size()))
    scale = picture.devicePixelRatio()
    seen = Counter(
        picture.pixel(int(x * scale), int(y * scale))
        for x in range(place.left(), place.right() + 1, 2)
        for y in range(place.top(), place.bottom() + 1, 2)
    )
    return QColor.fromRgb(seen.most_common(1)[0][0])


def luminance(colour: QColor | str) -> float:
    """Relative luminance as the web's accessibility guidelines define it."""
    parts = []
    for value in QColor(colour).getRgbF()[:3]:
        parts.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor | str, other: QColor | str) -> float:
    """How far two colours stand apart, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def windows() -> list[QWidget]:
    """The windows that are to be seen."""
    return [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
