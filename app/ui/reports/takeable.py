"""What can be taken out of the program, each with its words and its work: a list of patients, a certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtPrintSupport import QPrinter

from app.engine.certificate import Certificate
from app.engine.long_work import Progress
from app.engine.reports import Medium, Report, Sheets
from app.ui.reports import words
from app.ui.reports.certificate_pages import draw_certificate, print_certificate
from app.ui.reports.devices import draw_pdf, new_printer, print_pages
from app.ui.services import Certificates, Reports

Told = Callable[[Progress], str]
"""The work, in a thread of its own; it gives what is said afterwards."""


class Takeable(Protocol):
    """Something that can be saved and printed. `title` is that of what is done, such as Saving the report."""

    def who(self) -> str:
        """The name of whoever would take it now. Raises `Refused`."""

    def file_name(self, medium: Medium) -> str:
        """The name that is offered for a file."""

    def question(self, medium: Medium) -> str:
        """What is asked before."""

    def detail(self, medium: Medium, place: str, who: str) -> str:
        """What leaves the program, where it goes, who answers for it."""

    def new_printer(self) -> QPrinter:
        """A printer to be chosen, set up for its pages; in the window's thread."""

    def work(self, medium: Medium, place: str, printer: QPrinter | None) -> Told:
        """What is to be done once it is meant; a printer is handed over to it whole."""


@dataclass(frozen=True, slots=True)
class TakeReport:
    """A list of a run; `patients` is how many it held when it was looked at."""

    desk: Reports
    report: Report
    patients: int

    def who(self) -> str:
        """Whoever may see names."""
        return self.desk.who_takes().user_name

    def file_name(self, medium: Medium) -> str:
        """Which list of which run."""
        return words.file_name(self.report.definition.key, self.report.run_id, medium)

    def question(self, medium: Medium) -> str:
        """How many patients it names."""
        return words.question(medium, self.patients)

    def detail(self, medium: Medium, place: str, who: str) -> str:
        """What it tells of them."""
        return words.detail(medium, place, who)

    def new_printer(self) -> QPrinter:
        """Pages across."""
        return new_printer()

    def work(self, medium: Medium, place: str, printer: QPrinter | None) -> Told:
        """Write it row by row, or page by page."""
        desk, report = self.desk, self.report
        if printer is not None:

            def put(sheets: Sheets, progress: Progress) -> None:
                print_pages(sheets, printer, progress)

            return lambda progress: words.done(medium, place, desk.put_on_paper(report, place, put, progress))
        if medium is Medium.CSV:
            return lambda progress: words.done(medium, place, desk.save_csv(report, Path(place), progress))
        return lambda progress: words.done(medium, place, desk.save_pages(report, Path(place), draw_pdf, progress))


@dataclass(frozen=True, slots=True)
class TakeCertificate:
    """A certificate that was made and looked at."""

    desk: Certificates
    certificate: Certificate

    def who(self) -> str:
        """Whoever may see lists."""
        return self.desk.who_takes().user_name

    def file_name(self, medium: Medium) -> str:  # noqa: ARG002 - it is a PDF file or paper
        """Which practice's, and of which day."""
        day = f"{self.certificate.taken_at:%Y-%m-%d}"
        return "-".join(filter(None, ("go-live-certificate", self.certificate.practice.ods_code, day))) + ".pdf"

    def question(self, medium: Medium) -> str:
        """Whether it is meant."""
        return words.CERTIFICATE_QUESTIONS[medium]

    def detail(self, medium: Medium, place: str, who: str) -> str:
        """That it names nobody but whoever worked on it."""
        return words.certificate_detail(medium, place, who)

    def new_printer(self) -> QPrinter:
        """One page upright."""
        return new_printer(upright=True)

    def work(self, medium: Medium, place: str, printer: QPrinter | None) -> Told:
        """Draw the page."""
        desk, certificate = self.desk, self.certificate
        if printer is not None:

            def put(made: Certificate) -> None:
                print_certificate(made, printer)

            def print_it(progress: Progress) -> str:
                progress("Printing the certificate")
                desk.put_on_paper(certificate, place, put)
                return words.certificate_done(medium, place)

            return print_it

        def save_it(progress: Progress) -> str:
            progress("Writing the certificate")
            desk.save(certificate, Path(place), draw_certificate)
            return words.certificate_done(medium, place)

        return save_it
