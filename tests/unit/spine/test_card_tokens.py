"""When tokens are refreshed, by whom, and when a card session is over (faults page, 18, 29, 30)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from app.domain.errors import SignInUnreachable
from app.domain.states import StopReason
from app.spine.credentials import SessionOver
from app.spine.identity import TokenAnswer
from app.spine.tokens import CardTokens, GrantRefused, Stopwatch
from tests.helpers.clocks import ManualClock

FOREVER = 1e6


class Service:
    """Stands in for the sign-in service: numbers its tokens, or does what it is told instead."""

    def __init__(self) -> None:
        self.refreshed_with: list[str] = []
        self.instead: Callable[[], None] = lambda: None
        self.asked, self.may_answer = threading.Event(), threading.Event()

    def refresh(self, refresh_token: str, _: float) -> TokenAnswer:
        self.refreshed_with.append(refresh_token)
        self.instead()
        count = len(self.refreshed_with)
        return TokenAnswer(f"access-{count}", f"refresh-{count}", 599.0, 35_999.0)

    def is_slow(self) -> None:
        """From now on it answers only once it may."""
        self.instead = self._wait

    def _wait(self) -> None:
        self.asked.set()
        assert self.may_answer.wait(10)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def tokens(clock, service) -> CardTokens:
    first = TokenAnswer("access-0", "refresh-0", 599.0, 35_999.0)
    return CardTokens(first, Stopwatch(clock), service.refresh, clock)


def unreachable() -> None:
    raise SignInUnreachable("nobody there")


def refused(*, period_over: bool = False) -> Callable[[], None]:
    def refuse() -> None:
        raise GrantRefused(period_over=period_over)

    return refuse


def test_a_young_token_is_used_as_it_is(tokens, service, clock):
    clock.advance(530)
    assert tokens.usable(FOREVER) == "access-0"
    assert service.refreshed_with == []


def test_at_nine_minutes_it_is_refreshed_and_each_refresh_token_is_used_once(tokens, service, clock):
    for count in range(1, 5):
        clock.advance(540)
        assert tokens.usable(FOREVER) == f"access-{count}"
        assert tokens.usable(FOREVER) == f"access-{count}"
    assert service.refreshed_with == ["refresh-0", "refresh-1", "refresh-2", "refresh-3"]


def test_a_refresh_that_fails_early_does_not_matter_and_is_not_repeated_at_once(tokens, service, clock):
    service.instead = unreachable
    clock.advance(545)
    assert [tokens.usable(FOREVER) for _ in range(5)] == ["access-0"] * 5
    assert len(service.refreshed_with) == 1
    clock.advance(11)
    assert tokens.usable(FOREVER) == "access-0"
    assert len(service.refreshed_with) == 2


def test_a_lapsed_token_is_never_handed_out(tokens, service, clock):
    service.instead = unreachable
    clock.advance(600)
    with pytest.raises(SignInUnreachable):
        tokens.usable(FOREVER)
    service.instead = lambda: None
    assert tokens.usable(FOREVER) == "access-2"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(refused(), StopReason.CARD_REMOVED), (refused(period_over=True), StopReason.CARD_EXPIRED)],
)
def test_a_refused_refresh_ends_the_session(tokens, service, clock, answer, reason):
    service.instead = answer
    clock.advance(600)
    for _ in range(2):
        with pytest.raises(SessionOver) as over:
            tokens.usable(FOREVER)
        assert over.value.reason is reason
    assert tokens.ended is reason
    assert len(service.refreshed_with) == 1


def test_a_refused_early_refresh_ends_the_session_too(tokens, service, clock):
    service.instead = refused()
    clock.advance(545)
    with pytest.raises(SessionOver):
        tokens.usable(FOREVER)
    assert tokens.ended is StopReason.CARD_REMOVED


def test_after_ten_hours_the_session_is_over_whatever_was_refreshed(tokens, service, clock):
    for _ in range(66):
        clock.advance(540)
        tokens.usable(FOREVER)
    assert tokens.ended is None
    clock.advance(35_999 - 66 * 540)
    assert tokens.ended is StopReason.CARD_EXPIRED
    with pytest.raises(SessionOver) as over:
        tokens.usable(FOREVER)
    assert over.value.reason is StopReason.CARD_EXPIRED


def test_a_session_is_never_longer_than_ten_hours(clock, service):
    long = CardTokens(TokenAnswer("a", "r", 100_000.0, 43_200.0), Stopwatch(clock), service.refresh, clock)
    clock.advance(36_000)
    assert long.ended is StopReason.CARD_EXPIRED


@pytest.mark.fault_row(30)
def test_a_clock_put_back_does_not_lengthen_anything(tokens, service, clock):
    clock.jump(-7_200)
    clock.advance(600)
    assert tokens.usable(FOREVER) == "access-1"
    clock.advance(35_999)
    assert tokens.ended is StopReason.CARD_EXPIRED


@pytest.mark.fault_row(29)
def test_a_clock_put_forward_counts(tokens, clock):
    clock.jump(36_000)
    assert tokens.ended is StopReason.CARD_EXPIRED


def refresh_begun(tokens: CardTokens, service: Service) -> threading.Thread:
    """Somebody in the middle of a refresh."""
    refresher = threading.Thread(target=tokens.usable, args=(FOREVER,))
    refresher.start()
    assert service.asked.wait(10)
    return refresher


def test_a_refused_token_is_replaced_once_for_everybody(tokens, service):
    tokens.replace("access-0", FOREVER)
    tokens.replace("access-0", FOREVER)
    assert tokens.usable(FOREVER) == "access-1"
    assert service.refreshed_with == ["refresh-0"]
    tokens.replace("access-1", FOREVER)
    assert service.refreshed_with == ["refresh-0", "refresh-1"]


def test_many_senders_make_one_refresh(tokens, service, clock):
    """Those whose token has lapsed wait for the one that refreshes, and take what it brings."""
    service.is_slow()
    clock.advance(600)
    taken: list[str] = []
    senders = [threading.Thread(target=lambda: taken.append(tokens.usable(FOREVER))) for _ in range(8)]
    for sender in senders:
        sender.start()
    assert service.asked.wait(10)
    service.may_answer.set()
    for sender in senders:
        sender.join(10)
    assert taken == ["access-1"] * 8
    assert service.refreshed_with == ["refresh-0"]


def test_nobody_waits_for_an_early_refresh(tokens, service, clock):
    service.is_slow()
    clock.advance(545)
    refresher = refresh_begun(tokens, service)
    assert tokens.usable(FOREVER) == "access-0"
    service.may_answer.set()
    refresher.join(10)
    assert tokens.usable(FOREVER) == "access-1"


def test_a_sender_waits_for_a_refresh_no_longer_than_it_has_time(tokens, service, clock):
    service.is_slow()
    clock.advance(600)
    refresher = refresh_begun(tokens, service)
    with pytest.raises(SignInUnreachable):
        tokens.usable(clock.monotonic() + 0.05)
    service.may_answer.set()
    refresher.join(10)


def test_no_token_is_shown(tokens):
    shown = f"{tokens!r} {vars(tokens)!r}"
    assert "access-0" not in shown
    assert "refresh-0" not in shown
