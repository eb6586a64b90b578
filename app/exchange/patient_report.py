"""A list of a run's patients as a file: who they are, what became of them, and what the Spine said.

Which patients a list holds is settled in `engine.lists`; here is only how a row is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TextIO

from app.engine.patient_line import LineOutcome, PatientLine
from app.exchange.csv_lines import write_lines
from app.exchange.json_array import Value, write_array
from app.exchange.person import PERSON_COLUMNS, person_texts
from app.exchange.texts import instant, yes_no

COLUMNS = (
    *PERSON_COLUMNS,
    "code_before",
    "code_now",
    "scr_on_spine",
    "permission_before",
    "permission_after",
    "outcome",
    "reason",
    "mismatch",
    "spine_code",
    "spine_text",
    "attempts",
    "processed_at",
    "operator",
)
"""The columns of every list but the outcomes file, which has a form of its own."""


def write_patients(lines: Iterable[PatientLine], stream: TextIO, fmt: Literal["csv", "json"]) -> int:
    """Write the rows of a list of a run as they come, and return how many there were.

    The stream of a CSV must not translate line ends. JSON is one array; the flag and the number of attempts have their
    own types, what is empty is null.
    """
    if fmt == "csv":
        return write_lines(stream, COLUMNS, lines, _texts)
    return write_array(stream, map(_as_object, lines))


def _texts(line: PatientLine) -> tuple[str, ...]:
    outcome = _outcome_of(line)
    return (
        *person_texts(line),
        # Of a patient nobody has looked at yet, what counts now is what counted before.
        line.code_now if outcome.code_before is None else outcome.code_before,
        line.code_now,
        outcome.summary or "",
        outcome.permission_before or "",
        outcome.permission_after or "",
        outcome.state.value,
        outcome.reason or "",
        yes_no(outcome.mismatch),
        outcome.spine_code,
        outcome.spine_text,
        str(outcome.attempts),
        instant(outcome.processed_at),
        outcome.operator,
    )


def _as_object(line: PatientLine) -> dict[str, Value]:
    named = dict(zip(COLUMNS, _texts(line), strict=True))
    outcome = _outcome_of(line)
    return {column: text or None for column, text in named.items()} | {
        "mismatch": outcome.mismatch,
        "attempts": outcome.attempts,
    }


def _outcome_of(line: PatientLine) -> LineOutcome:
    if line.outcome is None:
        raise AssertionError("a list of a run has an outcome in every row")
    return line.outcome
