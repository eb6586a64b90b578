"""The five counters as staff know them: their words, and what each number means. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outcomes import ItemState
from app.engine.rows import Counts


@dataclass(frozen=True, slots=True)
class CounterWords:
    """One of the five counters: its word, and what the number means."""

    label: str
    meaning: str


COUNTER_WORDS: dict[ItemState, CounterWords] = {
    ItemState.UNPROCESSED: CounterWords("Unprocessed", "Nothing was attempted. Should be 0 at the end."),
    ItemState.SENT: CounterWords("Sent", "Messages that reached the Spine."),
    ItemState.SENDING: CounterWords("Sending", "On their way. Should be 0 at the end."),
    ItemState.FAILED: CounterWords("Failed", "Could not be sent."),
    ItemState.NOT_REQUIRED: CounterWords("Not Required", "No consent message was needed."),
}
"""In the order of the screen."""


def number_of(counts: Counts, state: ItemState) -> int:
    """One counter's number."""
    number: int = getattr(counts, state.value)
    return number
