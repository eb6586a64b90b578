"""What the decision table says a pass will make of everybody, as the practice and the Spine stand now.

Worked out with `expected`, which shares no rule with the program.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from app.clock import london_date
from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.storage.columns import AnyRow
from app.storage.tables import consent_entry, patient
from tests.helpers.bench import Bench
from tests.helpers.expected import Expected, counting_code, expected_of

_ENTRIES = select(
    consent_entry.c.patient_id, consent_entry.c.code, consent_entry.c.event_date, consent_entry.c.recorded_at
).order_by(consent_entry.c.position)
_PATIENTS = select(patient)
LEGACY = frozenset({"93C2.", "93C3."})


def foresee(bench: Bench) -> dict[str, Expected]:
    """By reference, for every active patient."""
    with bench.at_one_look():
        entries, patients = _entries(bench), bench.rows(_PATIENTS)
    spine, today = _told(bench), london_date(bench.clock.now())
    return {
        row.patient_ref: expected_of(_line_of(row), entries[row.id], spine, today)
        for row in patients
        if row.registration.value in {"applied", "permanent"}
    }


def check_as_foreseen(bench: Bench, foreseen: dict[str, Expected]) -> None:
    """The latest run, begun when this was foreseen and not disturbed since, has made just that of everybody."""
    entries, today = _entries(bench), london_date(bench.clock.now())
    ids = {row.patient_ref: row.id for row in bench.rows(select(patient.c.patient_ref, patient.c.id))}
    for ref, expected in foreseen.items():
        state, reason = bench.ended(ref)
        if expected.reason in {"dissent_sent", "already_on_spine"}:
            # What was unknown when the pass began counts as sent once it is confirmed, and is not sent again.
            assert state is ItemState.SENT or reason is Reason.ALREADY_ON_SPINE, (ref, state, reason, expected)
            assert bench.holds(ref) is Permission.NO, ref
        else:
            assert (state, reason) == (expected.outcome, expected.reason), (ref, state, reason, expected)
        codes = [entry["read_code"] for entry in entries[ids[ref]]]
        assert counting_code(entries[ids[ref]], today) == expected.code_after, ref
        assert expected.reason == "record_in_use" or not LEGACY.intersection(codes), ref
        assert codes.count("9Ndl.") <= 1, ref


def _entries(bench: Bench) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in bench.rows(_ENTRIES):
        recorded_at = row.recorded_at.isoformat() if row.recorded_at else ""
        found[row.patient_id].append(
            {"read_code": row.code, "event_date": row.event_date.isoformat(), "recorded_at": recorded_at}
        )
    return found


def _told(bench: Bench) -> dict[str, tuple[bool, str]]:
    told = {}
    for ref, number in bench.numbers.items():
        has_scr = bench.spine.holdings[number].has_scr
        permission = bench.holds(ref)
        hidden = bench.spine.hides_dissent and not has_scr
        told[number] = (has_scr, "" if hidden or permission is None else permission.value)
    return told


def _line_of(row: AnyRow) -> dict[str, str]:
    """The patient's line of patients.csv."""
    flags = ("fp69", "sensitive", "pds_linked", "record_in_use")
    return {
        "nhs_number": row.nhs_number or "",
        "registration_status": row.registration.value,
        **{flag: "yes" if getattr(row, flag) else "no" for flag in flags},
    }
