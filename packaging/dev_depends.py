"""What a frozen program needs of a Debian system, read from its own files: which packages bring its shared libraries.

Standard library only, and objdump, which PyInstaller needs too.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dev_system
from dev_system import SetupError

MORE: dict[str, tuple[str, ...]] = {
    "libbrotlicommon.so.1": ("libbrotli1",),
    "libbrotlidec.so.1": ("libbrotli1",),
    "libdrm.so.2": ("libdrm2",),
    "libgcc_s.so.1": ("libgcc-s1",),
    "libgio-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libgobject-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libgssapi_krb5.so.2": ("libgssapi-krb5-2",),
    "libgthread-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libstdc++.so.6": ("libstdc++6",),
    "libxcb-glx.so.0": ("libxcb-glx0",),
    "libzstd.so.1": ("libzstd1",),
}
"""Beside those of dev_system, what a frozen program needs: there Python and its packages had brought them."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "libcups.so.2": ("libcups2t64", "libcups2"),
}
"""What only printing on paper needs: recommended, and Qt does without."""

OF_LIBC = re.compile(r"(ld-linux[-\w]*|lib(c|m|dl|rt|util|pthread|resolv|crypt|nsl|anl))\.so\.\d+|linux-vdso\.so\.1")

_NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)(?:\.\d+)?\b")


@dataclass(frozen=True)
class Needs:
    """What the files of a folder need of the system: libraries that are not among them, and the oldest glibc."""

    libraries: frozenset[str]
    glibc: tuple[int, int]


def needs_of(folder: Path) -> Needs:
    """Read every ELF file of a frozen program."""
    own = {path.name for path in folder.rglob("*")}
    libraries: set[str] = set()
    glibc = (2, 0)
    for file in elf_files(folder):
        told = subprocess.run(["objdump", "-p", str(file)], capture_output=True, text=True, check=True).stdout
        libraries.update(_NEEDED.findall(told))
        glibc = max([glibc, *((int(major), int(minor)) for major, minor in _GLIBC.findall(told))])
    return Needs(frozenset(libraries - own), glibc)


def elf_files(folder: Path) -> Iterator[Path]:
    """The programs and shared libraries in a folder, each once."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def depends(needs: Needs) -> str:
    """The value of a package's Depends field. Raises `SetupError` for a library that nobody has named a package for."""
    libraries = [name for name in needs.libraries if not OF_LIBC.fullmatch(name) and name not in OPTIONAL]
    unknown = sorted(set(libraries) - set(table()))
    if unknown:
        raise SetupError(f"No Debian package is named for {', '.join(unknown)}: add it to dev_depends.py.")
    return ", ".join([f"libc6 (>= {needs.glibc[0]}.{needs.glibc[1]})", *alternatives(libraries, table())])


def recommends(needs: Needs) -> str:
    """The value of the Recommends field; empty where there is nothing to recommend."""
    return ", ".join(alternatives(needs.libraries & set(OPTIONAL), OPTIONAL))


def table() -> dict[str, tuple[str, ...]]:
    """Every library with the packages that bring it, newest name first."""
    return {**dev_system.OFFSCREEN, **dev_system.X11, **dev_system.WAYLAND, **MORE}


def alternatives(libraries: Iterable[str], packages: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The packages for these libraries, each once; where a package has had several names, any of them."""
    return sorted({" | ".join(packages[name]) for name in libraries})
