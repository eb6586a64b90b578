"""Files damaged at random: the list is read or refused in words, and nothing else ever happens."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.exchange.findings import BadLines
from app.exchange.practice_list import read_practice_list

FILES = {
    "patients.csv": (
        b"\xef\xbb\xbfpatient_ref,nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,"
        b"pds_linked,record_in_use\r\n"
        b'P1,9990000018,"Ash""worth",Beryl,1950-02-01,female,permanent,no,no,yes,no\r\n'
        b"P2,9990000026,Okafor,Chidi,01/05/1984,M,Transferred out,,,,\r\n"
    ),
    "consent.csv": (
        b"patient_ref,nhs_number,read_code,term,event_date,recorded_at,recorded_by\n"
        b'P1,9990000018,9Ndo.,"Express\ndissent",2021-07-01,2021-07-01T10:00:00,Dr Patel\n'
        b"P2,,93C2.00,,01/07/2011,,\n"
    ),
    "groups.csv": b"group_name,nhs_number\nDiabetes review,9990000018\n",
}
SCRAPS = st.sampled_from(
    [b'"', b",", b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"'", b"=", b"9", b"\xd9\xa9", b"x" * 140_000, b""]
) | st.binary(max_size=4)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, bytes]:
    files = dict(FILES)
    for name in draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=4)):
        content = files[name]
        start = draw(st.integers(0, len(content)))
        files[name] = content[:start] + draw(SCRAPS) + content[start + draw(st.integers(0, 3)) :]
    return files


@given(files=damaged())
def test_a_damaged_list_is_read_or_refused_in_words(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        paths = (Path(folder, name) for name in ("patients.csv", "consent.csv", "groups.csv"))
        try:
            checked = read_practice_list(*paths, today=date(2026, 3, 2))
        except BadLines as refusal:
            for bad in refusal.lines:
                assert bad.file in FILES
                assert 1 <= bad.line <= files[bad.file].count(b"\n") + files[bad.file].count(b"\r") + 1
                assert bad.reason.endswith(".")
        else:
            assert len(list(checked.patients())) == checked.sizes.patients
            assert len(list(checked.entries())) == checked.sizes.entries
            assert len(list(checked.groups())) == checked.sizes.memberships
