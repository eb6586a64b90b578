"""A practice of many patients with much to send, and the Spine that knows them, as files: for runs that are disturbed.

The demonstration practice is like a real one, so only one patient in thirty has a dissent to send. Here it is one in
three, and every line of the decision table that a disturbance could get wrong is there many times.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.practice import number
from tests.helpers.program import Program

PATIENTS_FILE, CONSENT_FILE, SPINE_FILE = "patients.csv", "consent.csv", "spine.csv"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of patient: the code of the record, the Spine's summary and permission, and how many in a hundred.

    `on_spine` of False is a number the Spine does not know.
    """

    share: int
    code: str
    summary: str = "yes"
    permission: str = "Ask"
    on_spine: bool = True
    status: str = "permanent"
    in_use: str = "no"


KINDS = (
    Kind(12, "93C3."),
    Kind(12, "9Ndo.", permission="Yes"),
    Kind(8, "9Ndo.", summary="no", permission=""),
    Kind(8, "93C3.", permission="No"),
    Kind(12, "93C2."),
    Kind(8, "9Ndn."),
    Kind(14, ""),
    Kind(8, "", summary="no", permission=""),
    Kind(8, "", permission="No"),
    Kind(2, "9Ndo.", on_spine=False),
    Kind(2, "93C3.", in_use="yes"),
    Kind(2, "93C3.", status="applied"),
    Kind(4, "9Ndo.", status="deceased"),
)


def write_crowd(folder: Path, patients: int, seed: int = 1, name: str = "Crowd") -> None:
    """Write the lists of so many patients and what the Spine knows, in an order by the seed; `name` is in each name."""
    kinds = [kind for kind in KINDS for _ in range(kind.share)]
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    people: list[Sequence[str]] = []
    entries: list[Sequence[str]] = []
    known: list[Sequence[str]] = []
    order = [kinds[place % len(kinds)] for place in range(patients)]
    chance.shuffle(order)
    for place, kind in enumerate(order):
        reference, nhs_number = f"P{place:05}", number(place)
        person = (reference, nhs_number, f"{name}{place}", f"{name}ina", "1970-01-01", "F", kind.status)
        people.append((*person, "no", "no", "yes", kind.in_use))
        if kind.code:
            recorded = ("2015-06-01", "2015-06-01T09:30:00", "Dr Example")
            entries.append((reference, nhs_number, kind.code, "A sharing preference", *recorded))
        if kind.on_spine:
            known.append((nhs_number, kind.summary, kind.permission))
    _write(
        folder / PATIENTS_FILE,
        "patient_ref,nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,"
        "record_in_use",
        people,
    )
    _write(folder / CONSENT_FILE, "patient_ref,nhs_number,read_code,term,event_date,recorded_at,recorded_by", entries)
    _write(folder / SPINE_FILE, "nhs_number,has_scr,permission", known)


def import_crowd(program: Program, lists: Path) -> None:
    """Bring these lists into the program's folder."""
    files = ("--patients", lists / PATIENTS_FILE, "--consent", lists / CONSENT_FILE)
    done = program("practice", "import", *files)
    assert done.code == 0, done.err


def _write(path: Path, header: str, lines: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header.split(","))
        writer.writerows(lines)
