"""How fast a list of a whole run leaves the program, as CSV and as PDF pages, and what memory that takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.bootstrap import create_demonstration
from app.bootstrap.reports import report_desk
from app.clock import SystemClock
from app.config import load_settings
from app.engine.reports import Report
from app.engine.rights import Rights
from app.engine.run_lists import OUTCOMES
from app.storage.database import PracticeDatabase
from app.storage.run_queries import SqlRunQueries
from app.ui.reports.devices import draw_pdf
from tests.benchmarks.lists import write_a_run
from tests.benchmarks.memory import peak_bytes
from tests.benchmarks.told import Sizes, Told
from tests.helpers.card import Card


def measure_reports(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Take everybody of a run out, both ways."""
    # Letters are drawn in the application's fonts.
    application = QApplication.instance() or QApplication([])
    assert application is not None
    place = folder / "reports"
    create_demonstration(load_settings(place, {}, {}), sizes.long_list, seed=1)
    write_a_run(place)
    clock = SystemClock()
    database = PracticeDatabase.open(load_settings(place, {}, {}).database_file, clock=clock)
    try:
        rights = Rights(Card(clock), {"B0062"}, clock)
        desk, report = report_desk(database, SqlRunQueries(database), rights, clock), Report(1, OUTCOMES)
        csv, pdf = folder / "list.csv", folder / "list.pdf"
        yield _told("a report as CSV", "report_csv", lambda: desk.save_csv(report, csv))
        yield _told("a report as PDF", "report_pdf", lambda: desk.save_pages(report, pdf, draw_pdf))
    finally:
        database.close()


def _told(what: str, key: str, work: Callable[[], int]) -> Told:
    before, began = peak_bytes(), time.perf_counter()
    patients = work()
    seconds, more = time.perf_counter() - began, (peak_bytes() - before) / 2**20
    return Told(
        f"{what}, {patients:,} patients: {seconds:.1f} s, {patients / seconds:,.0f} patients a second, the copy of the "
        f"practice included; {more:.1f} MB more held at the most",
        {f"{key}_patients_per_second": patients / seconds, f"{key}_more_mb": more},
    )
