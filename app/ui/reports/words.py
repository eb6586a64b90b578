"""What staff are asked and told when a report leaves the program. No widgets."""

from __future__ import annotations

from pathlib import Path

from app.domain.states import RunStatus
from app.engine.ports import RunView
from app.engine.reports import Medium
from app.ui.formatting import patients
from app.ui.reports.printed import run_words

_WHAT_IS_IN_IT = (
    "surname and forename, date of birth, NHS number, registration, the consent terms here, what the Spine holds, and "
    "what became of each patient."
)
_WHAT_IS_IN_A_STORY = (
    "who the patient is, the consent terms here, what the Spine holds, every decision and message, and the practice's "
    "notes."
)
NO_PRINTER = "No printer is set up on this computer. Save the report as PDF instead, or have a printer set up."


_WAITS = "The latest run waits for its time: nobody is in it yet. Choose an earlier one above."


def about_run(run: RunView, *, is_latest: bool) -> str:
    """Which run the lists are about, in a sentence or two."""
    if run.status is RunStatus.SCHEDULED:
        return _WAITS
    return f"{'The latest run' if is_latest else 'NOT the latest run'}: {run_words(run)}"


CERTIFICATE_QUESTIONS = {
    Medium.PDF: "Do you want to take the certificate out of this program?",
    Medium.PRINT: "Do you want to print the certificate?",
}


def certificate_detail(medium: Medium, place: str, who: str) -> str:
    """What leaves the program, where it goes, and who answers for it."""
    goes = f"It is printed on {place}." if medium is Medium.PRINT else f"It is written to {place}."
    return (
        f"{goes} It holds numbers, and the names of those who worked on the practice; it names no patient. You, {who}, "
        "answer for where it is kept. That you took it is kept in the audit trail."
    )


def certificate_done(medium: Medium, place: str) -> str:
    """What is told afterwards."""
    if medium is Medium.PRINT:
        return f"The certificate was sent to {place}."
    return f"{Path(place).name} is written."


def question(medium: Medium, how_many: int) -> str:
    """What is asked before anything is written or printed."""
    if medium is Medium.PRINT:
        return f"The pages name {patients(how_many)}. Do you want to print them?"
    return f"The file names {patients(how_many)}. Do you want to take it out of this program?"


def detail(medium: Medium, place: str, who: str, what: str = _WHAT_IS_IN_IT) -> str:
    """What leaves the program, where it goes, and who answers for it."""
    if medium is Medium.PRINT:
        return (
            f"It is printed on {place}: fetch the pages at once. On them: {what} "
            f"You, {who}, answer for where they are kept, who sees them and that they are destroyed. That you took "
            "them is kept in the audit trail."
        )
    return (
        f"It is written to {place}. In it: {what} Anybody can open it who gets "
        f"hold of it. You, {who}, answer for where it is kept, who sees it and that it is destroyed. That you took it "
        "is kept in the audit trail."
    )


def story_detail(medium: Medium, place: str, who: str) -> str:
    """The same of one patient's story."""
    return detail(medium, place, who, _WHAT_IS_IN_A_STORY)


def done(medium: Medium, place: str, how_many: int) -> str:
    """What is told afterwards."""
    if medium is Medium.PRINT:
        return f"{patients(how_many)} {'was' if how_many == 1 else 'were'} sent to {place}. Fetch the pages now."
    return f"{Path(place).name} is written, with {patients(how_many)}. It names patients: keep it safe."


def file_name(key: str, run_id: int, medium: Medium) -> str:
    """The name that is offered for a file; no patient's."""
    return f"{key}-run-{run_id}.{'csv' if medium is Medium.CSV else 'pdf'}"
