"""What the Smartcard panel and the foresight say, by state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.actions import Action
from app.domain.session import SESSION_LENGTH, CardSession
from app.domain.states import StopReason
from app.engine.ports import InsertedCard
from app.engine.progress import Phase, Waiting
from app.engine.rows import Counts
from app.ui.card_foresight import foretold
from app.ui.card_model import CardState, card_model
from app.ui.execution import stopping
from app.ui.running_model import running_model
from app.ui.tones import Tone
from tests.ui.fakes import ADMINISTRATOR, CARD, EVENING, snapshot

IN = InsertedCard(CARD, 3)
HALFWAY = Counts(unprocessed=6_175, sending=2, sent=97, failed=3, not_required=4_110)


def session(left: timedelta) -> CardSession:
    since = EVENING + left - SESSION_LENGTH
    return CardSession("s", CARD, "Alison Marsh", ADMINISTRATOR, since, since + SESSION_LENGTH)


def test_a_session_says_who_in_which_role_since_when_until_when_and_how_long_still():
    model = card_model(CardState(IN, session(timedelta(hours=6, minutes=12))), EVENING)
    assert (model.reader, model.card_in, model.signed_in) == ("Card in the reader", True, True)
    assert (model.name, model.role) == ("Alison Marsh", "System Administrator")
    assert (model.since, model.ends, model.left) == ("Signed in at 12:43", "Ends at 22:43", "6 h 12 min left")
    assert (model.note, model.tone, model.brief) == ("", Tone.PLAIN, "Smartcard: 6 h 12 min left")


@pytest.mark.parametrize(
    ("minutes", "words", "tone"),
    [
        (30.1, "", Tone.PLAIN),
        (30, "ends soon", Tone.ATTENTION),
        (10, "ends soon", Tone.ATTENTION),
        (2, "ends now", Tone.FAILED),
        (0.1, "ends now", Tone.FAILED),
    ],
)
def test_an_end_in_sight_is_said_with_what_to_do(minutes, words, tone):
    model = card_model(CardState(IN, session(timedelta(minutes=minutes))), EVENING)
    assert model.tone is tone
    assert words in model.note
    assert bool(model.note) == bool(words)
    assert ("press Resume" in model.note) == bool(words)


def test_without_a_session_the_panel_says_why():
    ended = session(timedelta(minutes=-5))
    expired, removed = StopReason.CARD_EXPIRED, StopReason.CARD_REMOVED
    said = {
        "an empty reader": card_model(CardState(None, None, removed), EVENING),
        "taken out": card_model(CardState(None, None, removed, ended), EVENING),
        "just inserted": card_model(CardState(IN, None, removed), EVENING),
        "expired": card_model(CardState(IN, None, expired, ended), EVENING),
        "revoked": card_model(CardState(IN, None, removed, ended), EVENING),
        "locked": card_model(CardState(InsertedCard(CARD, 0), None, removed), EVENING),
        "another card": card_model(CardState(InsertedCard("910000000002", 3), None, removed, ended), EVENING),
    }
    assert {what: model.reader for what, model in said.items() if not model.card_in} == {
        "an empty reader": "No card in the reader",
        "taken out": "No card in the reader",
    }
    assert {what: model.note for what, model in said.items()} == {
        "an empty reader": "Nobody is signed in.",
        "taken out": "Nobody is signed in.",
        "just inserted": "Nobody is signed in.",
        "expired": "Your Smartcard session ended at 16:26. Sign in again.",
        "revoked": "Your session was ended at the sign-in service. Sign in again.",
        "locked": "This card is locked: its passcode was typed wrongly three times. Remove it and use another card.",
        "another card": "Nobody is signed in.",
    }
    assert not any(model.signed_in for model in said.values())
    assert {model.brief for model in said.values()} == {"Smartcard: nobody signed in"}


def test_a_spine_that_needs_no_card_has_no_reader():
    assert card_model(CardState(None, session(timedelta(hours=9)), None, None, has_reader=False), EVENING).reader == ""


# --- foresight on the running page ------------------------------------------------------------------------------


def page(left: timedelta, **changes):
    seen = snapshot(HALFWAY, **changes)
    model = running_model(Action.RUN, seen, None, EVENING, 0.0)
    return foretold(model, seen, session(left), EVENING)


def test_a_run_that_outlasts_the_session_says_when_and_how_many_are_left():
    """6,175 patients at 5 a second: done in 20 min 35 s, to the next full minute.

    11 min 30 s of 13 are usable, in which 3,450 are done.
    """
    words = page(timedelta(minutes=13)).note.text
    assert words == (
        "It finishes about 16:52, your Smartcard session ends at 16:44: about 2,720 patients will be left for Resume."
    )


def test_a_run_that_will_be_done_says_nothing():
    assert page(timedelta(minutes=22, seconds=10)).note is None
    assert page(timedelta(minutes=21, seconds=50)).note is not None


def test_questions_that_go_on_without_a_card_are_said_to_with_what_waits_for_one():
    held = replace(snapshot(HALFWAY), sends_held_by=StopReason.CARD_EXPIRED)
    live = running_model(Action.RUN, held, None, EVENING, 0.0)
    assert foretold(live, held, None, EVENING).note.text == (
        "The Smartcard session is over. Patients go on being read; 2 patients wait for a card to be sent with. "
        "Sign in, press Stop, then Resume."
    )
    nobody = replace(held, counts=replace(HALFWAY, sending=0))
    assert "Dissents wait for a card" in foretold(live, nobody, None, EVENING).note.text


def test_graver_things_come_first_and_without_a_pace_nothing_is_foretold():
    outage = Waiting(StopReason.NO_CONNECTION, EVENING)
    assert "cannot be reached" in page(timedelta(minutes=13), phase=Phase.WAITING, waiting=outage).note.text
    assert page(timedelta(minutes=13), per_second=None, seconds_left=None).note is None
    seen = snapshot(HALFWAY)
    live = running_model(Action.RUN, seen, None, EVENING, 0.0)
    ending = stopping(live, closing=False)
    assert foretold(ending, seen, session(timedelta(minutes=13)), EVENING) == ending
    assert foretold(live, seen, None, EVENING) == live
    assert foretold(live, None, session(timedelta(minutes=13)), EVENING) == live
    assert foretold(replace(live, note=None), seen, session(timedelta(hours=9)), EVENING) == live
