"""Set times that come while nobody entitled is signed in: recorded, told, and renewed where that was provided for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import Refused
from app.domain.occurrences import Outcome, Why
from app.domain.session import LAUNCH_ROLE_NAME, Role
from app.domain.states import RunStatus, StopReason
from app.engine.schedule_rows import ScheduleEnd
from tests.helpers.night import a_night
from tests.helpers.practice import reception_changes
from tests.integration.engine.conftest import MakeBench


def test_a_start_with_no_card_is_recorded_and_the_run_button_is_there_again(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.bench.card.end()
    night.until("02/11/2026 20:02")
    assert night.told() == [("02/11/2026 20:00", "missed", "no_card")]
    [notice] = night.notices
    assert (notice.settled.outcome, notice.settled.why) == (Outcome.MISSED, Why.NO_CARD)
    assert night.given_up
    latest = night.store.latest()
    assert latest is not None
    assert latest.end is ScheduleEnd.LAPSED
    night.bench.card.sign_in()
    night.plan()
    assert night.run.status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda card: card.end(), "no_card"),
        (lambda card: card.end(StopReason.CARD_EXPIRED), "session_ended"),
        (lambda card: card.sign_in(length=timedelta(minutes=91)), "session_ended"),
        (lambda card: card.sign_in(Role("1", LAUNCH_ROLE_NAME, "R8000", frozenset({"B0011"}))), "no_right"),
        (lambda card: card.sign_in(Role("1", "Receptionist", "R8010", frozenset({"B0062"}))), "no_right"),
    ],
)
def test_a_night_missed_for_the_card_is_told_and_the_next_one_begins(make_bench: MakeBench, spoil, why: str):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    spoil(night.bench.card)
    night.until("02/11/2026 20:05")
    assert night.told() == [("02/11/2026 20:00", "missed", why)]
    assert night.run.status is RunStatus.SCHEDULED
    night.evening("03/11/2026 19:50")
    night.until("03/11/2026 20:05")
    assert night.told()[1:] == [("03/11/2026 20:00", "fired", None)]
    assert night.run.status is RunStatus.COMPLETED


def test_the_session_is_renewed_where_somebody_has_provided_for_it_once(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    night.bench.card.end(StopReason.CARD_EXPIRED)
    night.until("02/11/2026 20:05")
    assert (night.renewals, night.told()) == (1, [("02/11/2026 20:00", "missed", "session_ended")])
    night.renews = True
    night.sleep_until("03/11/2026 19:50")
    night.until("03/11/2026 20:05")
    assert (night.renewals, night.told()[1:]) == (2, [("03/11/2026 20:00", "fired", None)])


@pytest.mark.parametrize("renews", [True, False])
def test_a_session_of_which_only_the_press_shows_that_it_is_over_is_renewed_as_well(
    make_bench: MakeBench, renews: bool
):
    """Revoked elsewhere: the sign-in service says so when it is asked for the rights."""
    night = a_night(make_bench, 3)
    night.renews = renews
    night.plan("02/11/2026 20:00", "04:00", "20:00")
    once = [night.bench.card.end]
    night.bench.card.confirm_rights = lambda: once.pop()() if once else None  # type: ignore[method-assign]
    night.until("02/11/2026 20:05")
    assert night.renewals == 1
    assert night.told() == [("02/11/2026 20:00", *(("fired", None) if renews else ("missed", "no_card")))]


def test_a_renewal_that_is_refused_is_a_session_that_ended(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")
    night.bench.card.end(StopReason.CARD_EXPIRED)

    def refuse() -> None:
        raise Refused("The passcode is wrong.")

    night._renew = refuse  # type: ignore[method-assign]
    night.start_program()
    night.until("02/11/2026 20:05")
    assert [row[1:] for row in night.told()] == [("missed", "session_ended")]


def test_rights_taken_away_while_it_was_asked_for_them(make_bench: MakeBench):
    """The card could launch when the watchman looked, and cannot by the time the service is asked anew."""
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00")

    def withdrawn() -> None:
        night.bench.card.sign_in(Role("1", "Receptionist", "R8010", frozenset()))

    night.bench.card.confirm_rights = withdrawn  # type: ignore[method-assign]
    night.until("02/11/2026 20:05")
    assert night.told() == [("02/11/2026 20:00", "missed", "no_right")]
    [told] = night.store.history(1)
    assert "Only a System Administrator" in told.detail


def test_what_is_refused_when_it_is_to_begin_is_told_in_its_own_words(make_bench: MakeBench):
    night = a_night(make_bench, 3)
    night.plan("02/11/2026 20:00", group="Clinic")
    for ref in ("P0", "P1"):
        reception_changes(night.bench.database, ref, registration="deceased")
    night.until("02/11/2026 20:05")
    assert night.told() == [("02/11/2026 20:00", "missed", "refused")]
    [notice] = night.notices
    assert "Nobody in this group is an active patient" in notice.settled.detail
    assert night.given_up
    assert night.refusals
