"""NHS numbers of the range kept free for tests, 999 000 0000 to 999 999 9999, each at most once and in no order.

The check is worked out anew here: a mistake in the program's own must not be shared by what it is tried on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

_HALF = 1000
_ROUNDS = 4
# Weights 10, 9 and 8 on the three nines that begin every number of the range.
_PREFIX_SUM = 9 * 10 + 9 * 9 + 9 * 8
_LEFT_SUMS = [7 * (n // 100) + 6 * (n // 10 % 10) + 5 * (n % 10) for n in range(_HALF)]
_RIGHT_SUMS = [4 * (n // 100) + 3 * (n // 10 % 10) + 2 * (n % 10) for n in range(_HALF)]
_ALL_NINES = "9999999999"


def numbers_of_the_test_range(rng: random.Random) -> Iterator[str]:
    """Every valid number of the range once, some 909,000 of them, in an order that `rng` decides.

    The six free digits are shuffled by a small Feistel network: a permutation by its construction, so no set of the
    numbers given out has to be kept.
    """
    rounds = [[rng.randrange(_HALF) for _ in range(_HALF)] for _ in range(_ROUNDS)]
    for body in range(_HALF * _HALF):
        left, right = divmod(body, _HALF)
        for mixing in rounds:
            left, right = right, (left + mixing[right]) % _HALF
        check = -(_PREFIX_SUM + _LEFT_SUMS[left] + _RIGHT_SUMS[right]) % 11
        number = f"999{left:03d}{right:03d}{check}"
        if check != 10 and number != _ALL_NINES:
            yield number


def with_wrong_check_digit(number: str) -> str:
    """A valid number with another last digit, as a slip of the finger makes it."""
    return f"{number[:9]}{(int(number[9]) + 1) % 10}"


def is_valid(number: str) -> bool:
    """Whether the last of ten digits is the check digit of the others, and not all of them are the same."""
    if len(number) != 10 or len(set(number)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False))
    return -total % 11 == int(number[9])
