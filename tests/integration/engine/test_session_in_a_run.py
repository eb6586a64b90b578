"""What ends a Smartcard session ends no patient: at every place of a run, over real HTTP and with moved time.

Faults page, rows 18, 34 and 35: no patient Failed because of the session, no send after
its end, every dissent sent once, the audit trail naming who.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.actions import Action
from app.domain.errors import Refused
from app.domain.states import RunStatus, StopReason
from app.storage import audit
from tests.helpers.rehearsal import ALISON, DISSENTERS, HELEN, UNDISTURBED, Rehearsal, received_at
from tests.integration.engine.conftest import Rehearse

PLACES = 40


@pytest.fixture
def rehearsal(rehearse: Rehearse) -> Rehearsal:
    return rehearse()


def test_an_undisturbed_run_passes_more_than_forty_places(rehearsal: Rehearsal):
    rehearsal.sign_in()
    assert rehearsal.press().status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED
    assert len(rehearsal.places.passed) >= PLACES
    kinds = set(rehearsal.places.passed)
    assert {"before a read", "after a read", "before a send", "after a send", "before commit", "after commit"} <= kinds


def disturbed(rehearsal: Rehearsal, place: int, what: Callable[[], None]) -> int:
    """Run until something happens at a place; how many requests about patients the Spine had received by then."""
    received: list[int] = []

    def happens() -> None:
        what()
        received.append(len(rehearsal.history()))

    rehearsal.sign_in()
    rehearsal.places.happens, rehearsal.places.at = happens, place
    view = rehearsal.press()
    assert rehearsal.places.happened, "the run is long enough"
    assert view.counts.failed == 0
    rehearsal.places.at = None
    return received[0]


def gone_on_with(rehearsal: Rehearsal, card: str) -> None:
    """Somebody signs in and presses Resume where the run was not complete; then all is as if nothing had been."""
    rehearsal.sign_in(card)
    run = rehearsal.queries.latest_run("consent-migration")
    if run.status is not RunStatus.COMPLETED:
        assert rehearsal.press(Action.RESUME).status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED
    assert audit.first_broken(rehearsal.database) is None


def sent_once(rehearsal: Rehearsal) -> None:
    """Every dissent reached the Spine once, and nobody else's anything."""
    applied = [entry["nhs_number"] for entry in rehearsal.sends() if entry["applied"]]
    assert sorted(applied) == sorted(rehearsal.numbers[ref] for ref in DISSENTERS)
    assert {entry["status"] for entry in rehearsal.sends()} <= {201, 401}


def named(rehearsal: Rehearsal, *cards: str) -> None:
    """Each execution has its operator, and every change its actor, who was the operator of one of them."""
    rows = rehearsal.executions()
    assert [row.card_uid for row in rows] == list(cards)
    assert len({row.card_session for row in rows}) == len(rows)
    names = {ALISON: "Alison Marsh", HELEN: "Helen Whitfield"}
    assert [row.operator for row in rows] == [names[card] for card in cards]
    for actors in rehearsal.actors().values():
        assert actors <= {f"{names[card]} (System Administrator, card {card})" for card in cards}
    assert set(rehearsal.actors()) >= {*DISSENTERS, "C1", "N1"}


@pytest.mark.parametrize("place", range(PLACES))
def test_a_session_that_expires_at_any_place_of_a_run(rehearsal: Rehearsal, place: int):
    received = disturbed(rehearsal, place, rehearsal.end_session)
    run = rehearsal.queries.latest_run("consent-migration")
    assert len(rehearsal.history()) == received, "nothing was asked or sent after the end"
    assert rehearsal.reader.current() is None
    assert rehearsal.reader.ended_because() is StopReason.CARD_EXPIRED
    if run.status is not RunStatus.COMPLETED:
        assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_EXPIRED)
        with pytest.raises(Refused, match="has ended"):
            rehearsal.press(Action.RESUME)
    card = HELEN if place % 2 else ALISON
    gone_on_with(rehearsal, card)
    sent_once(rehearsal)
    named(rehearsal, ALISON, *([] if run.status is RunStatus.COMPLETED else [card]))


@pytest.mark.parametrize("place", range(PLACES))
def test_a_card_taken_out_at_any_place_of_a_run(rehearsal: Rehearsal, place: int):
    received = disturbed(rehearsal, place, rehearsal.take_card_out)
    run = rehearsal.queries.latest_run("consent-migration")
    assert len(rehearsal.history()) == received, "nothing was asked or sent once the card was out"
    if run.status is not RunStatus.COMPLETED:
        assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_REMOVED)
        with pytest.raises(Refused, match="Nobody is signed in"):
            rehearsal.press(Action.RESUME)
    card = ALISON if place % 2 else HELEN
    gone_on_with(rehearsal, card)
    sent_once(rehearsal)
    named(rehearsal, ALISON, *([] if run.status is RunStatus.COMPLETED else [card]))


@pytest.mark.parametrize("place", range(0, PLACES, 2))
def test_a_session_revoked_at_the_service_at_any_place_of_a_run(rehearsal: Rehearsal, place: int):
    """Nobody here is told: the next message is refused before it is processed, and that is the last one."""
    received = disturbed(rehearsal, place, rehearsal.revoke)
    after = rehearsal.history()[received:]
    assert {entry["status"] for entry in after} <= {401}
    run = rehearsal.queries.latest_run("consent-migration")
    if run.status is not RunStatus.COMPLETED:
        assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_REMOVED)
        assert len(after) >= 1
        assert rehearsal.reader.card() is not None, "the card is still in the reader"
    gone_on_with(rehearsal, ALISON)
    sent_once(rehearsal)


def test_nothing_is_begun_in_the_last_ninety_seconds_and_what_is_begun_before_is_taken_in(
    rehearsal: Rehearsal, rehearse
):
    """Row 34: the patient in hand is settled by the answer, also by one that comes after the session's end."""

    def nearly_over() -> None:
        left = rehearsal.reader.current().time_left(rehearsal.clock.now()).total_seconds()
        rehearsal.controls.let_time_pass(left - 89)

    place = first_place(rehearse, "after a send")
    received = disturbed(rehearsal, place, nearly_over)
    assert len(rehearsal.history()) == received
    run = rehearsal.queries.latest_run("consent-migration")
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_EXPIRED)
    assert run.counts.sent == 1, "its answer had been given"
    session = rehearsal.reader.current()
    assert session is not None, "the session still lasts"
    assert all(received_at(entry) < session.ends_at for entry in rehearsal.sends())
    with pytest.raises(Refused, match="about to end"):
        rehearsal.press(Action.RESUME)
    gone_on_with(rehearsal, ALISON)
    sent_once(rehearsal)


def first_place(rehearse: Rehearse, what: str) -> int:
    """Where a run of such patients first passes such a place, by one that is left alone."""
    undisturbed = rehearse()
    undisturbed.sign_in()
    undisturbed.press()
    return undisturbed.places.passed.index(what)


def test_a_token_that_lapses_between_a_question_and_its_message_is_replaced(rehearsal: Rehearsal):
    """Refreshing at the edge: ten minutes pass at each place, and the run goes on as if nothing had been."""
    rehearsal.sign_in()
    passed: list[int] = []

    def pass_time(what: str, reach: Callable[[str], None] = rehearsal.places.reach) -> None:
        reach(what)
        if len(rehearsal.places.passed) % 5 == 0:
            passed.append(len(rehearsal.places.passed))
            rehearsal.controls.let_time_pass(598)

    rehearsal.places.reach = pass_time  # type: ignore[method-assign]
    assert rehearsal.press().status is RunStatus.COMPLETED
    assert len(passed) >= 8
    assert rehearsal.outcomes() == UNDISTURBED
    sent_once(rehearsal)
    refreshes = [
        entry for entry in rehearsal.simulator.history()[rehearsal.began_at :] if entry["path"].endswith("token")
    ]
    assert len(refreshes) >= 8


def test_a_second_persons_card_does_not_go_on_with_this_execution(rehearsal: Rehearsal, rehearse: Rehearse):
    """Row 35: swapped in a moment, between the gate and the first byte; nothing goes out under the wrong name."""

    def swap() -> None:
        rehearsal.take_card_out()
        rehearsal.sign_in(HELEN)

    received = disturbed(rehearsal, first_place(rehearse, "before a send"), swap)
    assert len(rehearsal.history()) == received
    run = rehearsal.queries.latest_run("consent-migration")
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_REMOVED)
    assert rehearsal.press(Action.RESUME).status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED
    sent_once(rehearsal)
    named(rehearsal, ALISON, HELEN)


def test_rights_withdrawn_between_sign_in_and_start_let_nothing_start(rehearsal: Rehearsal):
    """As a schedule would meet it: signed in with the right, and without it when the time has come."""
    session = rehearsal.sign_in()
    withdraw = f"{rehearsal.simulator.simulation}/rights"
    http = rehearsal.simulator.http
    try:
        http.put(withdraw, json={"withdrawn": {ALISON: ["B0062"]}}, timeout=10).raise_for_status()
        with pytest.raises(Refused, match="lacks the activity B0062"):
            rehearsal.press()
    finally:
        http.put(withdraw, json={"withdrawn": {}}, timeout=10).raise_for_status()
    assert rehearsal.executions() == []
    assert rehearsal.history() == []
    assert rehearsal.press().status is RunStatus.COMPLETED
    assert rehearsal.reader.current().session_id == session.session_id


def test_rights_withdrawn_while_it_is_paused_let_nobody_resume(rehearsal: Rehearsal):
    disturbed(rehearsal, 6, rehearsal.take_card_out)
    http, withdraw = rehearsal.simulator.http, f"{rehearsal.simulator.simulation}/rights"
    try:
        http.put(withdraw, json={"withdrawn": {ALISON: ["B0062"]}}, timeout=10).raise_for_status()
        rehearsal.sign_in()
        with pytest.raises(Refused, match="Registration Authority agent can add it"):
            rehearsal.press(Action.RESUME)
    finally:
        http.put(withdraw, json={"withdrawn": {}}, timeout=10).raise_for_status()
    assert len(rehearsal.executions()) == 1
    gone_on_with(rehearsal, HELEN)


@pytest.mark.parametrize("card", ["910000000002", "910000000003"])
def test_a_card_without_the_activity_starts_and_resumes_nothing(rehearsal: Rehearsal, card: str):
    rehearsal.reader.insert(card)
    rehearsal.reader.sign_in("123456")
    with pytest.raises(Refused, match="System Administrator"):
        rehearsal.press()
    disturbed(rehearsal, 6, rehearsal.take_card_out)
    rehearsal.reader.insert(card)
    rehearsal.reader.sign_in("123456")
    before = len(rehearsal.history())
    with pytest.raises(Refused, match="System Administrator"):
        rehearsal.press(Action.RESUME)
    assert len(rehearsal.history()) == before
    assert len(rehearsal.executions()) == 1
