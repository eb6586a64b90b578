"""Draws the program's icon in the sizes that desktops ask for. Run by the build, in its environment: it needs Qt.

python packaging/make_icons.py FOLDER
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QGuiApplication, QIcon

SVG = Path(__file__).resolve().parent.parent / "resources" / "icons" / "scr-bulk.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256)


def png(icon: QIcon, size: int) -> bytes:
    """The icon as a PNG of so many points each way."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not icon.pixmap(QSize(size, size)).toImage().save(buffer, "PNG"):  # type: ignore[call-overload]
        raise SystemExit(f"The icon could not be drawn at {size} points.")
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon that holds these PNGs by their size."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(header) + 16 * len(pictures)
    entries = b""
    for size, data in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset)
        offset += len(data)
    return header + entries + b"".join(pictures.values())


def main(folder: Path) -> None:
    """Write scr-bulk-SIZE.png for every size, and scr-bulk.ico."""
    QGuiApplication([])
    icon = QIcon(str(SVG))
    pictures = {size: png(icon, size) for size in SIZES}
    folder.mkdir(parents=True, exist_ok=True)
    for size, data in pictures.items():
        (folder / f"scr-bulk-{size}.png").write_bytes(data)
    (folder / "scr-bulk.ico").write_bytes(ico(pictures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
