"""What the window knows of the database: read into its state in a few short reads."""

from __future__ import annotations

from app.domain.errors import KnownError
from app.ui.presenter import WindowState
from app.ui.services import Services

_SHOWN_TIMES = 5
"""How many of the latest times are shown with what became of them."""


def read_state(services: Services, state: WindowState) -> None:
    """Read how things stand; where that fails the window says why, and offers nothing that rests on it."""
    family = services.family.key
    try:
        state.stored = services.operator.situation(family)
        state.latest = services.queries.latest_run(family)
        state.schedule = services.times.active()
        state.occurrences = services.times.history(_SHOWN_TIMES)
    except KnownError as fault:
        state.trouble = str(fault)
    else:
        state.trouble = None
