"""Writes beside a frozen program what is in it: the bill of materials (CycloneDX) and the third-party notices.

Run by the build, in its environment, because it asks the packages that are installed there (supply_parts.py).

    python packaging/make_supply.py CONTENTS FOLDER SECONDS-SINCE-1970
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from supply_parts import PROJECT, Part, Unshippable, shipped

SBOM, NOTICES = "sbom.cdx.json", "THIRD-PARTY-NOTICES.txt"
NAMESPACE = uuid.UUID("7c0e6b6e-4d0b-4a63-9e0b-3f6a5c1d8b42")

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
    rows = [f"{part.name} {part.version}: {part.licence or 'as its source says'}" for part in parts]
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
    }
    more: dict[str, Any] = {"licenses": [{"expression": part.licence}]} if part.licence else {}
    return {**described, **more, **({"purl": part.purl} if part.purl else {})}


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
