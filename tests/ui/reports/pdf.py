"""A PDF file as a reader sees it: how many pages, the words on each, and a page as a picture."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PySide6.QtGui import QImage


class Pdf:
    """An open PDF file; lines of text are as they stand below and beside one another."""

    def __init__(self, path: Path) -> None:
        self._document = pypdfium2.PdfDocument(path)

    def __len__(self) -> int:
        return len(self._document)

    def close(self) -> None:
        self._document.close()

    @property
    def size(self) -> tuple[int, int]:
        """Of the first page, in points."""
        width, height = self._document[0].get_size()
        return round(width), round(height)

    def lines(self, page: int) -> list[str]:
        """The words of a page."""
        text: str = self._document[page].get_textpage().get_text_range()
        return text.splitlines()

    def all_lines(self) -> list[str]:
        return [line for page in range(len(self)) for line in self.lines(page)]

    def picture(self, page: int, scale: float = 1.6) -> QImage:
        """A page as it is printed."""
        drawn = self._document[page].render(scale=scale)
        kind = QImage.Format.Format_BGR888
        return QImage(bytes(drawn.buffer), drawn.width, drawn.height, drawn.stride, kind).copy()
