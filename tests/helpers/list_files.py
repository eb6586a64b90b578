"""The CSV files of a small practice, as a clinical system writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.engine.list_preview import ListFiles

PATIENTS = (
    "patient_ref,nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,record_in_use",
    "A,9990000018,Ashworth,Beryl,1950-02-01,female,permanent,no,no,yes,no",
    "B,,Okafor,Chidi,1980-05-17,male,applied,no,no,yes,no",
    "C,9990000026,Quill,Dora,1990-01-01,female,transferred_out,no,no,yes,no",
)
CONSENT = (
    "patient_ref,nhs_number,read_code,term,event_date,recorded_at,recorded_by",
    "A,,93C3.,,2015-06-01,,Dr Example",
    "B,,9Ndm.,,2016-06-01,,Dr Example",
    "C,,9Ndo.,,2016-06-01,,Dr Example",
)
GROUPS = ("group_name,patient_ref,nhs_number", "Flu clinic,A,")

BAD_PATIENT = "D,12,,Eve,1990-13-01,female,permanent,no,no,yes,perhaps"
NEW_PATIENT = "N,,New,Nora,1999-09-09,female,permanent,no,no,yes,no"


def written(
    folder: Path,
    patients: Sequence[str] = PATIENTS,
    consent: Sequence[str] = CONSENT,
    groups: Sequence[str] = GROUPS,
) -> ListFiles:
    """The three files in a folder of their own: three patients, two of them active, two dissents, one warning."""
    folder.mkdir(parents=True)
    for name, lines in (("patients", patients), ("consent", consent), ("groups", groups)):
        (folder / f"{name}.csv").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return ListFiles(folder / "patients.csv", folder / "consent.csv", folder / "groups.csv")
