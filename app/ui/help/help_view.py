"""Shows the pages of the help, goes where their links lead, and back again. A link to anywhere else does nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser

from app.ui.help.help_page import Look, document_of


class HelpView(QTextBrowser):
    """Signals: `turned(str)` with the key of the page that is shown now; `back_available(bool)`."""

    turned = Signal(str)
    back_available = Signal(bool)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._way: list[str] = []
        self._document: QTextDocument | None = None
        self._width = 0
        # After the change that asks for it, and once for however many changes: not while Qt is in the middle of one.
        self._again = QTimer(self, interval=0, singleShot=True)
        self._again.timeout.connect(self.on_show_again)
        self.setAccessibleName("Help page")
        self.setOpenLinks(False)
        self.anchorClicked.connect(self.on_link)

    @property
    def key(self) -> str:
        """The page that is shown; empty before the first."""
        return self._way[-1] if self._way else ""

    def turn_to(self, key: str) -> None:
        """Show a page."""
        if key != self.key:
            self._way.append(key)
            self._show_page()

    @Slot()
    def turn_back(self) -> None:
        """Show the page before this one again."""
        if len(self._way) > 1:
            self._way.pop()
            self._show_page()

    @Slot(QUrl)
    def on_link(self, address: QUrl) -> None:
        """A link was followed: only to another page of the help."""
        name = Path(address.path())
        if not address.scheme() and name.suffix == ".md" and name.parent == Path() and (self._folder / name).is_file():
            self.turn_to(name.stem)

    @Slot()
    def on_show_again(self) -> None:
        """The width or the colours are others."""
        if not self._way:
            return
        place = self.verticalScrollBar().value()
        self._replace_document()
        self.verticalScrollBar().setValue(place)

    def loadResource(self, type: int, name: QUrl | str) -> Any:  # noqa: ARG002, N802 - Qt's names
        """Nothing is fetched: what a page needs comes with it."""
        return None

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Other colours ask for other pictures."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._again.start()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Pictures are as wide as the page, as long as that does not blow them up."""
        super().resizeEvent(event)
        if self.viewport().width() != self._width:
            self._again.start()

    def _show_page(self) -> None:
        self._replace_document()
        self.verticalScrollBar().setValue(0)
        self.turned.emit(self.key)
        self.back_available.emit(len(self._way) > 1)

    def _replace_document(self) -> None:
        self._width = self.viewport().width()
        look = Look(self._width, self.devicePixelRatioF(), self.palette())
        before, self._document = self._document, document_of(self._folder, self.key, look, self)
        self.setDocument(self._document)
        if before is not None:
            before.deleteLater()
