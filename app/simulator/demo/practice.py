"""The demonstration practice, patient by patient: the same for the same seed, however many are asked for.

A longer list begins with the shorter one. Patients are made one at a time and none is kept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from app.simulator.demo.cases import Case, Number
from app.simulator.demo.exhibits import EXHIBITS
from app.simulator.demo.nhs_numbers import numbers_of_the_test_range, with_wrong_check_digit
from app.simulator.demo.ordinary import draw_case
from app.simulator.demo.people import Person, draw_person
from app.simulator.demo.rows import DemoPatient

MOST_PATIENTS = 500_000
ALL_EXHIBITS_FROM = 500
"""From this many patients on, every row of the decision table is in the list."""

CARE_HOME = "Care home residents"
DIABETES = "Diabetes review"
NEW_REGISTRATIONS = "New registrations"
OVER_75S = "Over 75s"


def demonstration_patients(count: int, seed: int) -> Iterator[DemoPatient]:
    """So many made-up patients, 1 to 500,000; raises ValueError for another count."""
    if not 1 <= count <= MOST_PATIENTS:
        raise ValueError(f"a demonstration practice has 1 to {MOST_PATIENTS:,} patients")
    return _patients(count, random.Random(f"demonstration practice {seed}"))


def _patients(count: int, rng: random.Random) -> Iterator[DemoPatient]:
    exhibits = dict(zip(rng.sample(range(ALL_EXHIBITS_FROM), len(EXHIBITS)), EXHIBITS, strict=True))
    numbers = numbers_of_the_test_range(rng)
    for index in range(count):
        exhibit = exhibits.get(index)
        person = draw_person(rng, grown_up=exhibit is not None)
        case = exhibit or draw_case(rng, index, person)
        yield _patient(rng, index, next(numbers), person, case)


def _patient(rng: random.Random, index: int, number: str, person: Person, case: Case) -> DemoPatient:
    if case.number is Number.WRONG:
        number = with_wrong_check_digit(number)
    elif case.number is Number.MISSING:
        number = ""
    return DemoPatient(
        patient_ref=f"P{index + 1:06d}",
        nhs_number=number,
        surname=person.surname,
        forename=person.forename,
        date_of_birth=person.date_of_birth,
        sex=person.sex,
        registration_status=case.status,
        fp69=case.fp69,
        sensitive=case.sensitive,
        pds_linked=case.pds_linked,
        record_in_use=case.record_in_use,
        entries=case.entries,
        groups=_draw_groups(rng, person.age, case.status),
        # The Spine goes by the number, and nobody has a wrong one.
        spine=case.spine if case.number is Number.VALID else None,
    )


def _draw_groups(rng: random.Random, age: int, status: str) -> tuple[str, ...]:
    if status not in {"permanent", "applied"}:
        return ()
    joins = (
        (CARE_HOME, age >= 75 and rng.random() < 0.08),
        (DIABETES, age >= 18 and rng.random() < 0.07),
        (NEW_REGISTRATIONS, status == "applied" or rng.random() < 0.015),
        (OVER_75S, age > 75),
    )
    return tuple(group for group, belongs in joins if belongs)
