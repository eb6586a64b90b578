"""A worklist's patients as a file: who they are, what is wrong, and how each was marked.

Which patients a worklist holds is settled in `storage`; here is only how a row is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TextIO

from app.engine.patient_line import PatientLine
from app.exchange.csv_lines import write_lines
from app.exchange.json_array import Value, write_array
from app.exchange.person import PERSON_COLUMNS, person_texts
from app.exchange.texts import instant

COLUMNS = (
    *PERSON_COLUMNS,
    "code_now",
    "outcome",
    "reason",
    "spine_code",
    "spine_text",
    "processed_at",
    "last_look",
    "last_look_at",
    "marked",
    "note",
    "marked_by",
    "marked_at",
)


def write_worklist(lines: Iterable[PatientLine], stream: TextIO, fmt: Literal["csv", "json"]) -> int:
    """Write the rows of a worklist as they come, and return how many there were.

    The stream of a CSV must not translate line ends. JSON is one array; what is empty is null.
    """
    if fmt == "csv":
        return write_lines(stream, COLUMNS, lines, _texts)
    return write_array(stream, map(_as_object, lines))


def _texts(line: PatientLine) -> tuple[str, ...]:
    told, look = line.outcome, line.look
    outcome = (
        ("", "", "", "", "")
        if told is None
        else (told.state.value, told.reason or "", told.spine_code, told.spine_text, instant(told.processed_at))
    )
    looked = ("", "") if look is None else (look.consent.permission.value, instant(look.at))
    return (*person_texts(line), line.code_now, *outcome, *looked, *_marked(line))


def _marked(line: PatientLine) -> tuple[str, str, str, str]:
    """How the patient was marked; a mark that no longer counts is told as to do."""
    mark = line.handling
    if mark is None:
        return "", "", "", ""
    word = "dealt_with" if mark.dealt_with and mark.counts else "to_do"
    return word, mark.note, mark.by, instant(mark.at)


def _as_object(line: PatientLine) -> dict[str, Value]:
    return {column: text or None for column, text in zip(COLUMNS, _texts(line), strict=True)}
