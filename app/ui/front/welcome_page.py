"""The welcome page: which practice to work with, and why another could not be opened. Shows a `WelcomeModel`."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from app.ui.front.welcome_model import Trouble, WelcomeModel, recent_line
from app.ui.help.topics import PRACTICE
from app.ui.page import Page
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, button, frame, label, rule, set_primary, tidy

_WAYS = (
    (
        "&Demonstration practice",
        "Invented patients and a simulated Spine, to try everything out. Nothing in it is real.",
    ),
    ("&Open a practice…", "A folder that this program has kept a practice in before."),
    (
        "&Import a list…",
        "Make a new practice from the CSV files of your clinical system. You see what is in them first.",
    ),
)


_SHOWN_PRACTICES = 3


class WelcomePage(Page):
    """Signals: `demonstration_wanted()`, `folder_wanted()` to have one chosen, `import_wanted()`, `open_wanted(object)`
    with a folder, `connection_wanted()`, `settings_wanted()`, `restore_wanted()`, `rehearsal_wanted(object)` and
    `import_here_wanted(object)` with a folder.
    """

    topic = PRACTICE

    demonstration_wanted = Signal()
    folder_wanted = Signal()
    import_wanted = Signal()
    open_wanted = Signal(object)
    connection_wanted = Signal()
    settings_wanted = Signal()
    restore_wanted = Signal()
    rehearsal_wanted = Signal(object)
    import_here_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._trouble: Trouble | None = None
        self.trouble = Notice(Tone.FAILED, speaks=True)
        self.restore_button = button("&Restore the backup…", primary=True)
        self.retry_button = button("&Try again")
        self.rehearse_button = button("Rehearse on a cop&y…", primary=True)
        self.import_here_button = button("Import a list &here…", primary=True)
        self._mends = _beside(self.restore_button, self.rehearse_button, self.import_here_button, self.retry_button)
        self.demonstration_button, self.open_button, self.import_button = (
            button(words, large=True) for words, _ in _WAYS
        )
        self.recent = _Recent()
        self._recent_title = label("OPENED BEFORE", "heading")
        self.recent_button = button("Op&en it")
        self._recent_box = self._recent_panel()
        self.connection_button = button("Test the &connection…")
        self.settings_button = button("&Settings…")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        ways = frame("panel")
        rows = QGridLayout(ways)
        tidy(rows, margin=4, spacing=3)
        rows.setHorizontalSpacing(5 * STEP)
        rows.setColumnStretch(1, 1)
        pressed = (self.demonstration_button, self.open_button, self.import_button)
        for at, (one, (_, meaning)) in enumerate(zip(pressed, _WAYS, strict=True)):
            if at:
                rows.addWidget(rule(), 2 * at - 1, 0, 1, 2)
            # All as wide as the widest of them.
            one.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            rows.addWidget(one, 2 * at, 0)
            rows.addWidget(label(meaning, "lead", wraps=True), 2 * at, 1)
            one.setAccessibleDescription(meaning)
        for part in (self.trouble, self._mends, ways, self._recent_box):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.footer.addWidget(self.connection_button)
        self.footer.addWidget(self.settings_button)

    def _recent_panel(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        tidy(grid, margin=1)
        grid.setHorizontalSpacing(2 * STEP)
        grid.setVerticalSpacing(2 * STEP)
        grid.addWidget(self._recent_title, 0, 0)
        grid.addWidget(self.recent, 1, 0)
        grid.addWidget(self.recent_button, 1, 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        return box

    def _connect(self) -> None:
        self.demonstration_button.clicked.connect(self.demonstration_wanted)
        self.open_button.clicked.connect(self.folder_wanted)
        self.import_button.clicked.connect(self.import_wanted)
        self.connection_button.clicked.connect(self.connection_wanted)
        self.settings_button.clicked.connect(self.settings_wanted)
        self.restore_button.clicked.connect(self.restore_wanted)
        self.retry_button.clicked.connect(self.on_retry)
        self.rehearse_button.clicked.connect(self.on_rehearse)
        self.import_here_button.clicked.connect(self.on_import_here)
        self.recent.itemActivated.connect(self.on_recent_activated)
        self.recent_button.clicked.connect(self.on_recent_button)

    def is_news(self, model: WelcomeModel) -> bool:
        """Whether this tells of a trouble that is not shown yet."""
        trouble, shown = model.trouble, self._trouble
        return trouble is not None and (shown is None or (shown.folder, shown.words) != (trouble.folder, trouble.words))

    def show_model(self, model: WelcomeModel) -> None:
        """Show the page as it stands."""
        self._trouble = model.trouble
        words, advice = (model.trouble.words, model.trouble.advice) if model.trouble else ("", "")
        is_empty = model.trouble is not None and model.trouble.lacks_practice
        self.trouble.say(Tone.ACCENT if is_empty else Tone.FAILED, words, advice)
        self.import_here_button.setVisible(is_empty)
        self._mends.setVisible(model.trouble is not None)
        self.restore_button.setVisible(model.trouble is not None and model.trouble.backup is not None)
        self.rehearse_button.setVisible(model.trouble is not None and model.trouble.lacks_spine)
        for one in (self.restore_button, self.rehearse_button, self.retry_button):
            # It has the keyboard when the page appears: why is read with it.
            one.setAccessibleDescription(self.trouble.words)
        self.recent.show_practices([(recent_line(one), one.folder) for one in model.recent])
        self._recent_box.setVisible(bool(model.recent))
        set_primary(self.demonstration_button, model.trouble is None and not model.recent)

    @Slot()
    def on_retry(self) -> None:
        """Try again was pressed."""
        if self._trouble is not None:
            self.open_wanted.emit(self._trouble.folder)

    @Slot()
    def on_rehearse(self) -> None:
        """Rehearse was pressed."""
        if self._trouble is not None:
            self.rehearsal_wanted.emit(self._trouble.folder)

    @Slot()
    def on_import_here(self) -> None:
        """Import a list here was pressed."""
        if self._trouble is not None:
            self.import_here_wanted.emit(self._trouble.folder)

    @Slot(QListWidgetItem)
    def on_recent_activated(self, item: QListWidgetItem) -> None:
        """Enter or a double click on a practice that was opened before."""
        self.open_wanted.emit(Path(item.data(Qt.ItemDataRole.UserRole)))

    @Slot()
    def on_recent_button(self) -> None:
        """The button beside the practices that were opened before."""
        item = self.recent.currentItem()
        if item is not None:
            self.on_recent_activated(item)

    def default_button(self) -> QPushButton | None:
        """What mends the trouble, if there is any."""
        if self._trouble is None:
            return None
        if self._trouble.lacks_spine:
            return self.rehearse_button
        if self._trouble.lacks_practice:
            return self.import_here_button
        return self.restore_button if self._trouble.backup is not None else self.retry_button

    def first_focus(self) -> QWidget | None:
        """What mends the trouble, else the practice opened last, else the demonstration."""
        return self.default_button() or (self.recent if self.recent.count() else self.demonstration_button)


class _Recent(QListWidget):
    """The practices that were opened before, the last one first."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "recent")
        self.setAccessibleName("Opened before")
        self.setAccessibleDescription("Press Enter to open the chosen one.")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its lines, up to three; further ones are scrolled to."""
        shown = max(1, min(self.count(), _SHOWN_PRACTICES))
        return QSize(80 * STEP, self.sizeHintForRow(0) * shown + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The same."""
        return self.sizeHint()

    def show_practices(self, practices: list[tuple[str, Path]]) -> None:
        """Show these, unless they are shown already."""
        if practices == [(item.text(), Path(item.data(Qt.ItemDataRole.UserRole))) for item in self._items()]:
            return
        self.clear()
        for words, folder in practices:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, str(folder))
            item.setToolTip(str(folder))
            self.addItem(item)
        self.setCurrentRow(0)
        self.updateGeometry()

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]


def _beside(*buttons: QPushButton) -> QWidget:
    holder = QWidget()
    row = QGridLayout(holder)
    tidy(row, margin=1)
    row.setHorizontalSpacing(2 * STEP)
    for at, one in enumerate(buttons):
        row.addWidget(one, 0, at)
    row.setColumnStretch(len(buttons), 1)
    return holder
