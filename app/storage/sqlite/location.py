"""Where a practice database may lie: on a disk of this computer, in a folder and a file that can be written.

SQLite's locks do not hold on network drives, so a database there would sooner or later be damaged.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.domain.errors import DatabaseUnusable, Refused

DriveCheck = Callable[[Path], bool]
"""Says whether a folder lies on a network drive."""

WriteCheck = Callable[[Path], bool]
"""Says whether this user may write a file, or make files in a folder."""

_MEGABYTE = 1024 * 1024
MINIMUM_FREE_BYTES = 200 * _MEGABYTE

_NETWORK_KINDS = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "9p", "sshfs", "davfs"),
        *("webdav", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "rclone", "davfs2", "s3fs"),
    }
)
_WINDOWS_REMOTE_DRIVE = 4
_OCTAL = re.compile(r"\\([0-7]{3})")
_MACOS_MOUNT = re.compile(r"^.+? on (?P<point>/.*) \((?P<kind>[^,)]+)")


def refuse_unfit(path: Path, on_network: DriveCheck, may_write: WriteCheck) -> None:
    """Raise `DatabaseUnusable` when a database cannot be worked with where this file lies (or would lie)."""
    folder = path.parent
    if path.is_dir():
        raise DatabaseUnusable("A folder was given in place of the practice database's file. Choose the file itself.")
    if not folder.is_dir():
        raise DatabaseUnusable("The folder of the practice database is not there. Check that its disk is connected.")
    if on_network(folder):
        raise DatabaseUnusable(
            "The practice database may not lie on a network drive: it would be damaged there. "
            "Move it to a folder on this computer's own disk."
        )
    if not may_write(folder) or (path.exists() and not may_write(path)):
        raise DatabaseUnusable(
            "The practice database or its folder is read-only. Have the rights on the folder checked."
        )


def refuse_nearly_full(folder: Path, more: int = 0) -> None:
    """Raise `Refused` when the disk has too little room for a run and so many bytes more (faults, row 25)."""
    needed = MINIMUM_FREE_BYTES + more
    if shutil.disk_usage(folder).free < needed:
        raise Refused(
            f"The disk with the practice database is almost full. Free at least {needed // _MEGABYTE} MB on it, "
            "for example by emptying the recycle bin, then try again."
        )


def may_be_written(path: Path) -> bool:
    """What the operating system says about this user's right to write."""
    return os.access(path, os.W_OK)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only this user may enter, where it is not there yet (Windows: the user's own rights)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file only this user may read. Raises FileExistsError."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def remove_logs(database: Path) -> None:
    """Remove what SQLite left beside a database file that is gone: it would be taken for the next one's."""
    for suffix in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def flush_to_disk(path: Path) -> None:
    """Have a file, and its name in its folder, on the disk before going on."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk; Windows does so by itself and cannot be asked."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_on_network_drive(folder: Path) -> bool:
    """Whether this computer says that the folder lies on another one's disk; what cannot be told counts as local."""
    if sys.platform == "win32":
        import ctypes

        return is_windows_network(str(folder.resolve()), ctypes.windll.kernel32.GetDriveTypeW)
    if sys.platform == "darwin":
        listing = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
        return is_network_kind(kind_of(folder.resolve(), macos_mounts(listing)))
    mounts = Path("/proc/self/mounts")
    text = mounts.read_text(encoding="utf-8", errors="surrogateescape") if mounts.exists() else ""
    return is_network_kind(kind_of(folder.resolve(), linux_mounts(text)))


def linux_mounts(text: str) -> list[tuple[str, str]]:
    """Mount points and their file systems' kinds, from the text of /proc/mounts, in the order they were mounted."""
    fields = [line.split(" ") for line in text.splitlines()]
    return [(_OCTAL.sub(lambda match: chr(int(match[1], 8)), line[1]), line[2]) for line in fields if len(line) > 2]


def macos_mounts(text: str) -> list[tuple[str, str]]:
    """The same from what the mount command prints on macOS."""
    matches = (_MACOS_MOUNT.match(line) for line in text.splitlines())
    return [(match["point"], match["kind"]) for match in matches if match]


def kind_of(folder: Path, mounts: list[tuple[str, str]]) -> str:
    """The kind of file system a folder lies on: the deepest mount point above it, the latest one there."""
    above = [
        (len(Path(point).parts), order, kind) for order, (point, kind) in enumerate(mounts) if _is_in(folder, point)
    ]
    return max(above)[2] if above else ""


def is_network_kind(kind: str) -> bool:
    """Whether a file system of this kind is another computer's."""
    return kind.lower().removeprefix("fuse.") in _NETWORK_KINDS


def is_windows_network(folder: str, drive_type: Callable[[str], int]) -> bool:
    """Whether a Windows path is a share's (\\\\server\\share) or on a drive that Windows calls remote."""
    if folder.startswith("\\\\") and not folder.startswith("\\\\?\\"):
        return True
    local = folder.removeprefix("\\\\?\\")
    return local.startswith("UNC\\") or drive_type(local[:3]) == _WINDOWS_REMOTE_DRIVE


def _is_in(folder: Path, point: str) -> bool:
    return folder == Path(point) or Path(point) in folder.parents
