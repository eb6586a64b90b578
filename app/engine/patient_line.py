"""What one row of a list tells of a patient: the record, the outcome, and what staff and looks at the Spine left.

How rows are asked for is in `lists`, how they are worded the business of whoever shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from app.domain.decision import Permission, SpineConsent, Summary
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.engine.paging import Mark


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of a patient in a run.

    `code_before` is the entry that counted when the patient was first taken in hand, '' where there was none and None
    before that. `spine_code` and `spine_text` are the Spine's own words. `operator` worked on the patient last.
    """

    state: ItemState
    reason: Reason | None
    mismatch: bool
    code_before: str | None
    summary: Summary | None
    permission_before: Permission | None
    attempts: int
    processed_at: datetime | None
    spine_code: str
    spine_text: str
    operator: str

    @property
    def permission_after(self) -> Permission | None:
        """What the Spine holds since, as far as this run knows."""
        found = self.reason in {Reason.ALREADY_ON_SPINE, Reason.DISSENT_ON_SPINE}
        return Permission.NO if found or self.state is ItemState.SENT else self.permission_before


@dataclass(frozen=True, slots=True)
class Handling:
    """How somebody marked a patient on a worklist. `counts` is off once there is a newer finding about the patient.

    The note is patient data, and left out of the representation, which may end up in a log.
    """

    dealt_with: bool
    note: str = field(repr=False)
    by: str = field(repr=False)
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What the latest look at one patient on the Spine told, and who took it."""

    consent: SpineConsent
    at: datetime
    by: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of a patient when the row was read: the record's version, the end of the audit trail, and the
    latest execution that had touched the patient, 0 for none.
    """

    version: int
    audit_number: int
    execution_id: int


@dataclass(frozen=True, slots=True)
class PatientLine:
    """One row of a list. `code_now` is the entry that counts today, '' for none; `outcome` goes with lists of a run,
    and with worklists, where it is the latest over all runs; `handling`, `look` and `seen` go with worklists.

    What names the patient is left out of the representation, which may end up in a log.
    """

    patient_id: int
    patient_ref: str = field(repr=False)
    nhs_number: str | None = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    registration: RegistrationStatus
    code_now: str
    outcome: LineOutcome | None
    mark: Mark
    handling: Handling | None = None
    look: Look | None = None
    seen: Seen | None = None
