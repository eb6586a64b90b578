"""The one clock: UTC instants, the offset, and the date and time in England on both nights the clocks change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.clock import LONDON, Clock, SystemClock, london_date, london_text


def utc(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def a_machine_in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The computer's own zone must not matter: the practice is in England."""
    set_zone = getattr(time, "tzset", lambda: None)  # Windows has none, and keeps its zone
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        set_zone()
        yield
    set_zone()


def test_now_is_the_machines_time_in_utc() -> None:
    clock: Clock = SystemClock()

    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)

    assert before <= now <= after
    assert now.tzinfo is UTC


@pytest.mark.parametrize("offset", [timedelta(hours=10), timedelta(days=-3), timedelta(seconds=0.5)])
def test_the_offset_moves_now_by_so_much(offset: timedelta) -> None:
    clock = SystemClock()
    clock.move_to_offset(offset)

    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)

    assert before + offset <= now <= after + offset


def test_a_new_offset_takes_the_place_of_the_old_one() -> None:
    clock = SystemClock()
    clock.move_to_offset(timedelta(hours=10))
    clock.move_to_offset(timedelta(hours=1))
    assert timedelta(minutes=59) < clock.now() - datetime.now(UTC) < timedelta(minutes=61)

    clock.move_to_offset(timedelta(0))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_each_clock_has_its_own_offset() -> None:
    moved, unmoved = SystemClock(), SystemClock()
    moved.move_to_offset(timedelta(days=1))

    assert moved.now() - unmoved.now() > timedelta(hours=23)


def test_the_monotonic_reading_is_never_moved() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.move_to_offset(timedelta(days=-365))

    assert 0 <= clock.monotonic() - before < 60


@pytest.mark.usefixtures("a_machine_in_tokyo")
def test_now_is_utc_wherever_the_machine_stands() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (utc(3, 28, 23, 59, 59), date(2026, 3, 28)),
        (utc(3, 29, 0, 0), date(2026, 3, 29)),
        (utc(3, 29, 22, 59, 59), date(2026, 3, 29)),
        (utc(3, 29, 23, 0), date(2026, 3, 30)),
        (utc(7, 1, 23, 0), date(2026, 7, 2)),
        (utc(10, 24, 22, 59, 59), date(2026, 10, 24)),
        (utc(10, 24, 23, 0), date(2026, 10, 25)),
        (utc(10, 25, 23, 59, 59), date(2026, 10, 25)),
        (utc(10, 26, 0, 0), date(2026, 10, 26)),
        (utc(12, 31, 23, 59, 59), date(2026, 12, 31)),
    ],
)
@pytest.mark.usefixtures("a_machine_in_tokyo")
def test_the_date_in_england_turns_at_englands_midnight(instant: datetime, expected: date) -> None:
    """After the change in March midnight is at 23:00 UTC, after the one in October at 00:00 again."""
    assert london_date(instant) == expected


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (utc(3, 29, 0, 59), "29/03/2026 00:59"),
        (utc(3, 29, 1, 0), "29/03/2026 02:00"),
        (utc(10, 25, 0, 30), "25/10/2026 01:30"),
        (utc(10, 25, 1, 0), "25/10/2026 01:00"),
        (utc(10, 25, 1, 30), "25/10/2026 01:30"),
        (utc(10, 25, 2, 0), "25/10/2026 02:00"),
        (utc(6, 5, 8, 4, 59), "05/06/2026 09:04"),
        (utc(1, 2, 3, 4), "02/01/2026 03:04"),
    ],
)
@pytest.mark.usefixtures("a_machine_in_tokyo")
def test_instants_are_read_as_day_month_year_in_english_time(instant: datetime, expected: str) -> None:
    assert london_text(instant) == expected


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    in_tokyo = utc(7, 1, 23, 30).astimezone(timezone(timedelta(hours=9)))

    assert london_date(in_tokyo) == date(2026, 7, 2)
    assert london_text(in_tokyo) == "02/07/2026 00:30"


def test_england_is_an_hour_ahead_of_utc_in_summer_only() -> None:
    assert utc(7, 1, 12).astimezone(LONDON).utcoffset() == timedelta(hours=1)
    assert utc(12, 1, 12).astimezone(LONDON).utcoffset() == timedelta(0)


@pytest.mark.parametrize("read", [london_date, london_text])
def test_an_instant_without_a_zone_is_refused(read: Callable[[datetime], object]) -> None:
    naive = datetime(2026, 7, 1, 12, 0)  # noqa: DTZ001 (the fault that is to be caught)

    with pytest.raises(ValueError, match="zone"):
        read(naive)
