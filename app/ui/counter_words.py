"""The five counters as staff know them: their words, and what each number means. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outcomes import STATE_LABELS, ItemState
from app.engine.rows import Counts
from app.ui.formatting import count


@dataclass(frozen=True, slots=True)
class CounterWords:
    """One of the five counters: its word, and what the number means."""

    label: str
    meaning: str


_MEANINGS = {
    ItemState.UNPROCESSED: "Nothing was attempted. Should be 0 at the end.",
    ItemState.SENT: "Messages that reached the Spine.",
    ItemState.SENDING: "On their way. Should be 0 at the end.",
    ItemState.FAILED: "Could not be sent.",
    ItemState.NOT_REQUIRED: "No consent message was needed.",
}

COUNTER_WORDS: dict[ItemState, CounterWords] = {
    state: CounterWords(STATE_LABELS[state], meaning) for state, meaning in _MEANINGS.items()
}
"""In the order of the screen."""


def number_of(counts: Counts, state: ItemState) -> int:
    """One counter's number."""
    number: int = getattr(counts, state.value)
    return number


def on_the_way(sending: int) -> str:
    """What becomes of the messages that were on their way when a run paused; empty without any."""
    if not sending:
        return ""
    if sending == 1:
        return "1 message was on its way: Resume first finds out whether it arrived, and sends it again only if not."
    return (
        f"{count(sending)} messages were on their way: Resume first finds out which arrived, and sends again only "
        "those that did not."
    )
