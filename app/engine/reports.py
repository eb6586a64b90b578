"""Taking a list of a run's patients out of the program, as a file or on paper: who may, and what becomes known of it.

Which lists there are is in `lists`; what a file or a page looks like is for `exchange` and the window. Here is what
all of them share: the right, asked all along; the rows of one moment; the audit trail; a file whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from app.clock import Clock
from app.domain.errors import Refused
from app.domain.session import CardSession
from app.engine.long_work import Progress, nobody_waits, told
from app.engine.patient_line import PatientLine
from app.engine.ports import RunQueries, RunView, actor_words
from app.engine.practice import PracticeInfo
from app.engine.rights import Right, Rights
from app.engine.run_lists import ListDefinition


class Medium(StrEnum):
    """What a list is taken out as, in the words of the audit trail."""

    CSV = "CSV file"
    PDF = "PDF file"
    PRINT = "print"
    STREAM = "standard output"
    CLIPBOARD = "clipboard"


@dataclass(frozen=True, slots=True)
class Report:
    """One list of one run."""

    run_id: int
    definition: ListDefinition


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes a report, and where to: the place is a file's path or a printer's name, or empty."""

    actor: str
    medium: Medium
    place: str


@dataclass(frozen=True, slots=True)
class TakenRows:
    """The rows of a list as they stood at one moment; they can be gone through once."""

    patients: int
    lines: Iterator[PatientLine] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheets:
    """A report on its way to a file or to paper: what stands on every page of it, and its rows.

    `taken_by` is the person with the role; times are UTC.
    """

    practice: PracticeInfo
    definition: ListDefinition
    run: RunView
    taken_by: str = field(repr=False)
    taken_at: datetime
    rows: TakenRows


class TakeRows(Protocol):
    """The rows of a report as they stand at this moment, whatever a live run goes on to change.

    That they were taken is in the audit trail before the first of them is given out. Raises `StorageFault` and
    `Cancelled`.
    """

    def __call__(self, report: Report, taking: Taking, progress: Progress) -> AbstractContextManager[TakenRows]:
        """Take them."""


Draw = Callable[[Sheets, Path, Progress], None]
"""Writes a report's pages into a file. Raises `Cancelled`, and OSError where it cannot be written."""

PutOnPaper = Callable[[Sheets, Progress], None]
"""Hands a report's pages to a printer. Raises `Cancelled`."""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What knows files: `whole` gives a path to be written, which takes the wanted one's place when its context ends
    without an error and raises `BadInput` where that cannot be; `write_csv` fills such a path.
    """

    whole: Callable[[Path], AbstractContextManager[Path]]
    write_csv: Callable[[Iterator[PatientLine], Path], None]


class ReportDesk:
    """Gives reports out to whoever may see names at that moment, and only as long; may be used from any thread.

    Every call raises `Refused` for the right, also in the middle when the card is taken out, `StorageFault`,
    `BadInput` for a place that cannot be written, and `Cancelled`; then there is no new file, and an old one of that
    name is as it was.
    """

    def __init__(
        self,
        take: TakeRows,
        files: ReportFiles,
        queries: RunQueries,
        practice: Callable[[], PracticeInfo],
        rights: Rights,
        clock: Clock,
    ) -> None:
        self._take = take
        self._files = files
        self._queries = queries
        self._practice = practice
        self._rights = rights
        self._clock = clock

    def who_takes(self) -> CardSession:
        """The session a report would be taken under now. Raises `Refused`."""
        return self._rights.require(Right.SEE_NAMES)

    def save_csv(self, report: Report, path: Path, progress: Progress = nobody_waits) -> int:
        """Write a report as a CSV file; how many patients are in it."""
        taking, watched = self._taking(Medium.CSV, str(path)), self._watched(progress)
        with self._files.whole(path) as written, self._take(report, taking, watched) as rows:
            self._files.write_csv(_told(rows, watched), written)
            watched("Putting the file in place")
            return rows.patients

    def save_pages(self, report: Report, path: Path, draw: Draw, progress: Progress = nobody_waits) -> int:
        """Have a report's pages drawn into a file; how many patients are on them."""
        taking, watched = self._taking(Medium.PDF, str(path)), self._watched(progress)
        with self._files.whole(path) as written, self._take(report, taking, watched) as rows:
            draw(self._sheets(report, rows), written, watched)
            watched("Putting the file in place")
            return rows.patients

    def put_on_paper(self, report: Report, printer: str, put: PutOnPaper, progress: Progress = nobody_waits) -> int:
        """Have a report's pages printed; how many patients are on them."""
        taking, watched = self._taking(Medium.PRINT, printer), self._watched(progress)
        with self._take(report, taking, watched) as rows:
            put(self._sheets(report, rows), watched)
            return rows.patients

    def _taking(self, medium: Medium, place: str) -> Taking:
        session = self.who_takes()
        return Taking(actor_words(session.user_name, session.role.name, session.card_uid), medium, place)

    def _watched(self, progress: Progress) -> Progress:
        """The same progress, given up as soon as names may not be seen any more."""

        def tell(doing: str, done: int = 0, total: int = 0) -> None:
            self.who_takes()
            progress(doing, done, total)

        return tell

    def _sheets(self, report: Report, rows: TakenRows) -> Sheets:
        run = self._queries.run(report.run_id)
        if run is None:
            raise Refused(f"There is no run {report.run_id} any more.")
        session = self.who_takes()
        taken_by = f"{session.user_name} ({session.role.name})"
        return Sheets(self._practice(), report.definition, run, taken_by, self._clock.now(), rows)


def _told(rows: TakenRows, progress: Progress) -> Iterator[PatientLine]:
    return told(rows.lines, progress, "Writing the file", rows.patients)
