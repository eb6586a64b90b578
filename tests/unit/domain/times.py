"""Instants and plans for the tests of windows, written as staff would: dates and times on the wall in England."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.session import SESSION_LENGTH, CardSession, Role
from app.domain.windows import Plan

ENGLAND = ZoneInfo("Europe/London")

AUTUMN = {2026: date(2026, 10, 25), 2027: date(2027, 10, 31)}
SPRING = {2026: date(2026, 3, 29), 2027: date(2027, 3, 28)}
"""The Sundays on which the clocks change, from the calendar: the last of October and of March."""

ROLE = Role("555001", "System Administrator", "R8000", frozenset({"B0062"}))


def wall(text: str, fold: int = 0) -> datetime:
    """An instant in UTC from "dd/mm/yyyy hh:mm" on the wall; `fold` 1 is the second of two."""
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ENGLAND, fold=fold).astimezone(UTC)


def shown(instant: datetime) -> str:
    """What the wall shows: "dd/mm/yyyy hh:mm"."""
    return f"{instant.astimezone(ENGLAND):%d/%m/%Y %H:%M}"


def at(text: str) -> time:
    """A time of day from hh:mm."""
    return time.fromisoformat(text)


def plan(start: str, stop: str | None = None, resume: str | None = None) -> Plan:
    """A plan from its fields."""
    return Plan(wall(start), at(stop) if stop else None, at(resume) if resume else None)


def session(signed_in: str | datetime, length: timedelta = SESSION_LENGTH) -> CardSession:
    """A session begun at this time."""
    begun = wall(signed_in) if isinstance(signed_in, str) else signed_in
    return CardSession("session-1", "910000000001", "Pat Manager", ROLE, begun, begun + length)
