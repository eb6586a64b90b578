"""What the simulated Spine knows of each patient: the permission to view (ACS) and whether a summary exists.

The two are separate stores, as on the real Spine: setting a permission never makes or removes a summary. Also here,
because they decide whether a change is carried out: the ids of the messages carried out before.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.simulator.errors import LoadRefused
from app.simulator.spinecsv import SpineRow, read_spine_csv

if TYPE_CHECKING:
    from app.simulator.journal import Journal

PERMISSION_SYSTEM = "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission"
"""Whose words the permissions are, in messages and in answers."""

_SCR_IDS = uuid.UUID("5c2f6a0e-53f4-4a53-9d36-5350534900f1")
_UNSET = ""
_CLEARS = "Ask"


@dataclass(slots=True)
class Patient:
    """One patient known to the Spine; `permission` is Yes, No, Ask or empty for never set."""

    has_scr: bool
    permission: str

    @property
    def dissents(self) -> bool:
        """Whether the ACS holds a No."""
        return self.permission == "No"

    @property
    def label(self) -> str:
        """The View permission as a read shows it: Ask when nothing is recorded."""
        return self.permission or "Ask"


@dataclass(frozen=True, slots=True)
class Change:
    """A checked `$setPermission`, ready to be carried out, now or late."""

    nhs_number: str
    permission: str
    request_id: str
    message_id: str


class Patients:
    """All patients, in memory for answers and in the journal for ever."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known = {
            number: Patient(bool(has_scr), permission)
            for number, has_scr, permission in journal.rows(
                "SELECT nhs_number, has_scr, permission FROM patient ORDER BY rowid"
            )
        }
        carried_out = journal.rows("SELECT request_id, correlation_id FROM history WHERE applied")
        self._request_ids = {request_id.lower() for request_id, _ in carried_out if request_id}
        self._message_ids = {message_id.lower() for _, message_id in carried_out if message_id}

    def find(self, nhs_number: str) -> Patient | None:
        """The patient of this number, if the Spine knows one."""
        return self._known.get(nhs_number)

    def load(self, path: Path) -> None:
        """Fill an empty state from a spine.csv; raises LoadRefused when there are patients already."""
        if self._known:
            raise LoadRefused(
                f"The state already holds {len(self._known)} patients, so {path} was not loaded. "
                "Start without a Spine file to go on with them, or choose an empty state file."
            )
        rows = read_spine_csv(path)
        self._known = {number: Patient(has_scr, permission) for number, has_scr, permission in rows}
        self._journal.write("INSERT INTO patient (nhs_number, has_scr, permission) VALUES (?, ?, ?)", rows)

    def rows(self) -> Iterator[SpineRow]:
        """Every patient as a line of a spine.csv has it, in the order they were loaded."""
        for number, patient in self._known.items():
            yield number, patient.has_scr, patient.permission

    def has_carried_out_request(self, request_id: str) -> bool:
        """Whether a change under this X-Request-ID has taken effect."""
        return request_id.lower() in self._request_ids

    def has_seen_message(self, message_id: str) -> bool:
        """Whether a change under this message id (the X-Correlation-ID) has taken effect."""
        return message_id.lower() in self._message_ids

    def carry_out(self, change: Change) -> None:
        """Set the permission; Ask takes an earlier value away."""
        permission = _UNSET if change.permission == _CLEARS else change.permission
        self._known[change.nhs_number].permission = permission
        self._request_ids.add(change.request_id.lower())
        self._message_ids.add(change.message_id.lower())
        self._journal.write("UPDATE patient SET permission = ? WHERE nhs_number = ?", [(permission, change.nhs_number)])


def scr_id(nhs_number: str) -> str:
    """The id of a patient's summary: always the same for the same patient, upper case as Spine writes it."""
    return str(uuid.uuid5(_SCR_IDS, nhs_number)).upper()
