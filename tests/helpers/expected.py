"""What the decision table says of a practice, worked out from its files alone and not with the program's rules.

Written from the page, in the page's order; used to judge whole runs.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

CONVERTED = {"93C2.": "9Ndn.", "93C3.": "9Ndo."}
CONSENT_CODES = {"93C2.", "93C3.", "9Ndl.", "9Ndm.", "9Ndn.", "9Ndo."}
DISSENT = {"93C3.", "9Ndo."}
OUTCOMES = {
    "dissent_sent": "sent",
    "record_in_use": "failed",
    "nhs_number_invalid": "failed",
    "pds_mismatch": "failed",
    "spine_rejected": "failed",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """One patient's line of the outcomes file, as far as the table settles it."""

    outcome: str
    reason: str
    code_before: str
    code_after: str
    mismatch: str
    message_sent: str


def expected_outcomes(folder: Path, spine_csv: Path, today: date) -> dict[str, Expected]:
    """By patient reference, for every active patient. `folder` holds the practice's files before the run."""
    spine = {row["nhs_number"]: (row["has_scr"] == "yes", row["permission"]) for row in rows(spine_csv)}
    entries: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder / "consent.csv"):
        entries[row["patient_ref"]].append(row)
    return {
        patient["patient_ref"]: expected_of(patient, entries[patient["patient_ref"]], spine, today)
        for patient in rows(folder / "patients.csv")
        if patient["registration_status"] in {"applied", "permanent"}
    }


def expected_of(
    patient: dict[str, str], entries: list[dict[str, str]], spine: dict[str, tuple[bool, str]], today: date
) -> Expected:
    """What the table says of one patient: a line of patients.csv, the lines of consent.csv, all of the Spine."""
    before = counting_code(entries, today)
    reason = _unasked(patient) or _asked(patient, entries, before, spine, today)
    after = CONVERTED.get(before, before)
    if reason == "record_in_use":
        after = before
    elif reason == "implied_consent_added":
        after = "9Ndl."
    mismatch = "yes" if reason == "dissent_on_spine" else "no"
    sent = "yes" if reason == "dissent_sent" else "no"
    return Expected(OUTCOMES.get(reason, "not_required"), reason, before, after, mismatch, sent)


def rule_of(line: Expected) -> int:
    """The row of the table that a patient's line follows, from its reason and from what counted before."""
    dissent, none = line.code_before in DISSENT, not line.code_before
    legacy = line.code_before in CONVERTED
    return {
        "dissent_sent": 1 if legacy else 3,
        "already_on_spine": 2 if legacy else 4,
        "legacy_consent_converted": 5,
        "dissent_on_spine": 8 if none else 6 if legacy and not dissent else 11,
        "implied_consent_added": 7,
        "future_dated_dissent": 7,
        "no_preference_expressed": 9,
        "nothing_to_do": 10,
        "fp69": 12,
        "sensitive": 12,
        "not_permanent_yet": 13,
        "pds_mismatch": 14,
        "record_in_use": 15,
        "nhs_number_invalid": 16,
        "spine_rejected": 17,
    }[line.reason]


def rows(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def counting_code(entries: list[dict[str, str]], today: date) -> str:
    """The code of the entry that counts, '' for none."""
    ours = [e for e in entries if e["read_code"] in CONSENT_CODES and date.fromisoformat(e["event_date"]) <= today]
    if not ours:
        return ""
    last_date = max(e["event_date"] for e in ours)
    ours = [e for e in ours if e["event_date"] == last_date]
    ours = [e for e in ours if e["read_code"] != "9Ndl."] or ours
    if all(e["recorded_at"] for e in ours):
        last_time = max(e["recorded_at"] for e in ours)
        ours = [e for e in ours if e["recorded_at"] == last_time]
    dissents = [e for e in ours if e["read_code"] in DISSENT]
    return (dissents or ours)[-1]["read_code"]


def _unasked(patient: dict[str, str]) -> str | None:
    """The rows settled without the Spine."""
    if patient["record_in_use"] == "yes":
        return "record_in_use"
    if not _valid(patient["nhs_number"]):
        return "nhs_number_invalid"
    if patient["pds_linked"] == "no":
        return "pds_mismatch"
    return "not_permanent_yet" if patient["registration_status"] == "applied" else None


def _asked(
    patient: dict[str, str],
    entries: list[dict[str, str]],
    before: str,
    spine: dict[str, tuple[bool, str]],
    today: date,
) -> str:
    """The rows settled with the Spine's answer."""
    number = patient["nhs_number"]
    has_scr, permission = spine.get(number, (False, ""))
    if permission == "No":
        return "already_on_spine" if before in DISSENT else "dissent_on_spine"
    if before in DISSENT:
        return "dissent_sent" if number in spine else "spine_rejected"
    if before:
        return "legacy_consent_converted" if before == "93C2." else "nothing_to_do"
    if not has_scr:
        return "no_preference_expressed"
    for flag in ("fp69", "sensitive"):
        if patient[flag] == "yes":
            return flag
    future = any(e["read_code"] in DISSENT and date.fromisoformat(e["event_date"]) > today for e in entries)
    return "future_dated_dissent" if future else "implied_consent_added"


def _valid(number: str) -> bool:
    if len(number) != 10 or not number.isascii() or not number.isdigit() or len(set(number)) == 1:
        return False
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9]))
    return (11 - total % 11) % 11 == int(number[9])
