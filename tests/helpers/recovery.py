"""What staff do after something came in the way of a run: start the program again, Resume, Failed, until it is done."""

from __future__ import annotations

from app.domain.states import RunStatus, StopReason
from app.engine.ports import RunView
from tests.helpers.bench import FAMILY, Bench

MOST_PRESSES = 12


def start_again(bench: Bench) -> RunView | None:
    """The program is started: what was left open is found and closed; the latest run as it then stands."""
    before = bench.queries.latest_run(FAMILY)
    found = bench.operator().recover(FAMILY)
    after = bench.queries.latest_run(FAMILY)
    assert found is (before is not None and before.status is RunStatus.RUNNING)
    if found:
        assert after is not None
        assert (after.status, after.stop_reason) == (RunStatus.STOPPED, StopReason.INTERRUPTED)
    return after


def go_on_to_the_end(bench: Bench, beyond_help: int = 0) -> RunView:
    """Press what staff would until the run is complete and at most so many patients have failed."""
    for _ in range(MOST_PRESSES):
        view = start_again(bench)
        if view is None:
            bench.run()
        elif view.status is RunStatus.STOPPED:
            bench.resume()
        elif view.counts.failed > beyond_help:
            bench.failed()
        else:
            assert view.status is RunStatus.COMPLETED
            return view
    raise AssertionError("the run does not come to its end")
