"""What the packages say about the program, each from the one place where it stands: pyproject.toml and the changelog.

Standard library only.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from dev_environment import PROJECT, ROOT

CHANGELOG = ROOT / "packaging" / "CHANGELOG.md"
TITLE = "GP Summary Bulk Transmission"
MAINTAINER = "The developers of scr-bulk <scr-bulk@example.invalid>"

_HEADING = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
_BULLET = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)
_MARKS = re.compile(r"[*`]|\[(?P<words>[^]]+)\]\([^)]+\)")


@dataclass(frozen=True)
class Release:
    """One version in the changelog: when it was made, and its changes as plain sentences."""

    version: str
    day: date
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """The program's name, version and one-line description."""

    name: str
    version: str
    description: str


def product() -> Product:
    """The program as pyproject.toml has it."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return Product(project["name"], project["version"], project["description"])


def releases() -> list[Release]:
    """Every version of the changelog, the newest first."""
    text = CHANGELOG.read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [
        Release(heading[1], date.fromisoformat(heading[2]), _changes(text[heading.end() : end]))
        for heading, end in zip(headings, ends, strict=True)
    ]


def _changes(section: str) -> tuple[str, ...]:
    return tuple(" ".join(plain(bullet).split()) for bullet in _BULLET.findall(section))


def plain(text: str) -> str:
    """Markdown's marks taken out of a sentence; of a link its words stay."""
    return _MARKS.sub(lambda mark: mark["words"] or "", text)


def build_time() -> int:
    """The moment that goes into everything that is built, so that the same commit gives the same files.

    In seconds since 1970: that of the commit, else the release's.
    """
    # Without git, or without its folder, as where the source came in an archive.
    with contextlib.suppress(OSError, ValueError):
        command = ["git", "log", "-1", "--format=%ct"]
        return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout)
    return int(datetime.combine(releases()[0].day, time(), UTC).timestamp())
