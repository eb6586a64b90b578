"""One page of the help made ready to be shown: its Markdown as a document, pictures that fit, air between lines.

Text and pictures come from the program's own folder, and nothing from anywhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPalette,
    QPen,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextTable,
)

from app.ui.widgets import STEP

_PICTURES = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
_MARGIN = 5 * STEP
_LINE_HEIGHT = 115
_DARK_BELOW = 128
_STANDS_FOR_PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Look:
    """What a page has to fit: the width there is in pixels, the screen's scale, the colours."""

    width: int
    scale: float
    palette: QPalette


def document_of(folder: Path, key: str, look: Look, parent: QObject) -> QTextDocument:
    """The document of a page. Raises OSError when there is no such page."""
    text = (folder / f"{key}.md").read_text(encoding="utf-8")
    document = QTextDocument(parent)
    document.setDocumentMargin(_MARGIN)
    pictures = [folder / name for name in set(_PICTURES.findall(text))]
    # By their names alone: Qt takes a path with dots in it for another one than was meant.
    document.setMarkdown(_PICTURES.sub(_by_its_name, text))
    for file in pictures:
        document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(file.name), picture_of(file, look))
    _underline_links(document)
    _give_room_to_lines(document)
    _give_room_to_tables(document, look.palette)
    return document


def _by_its_name(link: re.Match[str]) -> str:
    return link[0].replace(link[1], Path(link[1]).name)


def picture_of(file: Path, look: Look) -> QImage:
    """A picture made to fit; in a dark window the dark one, where there is one."""
    is_dark = look.palette.color(QPalette.ColorRole.Base).lightness() < _DARK_BELOW
    dark = file.with_name(file.name.replace("-light", "-dark"))
    picture = QImage(str(dark if is_dark and dark.exists() else file))
    room = look.width - 2 * _MARGIN - 4 * STEP
    if picture.isNull() or room <= 0:
        return picture
    shown = min(room, picture.width())
    sharp = min(picture.width(), int(shown * look.scale))
    fitting = picture.scaledToWidth(sharp, Qt.TransformationMode.SmoothTransformation)
    painter = QPainter(fitting)
    painter.setPen(QPen(look.palette.color(QPalette.ColorRole.Mid), look.scale))
    painter.drawRect(fitting.rect().adjusted(0, 0, -1, -1))
    painter.end()
    fitting.setDevicePixelRatio(sharp / shown)
    return fitting


def _underline_links(document: QTextDocument) -> None:
    """A link is told by more than its colour."""
    places = []
    block = document.begin()
    while block.isValid():
        part = block.begin()
        while not part.atEnd():
            fragment = part.fragment()
            if fragment.charFormat().isAnchor():
                places.append((fragment.position(), fragment.position() + fragment.length()))
            part += 1
        block = block.next()
    underlined = QTextCharFormat()
    underlined.setFontUnderline(True)
    cursor = QTextCursor(document)
    for first, last in places:
        cursor.setPosition(first)
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(underlined)


def _give_room_to_lines(document: QTextDocument) -> None:
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        air = QTextBlockFormat()
        if _STANDS_FOR_PICTURE not in block.text():
            air.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if cursor.currentTable() is None:
            air.setBottomMargin(STEP if block.textList() else 2 * STEP)
            air.setTopMargin(3 * STEP if block.blockFormat().headingLevel() else 0)
        cursor.mergeBlockFormat(air)
        block = block.next()


def _give_room_to_tables(document: QTextDocument, palette: QPalette) -> None:
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            look = frame.format()
            look.setCellPadding(1.5 * STEP)
            look.setCellSpacing(0)
            look.setBorderCollapse(True)
            look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setBorderBrush(palette.brush(QPalette.ColorRole.Mid))
            look.setTopMargin(2 * STEP)
            look.setBottomMargin(3 * STEP)
            frame.setFormat(look)
