"""Where a practice lets it, reading goes on when the card session is over; a dissent is never sent without a card.

The read works with an application-restricted token, the write never does.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.engine.progress import ProgressBoard, Snapshot
from tests.helpers.rehearsal import ALISON, DISSENTERS, HELEN, UNDISTURBED, Rehearsal
from tests.integration.engine.conftest import Rehearse

PLACES = 40


@pytest.fixture
def rehearsal(rehearse: Rehearse) -> Rehearsal:
    return rehearse(application_reads=True)


def disturbed(rehearsal: Rehearsal, place: int, what: Callable[[], None]) -> list[dict[str, object]]:
    """Run until something happens at a place, and to its end; what the Spine received about patients after that."""
    received: list[int] = []

    def happens() -> None:
        what()
        received.append(len(rehearsal.history()))

    rehearsal.sign_in()
    rehearsal.places.happens, rehearsal.places.at = happens, place
    rehearsal.press()
    rehearsal.places.at = None
    return rehearsal.history()[received[0] :]


def ends_well(rehearsal: Rehearsal, after: list[dict[str, object]], reason: StopReason) -> None:
    """Only questions went on, nobody failed, whoever waits is sent once by the next person with a card."""
    assert {entry["method"] for entry in after} <= {"GET"}
    run = rehearsal.queries.latest_run("consent-migration")
    assert run.counts.failed == 0
    if run.status is not RunStatus.COMPLETED:
        assert (run.status, run.stop_reason) == (RunStatus.STOPPED, reason)
        rehearsal.sign_in(HELEN)
        assert rehearsal.press(Action.RESUME).status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED
    applied = [entry["nhs_number"] for entry in rehearsal.sends() if entry["applied"]]
    assert sorted(applied) == sorted(rehearsal.numbers[ref] for ref in DISSENTERS)


@pytest.mark.parametrize("place", range(0, PLACES, 2))
def test_a_session_that_expires_at_any_place_stops_no_question(rehearsal: Rehearsal, place: int):
    after = disturbed(rehearsal, place, rehearsal.end_session)
    assert {entry["status"] for entry in after} <= {200, 403}
    ends_well(rehearsal, after, StopReason.CARD_EXPIRED)


@pytest.mark.parametrize("place", range(1, PLACES, 2))
def test_a_card_taken_out_at_any_place_stops_no_question(rehearsal: Rehearsal, place: int):
    after = disturbed(rehearsal, place, rehearsal.take_card_out)
    ends_well(rehearsal, after, StopReason.CARD_REMOVED)


@pytest.mark.parametrize("place", [4, 11, 18, 25])
def test_a_session_revoked_at_the_service_stops_no_question(rehearsal: Rehearsal, place: int):
    """The first message after it is refused; if that is a dissent it waits, if a question it is asked again."""
    received = len(disturbed_sends(rehearsal, place))
    assert received >= 0
    run = rehearsal.queries.latest_run("consent-migration")
    assert run.counts.unprocessed == 0, "everybody has been read"
    assert run.counts.failed == 0
    rehearsal.sign_in(HELEN)
    if run.status is not RunStatus.COMPLETED:
        assert run.stop_reason is StopReason.CARD_REMOVED
        assert rehearsal.press(Action.RESUME).status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED
    assert sum(entry["applied"] for entry in rehearsal.sends()) == len(DISSENTERS)


def disturbed_sends(rehearsal: Rehearsal, place: int) -> list[dict[str, object]]:
    """The dissents received after the session was revoked; none of them may have been applied."""
    after = disturbed(rehearsal, place, rehearsal.revoke)
    sends = [entry for entry in after if entry["method"] == "POST"]
    assert not any(entry["applied"] for entry in sends)
    return sends


def test_everybody_is_read_and_whoever_needs_a_message_waits(rehearsal: Rehearsal):
    """The session ends before the first question: six patients are done without a card, four dissents wait for one."""
    after = disturbed(rehearsal, 2, rehearsal.end_session)
    run = rehearsal.queries.latest_run("consent-migration")
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_EXPIRED)
    assert (run.counts.unprocessed, run.counts.sending, run.counts.not_required) == (0, 4, 6)
    assert len(after) == len(rehearsal.numbers)
    tokens = [
        entry for entry in rehearsal.simulator.history()[rehearsal.began_at :] if entry["path"].endswith("/token")
    ]
    assert len(tokens) == 1, "one token of the application's own"
    assert rehearsal.press_refused(Action.RESUME) == "Your Smartcard session has ended. Sign in again first."
    rehearsal.sign_in(HELEN)
    assert rehearsal.press(Action.RESUME).counts.sent == 4
    assert [row.card_uid for row in rehearsal.executions()] == [ALISON, HELEN]


def test_a_run_that_needs_no_message_any_more_is_complete_without_a_card(rehearse: Rehearse, rehearsal: Rehearsal):
    undisturbed = rehearse()
    undisturbed.sign_in()
    undisturbed.press()
    last_send = max(at for at, what in enumerate(undisturbed.places.passed) if what == "after a send")
    after = disturbed(rehearsal, last_send, rehearsal.take_card_out)
    run = rehearsal.queries.latest_run("consent-migration")
    assert run.status is RunStatus.COMPLETED
    assert {entry["method"] for entry in after} <= {"GET"}
    assert rehearsal.outcomes() == UNDISTURBED


def test_an_application_that_is_given_no_token_pauses_as_any_run_does(rehearsal: Rehearsal):
    rehearsal.simulator.put_faults(
        {"operation": "token", "action": {"status": 401, "body": {"error": "invalid_client"}}}
    )
    after = disturbed(rehearsal, 6, rehearsal.end_session)
    assert after == []
    run = rehearsal.queries.latest_run("consent-migration")
    assert (run.status, run.stop_reason, run.counts.failed) == (RunStatus.STOPPED, StopReason.CARD_EXPIRED, 0)
    rehearsal.simulator.clear_faults()
    rehearsal.sign_in()
    assert rehearsal.press(Action.RESUME).status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED


def test_an_application_whose_token_the_spine_refuses_pauses_too(rehearsal: Rehearsal):
    def over() -> None:
        rehearsal.end_session()
        rehearsal.simulator.put_faults({"operation": "read", "action": {"answer": "401_invalid"}})

    disturbed(rehearsal, 6, over)
    run = rehearsal.queries.latest_run("consent-migration")
    assert (run.status, run.counts.failed) == (RunStatus.STOPPED, 0)
    rehearsal.simulator.clear_faults()
    rehearsal.sign_in()
    assert rehearsal.press(Action.RESUME).status is RunStatus.COMPLETED
    assert rehearsal.outcomes() == UNDISTURBED


def test_the_screen_is_told_that_dissents_wait(rehearsal: Rehearsal):
    seen: list[Snapshot] = []

    class Board(ProgressBoard):
        def publish(self, snapshot: Snapshot) -> None:
            seen.append(snapshot)

    rehearsal.board = Board
    disturbed(rehearsal, 8, rehearsal.end_session)
    assert any(snapshot.sends_held_by is StopReason.CARD_EXPIRED for snapshot in seen)
