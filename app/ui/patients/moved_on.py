"""Whether a run has gone on since one of its lists was read, and the words for it. No Qt, no read of the database."""

from __future__ import annotations

from app.domain.outcomes import ItemState
from app.engine.rows import Counts
from app.engine.run_lists import ListDefinition
from app.ui.formatting import patients

_READ_ANEW = "Refresh (F5) reads the list anew."


def number_on(definition: ListDefinition, counts: Counts) -> int | None:
    """How many patients a list holds by the run's counters; None where it takes more than those to tell."""
    if not definition.states or definition.reasons or definition.trait is not None:
        return None
    by_state = {
        ItemState.UNPROCESSED: counts.unprocessed,
        ItemState.SENDING: counts.sending,
        ItemState.SENT: counts.sent,
        ItemState.FAILED: counts.failed,
        ItemState.NOT_REQUIRED: counts.not_required,
    }
    return sum(by_state[state] for state in definition.states)


def moved_on_words(definition: ListDefinition, listed: int, then: Counts, now: Counts) -> str:
    """What to say beside a list of `listed` patients that was read when the run's counters stood at `then`.

    Empty where nothing on it can have changed. Who is Sending changes without their number changing.
    """
    number = number_on(definition, now)
    if number is not None and number != listed:
        return f"{patients(number)} by now. {_READ_ANEW}"
    counts_for_all = number is not None and ItemState.SENDING not in definition.states
    return "" if now == then or counts_for_all else f"The run has gone on since. {_READ_ANEW}"
