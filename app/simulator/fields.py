"""Reading a JSON object key by key, each value by a reader that says in words what it wants.

A reader takes the JSON value and returns what it means, or raises ValueError with the reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")
_D = TypeVar("_D")
Reader = Callable[[Any], _T]

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST_SECONDS = 10**9


class FieldsInvalid(Exception):
    """A JSON document cannot be used; the message names the place and the reason."""


class Fields:
    """One JSON object being read; `place` is where it stands, for messages."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise FieldsInvalid(f"{place}: must be an object.")
        self.place = place
        self._values: dict[str, Any] = value
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def take(self, name: str, reader: Reader[_T], default: _D) -> _T | _D:
        """The value of a key, or the default where it is missing; raises FieldsInvalid for a wrong one."""
        self._taken.add(name)
        if name not in self._values:
            return default
        try:
            return reader(self._values[name])
        except ValueError as error:
            raise self.refusal(name, str(error)) from error

    def at_most_one(self, *names: str) -> None:
        """Raise FieldsInvalid when two of these keys are there."""
        given = [name for name in names if name in self._values]
        if len(given) > 1:
            raise self.refusal(given[1], f"cannot stand beside {given[0]}")

    def refuse_the_rest(self) -> None:
        """Raise FieldsInvalid when a key is there that nobody took."""
        for name in self._values:
            if name not in self._taken:
                raise self.refusal(name, "is not known")

    def refusal(self, name: str, reason: str) -> FieldsInvalid:
        """The error to raise about one key."""
        return FieldsInvalid(f"{self.place}.{name}: {reason}.")


def anything(value: Any) -> Any:
    """Any JSON value, as it is."""
    return value


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 - readers raise ValueError alone
    return value


def header_text(value: Any) -> str:
    """A text that can stand in an HTTP header."""
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise ValueError("must be a text of printable ASCII characters")
    return value


def header_name(value: Any) -> str:
    """A name that an HTTP header can have."""
    if not isinstance(value, str) or not _HEADER_NAME.fullmatch(value):
        raise ValueError("must be the name of a header")
    return value


def true_or_false(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004
    return value


def number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("must be a number")
    return float(value)


def within_years(value: Any) -> float:
    """A number of seconds, forward or back, that a calendar can bear."""
    if abs(number(value)) > _MOST_SECONDS:
        raise ValueError(f"must be within {_MOST_SECONDS} seconds")
    return float(value)


def seconds(value: Any) -> float:
    """A length of time in seconds, not negative."""
    if within_years(value) < 0:
        raise ValueError("must not be negative")
    return float(value)


def probability(value: Any) -> float:
    """A number from 0 to 1."""
    if not 0 <= number(value) <= 1:
        raise ValueError("must be from 0 to 1")
    return float(value)


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")  # noqa: TRY004
    return value


def count(value: Any) -> int:
    """A whole number from 1 up."""
    if whole(value) < 1:
        raise ValueError("must be 1 or more")
    return int(value)


def objects(value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise ValueError("must be a list")  # noqa: TRY004
    return value


def one_of(*names: str) -> Reader[str]:
    """One of these texts."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return read


def one_or_more(reader: Reader[_T]) -> Reader[frozenset[_T]]:
    """One value, or a list of them that is not empty."""

    def read(value: Any) -> frozenset[_T]:
        values = value if isinstance(value, list) else [value]
        if not values:
            raise ValueError("must not be empty")
        return frozenset(reader(item) for item in values)

    return read
