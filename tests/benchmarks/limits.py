"""How much of what the service permits is used at its five requests a second, and whether any request is one too many.

The simulated Spine counts as the real gateway does: smoothed, and a quota a minute, tolerating 10 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.bootstrap import create_demonstration
from app.bootstrap.demonstration import SPINE_FILE
from app.bootstrap.practice_list import export_list
from app.clock import LONDON
from app.config import load_settings
from app.domain.actions import Action
from tests.benchmarks.contenders.product import press, signed_in_at
from tests.benchmarks.told import Sizes, Told
from tests.helpers.expected import expected_outcomes
from tests.helpers.simulator import running_simulator

PER_SECOND = 5.0
LATENCIES_MS = (50, 100, 300)
GOAL_SHARE = 0.98
UNASKED = {"record_in_use", "nhs_number_invalid", "pds_mismatch", "not_permanent_yet"}
"""Reasons that need no question to the Spine (decision table, rows 13 to 16)."""

SENT = {"dissent_sent", "spine_rejected"}
"""Reasons that stand at the end of one message."""


def measure_limits(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """A whole run at the service's limit for each latency."""
    for latency in LATENCIES_MS:
        place = folder / f"limit-{latency}"
        create_demonstration(load_settings(place, {}, {}), sizes.limited, seed=latency)
        yield _measure(place, latency)


def _measure(place: Path, latency: int) -> Told:
    arguments = ("--rate", f"{PER_SECOND:g}", "--latency-ms", str(latency))
    least = _least_possible(place)
    with (
        running_simulator(*arguments, load=place / SPINE_FILE) as spine,
        signed_in_at(place, spine.spine, spine.auth, f"{PER_SECOND:g}") as product,
    ):
        press(product, Action.RUN)
        calls = [call for call in spine.history() if call["nhs_number"] is not None]
    times = sorted(datetime.fromisoformat(call["at"]) for call in calls)
    seconds = (times[-1] - times[0]).total_seconds()
    later = sum((moment - times[0]).total_seconds() > 1 for moment in times)
    share = later / (PER_SECOND * (seconds - 1))
    refused = sum(call["status"] == 429 for call in calls)
    answered = len(calls) - refused
    return Told(
        f"at {PER_SECOND:g} requests a second and {latency} ms of latency: {share:.1%} of the permitted requests used "
        f"after the first second (goal {GOAL_SHARE:.0%}), {refused} answered with 429 (goal 0), {answered} others "
        f"where {least} are the least possible (goal equal)",
        {
            f"limit_used_{latency}_ms_share": share,
            f"limit_refused_{latency}_ms": refused,
            f"limit_requests_{latency}_ms_share": answered / least,
        },
    )


def _least_possible(place: Path) -> int:
    """One question for everybody about whom there is one, one message for every dissent that is due."""
    export_list(load_settings(place, {}, {}), place / "before")
    told = expected_outcomes(place / "before", place / SPINE_FILE, datetime.now(LONDON).date()).values()
    asked = sum(one.reason not in UNASKED for one in told)
    return asked + sum(one.reason in SENT for one in told)
