"""The remarks about a list as a file of their own, for whoever puts the list right."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.engine.list_preview import Finding
from app.exchange.csv_lines import write_lines

COLUMNS = ("file", "line", "column", "reason")


def write_findings(path: Path, findings: Iterable[Finding]) -> int:
    """Write one line for each remark, UTF-8 with a byte order mark; returns how many. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        return write_lines(stream, COLUMNS, findings, _texts)


def _texts(finding: Finding) -> tuple[str, ...]:
    return finding.file, str(finding.line), finding.column, finding.reason
