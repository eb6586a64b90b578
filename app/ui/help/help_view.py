"""Shows one page of the help: text and pictures from the program's own folder, and nothing from anywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPalette,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser

from app.ui.widgets import STEP

_ENDING = ".md"
_DARK_BELOW = 128
_LINE_HEIGHT = 115
_PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"


class HelpView(QTextBrowser):
    """Signals: `turned(str)` with the key of the page that is shown now."""

    turned = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder.resolve()
        self._key = ""
        self._width = 0
        self.setAccessibleName("Help page")
        self.setOpenExternalLinks(False)
        self.setSearchPaths([str(self._folder)])
        self.document().setDocumentMargin(5 * STEP)
        self.sourceChanged.connect(self.on_source_changed)

    def turn_to(self, key: str) -> None:
        """Show a page."""
        self.setSource(self._address(key), QTextDocument.ResourceType.MarkdownResource)

    @property
    def key(self) -> str:
        """The page that is shown."""
        return self._key

    def on_source_changed(self, address: QUrl) -> None:
        """Another page is shown."""
        self._key = Path(address.toLocalFile()).stem
        self.turned.emit(self._key)

    def doSetSource(  # noqa: N802 - Qt's name
        self,
        name: QUrl | str,
        type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource,  # noqa: ARG002 - Qt's
    ) -> None:
        """Only pages of the help are gone to: a link to anywhere else does nothing."""
        address = self.source().resolved(QUrl(name))
        if self._is_own(address, _ENDING):
            super().doSetSource(address, QTextDocument.ResourceType.MarkdownResource)
            self._give_room()

    def loadResource(self, type: int, name: QUrl | str) -> Any:  # noqa: N802 - Qt's name
        """A page's text, or a picture made to fit; in a dark window the dark one, where there is one."""
        address = self.source().resolved(QUrl(name))
        if type != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(type, name)
        if not self._is_own(address, ".png"):
            return None
        return self._fitting(QImage(str(self._in_scheme(Path(address.toLocalFile())))))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Other colours ask for other pictures."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._show_again()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Pictures are as wide as the page, as long as that does not blow them up."""
        super().resizeEvent(event)
        if self.viewport().width() != self._width:
            self._show_again()

    def _give_room(self) -> None:
        """What Markdown cannot say: air between lines and in tables, thin lines around their cells."""
        block = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            air = QTextBlockFormat()
            if _PICTURE not in block.text():
                air.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            if cursor.currentTable() is None:
                air.setBottomMargin(STEP if block.textList() else 2 * STEP)
                air.setTopMargin(3 * STEP if block.blockFormat().headingLevel() else 0)
            cursor.mergeBlockFormat(air)
            block = block.next()
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                look = frame.format().toTableFormat()
                look.setCellPadding(1.5 * STEP)
                look.setCellSpacing(0)
                look.setBorderCollapse(True)
                look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                look.setBorderBrush(self.palette().brush(QPalette.ColorRole.Mid))
                look.setTopMargin(2 * STEP)
                look.setBottomMargin(3 * STEP)
                frame.setFormat(look)

    def _show_again(self) -> None:
        self._width = self.viewport().width()
        if self._key:
            place = self.verticalScrollBar().value()
            self.document().clear()
            self.reload()
            self.verticalScrollBar().setValue(place)

    def _address(self, key: str) -> QUrl:
        return QUrl.fromLocalFile(str(self._folder / f"{key}{_ENDING}"))

    def _is_own(self, address: QUrl, ending: str) -> bool:
        path = Path(address.toLocalFile()).resolve()
        return address.isLocalFile() and path.suffix == ending and self._folder.parent in path.parents

    def _in_scheme(self, picture: Path) -> Path:
        is_dark = self.palette().color(QPalette.ColorRole.Base).lightness() < _DARK_BELOW
        other = picture.with_name(picture.name.replace("-light", "-dark"))
        return other if is_dark and other.exists() else picture

    def _fitting(self, picture: QImage) -> QImage:
        room = self.viewport().width() - 2 * int(self.document().documentMargin()) - 4 * STEP
        if picture.isNull() or room <= 0 or picture.width() <= room:
            return picture
        scale = self.devicePixelRatioF()
        fitting = picture.scaledToWidth(
            min(picture.width(), int(room * scale)), Qt.TransformationMode.SmoothTransformation
        )
        painter = QPainter(fitting)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), scale))
        painter.drawRect(fitting.rect().adjusted(0, 0, -1, -1))
        painter.end()
        fitting.setDevicePixelRatio(fitting.width() / room)
        return fitting
