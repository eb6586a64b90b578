"""Whether this computer's clock agrees with what real services tell by the Date of their answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from app.domain.errors import Refused
from app.spine.exchange import Reply
from app.spine.peer_clock import TOLERANCE, PeerClock
from tests.helpers.clocks import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def dated(instant: datetime, **headers: str) -> Reply:
    return Reply(200, {"Date": format_datetime(instant, usegmt=True), **headers})


def agrees(peers: PeerClock) -> bool:
    try:
        peers.require_agreement()
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("offset", "agreed"),
    [
        (timedelta(0), True),
        (TOLERANCE - timedelta(minutes=1), True),
        (timedelta(minutes=1) - TOLERANCE, True),
        (TOLERANCE + timedelta(minutes=1), False),
        (-timedelta(days=365), False),
    ],
)
def test_only_a_clock_that_is_far_out_is_objected_to(clock, offset, agreed):
    peers = PeerClock(clock)
    peers.hear(dated(clock.now() + offset), 0.0)
    assert agrees(peers) is agreed


def test_a_clock_that_was_set_right_since_is_right(clock):
    peers = PeerClock(clock)
    peers.hear(dated(clock.now() + timedelta(days=2)), 0.0)
    assert not agrees(peers)
    clock.jump(timedelta(days=2).total_seconds())
    assert agrees(peers)


def test_a_sleep_in_which_the_steady_clock_stood_is_no_wrong_clock(clock):
    peers = PeerClock(clock)
    peers.hear(dated(clock.now()), 0.0)
    clock.jump(timedelta(hours=9).total_seconds())
    assert agrees(peers)


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Nov 2026 05:00:00 GMT", "Thu, 26 Nov 2026 05:00:00 -0000"])
def test_a_date_that_makes_no_sense_says_nothing(clock, date):
    peers = PeerClock(clock)
    peers.hear(Reply(200, {"Date": date}), 0.0)
    peers.hear(Reply(), 0.0)
    assert agrees(peers)


def test_a_simulated_services_date_says_nothing(clock):
    peers = PeerClock(clock)
    peers.hear(dated(clock.now() + timedelta(days=2), **{"X-Simulated-Spine": "true"}), 0.0)
    assert agrees(peers)
