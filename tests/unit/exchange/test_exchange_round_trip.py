"""Export, import, export: whatever stands in a practice's list, nothing changes on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.patient import RegistrationStatus
from app.domain.terms import OTHER_SHARING_CODES, TERMS
from app.engine.practice import EntryRow, GroupRow, PatientRow
from app.exchange.export import export_practice
from app.exchange.formula_guard import guarded, unguarded
from app.exchange.practice_list import read_practice_list

TODAY = date(2026, 3, 2)

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def _as_stored(text: str) -> str:
    """Text as an import leaves it: without white space around it, unless a formula sign of the text itself."""
    text = text.rstrip()
    return text if text.startswith(("\t", "\r")) else text.lstrip()


texts = st.builds(
    lambda start, rest: _as_stored(start + rest),
    st.sampled_from(["", "", "=", "+", "-", "@", "\t", "\r", "'", "''=", '"', ",", "\n", "\ufeff"]),
    st.text(LETTERS, max_size=20) | st.sampled_from(['a"b', "a,b", "a\nb", "a\r\nb", "a\rb", "'=x", "Zoë"]),
)
filled_texts = texts.filter(bool)
numbers = st.from_regex(r"[0-9]{10}", fullmatch=True)
instants = st.none() | st.datetimes(timezones=st.just(UTC))


@st.composite
def practices(draw: st.DrawFn) -> tuple[list[PatientRow], list[EntryRow], list[GroupRow]]:
    references = draw(st.lists(filled_texts, min_size=1, max_size=6, unique=True))
    known = draw(st.lists(numbers, min_size=len(references), max_size=len(references), unique=True))
    patients = [
        PatientRow(
            patient_ref=reference,
            nhs_number=draw(st.sampled_from([number, None])),
            surname=draw(filled_texts),
            forename=draw(texts),
            date_of_birth=draw(st.dates(max_value=TODAY)),
            sex=draw(st.sampled_from(["male", "female", "indeterminate", "unknown"])),
            registration=draw(st.sampled_from(RegistrationStatus)),
            fp69=draw(st.booleans()),
            sensitive=draw(st.booleans()),
            pds_linked=draw(st.booleans()),
            record_in_use=draw(st.booleans()),
        )
        for reference, number in zip(references, known, strict=True)
    ]
    owners = st.sampled_from(patients)
    entries = [
        EntryRow(
            patient_ref=owner.patient_ref,
            nhs_number=owner.nhs_number,
            code=draw(st.sampled_from([*TERMS, *sorted(OTHER_SHARING_CODES)])),
            term=draw(texts),
            event_date=draw(st.dates()),
            recorded_at=draw(instants),
            recorded_by=draw(texts),
        )
        for owner in draw(st.lists(owners, max_size=6))
    ]
    groups = [
        GroupRow(name, owner.patient_ref, owner.nhs_number)
        for name in draw(st.lists(filled_texts, max_size=3, unique=True))
        for owner in draw(st.lists(owners, max_size=3, unique=True))
    ]
    return patients, entries, groups


@given(text=st.text() | texts)
def test_the_guard_undoes_itself(text: str) -> None:
    written = guarded(text)
    assert unguarded(written) == text
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(practice=practices())
def test_export_import_export_changes_nothing(
    make_store: Callable[[], Any], practice: tuple[list[PatientRow], list[EntryRow], list[GroupRow]]
) -> None:
    first, second = make_store(), make_store()
    first.patients, first.entries, first.groups = practice
    with tempfile.TemporaryDirectory() as folder:
        out, again = Path(folder, "out"), Path(folder, "again")
        export_practice(first, out, None)
        checked = read_practice_list(out / "patients.csv", out / "consent.csv", out / "groups.csv", today=TODAY)
        second.import_list(checked, update=False, actor="a test", demonstration=False)
        assert (second.patients, second.entries, second.groups) == practice
        export_practice(second, again, None)
        for name in ("patients.csv", "consent.csv", "groups.csv", "outcomes.csv"):
            assert (again / name).read_bytes() == (out / name).read_bytes()
