"""Telling a network drive from a disk of this computer, on each system from what that system says."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.domain.errors import Refused
from app.storage.sqlite import location
from app.storage.sqlite.location import is_network_kind, is_windows_network, kind_of, linux_mounts, macos_mounts

PROC_MOUNTS = r"""
sysfs /sys sysfs rw,nosuid 0 0
/dev/sda1 / ext4 rw,relatime 0 0
tmpfs /tmp tmpfs rw 0 0
server:/export /mnt/nfs nfs4 rw,vers=4.2 0 0
//server/share /mnt/share\040with\040spaces cifs rw 0 0
//server/other /mnt/smb smb3 rw 0 0
me@host:/home /home/me/remote fuse.sshfs rw 0 0
C:\134 /mnt/c 9p rw 0 0
/dev/sdb1 /mnt/nfs/local ext4 rw 0 0
overlay /mnt/smb/top overlay rw 0 0
""".strip()

MACOS_MOUNT = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//me@server/share on /Volumes/share (smbfs, nodev, nosuid, mounted by me)
server:/export on /Volumes/odd (name) (nfs, nodev, nosuid)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
""".strip()


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("/home/me/data", False),
        ("/tmp/x", False),
        ("/mnt/nfs", True),
        ("/mnt/nfs/practice", True),
        ("/mnt/nfsother", False),
        ("/mnt/nfs/local/practice", False),
        ("/mnt/share with spaces/practice", True),
        ("/mnt/smb/a/b", True),
        ("/mnt/smb/top/b", False),
        ("/home/me/remote/x", True),
        ("/mnt/c/Users", True),
    ],
)
def test_linux_says_it_in_its_mounts(folder, network):
    assert is_network_kind(kind_of(Path(folder), linux_mounts(PROC_MOUNTS))) is network


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("/Users/me/data", False),
        ("/System/Volumes/Data/practice", False),
        ("/Volumes/share/practice", True),
        ("/Volumes/odd (name)/practice", True),
    ],
)
def test_macos_says_it_in_its_mounts(folder, network):
    assert is_network_kind(kind_of(Path(folder), macos_mounts(MACOS_MOUNT))) is network


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("C:\\ProgramData\\practice", False),
        ("S:\\practice", True),
        ("\\\\server\\share\\practice", True),
        ("\\\\?\\UNC\\server\\share", True),
        ("\\\\?\\C:\\ProgramData", False),
        ("\\\\?\\S:\\practice", True),
    ],
)
def test_windows_says_it_of_its_drives(folder, network):
    def drive_type(root: str) -> int:
        return {"C:\\": 3, "S:\\": 4}[root]

    assert is_windows_network(folder, drive_type) is network


def test_the_later_of_two_mounts_in_one_place_is_the_one_that_is_seen():
    mounts = [("/", "ext4"), ("/mnt/x", "nfs"), ("/mnt/x", "ext4")]
    assert kind_of(Path("/mnt/x/y"), mounts) == "ext4"


def test_what_no_mount_explains_counts_as_local():
    assert is_network_kind(kind_of(Path("/x"), [])) is False


@pytest.mark.fault_row(25)
def test_a_nearly_full_disk_is_refused_before_a_run(tmp_path, monkeypatch):
    location.refuse_nearly_full(tmp_path)
    free = location.MINIMUM_FREE_BYTES + 50
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    location.refuse_nearly_full(tmp_path, 50)
    with pytest.raises(Refused, match="200 MB"):
        location.refuse_nearly_full(tmp_path, 51)
    with pytest.raises(Refused, match="230 MB"):
        location.refuse_nearly_full(tmp_path, 30 * 1024 * 1024)
