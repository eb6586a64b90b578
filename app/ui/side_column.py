"""The left column: the process families, the Smartcard, and Close. In a narrow window it folds to a strip on top."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QSizePolicy, QVBoxLayout, QWidget

from app.domain.actions import Family
from app.ui.card_panel import CardPanel
from app.ui.flow import FlowLayout
from app.ui.widgets import STEP, button, label, set_look, tidy

_WIDTH = 56 * STEP
_LETTERS = 28
"""The column is at least as wide as so many letters, however large they are."""

_UNLIMITED = 16_777_215
"""Qt's own word for no limit to a width."""


class SideColumn(QFrame):
    """Processes, Smartcard, Close. `card` and `close_button` are for the window to connect."""

    def __init__(self, families: tuple[Family, ...]) -> None:
        super().__init__()
        self.setProperty("role", "side")
        self.card = CardPanel()
        self.close_button = button("Close")
        self._headings = (label("PROCESSES", "heading"), label("SMARTCARD", "heading"))
        self._processes = _section(self._headings[0], _Processes(families))
        # The heading of the middle names the only family there is.
        self._has_choice = len(families) > 1
        self._layout = FlowLayout(self, column=True)
        self._layout.addWidget(self._processes)
        # The panel has room for the focus ring of its own, which would be cut off at its edge.
        self._headings[1].setContentsMargins(STEP, 0, 0, 0)
        self._layout.addWidget(_section(self._headings[1], self.card, margin=0))
        self._layout.keep_last(_section(self.close_button))
        self.fold(folded=False)

    def fold(self, *, folded: bool, brief: bool = False) -> None:
        """Become a strip across the top, or a column again; `brief` where there is little height for a strip."""
        policy = QSizePolicy(
            QSizePolicy.Policy.Preferred if folded else QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred
        )
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        width = max(_WIDTH, _LETTERS * self.fontMetrics().averageCharWidth())
        self.setMinimumWidth(0 if folded else width)
        self.setMaximumWidth(_UNLIMITED if folded else width)
        self._layout.set_column(not folded)
        tidy(self._layout, margin=3, spacing=5)
        if folded:
            self._layout.setContentsMargins(4 * STEP, STEP, 4 * STEP, STEP)
        self.card.fold(folded=folded, brief=brief)
        self._processes.setVisible(self._has_choice or not folded)
        for heading in self._headings:
            heading.setVisible(not folded)
        set_look(self, "folded", "true" if folded else "false")


class _Processes(QListWidget):
    """The families that work; one is chosen."""

    def __init__(self, families: tuple[Family, ...]) -> None:
        super().__init__()
        self.setProperty("role", "processes")
        self.setAccessibleName("Processes")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for family in families:
            item = QListWidgetItem(family.title)
            item.setData(Qt.ItemDataRole.UserRole, family.key)
            self.addItem(item)
        self.setCurrentRow(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its lines."""
        return QSize(_WIDTH - 8 * STEP, self.sizeHintForRow(0) * self.count() + 2)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The same: a list of Qt's own would leave room for scroll bars."""
        return self.sizeHint()


def _section(*parts: QWidget, margin: int = 1) -> QWidget:
    section = QWidget()
    layout = QVBoxLayout(section)
    # Room for the focus ring.
    tidy(layout, margin=margin, spacing=2)
    for part in parts:
        layout.addWidget(part)
    return section
