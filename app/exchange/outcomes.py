"""The outcomes of a run as one stream of text, for a terminal or another program to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TextIO

from app.engine.practice import OutcomeRow
from app.exchange.columns import OUTCOMES
from app.exchange.csv_lines import write_csv
from app.exchange.json_array import Value, write_array
from app.exchange.texts import outcome_texts


def write_outcomes(rows: Iterable[OutcomeRow], stream: TextIO, fmt: Literal["csv", "json"]) -> int:
    """Write outcomes as they come and return how many there were.

    CSV is the outcomes file (the stream must not translate line ends). JSON is one array with an object for each
    patient on a line of its own; flags and the number of attempts have their own types, what is empty is null.
    """
    if fmt == "csv":
        return write_csv(stream, OUTCOMES, rows, outcome_texts)
    return write_array(stream, map(_as_object, rows))


def _as_object(row: OutcomeRow) -> dict[str, Value]:
    named = dict(zip(OUTCOMES.exported, outcome_texts(row), strict=True))
    return {column: text or None for column, text in named.items()} | {
        "message_sent": row.message_sent,
        "attempts": row.attempts,
        "mismatch": row.mismatch,
    }
