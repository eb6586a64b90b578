"""What may stand in a single cell, column by column: text in, value out, or the reason why not.

Every function takes a cell without surrounding white space and raises `CellError`. Where a spreadsheet has spoilt a
value the reason says what it did, because the lost digits cannot be guessed. Lines and files are known elsewhere.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from app.clock import LONDON
from app.domain import nhs_number
from app.domain.patient import RegistrationStatus
from app.domain.terms import OTHER_SHARING_CODES, TERMS, five_byte_code


class CellError(ValueError):
    """A cell that cannot be used; the text says why and what to do, without repeating the cell."""


def optional_text(text: str) -> str:
    """Any text, empty as well."""
    return text


def required_text(text: str) -> str:
    """Any text but none."""
    if not text:
        raise CellError("This must not be empty.")
    return text


def optional_reference(text: str) -> str | None:
    """The practice's own reference of a patient, or None when the cell is empty."""
    return text or None


_SCIENTIFIC = re.compile(r"[0-9][0-9.,]*[eE]\+?[0-9]+")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]*")
_ASK_FOR_TEXT_COLUMN = (
    "Set the column to Text in Excel, put the numbers in again from the clinical system and save the file again."
)


def optional_nhs_number(text: str) -> str | None:
    """Ten digits, whatever their check digit, or None when the cell is empty; people's spacing is removed."""
    number = nhs_number.strip_spacing(text)
    if not number:
        if text:
            raise CellError("There are dashes but no digits. Type the ten digits, or leave it empty.")
        return None
    if nhs_number.has_number_shape(number):
        return number
    if _SCIENTIFIC.fullmatch(number):
        raise CellError(
            f"Excel has shortened the NHS number to a form like 9.99E+09 and lost digits. {_ASK_FOR_TEXT_COLUMN}"
        )
    if _DECIMAL.fullmatch(number):
        raise CellError(
            f"The NHS number has a decimal point: a spreadsheet took it for an amount. {_ASK_FOR_TEXT_COLUMN}"
        )
    if re.fullmatch(r"[0-9]+", number):
        raise CellError(_wrong_length(len(number)))
    raise CellError("An NHS number is ten of the digits 0 to 9; spaces and hyphens between them are fine.")


def _wrong_length(digits: int) -> str:
    if digits == 9:
        return f"The NHS number has nine digits: Excel may have dropped a leading zero. {_ASK_FOR_TEXT_COLUMN}"
    words = "1 digit" if digits == 1 else f"{digits} digits"
    return f"The NHS number has {words}, it must have ten. Look it up and type it in full."


_SLASHED = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_DASHED = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE_FORM = "Write dates as dd/mm/yyyy or yyyy-mm-dd."
_SPOILT_DATES = (
    (
        re.compile(r"[0-9]{5}(\.[0-9]+)?"),
        "Excel has turned this date into a number of days. Set the column to Date or Text in Excel. ",
    ),
    (re.compile(r"#+"), "Excel saved signs instead of the date because its column was too narrow. "),
    (re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}"), "The year must have four digits. "),
    (re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"), "Day and month must have two digits each. "),
    (
        re.compile(r"([0-9]{2}/[0-9]{2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})[ T].*", re.DOTALL),
        "This must be a date without a time. ",
    ),
)


def required_date(text: str) -> date:
    """A date, dd/mm/yyyy or yyyy-mm-dd.

    One-digit days and months are refused: a spreadsheet set to American dates writes those, with the month first.
    """
    if not text:
        raise CellError(f"The date is missing. {_DATE_FORM}")
    if match := _SLASHED.fullmatch(text):
        day, month, year = map(int, match.groups())
    elif match := _DASHED.fullmatch(text):
        year, month, day = map(int, match.groups())
    else:
        hints = (hint for pattern, hint in _SPOILT_DATES if pattern.fullmatch(text))
        raise CellError(f"{next(hints, 'This is not a date. ')}{_DATE_FORM}")
    try:
        return date(year, month, day)
    except ValueError:
        swapped = month > 12 >= day
        hint = "Day and month may be swapped. " if swapped else ""
        raise CellError(f"There is no such day in the calendar. {hint}{_DATE_FORM}") from None


def date_not_after(today: date, text: str) -> date:
    """A date up to today's."""
    day = required_date(text)
    if day > today:
        raise CellError("This date is in the future. Check its year.")
    return day


_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def optional_instant(text: str) -> datetime | None:
    """A time in UTC from ISO 8601, or None when the cell is empty; without a zone it is English local time.

    In the hour that comes twice in autumn the first is meant. In the one left out in spring the clock is taken not
    to have been put forward yet, so 01:30 is 01:30 UTC: it keeps its place between the times around it, and one
    entry made by a machine that night does not hold up a whole list.
    """
    if not text:
        return None
    form = "Write it as yyyy-mm-ddThh:mm:ss, or leave it empty when the time is not known."
    if not _INSTANT.fullmatch(text):
        raise CellError(f"This is not a date with a time. {form}")
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=LONDON)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError(f"There is no such time. {form}") from None


_FLAG_WORDS = {
    "yes": True, "y": True, "true": True, "1": True,
    "no": False, "n": False, "false": False, "0": False,
}  # fmt: skip


def flag(text: str) -> bool:
    """Yes or no; empty is no. The words of other systems (y, true, 1) are taken too, in any case."""
    return bool(text) and _flag_word(text)


def flag_unless_denied(text: str) -> bool:
    """Yes or no; empty is yes."""
    return not text or _flag_word(text)


def _flag_word(text: str) -> bool:
    value = _FLAG_WORDS.get(text.lower())
    if value is None:
        raise CellError("Write yes or no.")
    return value


_STATUSES = {status.value: status for status in RegistrationStatus}


def registration_status(text: str) -> RegistrationStatus:
    """How the patient is registered; letter case, spaces and hyphens do not matter."""
    status = _STATUSES.get(re.sub(r"[\s_-]+", "_", text.lower()))
    if status is None:
        raise CellError("Write one of applied, permanent, temporary, transferred_out, deceased.")
    return status


_SEXES = {
    "m": "male", "male": "male",
    "f": "female", "female": "female",
    "i": "indeterminate", "indeterminate": "indeterminate",
    "u": "unknown", "unknown": "unknown", "": "unknown",
}  # fmt: skip


def sex(text: str) -> str:
    """male, female, indeterminate or unknown, from the word or its first letter; empty is unknown."""
    word = _SEXES.get(text.lower())
    if word is None:
        raise CellError("Write male, female, indeterminate or unknown (or M, F, I, U).")
    return word


def sharing_code(text: str) -> str:
    """One of the six consent codes or the four other sharing codes, as its five characters."""
    code = five_byte_code(text)
    if code is None or (code not in TERMS and code not in OTHER_SHARING_CODES):
        raise CellError(f"This is not a consent code. Use one of {', '.join(TERMS)}; capital and small letters matter.")
    return code
