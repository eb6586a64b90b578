"""NHS numbers: what people type, and whether the number can be one. Nothing about patients lives here."""

from __future__ import annotations

import re

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_WEIGHTS = range(10, 1, -1)
_SPACING = re.compile(r"[\s\-\u2010-\u2015\u2212]+")


def strip_spacing(text: str) -> str:
    """The number without the spaces, hyphens and dashes people type into it; anything else is left as it is."""
    return _SPACING.sub("", text)


def has_number_shape(number: str) -> bool:
    """Whether this is exactly ten ASCII digits, valid or not."""
    return _TEN_DIGITS.fullmatch(number) is not None


def is_valid(number: str | None) -> bool:
    """Whether this is an NHS number the Spine could know.

    Ten ASCII digits, the last of which is the modulus 11 check digit of the first nine; ten equal digits pass the
    arithmetic and are refused all the same.
    """
    if number is None or not has_number_shape(number) or len(set(number)) == 1:
        return False
    digits = [int(character) for character in number]
    remainder = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=False)) % 11
    check = (11 - remainder) % 11
    return check == digits[9]
