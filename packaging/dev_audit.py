"""Asks the public lists of known weaknesses about the packages that are shipped, and about those that freeze them.

Standard library only; the asking itself is pip-audit's, in the environment of the build.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dev_environment import BUILD_LOCK, ROOT
from dev_system import say

CLEAN, WEAK, NOT_ASKED = 0, 1, 3

NOBODY = "Nobody could be asked, so nothing is known about weaknesses of these packages."


def audit(python: Path) -> int:
    """Ask, and tell; 0 when nothing is known, 1 when something is, 3 when nobody could be asked."""
    locked = ["--requirement", str(BUILD_LOCK), "--disable-pip", "--require-hashes"]
    command = [str(python), "-m", "pip_audit", *locked, "--format", "json", "--progress-spinner", "off"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    code, lines = verdict(asked.stdout, asked.stderr)
    for line in lines:
        say(line)
    return code


def verdict(answer: str, complaint: str) -> tuple[int, list[str]]:
    """What an answer of pip-audit, and what it complained about, come to: the exit code and the lines to tell."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = next((line for line in reversed(complaint.strip().splitlines()) if line.strip()), "it said nothing")
        return NOT_ASKED, [
            NOBODY,
            f"pip-audit: {last.strip()}",
        ]
    skipped = [f"{one['name']} was not looked up: {one['skip_reason']}" for one in packages if "skip_reason" in one]
    weak = list(_weak(packages))
    if weak:
        return WEAK, [*weak, *skipped, "Take newer versions with: python3 packaging/dev.py lock --upgrade"]
    if skipped and len(skipped) == len(packages):
        return NOT_ASKED, [f"{NOBODY} It knows none of the {len(packages)} packages: {skipped[0]}"]
    if skipped:
        return NOT_ASKED, skipped
    return CLEAN, [f"No weakness is known of the {len(packages)} packages of {BUILD_LOCK.name}."]


def _weak(packages: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for package in packages:
        for weakness in package.get("vulns", []):
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {weakness['id']}, mended in {mended}"
