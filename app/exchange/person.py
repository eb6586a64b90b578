"""Who a row of a list is about: the columns that stand first in every list of patients, and their texts."""

from __future__ import annotations

from app.engine.patient_line import PatientLine
from app.exchange.columns import NHS_NUMBER, PATIENT_REF

PERSON_COLUMNS = (PATIENT_REF, NHS_NUMBER, "surname", "forename", "date_of_birth", "registration_status")


def person_texts(line: PatientLine) -> tuple[str, ...]:
    """The texts under `PERSON_COLUMNS`; an NHS number that is missing is empty."""
    return (
        line.patient_ref,
        line.nhs_number or "",
        line.surname,
        line.forename,
        line.date_of_birth.isoformat(),
        line.registration.value,
    )
