"""The files staff take away: patients, consent, groups and outcomes, written so that they can be imported again.

All four are written under temporary names first, so an export that fails half-way leaves the ones before it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import BadInput
from app.engine.long_work import Progress, nobody_waits, told
from app.engine.practice import PracticeExport
from app.exchange.columns import CONSENT, GROUPS, OUTCOMES, PATIENTS
from app.exchange.csv_lines import write_csv
from app.exchange.file_set import FileSet
from app.exchange.texts import entry_texts, group_texts, outcome_texts, patient_texts


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """How many rows each file of an export holds, and the folder they are in."""

    folder: Path
    patients: int
    entries: int
    groups: int
    outcomes: int

    def __str__(self) -> str:
        return (
            f"Wrote {self.patients:,} patients, {self.entries:,} consent entries, {self.groups:,} group memberships "
            f"and {self.outcomes:,} outcomes to {self.folder}. The files name patients: keep them safe."
        )


def let_go(summary: ExportSummary) -> None:
    """The `release` of an export that nobody has to know of."""


def export_practice(
    store: PracticeExport,
    out: Path,
    run_id: int | None,
    *,
    release: Callable[[ExportSummary], None] = let_go,
    progress: Progress = nobody_waits,
) -> ExportSummary:
    """Write the practice as it stands now, and a run's outcomes, into the folder `out`, made where missing.

    Without a run the outcomes file is a header alone. The files are UTF-8 with a byte order mark, readable by their
    owner only: they hold names and NHS numbers. `release` is called once they are written and before they are there
    under their names; when it raises there is no export. Raises BadInput when the folder cannot be written, and
    `Cancelled`.
    """
    count = store.patient_count()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileSet(out) as files:
            with files.opened("patients.csv") as stream:
                people = told(store.export_patients(), progress, "Writing patients.csv", count)
                patients = write_csv(stream, PATIENTS, people, patient_texts)
            with files.opened("consent.csv") as stream:
                entry_rows = told(store.export_entries(), progress, "Writing consent.csv")
                entries = write_csv(stream, CONSENT, entry_rows, entry_texts)
            with files.opened("groups.csv") as stream:
                members = told(store.export_groups(), progress, "Writing groups.csv")
                groups = write_csv(stream, GROUPS, members, group_texts)
            with files.opened("outcomes.csv") as stream:
                rows = iter(()) if run_id is None else store.export_outcomes(run_id)
                outcomes = write_csv(stream, OUTCOMES, told(rows, progress, "Writing outcomes.csv"), outcome_texts)
            summary = ExportSummary(out, patients, entries, groups, outcomes)
            release(summary)
    except OSError as error:
        raise BadInput(
            f"The export could not be written to {out}: {error.strerror or 'unknown fault'}. "
            "Close its files in other programs, or choose another folder."
        ) from error
    return summary
