"""Which parts of a frozen program are other people's work, under which licence: asked of the packages installed here.

What counts as shipped is what PyInstaller took in, file by file. A package that ought not to be shipped, or one without
a licence text, fails the build.
"""

from __future__ import annotations

import json
import os
import platform
import re
import ssl
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "scr-bulk"
LICENCES = Path(__file__).with_name("licences")

LICENCE_FILE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT)", re.IGNORECASE)
QT = ("pyside6-essentials", "shiboken6")
LGPL = (*QT, "psycopg", "psycopg-binary")
"""Packages whose licence is the LGPL and whose wheels do not bring its text."""

FREEZER = frozenset({"pyinstaller", "pyinstaller-hooks-contrib"})
"""What freezes the program leaves its starter in it, which may go with any program."""

VENDORED = {
    "cyrus-sasl-lib": "BSD-4-Clause-UC",
    "keyutils-libs": "LGPL-2.1-or-later",
    "krb5-libs": "MIT",
    "libcom_err": "MIT",
    "openldap": "OLDAP-2.8",
    "openssl": "Apache-2.0",
    "postgresql": "PostgreSQL",
}
"""Licences of libraries inside wheels, which name only their versions."""

KNOWN = {
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pyinstaller-hooks-contrib": "Apache-2.0",
    "sqlcipher3": "Zlib",
    "wakepy": "MIT",
}
"""Licences of packages that tell theirs only in a text."""

EXPRESSION = re.compile(r"(?:[A-Za-z0-9.+-]+|\(|\)|AND|OR|WITH|\s)+")


class Unshippable(SystemExit):
    """What is in the frozen program may not be handed out like this; the message says why."""


@dataclass(frozen=True)
class Part:
    """One piece of other people's work in the program: `licence` is an SPDX expression, `texts` are in full."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    purl: str = ""


def shipped(contents: Iterable[tuple[str, str]]) -> list[Part]:
    """The parts that these files, each with where it came from, belong to."""
    sources = {os.path.normpath(source) for _, source in contents if source}
    owners = _owners()
    found = {owners[source] for source in sources if source in owners} - {PROJECT}
    stray = sorted(found - closure(PROJECT) - FREEZER)
    if stray:
        raise Unshippable(f"In the frozen program, and needed by nothing in it: {', '.join(stray)}.")
    parts = [part_of(metadata.distribution(name)) for name in sorted(found)]
    return [*parts, *_of_python({Path(source) for source in sources}), *_inside(found)]


def _owners() -> dict[str, str]:
    """The path of every installed file with the distribution that it belongs to."""
    owners: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.name)
        place = str(distribution.locate_file(""))
        for file in distribution.files or []:
            owners[os.path.normpath(f"{place}/{file}")] = name
    return owners


def closure(project: str) -> set[str]:
    """The names of a project's packages and of theirs, without what is only for development."""
    wanted, open_names = set(), [(canonicalize_name(project), frozenset[str]())]
    while open_names:
        name, extras = open_names.pop()
        if (name, extras) in wanted:
            continue
        wanted.add((name, extras))
        try:
            requires = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, requires):
            chosen = [{"extra": extra} for extra in ("", *extras)]
            if requirement.marker is None or any(requirement.marker.evaluate(one) for one in chosen):
                open_names.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return {name for name, _ in wanted}


def part_of(distribution: metadata.Distribution) -> Part:
    """An installed package with its licence. Raises `Unshippable` where that is not known, or its text is not there."""
    name = canonicalize_name(distribution.name)
    texts = [
        Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
        for file in distribution.files or []
        if LICENCE_FILE.search(file.name) and file.suffix in ("", ".txt", ".md", ".rst", ".APACHE", ".BSD", ".PSF")
    ]
    if name in LGPL:
        texts += [(LICENCES / text).read_text(encoding="utf-8") for text in ("LGPL-3.0.txt", "GPL-3.0.txt")]
    if not texts:
        raise Unshippable(f"{name} comes without the text of its licence.")
    purl = f"pkg:pypi/{name}@{distribution.version}"
    return Part(distribution.name, distribution.version, licence_of(distribution), tuple(texts), purl)


def licence_of(distribution: metadata.Distribution) -> str:
    """A package's licence as an SPDX expression. Raises `Unshippable` where it does not tell one."""
    name = canonicalize_name(distribution.name)
    told = distribution.metadata
    if name in KNOWN:
        return KNOWN[name]
    if name in QT:
        return "LGPL-3.0-only"
    text = str(told["License-Expression"] or told["License"] or "").strip()
    text = {"Apache 2.0": "Apache-2.0", "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only"}.get(
        text, text
    )
    if not text or len(text) > 80 or not EXPRESSION.fullmatch(text):
        raise Unshippable(f"The licence of {name} is not known: it says {text[:60]!r}. Look, and add it to KNOWN.")
    return text


def _of_python(sources: set[Path]) -> Iterator[Part]:
    """Python itself, and the libraries of the system that came along for it."""
    text = _python_licence()
    yield Part(
        "Python", platform.python_version(), "PSF-2.0", (text,), f"pkg:generic/python@{platform.python_version()}"
    )
    seen = set()
    for source in sorted(sources):
        found = re.match(r"lib(ssl|crypto|ffi|lzma|bz2|z|uuid|expat)[-.]", source.name)
        if found and source.suffix != ".py" and found[1] not in seen and "site-packages" not in source.parts:
            seen.add(found[1])
            yield _system_library(found[1], source)


def _python_licence() -> str:
    for place in (Path(sys.base_prefix) / "LICENSE.txt", Path(ssl.__file__).parent / "LICENSE.txt"):
        if place.exists():
            return place.read_text(encoding="utf-8")
    debian = Path(f"/usr/share/doc/python{sys.version_info.major}.{sys.version_info.minor}/copyright")
    if debian.exists():
        return debian.read_text(encoding="utf-8")
    raise Unshippable("The text of Python's own licence was not found.")


SYSTEM = {
    "ssl": ("OpenSSL", "Apache-2.0"),
    "crypto": ("OpenSSL (libcrypto)", "Apache-2.0"),
    "ffi": ("libffi", "MIT"),
    "lzma": ("liblzma", "0BSD"),
    "bz2": ("bzip2", "bzip2-1.0.6"),
    "z": ("zlib", "Zlib"),
    "uuid": ("libuuid", "BSD-3-Clause"),
    "expat": ("Expat", "MIT"),
}


def _system_library(key: str, source: Path) -> Part:
    name, licence = SYSTEM[key]
    package, version = _debian(source)
    known: Mapping[str, Callable[[], str]] = {
        "ssl": lambda: ssl.OPENSSL_VERSION.split()[1],
        "crypto": lambda: ssl.OPENSSL_VERSION.split()[1],
        "z": lambda: zlib.ZLIB_VERSION,
    }
    version = known[key]() if key in known else version
    copyright_file = Path(f"/usr/share/doc/{package}/copyright")
    text = copyright_file.read_text(encoding="utf-8") if package and copyright_file.exists() else f"SPDX: {licence}"
    return Part(
        name, version or "as of the system it was built on", licence, (text,), f"pkg:generic/{name.split()[0].lower()}"
    )


def _debian(source: Path) -> tuple[str, str]:
    """Which package of the building system a library is from, and its version; empty where nobody can say."""
    place = str(source).removeprefix("/usr")
    # Debian has moved /lib into /usr, and half of its packages say so.
    for path in (place, f"/usr{place}"):
        package = _told_by("dpkg", "-S", path).split(":")[0]
        if package:
            return package, _told_by("dpkg-query", "-W", "-f=${Version}", package)
    return "", ""


def _told_by(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _inside(found: set[str]) -> Iterator[Part]:
    """What stands inside wheels under another name, and is looked up under that by whoever asks for weaknesses."""
    for name in sorted(found):
        yield from vendored(metadata.distribution(name))
    if "pyside6-essentials" in found:
        version = metadata.version("pyside6-essentials")
        texts = tuple((LICENCES / text).read_text(encoding="utf-8") for text in ("LGPL-3.0.txt", "GPL-3.0.txt"))
        yield Part("Qt", version, "LGPL-3.0-only", texts, f"pkg:generic/qt@{version}")
    if "psycopg-binary" in found:
        from psycopg import pq

        version = "{}.{}".format(*divmod(pq.version(), 10_000))
        text = f"libpq {version} comes inside psycopg-binary. Its licence: PostgreSQL."
        yield Part("PostgreSQL (libpq)", version, "PostgreSQL", (text,), f"pkg:generic/postgresql@{version}")
    if "sqlcipher3" in found:
        import sqlcipher3.dbapi2 as sqlite

        version = str(sqlite.sqlite_version)
        yield Part("SQLite", version, "blessing", ("SQLite is in the public domain.",), f"pkg:generic/sqlite@{version}")


def vendored(distribution: metadata.Distribution) -> Iterator[Part]:
    """The libraries that a wheel says it brings along, in bills of materials of its own."""
    seen = {canonicalize_name(distribution.name)}
    for file in distribution.files or []:
        if file.parent.name == "sboms" and file.suffix == ".json":
            told = json.loads(Path(str(file.locate())).read_text(encoding="utf-8"))
            for one in told.get("components", []):
                if canonicalize_name(one["name"]) not in seen:
                    seen.add(canonicalize_name(one["name"]))
                    licence = VENDORED.get(one["name"], "as its source says")
                    text = f"{one['name']} {one['version']} comes inside {distribution.name}. Its licence: {licence}."
                    purl = str(one.get("purl", "")).partition("#")[0]
                    yield Part(one["name"], one["version"], VENDORED.get(one["name"], ""), (text,), purl)
