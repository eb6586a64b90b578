"""Writes a Debian package, the same bytes for the same files, without dpkg. Standard library only."""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

XZ_PRESET = 2
"""Higher ones take several times as long for a tenth less."""


@dataclass(frozen=True)
class Entry:
    """One file of a package: where it goes, and what is in it or, as text, where a link leads."""

    name: PurePosixPath
    source: Path | bytes | str
    executable: bool = False


def tree(folder: Path, below: PurePosixPath) -> list[Entry]:
    """Every file and link in a folder as entries below another one."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = below / path.relative_to(folder).as_posix()
        if path.is_symlink():
            found.append(Entry(name, path.readlink().as_posix()))
        elif path.is_file():
            found.append(Entry(name, path, executable=bool(path.stat().st_mode & 0o100)))
    return found


def tar_xz(entries: Iterable[Entry], moment: int, prefix: str = "") -> bytes:
    """The entries, sorted and root's, with the folders they need, as a compressed archive.

    `moment` is the time of every file, in seconds since 1970.
    """
    packed = io.BytesIO()
    with (
        lzma.open(packed, "wb", preset=XZ_PRESET) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        made: set[PurePosixPath] = {PurePosixPath()}
        for entry in sorted(entries, key=lambda one: one.name.parts):
            for folder in reversed(entry.name.parents):
                if folder not in made:
                    made.add(folder)
                    archive.addfile(_header(f"{prefix}{folder}/", moment, tarfile.DIRTYPE, 0o755))
            _add(archive, entry, moment, prefix)
    return packed.getvalue()


def _add(archive: tarfile.TarFile, entry: Entry, moment: int, prefix: str) -> None:
    name = f"{prefix}{entry.name}"
    if isinstance(entry.source, str):
        link = _header(name, moment, tarfile.SYMTYPE, 0o777)
        link.linkname = entry.source
        archive.addfile(link)
        return
    content = entry.source if isinstance(entry.source, bytes) else entry.source.read_bytes()
    header = _header(name, moment, tarfile.REGTYPE, 0o755 if entry.executable else 0o644)
    header.size = len(content)
    archive.addfile(header, io.BytesIO(content))


def _header(name: str, moment: int, kind: bytes, mode: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.mtime, header.type, header.mode = moment, kind, mode
    header.uname = header.gname = "root"
    return header


def package(control: Mapping[str, str], entries: Iterable[Entry], moment: int) -> bytes:
    """A .deb with these control fields; Installed-Size and the checksums are added."""
    entries = list(entries)
    sums, size = "", 0
    for entry in sorted(entries, key=lambda one: one.name.parts):
        if not isinstance(entry.source, str):
            content = entry.source if isinstance(entry.source, bytes) else entry.source.read_bytes()
            sums += f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}  {entry.name}\n"
            size += len(content)
    fields = {**control, "Installed-Size": str(size // 1024 + 1)}
    text = "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
    described = [
        Entry(PurePosixPath("control"), text.encode()),
        Entry(PurePosixPath("md5sums"), sums.encode()),
    ]
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.xz": tar_xz(described, moment, "./"),
        "data.tar.xz": tar_xz(entries, moment, "./"),
    }
    return b"!<arch>\n" + b"".join(_member(name, data, moment) for name, data in members.items())


def _member(name: str, data: bytes, moment: int) -> bytes:
    header = f"{name:<16}{moment:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)
