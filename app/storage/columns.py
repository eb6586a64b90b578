"""Column types the tables share: instants in UTC, dates, words of the domain's enums. No table is defined here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, Enum, Row, Select, String
from sqlalchemy.types import TypeDecorator

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

_LENGTH = len("2026-10-25T00:30:00.000000Z")


class DamagedValue(ValueError):
    """What stands in the database was never written there by this program."""


class UtcTime(TypeDecorator[datetime]):
    """A zone-aware instant, kept as text that sorts by time: 2026-10-25T00:30:00.000000Z.

    SQLite keeps no zone, so a plain DateTime would give back naive values. Raises ValueError for a naive one.
    """

    impl = String(_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database: UTC, always with microseconds, so that the text sorts."""
        if value is None:
            return None
        return utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: aware, in UTC. Raises `DamagedValue` for what was never written by this type."""
        if value is None:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise DamagedValue("a stored time") from None
        if instant.tzinfo is None:
            raise DamagedValue("a stored time has no zone")
        return instant


class LocalDate(TypeDecorator[date]):
    """A date as it stands in the record, kept as text: 2026-10-25."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """From the database. Raises `DamagedValue`, which does not tell the date: it may be one of birth."""
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise DamagedValue("a stored date") from None


def utc_text(instant: datetime) -> str:
    """An aware instant as the database keeps it. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("a time without its zone cannot be stored")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def word_of(enum: type[StrEnum]) -> Enum:
    """A column holding one word of this enum; the database itself refuses any other."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )
