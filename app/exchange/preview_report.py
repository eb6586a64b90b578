"""A list of a preview as a file: who they are, and what would become of them. Its columns say that nothing was done.

Which patients a list holds is settled in `engine.preview_lists`; here is only how a row is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TextIO

from app.engine.patient_line import PatientLine
from app.exchange.csv_lines import write_lines
from app.exchange.json_array import Value, write_array
from app.exchange.person import PERSON_COLUMNS, person_texts
from app.exchange.texts import yes_no

COLUMNS = (
    *PERSON_COLUMNS,
    "code_now",
    "code_foreseen",
    "scr_on_spine",
    "permission_now",
    "outcome_foreseen",
    "reason_foreseen",
    "mismatch",
    "spine_code",
    "spine_text",
)


def write_foreseen(lines: Iterable[PatientLine], stream: TextIO, fmt: Literal["csv", "json"]) -> int:
    """Write the rows of a list of a preview as they come, and return how many there were.

    The stream of a CSV must not translate line ends. JSON is one array; the flag has its own type, empty is null.
    """
    if fmt == "csv":
        return write_lines(stream, COLUMNS, lines, _texts)
    return write_array(stream, map(_as_object, lines))


def _texts(line: PatientLine) -> tuple[str, ...]:
    outcome = line.outcome
    if outcome is None:
        raise AssertionError("a list of a preview has an outcome in every row")
    return (
        *person_texts(line),
        # Of a patient nobody has come to yet, what counts now is what counted before.
        line.code_now if outcome.code_before is None else outcome.code_before,
        line.code_now,
        outcome.summary or "",
        outcome.permission_before or "",
        outcome.state.value,
        outcome.reason or "",
        yes_no(outcome.mismatch),
        outcome.spine_code,
        outcome.spine_text,
    )


def _as_object(line: PatientLine) -> dict[str, Value]:
    named = dict(zip(COLUMNS, _texts(line), strict=True))
    mismatch = line.outcome is not None and line.outcome.mismatch
    return {column: text or None for column, text in named.items()} | {"mismatch": mismatch}
