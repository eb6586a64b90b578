"""The Linux packages of a frozen program: where each file goes, the archive and the Debian package."""

from __future__ import annotations

import gzip
import platform
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import escape

import dev_deb
import dev_depends
import dev_product
from dev_deb import Entry
from dev_environment import ROOT
from dev_product import MAINTAINER, Release

FILES = ROOT / "packaging" / "linux"
METAINFO = "org.example.scr_bulk.metainfo.xml"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

NOTICES = ("THIRD-PARTY-NOTICES.txt", "sbom.cdx.json")
"""What dev_supply.py has put beside the program."""

COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {title}
Comment: The programs and libraries that come with it, Qt under the LGPL among them, and their licences are in
 /usr/lib/scr-bulk/THIRD-PARTY-NOTICES.txt.

Files: *
Copyright: {maintainer}
License: proprietary
 All rights reserved.
"""


def architecture() -> str:
    """This machine's architecture as Debian calls it."""
    return ARCHITECTURES.get(platform.machine(), platform.machine())


def metainfo(releases: Sequence[Release]) -> str:
    """The AppStream metadata with the changelog's releases."""
    return (FILES / METAINFO).read_text(encoding="utf-8").replace("@RELEASES@", "\n".join(map(_release, releases)))


def _release(release: Release) -> str:
    items = "\n".join(f"          <li>{escape(change)}</li>" for change in release.changes)
    return (
        f'    <release version="{release.version}" date="{release.day.isoformat()}">\n'
        f"      <description>\n        <ul>\n{items}\n        </ul>\n      </description>\n    </release>"
    )


def shared(icons: Path, manual: Path) -> list[Entry]:
    """What a desktop is told, below `share`: entry, icons, metadata, manual."""
    share = PurePosixPath("share")
    found = [
        Entry(share / "applications" / "scr-bulk.desktop", FILES / "scr-bulk.desktop"),
        Entry(share / "metainfo" / METAINFO, metainfo(dev_product.releases()).encode()),
        Entry(share / "man" / "man1" / "scr-bulk.1", manual),
        Entry(
            share / "icons/hicolor/scalable/apps/scr-bulk.svg",
            ROOT / "resources" / "icons" / "scr-bulk.svg",
        ),
    ]
    for picture in sorted(icons.glob("scr-bulk-*.png")):
        size = picture.stem.rpartition("-")[2]
        found.append(Entry(share / f"icons/hicolor/{size}x{size}/apps/scr-bulk.png", picture))
    return found


def archive(frozen: Path, icons: Path, manual: Path, moment: int) -> bytes:
    """The plain archive: one folder, the program in it, and what a desktop can be told."""
    entries = [*dev_deb.tree(frozen, PurePosixPath()), *shared(icons, manual)]
    return dev_deb.tar_xz(entries, moment, f"{archive_name()}/")


def archive_name() -> str:
    """The name of the archive, and of the folder in it."""
    return f"scr-bulk-{dev_product.product().version}-linux-{platform.machine()}"


def debian_package(frozen: Path, icons: Path, manual: Path, moment: int) -> bytes:
    """The .deb: the program below /usr/lib, a link to it in /usr/bin. It has no scripts and touches nobody's data."""
    usr = PurePosixPath("usr")
    documents = usr / "share" / "doc" / "scr-bulk"
    entries = [
        *dev_deb.tree(frozen, usr / "lib" / "scr-bulk"),
        Entry(usr / "bin" / "scr-bulk", "../lib/scr-bulk/scr-bulk"),
        *(_packed(Entry(usr / one.name, one.source, one.executable)) for one in shared(icons, manual)),
        *(Entry(documents / name, f"../../../lib/scr-bulk/{name}") for name in NOTICES),
        Entry(
            documents / "copyright",
            COPYRIGHT.format(title=dev_product.TITLE, maintainer=MAINTAINER).encode(),
        ),
        Entry(documents / "changelog.gz", gzip.compress(dev_product.CHANGELOG.read_bytes(), mtime=0)),
    ]
    return dev_deb.package(control(frozen), entries, moment)


def _packed(entry: Entry) -> Entry:
    """A manual page as Debian wants it, compressed; anything else as it is."""
    if entry.name.parent.name != "man1" or not isinstance(entry.source, Path):
        return entry
    name = entry.name.with_name(f"{entry.name.name}.gz")
    return Entry(name, gzip.compress(entry.source.read_bytes(), mtime=0))


def control(frozen: Path) -> dict[str, str]:
    """The package's fields, all but its size."""
    product, needs = dev_product.product(), dev_depends.needs_of(frozen)
    summary = re.sub(r"^[^:]*: ", "", product.description)
    return {
        "Package": product.name,
        "Version": product.version,
        "Architecture": architecture(),
        "Maintainer": MAINTAINER,
        "Depends": dev_depends.depends(needs),
        "Recommends": dev_depends.recommends(needs),
        "Section": "science",
        "Priority": "optional",
        "Description": f"{dev_product.TITLE}\n {summary}.",
    }


def debian_name() -> str:
    """The name of the package's file."""
    product = dev_product.product()
    return f"{product.name}_{product.version}_{architecture()}.deb"
