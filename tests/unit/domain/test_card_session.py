"""The Smartcard session: how long it lasts, and who may launch and read (faults, row 34)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.session import (
    LAST_SEND_MARGIN,
    SESSION_LENGTH,
    CardSession,
    Role,
    missing_consent_right,
    missing_launch_right,
    missing_report_right,
)

LONDON = ZoneInfo("Europe/London")
ADMINISTRATOR = "System Administrator"
DEFAULT = {"B0062"}
NEWER = {"B0380", "B8028", "B8029"}

SIGNED_IN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ENDS = SIGNED_IN + timedelta(hours=10)


def role(name: str = ADMINISTRATOR, *codes: str) -> Role:
    return Role("555254240100", name, "R5080", frozenset(codes))


def session(signed_in: datetime = SIGNED_IN) -> CardSession:
    return CardSession(
        "session-1", "910000000001", "Pat Example", role(ADMINISTRATOR, "B0062"), signed_in, signed_in + SESSION_LENGTH
    )


def test_a_session_lasts_ten_hours_and_the_last_message_needs_ninety_seconds() -> None:
    assert timedelta(hours=10) == SESSION_LENGTH
    assert timedelta(seconds=90) == LAST_SEND_MARGIN


@pytest.mark.parametrize(
    ("before_the_end", "allowed"),
    [
        (timedelta(hours=10), True),
        (timedelta(seconds=91), True),
        (timedelta(seconds=90), True),
        (timedelta(seconds=89, microseconds=999_999), False),
        (timedelta(seconds=1), False),
        (timedelta(0), False),
        (timedelta(hours=-1), False),
    ],
)
def test_no_message_begins_with_less_than_ninety_seconds_left(before_the_end: timedelta, allowed: bool) -> None:
    assert session().may_begin_send(ENDS - before_the_end) is allowed


def test_the_time_left_is_counted_down_and_goes_below_nought() -> None:
    assert session().time_left(SIGNED_IN) == timedelta(hours=10)
    assert session().time_left(ENDS - timedelta(minutes=62)) == timedelta(minutes=62)
    assert session().time_left(ENDS + timedelta(seconds=5)) == timedelta(seconds=-5)


def test_the_repeated_hour_of_october_counts_like_any_other() -> None:
    """Signed in at 20:00 on 24 October 2026: the clocks go back in the night, so ten hours end at 05:00, not 06:00."""
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=LONDON).astimezone(UTC)

    assert session(evening).ends_at.astimezone(LONDON) == datetime(2026, 10, 25, 5, 0, tzinfo=LONDON)
    assert not session(evening).may_begin_send(datetime(2026, 10, 25, 5, 0, tzinfo=LONDON).astimezone(UTC))


def test_a_session_does_not_show_the_persons_name_in_its_representation() -> None:
    assert "Pat Example" not in f"{session()!r} {session()}"


def test_a_system_administrator_with_the_activity_may_launch() -> None:
    assert missing_launch_right(role(ADMINISTRATOR, "B0062"), DEFAULT) is None
    assert missing_launch_right(role(ADMINISTRATOR, "B0011", "B0020", "B0062"), DEFAULT) is None


@pytest.mark.parametrize("name", ["General Medical Practitioner", "Receptionist", "", "system administrator"])
def test_another_role_may_not_launch_even_with_the_activity(name: str) -> None:
    assert "System Administrator" in str(missing_launch_right(role(name, "B0062"), DEFAULT))


@pytest.mark.parametrize("codes", [(), ("B0011",), ("B0380", "B8028", "B8029"), ("b0062",)])
def test_an_administrator_without_the_activity_may_not_launch(codes: tuple[str, ...]) -> None:
    assert "B0062" in str(missing_launch_right(role(ADMINISTRATOR, *codes), DEFAULT))


@pytest.mark.parametrize("code", sorted(NEWER))
def test_the_accepted_activities_are_a_setting_and_one_is_enough(code: str) -> None:
    assert missing_launch_right(role(ADMINISTRATOR, code), NEWER) is None


def test_with_other_activities_set_the_usual_one_is_not_enough() -> None:
    words = str(missing_launch_right(role(ADMINISTRATOR, "B0062"), NEWER))

    assert "B0380 or B8028 or B8029" in words


def test_with_no_activity_accepted_nobody_may_launch() -> None:
    assert missing_launch_right(role(ADMINISTRATOR, "B0062"), set()) is not None


def test_lists_with_names_need_their_own_activity_or_the_right_to_launch_whatever_the_role() -> None:
    assert missing_report_right(role("General Medical Practitioner", "B0011"), DEFAULT) is None
    assert missing_report_right(role(ADMINISTRATOR, "B0062"), DEFAULT) is None
    assert missing_report_right(role("Receptionist", "B8028"), NEWER) is None
    assert "B0011 or B0062" in str(missing_report_right(role(ADMINISTRATOR, "B0020"), DEFAULT))
    assert "B0011" in str(missing_report_right(role("Receptionist"), DEFAULT))
    assert missing_report_right(role(ADMINISTRATOR, "B0062"), NEWER) is not None


def test_recording_consent_needs_its_own_activity() -> None:
    assert missing_consent_right(role("General Medical Practitioner", "B0020")) is None
    assert "B0020" in str(missing_consent_right(role(ADMINISTRATOR, "B0062", "B0011")))


def test_refusals_say_what_to_do() -> None:
    for words in (
        missing_launch_right(role("Receptionist"), DEFAULT),
        missing_launch_right(role(), DEFAULT),
        missing_report_right(role(), DEFAULT),
        missing_consent_right(role()),
    ):
        assert words is not None
        assert words.endswith(".")
        assert "card" in words or "sign in" in words
