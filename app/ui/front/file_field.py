"""A field for the path of a file or a folder, with a button that lets one choose it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from app.ui.fields import FIELD_HEIGHT
from app.ui.widgets import button, tidy


class FileField(QWidget):
    """Signals: `changed()` whenever another path stands in it."""

    changed = Signal()

    def __init__(self, name: str, *, folder: bool = False, hint: str = "") -> None:
        super().__init__()
        self._name = name
        self._wants_folder = folder
        self._chooser: QFileDialog | None = None
        self.line = QLineEdit()
        self.line.setMinimumHeight(FIELD_HEIGHT)
        self.line.setAccessibleName(name)
        self.line.setAccessibleDescription(hint)
        self.line.setPlaceholderText(hint)
        self.line.textChanged.connect(self.changed)
        self.browse_button = button("Choose…")
        self.browse_button.setAutoDefault(False)
        self.browse_button.setAccessibleName(f"Choose: {name}")
        self.browse_button.clicked.connect(self.on_browse)
        row = QHBoxLayout(self)
        # Room for the focus ring.
        tidy(row, margin=1, spacing=2)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse_button)

    @property
    def path(self) -> Path | None:
        """The path that stands there, None for none."""
        text = self.line.text().strip().strip('"')
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        """Have this path stand there."""
        self.line.setText(str(path) if path is not None else "")

    @Slot()
    def on_browse(self) -> None:
        """Let one choose."""
        start = self.path
        self._chooser = QFileDialog(
            self, self._name, str(start or ""), "" if self._wants_folder else "CSV (*.csv);;All files (*)"
        )
        if self._wants_folder:
            self._chooser.setFileMode(QFileDialog.FileMode.Directory)
            self._chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            self._chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._chooser.fileSelected.connect(self.line.setText)
        self._chooser.open()
