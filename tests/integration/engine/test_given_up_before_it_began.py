"""A scheduled run that is cancelled, missed or refused before it began leaves everything as it was before."""

from __future__ import annotations

import pytest

from app.bootstrap.reports import certifier_of
from app.domain.actions import Action, why_not
from app.domain.states import RunStatus, StopReason
from app.engine.rights import Rights
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.run_history import SqlHistory
from tests.helpers.bench import FAMILY
from tests.helpers.night import BY, Night, a_night
from tests.helpers.practice import reception_changes
from tests.integration.engine.conftest import MakeBench

START = "02/11/2026 20:00"

pytestmark = pytest.mark.both_databases


def completed(night: Night) -> None:
    night.bench.script("read", "P0", SpineAnswer(AnswerKind.REJECTED, 400, "430"))
    night.plan()
    assert (night.run.status, night.run.counts.failed) == (RunStatus.COMPLETED, 1)


def paused(night: Night) -> None:
    night.stops_by_hand(during=2)
    night.plan()
    night.bench.spine.always = None
    assert night.run.stop_reason is StopReason.USER


def paused_with_failures(night: Night) -> None:
    night.bench.script("read", "P0", SpineAnswer(AnswerKind.REJECTED, 400, "430"))
    night.stops_by_hand(during=4)
    night.plan()
    night.bench.spine.always = None
    assert (night.run.stop_reason, night.run.counts.failed) == (StopReason.USER, 1)


def paused_by_its_time(night: Night) -> None:
    night.plan("now", "18:40")
    assert night.run.stop_reason is StopReason.WINDOW_CLOSED


def cancelled(night: Night) -> None:
    night.schedules.cancel(BY)


def missed(night: Night) -> None:
    night.bench.card.end()
    night.until("02/11/2026 20:02")
    assert night.told()[-1][1:] == ("missed", "no_card")
    night.bench.card.sign_in()


def refused(night: Night) -> None:
    for ref in ("P0", "P1"):
        reception_changes(night.bench.database, ref, registration="deceased")
    night.until("02/11/2026 20:02")
    assert night.told()[-1][1:] == ("missed", "refused")


def lapsed_while_away(night: Night) -> None:
    night.sleep_until("03/11/2026 19:00")
    night.look()
    night.until("03/11/2026 19:20")
    night.bench.card.sign_in()


def closed_and_cancelled(night: Night) -> None:
    """The program was started anew in between."""
    night.close_program()
    night.start_program()
    night.schedules.cancel(BY)


@pytest.mark.parametrize("end", [cancelled, missed, refused, lapsed_while_away, closed_and_cancelled])
@pytest.mark.parametrize("before", [None, completed, paused, paused_with_failures, paused_by_its_time])
def test_what_can_be_pressed_is_what_could_be_pressed_before(make_bench: MakeBench, before, end):
    night = a_night(make_bench, 6)
    if before is not None:
        before(night)
    as_it_was, latest = night.operator.situation(FAMILY), night.bench.queries.latest_run(FAMILY)
    night.plan(START, action=Action.RERUN if before else Action.RUN, group="Clinic")
    waiting = night.scheduled_run
    end(night)
    assert night.active is None
    assert night.bench.queries.run(waiting).status is RunStatus.ABANDONED
    assert night.bench.queries.latest_run(FAMILY) == latest
    situation = night.operator.situation(FAMILY)
    assert situation == as_it_was
    assert {action: why_not(action, situation) for action in Action} == {
        action: why_not(action, as_it_was) for action in Action
    }


def test_a_run_that_was_given_back_goes_on_where_it_was_and_completes(make_bench: MakeBench):
    """Nobody is asked about or sent twice for a Rerun that never came."""
    night = a_night(make_bench, 6)
    paused(night)
    asked = len(night.bench.spine.calls)
    night.plan(START, action=Action.RERUN)
    night.schedules.cancel(BY)
    night.plan(action=Action.RESUME)
    assert night.run.status is RunStatus.COMPLETED
    assert night.run.counts.total == 6
    undisturbed = a_night(make_bench, 6)
    undisturbed.plan()
    assert len(night.bench.spine.calls) == len(undisturbed.bench.spine.calls)
    assert 0 < asked < len(night.bench.spine.calls)


def test_failed_takes_the_patients_of_the_run_before_the_cancelled_one(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    completed(night)
    first = night.run.run_id
    night.plan(START, action=Action.RERUN)
    night.schedules.cancel(BY)
    night.plan(action=Action.FAILED)
    assert (night.run.run_id, night.run.status, night.run.counts.failed) == (first, RunStatus.COMPLETED, 0)


def test_failed_set_to_a_time_works_on_the_run_before_the_cancelled_one(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    completed(night)
    first = night.run.run_id
    night.plan(START, action=Action.RERUN)
    night.schedules.cancel(BY)
    night.plan("02/11/2026 22:00", action=Action.FAILED)
    assert night.scheduled_run == first
    night.until("02/11/2026 23:30")
    assert (night.run.run_id, night.run.counts.failed) == (first, 0)


def test_a_certificate_counts_those_who_wait_in_the_run_that_is_paused_again(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    paused(night)
    left = night.run.counts.unprocessed + night.run.counts.sending
    night.plan(START, action=Action.RERUN)
    night.schedules.cancel(BY)
    rights = Rights(night.bench.card, night.bench.launch_codes, night.clock)
    figures = certifier_of(night.bench.database, rights).certify("Pat").figures
    assert figures.in_progress == left > 0


def test_the_history_keeps_the_cancelled_one(make_bench: MakeBench):
    night = a_night(make_bench, 6)
    completed(night)
    night.plan(START, action=Action.RERUN)
    waiting = night.scheduled_run
    night.schedules.cancel(BY)
    shown = SqlHistory(night.bench.database).runs(None, 10)
    assert [(run.run_id, run.status) for run in shown] == [
        (waiting, RunStatus.ABANDONED),
        (night.run.run_id, RunStatus.COMPLETED),
    ]
