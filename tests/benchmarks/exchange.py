"""How fast a practice's own list comes in and goes out, and a demonstration practice is made: rows a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.bootstrap import create_demonstration
from app.bootstrap.practice_list import export_list, look_at_list
from app.config import load_settings
from app.engine.list_preview import ListFiles
from tests.benchmarks.told import Sizes, Told


def measure_exchange(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Make, export, and import again what was exported."""
    made, brought_in = (load_settings(folder / name, {}, {}) for name in ("made", "brought_in"))
    written, patients = folder / "written", sizes.long_list
    yield _told("a demonstration practice", "demonstration", patients, lambda: create_demonstration(made, patients, 1))
    yield _told("the export", "export", patients, lambda: export_list(made, written))
    files = ListFiles(written / "patients.csv", written / "consent.csv", written / "groups.csv")
    yield _told("the import", "import", patients, lambda: look_at_list(brought_in, files, update=False).bring_in())


def _told(what: str, key: str, patients: int, work: Callable[[], object]) -> Told:
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return Told(
        f"{what} of {patients:,} patients: {seconds:.1f} s, {patients / seconds:,.0f} patients a second",
        {f"{key}_patients_per_second": patients / seconds},
    )
