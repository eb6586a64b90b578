"""The second step of an import: how much is in the list, and every remark about it; afterwards what was done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.engine.list_preview import ListPreview
from app.ui.front.findings_table import FindingsTable
from app.ui.front.import_model import PreviewModel, preview_model, remark_words
from app.ui.tones import Tone
from app.ui.widgets import STEP, Notice, frame, label, steady_figures, tidy

_COLUMNS = 2


class ImportPreview(QWidget):
    """Shows a `ListPreview`."""

    def __init__(self) -> None:
        super().__init__()
        self.headline = Notice(speaks=True)
        self.figures: list[str] = []
        self._figures = frame("panel")
        self._grid = QGridLayout(self._figures)
        tidy(self._grid, margin=4)
        self._grid.setHorizontalSpacing(3 * STEP)
        self._grid.setVerticalSpacing(2 * STEP)
        self.title = label(role="strong")
        self.findings = FindingsTable()
        self.names = label(wraps=True)
        self.note = Notice(Tone.DONE, speaks=True)
        layout = QVBoxLayout(self)
        tidy(layout, spacing=3)
        layout.addWidget(self.headline)
        layout.addWidget(self._figures)
        layout.addWidget(self.title)
        layout.addWidget(self.findings, 1)
        layout.addWidget(self.names)
        layout.addWidget(self.note)
        layout.addStretch(0)

    def begin(self) -> None:
        """Something is looked at or stored: what is found is news, be it the same as before."""
        self.headline.say(Tone.QUIET, "")

    def show_preview(self, preview: ListPreview) -> None:
        """Show what was found."""
        model = preview_model(preview)
        self.headline.say(model.tone, model.headline, model.detail)
        self._show_figures(model)
        found = preview.faults or preview.warnings
        self.title.setText(model.findings_title)
        self.title.setVisible(bool(found))
        self.findings.show_findings(found, model.findings_title)
        self.findings.setVisible(bool(found))
        self._show_names(remark_words(preview.changes))
        self.note.say(Tone.DONE, "")

    def show_done(self, words: str, names: str) -> None:
        """Show what was done, and whom to look at; the figures stay."""
        self.headline.say(Tone.DONE, words)
        self._show_names(names)
        self.note.say(Tone.DONE, "")

    def _show_names(self, names: str) -> None:
        self.names.setText(names)
        self.names.setVisible(bool(names))

    def _show_figures(self, model: PreviewModel) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.figures = [f"{number} {words}" for number, words in model.figures]
        half = -(-len(model.figures) // _COLUMNS)
        for at, (number, words) in enumerate(model.figures):
            figure = label(number, "value")
            steady_figures(figure)
            column = at // half * 2
            self._grid.addWidget(figure, at % half, column, Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(label(words), at % half, column + 1)
            self._grid.setColumnStretch(column + 1, 1)
        self._figures.setVisible(bool(model.figures))
