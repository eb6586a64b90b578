"""Walks through everything that is to be seen of a window and tells what is wrong with it, in sentences.

Names and roles for those who cannot see it, the order of Tab and the letters for those without a mouse, contrast and
room for everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QTableView,
    QTextBrowser,
    QTextEdit,
    QWidget,
)

from app.ui.page import Page

ENOUGH_CONTRAST = 4.5
_BELOW_ALL = 1_000_000

Role = QAccessible.Role
_ROLES: dict[type[QWidget], set[Role]] = {
    QPushButton: {Role.Button, Role.CheckBox},
    QCheckBox: {Role.CheckBox},
    QRadioButton: {Role.RadioButton},
    QComboBox: {Role.ComboBox},
    QAbstractSpinBox: {Role.SpinBox, Role.EditableText},
    QLineEdit: {Role.EditableText},
    QListView: {Role.List},
    QTableView: {Role.Table},
    QPlainTextEdit: {Role.EditableText},
    # What it shows is read, never written into.
    QTextBrowser: {Role.StaticText},
    QTextEdit: {Role.EditableText},
    QProgressBar: {Role.ProgressBar},
}
_CONTROLS = tuple(kind for kind in _ROLES if kind is not QProgressBar)
_QT_OWN = ("qt_scrollarea", "qt_spinbox", "qt_menubar", "qt_toolbar")


# --- what is there ----------------------------------------------------------------------------------------------------


def widgets_of(root: QWidget) -> Iterator[QWidget]:
    """Everything in a window that is to be seen, but for the insides of Qt's own controls."""
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.window() is root and not _is_inside(widget):
            yield widget


def controls_of(root: QWidget) -> list[QWidget]:
    """What somebody can press, choose or type into."""
    return [widget for widget in widgets_of(root) if isinstance(widget, _CONTROLS)]


def texts_of(root: QWidget) -> list[QLabel]:
    """The labels with something in them."""
    return [widget for widget in widgets_of(root) if isinstance(widget, QLabel) and widget.text()]


def _is_inside(widget: QWidget) -> bool:
    """Whether it belongs to a control of Qt's, which speaks for it."""
    if isinstance(widget, QHeaderView) or widget.objectName().startswith(_QT_OWN):
        return True
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QAbstractSpinBox, QComboBox, QAbstractItemView, QProgressBar, QLineEdit)):
            return True
        parent = parent.parentWidget()
    return False


def told(widget: QWidget) -> tuple[str, str, Role]:
    """What a screen reader is told: name, description, role."""
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None, widget
    return interface.text(QAccessible.Text.Name), interface.text(QAccessible.Text.Description), interface.role()


def place_of(widget: QWidget, root: QWidget) -> QRect:
    """Where it is, in its window."""
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


# --- for those who cannot see it --------------------------------------------------------------------------------------


def unnamed(root: QWidget) -> Iterator[str]:
    """Controls without a name or with the wrong role, barred ones without a reason, texts that might be markup."""
    for control in controls_of(root):
        name, description, role = told(control)
        if not name.strip():
            yield f"{control} has no name"
        if role not in next(roles for kind, roles in _ROLES.items() if isinstance(control, kind)):
            yield f"{name} is told to be a {role}"
        if not control.isEnabled() and not (description.strip() or control.toolTip()):
            yield f"{name} does not say why it cannot be used"
    for meter in root.findChildren(QProgressBar):
        name, description, _ = told(meter)
        if meter.isVisible() and not (name and description):
            yield f"{meter} does not tell how far it is"
    for text in root.findChildren(QLabel):
        if text.text() and text.textFormat() is not Qt.TextFormat.PlainText:
            yield f"{text.text()!r} may be taken for markup"


# --- with the keyboard ------------------------------------------------------------------------------------------------


def out_of_reach(root: QWidget) -> Iterator[str]:
    """Controls that Tab does not come to, or not in the order in which they are read."""
    usable = [one for one in controls_of(root) if one.isEnabled() and one.focusPolicy() is not Qt.FocusPolicy.NoFocus]
    starts = [one for one in usable if _takes_tab(one, root)]
    if not starts:
        return
    order = _tab_order(root, starts[0])
    for one in usable:
        # Of several radio buttons Tab comes to one, and the arrow keys to the others.
        if one not in order and not isinstance(one, QRadioButton):
            yield f"Tab does not come to {told(one)[0]}"
    for page in root.findChildren(Page):
        if page.isVisible():
            # What can be scrolled is read to its end before what stands below it.
            places = [
                place_of(one, page).translated(0, 0 if _is_scrolled(one) else _BELOW_ALL)
                for one in order
                if page.isAncestorOf(one)
            ]
            back = sum(not _reads_on(one, other) for one, other in zip(places, [*places[1:], *places[:1]], strict=True))
            # Once it has to turn back, from the last to the first.
            if back > 1:
                yield f"Tab jumps about: {[told(one)[0] for one in order if page.isAncestorOf(one)]}"


def _tab_order(root: QWidget, start: QWidget) -> list[QWidget]:
    order, widget = [start], start.nextInFocusChain()
    while widget is not start:
        if _takes_tab(widget, root):
            order.append(widget)
        widget = widget.nextInFocusChain()
    return order


def _takes_tab(widget: QWidget, root: QWidget) -> bool:
    takes_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    return (
        takes_tab and widget.isVisible() and widget.isEnabled() and widget.window() is root and not _is_inside(widget)
    )


def _reads_on(before: QRect, after: QRect) -> bool:
    """Down the page, or to the right of it on the same line."""
    is_below = after.top() >= before.bottom()
    return is_below or (after.left() >= before.right() and after.bottom() > before.top())


def shared_letters(root: QWidget, *further: str) -> Iterator[str]:
    """Letters that stand for two things at once; `further` are menus a whole program has beside the window's own."""
    words = [one.text() for one in controls_of(root) if isinstance(one, QAbstractButton) and one.isEnabled()]
    words += [one.text() for one in texts_of(root) if one.buddy() is not None]
    if isinstance(root, QMainWindow):
        words += [*(entry.text() for entry in root.menuBar().actions()), *further]
        for top in root.menuBar().actions():
            yield from _shared([entry.text() for entry in top.menu().actions()])
    yield from _shared(words)


def _shared(words: list[str]) -> Iterator[str]:
    by_letter: dict[str, list[str]] = {}
    for word in words:
        letter = QKeySequence.mnemonic(word)
        if not letter.isEmpty():
            by_letter.setdefault(letter.toString(), []).append(word)
    for letter, sharing in by_letter.items():
        if len(sharing) > 1:
            yield f"{letter} stands for {sharing}"


# --- for the eye ------------------------------------------------------------------------------------------------------


def hard_to_read(root: QWidget) -> Iterator[str]:
    """Words with too little contrast to what they stand on."""
    picture = root.grab().toImage()
    for text in (*texts_of(root), *(one for one in controls_of(root) if isinstance(one, QPushButton))):
        if text.visibleRegion().boundingRect().size() != text.size():
            continue
        ratio = contrast(_ink_of(text), _ground_of(text, root, picture))
        if ratio < ENOUGH_CONTRAST:
            yield f"{text.text()!r} stands out {ratio:.1f} to 1"


def _ink_of(widget: QWidget) -> QColor:
    role = QPalette.ColorRole.ButtonText if isinstance(widget, QAbstractButton) else widget.foregroundRole()
    group = QPalette.ColorGroup.Active if widget.isEnabled() else QPalette.ColorGroup.Disabled
    return widget.palette().color(group, role)


def _ground_of(widget: QWidget, root: QWidget, picture: QImage) -> QColor:
    """What the words are written on: the most common colour where they stand."""
    edge = 3 if isinstance(widget, QAbstractButton) else 0
    place = place_of(widget, root).adjusted(edge, edge, -edge, -edge)
    scale = picture.devicePixelRatio()
    seen = Counter(
        picture.pixel(int(x * scale), int(y * scale))
        for x in range(place.left(), place.right() + 1, 2)
        for y in range(place.top(), place.bottom() + 1)
    )
    return QColor.fromRgb(seen.most_common(1)[0][0])


def cut_off(root: QWidget) -> Iterator[str]:
    """Texts that have less room than they need, and controls beyond the edge."""
    for text in texts_of(root):
        if text.wordWrap():
            missing = text.heightForWidth(text.width()) - text.height()
        else:
            missing = text.sizeHint().width() - text.width()
        if missing > 0:
            yield f"{text.text()!r} lacks {missing} pixels"
    for control in controls_of(root):
        place = place_of(control, root)
        least = control.minimumSizeHint()
        is_plain = isinstance(control, QPushButton) and control.layout() is None
        if is_plain and (control.width() < least.width() or control.height() < least.height()):
            yield f"{control.text()} is {control.width()} by {control.height()}: it needs {least}"
        if place.left() < 0 or place.right() > root.width():
            yield f"{told(control)[0]} reaches from {place.left()} to {place.right()} of {root.width()}"
        if not _is_scrolled(control) and control.visibleRegion().boundingRect().size() != control.size():
            yield f"{told(control)[0]} is partly out of sight"


def _is_scrolled(widget: QWidget) -> bool:
    """Whether it stands in something that can be scrolled to it."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QAbstractScrollArea):
        parent = parent.parentWidget()
    return parent is not None


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
