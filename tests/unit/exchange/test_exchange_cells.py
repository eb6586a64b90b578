"""Single cells: what staff and spreadsheets write, what it means, and what must not be guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

import pytest

from app.domain.patient import RegistrationStatus
from app.exchange import cells
from app.exchange.cells import CellError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9990000018", "9990000018"),
        ("999 000 0018", "9990000018"),
        ("999-000-0018", "9990000018"),
        ("999\u00a0000\u00a00018", "9990000018"),
        ("999\u2009000\u20110018", "9990000018"),
        ("9990000019", "9990000019"),  # a wrong check digit is accepted here
        ("0000000000", "0000000000"),
        ("", None),
    ],
)
def test_nhs_numbers_as_people_type_them(text: str, number: str | None) -> None:
    assert cells.optional_nhs_number(text) == number


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("9.99E+09", "Excel has shortened"),
        ("9,99E+09", "Excel has shortened"),
        ("1e10", "Excel has shortened"),
        ("9990000018.0", "decimal point"),
        ("9990000018.", "decimal point"),
        ("990000018", "dropped a leading zero"),
        ("99900000181", "11 digits"),
        ("5", "1 digit,"),
        ("٩٩٩٠٠٠٠٠١٨", "0 to 9"),
        ("999000001²", "0 to 9"),
        ("999O000018", "0 to 9"),
        ("--", "no digits"),
    ],
)
def test_nhs_numbers_that_cannot_be_guessed(text: str, hint: str) -> None:
    with pytest.raises(CellError, match=hint) as refusal:
        cells.optional_nhs_number(text)
    assert text not in str(refusal.value) or text == "9.99E+09", "a cell is never repeated"


@pytest.mark.parametrize("text", ["29/02/2024", "2024-02-29"])
def test_both_date_forms(text: str) -> None:
    assert cells.required_date(text) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "missing"),
        ("44197", "number of days"),
        ("44197.5", "number of days"),
        ("########", "too narrow"),
        ("01/02/21", "four digits"),
        ("1-2-21", "four digits"),
        ("1/2/2021", "two digits"),
        ("04/13/2021", "swapped"),
        ("2021-13-04", "swapped"),
        ("31/02/2021", "no such day"),
        ("29/02/2023", "no such day"),
        ("2021-00-10", "no such day"),
        ("01/02/2021 00:00", "without a time"),
        ("2021-02-01T00:00:00", "without a time"),
        ("01.02.2021", "not a date"),
        ("1 Feb 2021", "not a date"),
        ("٠١/٠٢/٢٠٢١", "not a date"),
        ("2021-02-01\n", "not a date"),
    ],
)
def test_dates_that_cannot_be_guessed(text: str, hint: str) -> None:
    with pytest.raises(CellError, match=hint):
        cells.required_date(text)


def test_nobody_is_born_tomorrow() -> None:
    today = date(2026, 3, 2)
    assert cells.date_not_after(today, "02/03/2026") == today
    with pytest.raises(CellError, match="future"):
        cells.date_not_after(today, "03/03/2026")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("", None),
        ("2021-01-05T09:30:00Z", datetime(2021, 1, 5, 9, 30, tzinfo=UTC)),
        ("2021-01-05T09:30:00+00:00", datetime(2021, 1, 5, 9, 30, tzinfo=UTC)),
        ("2021-01-05 09:30", datetime(2021, 1, 5, 9, 30, tzinfo=UTC)),
        ("2021-07-05T09:30:15", datetime(2021, 7, 5, 8, 30, 15, tzinfo=UTC)),  # British Summer Time
        ("2021-07-05T09:30:15.250+0200", datetime(2021, 7, 5, 7, 30, 15, 250000, tzinfo=UTC)),
        # 31 October 2021: 01:30 came twice, and the first is meant.
        ("2021-10-31T01:30:00", datetime(2021, 10, 31, 0, 30, tzinfo=UTC)),
        # 28 March 2021: 01:30 was left out.
        ("2021-03-28T01:30:00", datetime(2021, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_times(text: str, instant: datetime | None) -> None:
    read = cells.optional_instant(text)
    assert read == instant
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2021-01-05",
        "09:30",
        "05/01/2021 09:30",
        "2021-01-05T24:30:00",
        "2021-02-30T09:30:00",
        "2021-W01-2T09:30",
        "2021-01-05T09:30:00+25:00",
        "0001-01-01T00:00:00+12:00",
        "44201.39",
        "yesterday",
    ],
)
def test_times_that_cannot_be_guessed(text: str) -> None:
    with pytest.raises(CellError, match="yyyy-mm-ddThh:mm:ss"):
        cells.optional_instant(text)


@pytest.mark.parametrize("text", ["yes", "Yes", "YES", "y", "TRUE", "1"])
def test_yes(text: str) -> None:
    assert cells.flag(text) is True
    assert cells.flag_unless_denied(text) is True


@pytest.mark.parametrize("text", ["no", "No", "N", "false", "0"])
def test_no(text: str) -> None:
    assert cells.flag(text) is False
    assert cells.flag_unless_denied(text) is False


def test_an_empty_flag_is_no_and_an_empty_link_is_yes() -> None:
    assert cells.flag("") is False
    assert cells.flag_unless_denied("") is True


@pytest.mark.parametrize("text", ["ja", "2", "yes?", "-"])
def test_other_words_are_no_flag(text: str) -> None:
    for read in (cells.flag, cells.flag_unless_denied):
        with pytest.raises(CellError, match="yes or no"):
            read(text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("permanent", RegistrationStatus.PERMANENT),
        ("Applied", RegistrationStatus.APPLIED),
        ("TEMPORARY", RegistrationStatus.TEMPORARY),
        ("Transferred out", RegistrationStatus.TRANSFERRED_OUT),
        ("transferred-out", RegistrationStatus.TRANSFERRED_OUT),
        ("transferred_out", RegistrationStatus.TRANSFERRED_OUT),
        ("Deceased", RegistrationStatus.DECEASED),
    ],
)
def test_registration_statuses(text: str, status: RegistrationStatus) -> None:
    assert cells.registration_status(text) is status


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("F", "female"),
        ("m", "male"),
        ("I", "indeterminate"),
        ("u", "unknown"),
        ("Female", "female"),
        ("indeterminate", "indeterminate"),
        ("", "unknown"),
    ],
)
def test_sexes_are_kept_as_one_word(text: str, word: str) -> None:
    assert cells.sex(text) == word


@pytest.mark.parametrize(
    "code", ["93C2.", "93C3.", "9Ndl.", "9Ndm.", "9Ndn.", "9Ndo.", "93C0.", "93C1.", "9Nd1.", "9Nd7."]
)
def test_codes_in_all_their_spellings(code: str) -> None:
    assert {cells.sharing_code(text) for text in (code, code[:4], f"{code}00", f"{code}11")} == {code}


@pytest.mark.parametrize("text", ["", "9ndo.", "9NDO.", "9Ndp.", "9Nd", "C10..", "9Ndo.0", "416308001", "dissent"])
def test_other_codes(text: str) -> None:
    with pytest.raises(CellError, match="not a consent code"):
        cells.sharing_code(text)


@pytest.mark.parametrize(
    "parse",
    [
        cells.registration_status,
        cells.sex,
        cells.flag,
        cells.sharing_code,
        cells.required_date,
        cells.optional_instant,
        cells.optional_nhs_number,
        partial(cells.date_not_after, date(2026, 3, 2)),
    ],
)
def test_a_refusal_is_a_sentence_that_does_not_repeat_the_cell(parse: Callable[[str], object]) -> None:
    with pytest.raises(CellError) as refusal:
        parse("Featherstonehaugh")
    sentence = str(refusal.value)
    assert "Featherstonehaugh" not in sentence
    assert sentence[0].isupper()
    assert sentence.endswith(".")
