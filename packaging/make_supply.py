"""Writes beside a frozen program what is in it: the bill of materials (CycloneDX) and the third-party notices.

Run by the build, in its environment, because it asks the packages that are installed there. What counts as shipped is
what PyInstaller took in, file by file. A package that ought not to be shipped, or one without a licence text, fails
the build.

    python packaging/make_supply.py CONTENTS FOLDER SECONDS-SINCE-1970
"""

from __future__ import annotations

import json
import os
import platform
import re
import ssl
import subprocess
import sys
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "scr-bulk"
LICENCES = Path(__file__).with_name("licences")
SBOM, NOTICES = "sbom.cdx.json", "THIRD-PARTY-NOTICES.txt"
NAMESPACE = uuid.UUID("7c0e6b6e-4d0b-4a63-9e0b-3f6a5c1d8b42")

LICENCE_FILE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT)", re.IGNORECASE)
QT = ("pyside6-essentials", "shiboken6")
LGPL = (*QT, "psycopg", "psycopg-binary")
"""Packages whose licence is the LGPL and whose wheels do not bring its text."""

FREEZER = frozenset({"pyinstaller", "pyinstaller-hooks-contrib"})
"""What freezes the program leaves its starter in it, which may go with any program."""

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
    try:
        for path in (
            source,
            Path("/lib") / source.relative_to("/usr/lib") if source.is_relative_to("/usr/lib") else source,
        ):
            told = subprocess.run(["dpkg", "-S", str(path)], capture_output=True, text=True, check=False).stdout
            if told:
                package = told.split(":")[0]
                query = ["dpkg-query", "-W", "-f=${Version}", package]
                return package, subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return "", ""
    return "", ""


def _inside(found: set[str]) -> Iterator[Part]:
    """What stands inside wheels under another name, and is looked up under that by whoever asks for weaknesses."""
    if "pyside6-essentials" in found:
        version = metadata.version("pyside6-essentials")
        texts = tuple((LICENCES / text).read_text(encoding="utf-8") for text in ("LGPL-3.0.txt", "GPL-3.0.txt"))
        yield Part("Qt", version, "LGPL-3.0-only", texts, f"pkg:generic/qt@{version}")
    if "sqlcipher3" in found:
        import sqlcipher3.dbapi2 as sqlite

        version = str(sqlite.sqlite_version)
        yield Part("SQLite", version, "blessing", ("SQLite is in the public domain.",), f"pkg:generic/sqlite@{version}")


QT_WORDS = """Qt {qt} and Qt for Python are used under the GNU Lesser General Public License, version 3.
They are shared libraries in the folder _internal/PySide6 and _internal/shiboken6 of the program, unchanged, as the Qt
Project published them. Whoever has the program may replace them by a version of their own that has the same interface:
put its files in their place. Nothing in the program prevents that, and it may be taken apart to find faults that such
a change brings about. The source of the very same version is at
https://download.qt.io/official_releases/QtForPython/ and https://download.qt.io/official_releases/qt/.
For three years after you were given this program its developers send you that source on a medium, for what that costs.
The same holds for psycopg, where it is part of the program: https://github.com/psycopg/psycopg.
"""


def notices(parts: Iterable[Part], qt: str) -> str:
    """The third-party notices: what there is, Qt's terms, and every licence once with those it is for."""
    parts = list(parts)
    rows = [f"{part.name} {part.version}: {part.licence}" for part in parts]
    whose: dict[str, list[str]] = {}
    for part in parts:
        for text in part.texts:
            whose.setdefault(text.strip(), []).append(part.name)
    head = "This program contains the work of others. What it is, and under which licence:\n"
    blocks = [f"{'=' * 100}\n{', '.join(names)}\n{'=' * 100}\n\n{text}\n" for text, names in whose.items()]
    return "\n".join([head, *rows, "", QT_WORDS.format(qt=qt), *blocks])


def bill_of_materials(parts: Iterable[Part], moment: datetime) -> dict[str, Any]:
    """The parts as a CycloneDX 1.6 document; the same parts and moment give the same document."""
    version = metadata.version(PROJECT)
    components = [_component(part) for part in parts]
    serial = uuid.uuid5(NAMESPACE, json.dumps([version, moment.isoformat(), components], sort_keys=True))
    root = f"{PROJECT}@{version}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": moment.isoformat().replace("+00:00", "Z"),
            "component": {"type": "application", "bom-ref": root, "name": PROJECT, "version": version},
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": sorted(one["bom-ref"] for one in components)}],
    }


def _component(part: Part) -> dict[str, Any]:
    described = {
        "type": "library",
        "bom-ref": f"{part.name}@{part.version}",
        "name": part.name,
        "version": part.version,
        "licenses": [{"expression": part.licence}],
    }
    return {**described, "purl": part.purl} if part.purl else described


def validated(document: dict[str, Any]) -> str:
    """The document as text. Raises `Unshippable` where it is not what the schema asks for."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise Unshippable(f"The bill of materials does not keep to its schema: {fault}")
    return text


def main(contents: Path, folder: Path, moment: datetime) -> None:
    """Write both files into the folder of the frozen program."""
    parts = shipped((name, source) for name, source in json.loads(contents.read_text(encoding="utf-8")))
    text = validated(bill_of_materials(parts, moment))
    (folder / SBOM).write_text(text, encoding="utf-8")
    qt = next((part.version for part in parts if part.name == "Qt"), "")
    (folder / NOTICES).write_text(notices(parts, qt), encoding="utf-8")
    sys.stdout.write(f"{len(parts)} parts of other people: {', '.join(f'{one.name} {one.version}' for one in parts)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromtimestamp(int(sys.argv[3]), UTC))
