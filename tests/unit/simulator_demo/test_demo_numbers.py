"""Test-range numbers: all of them, each once, in an order of the seed's; checked with the program's own rule."""

from __future__ import annotations

import random
from itertools import islice, pairwise

import pytest

from app.domain import nhs_number
from app.simulator.demo import nhs_numbers


def test_the_whole_range_comes_out_once() -> None:
    numbers = list(nhs_numbers.numbers_of_the_test_range(random.Random("any")))
    assert len(set(numbers)) == len(numbers)
    assert len(numbers) > 500_000
    assert min(numbers) >= "9990000000"
    assert "9999999999" not in numbers
    assert all(map(nhs_number.is_valid, random.Random(1).sample(numbers, 20_000)))
    # One last digit in eleven does not exist; of the others none is left out but ten equal digits.
    stems = {number[:9] for number in numbers}
    for body in random.Random(2).sample(range(1_000_000), 5_000):
        stem = f"999{body:06d}"
        possible = any(nhs_number.is_valid(f"{stem}{check}") for check in range(10))
        assert (stem in stems) == possible


def test_the_order_has_no_pattern_to_the_eye() -> None:
    first = islice(nhs_numbers.numbers_of_the_test_range(random.Random(1)), 500)
    steps = {int(after) - int(before) for before, after in pairwise(first)}
    assert len(steps) > 480


@pytest.mark.parametrize("number", ["9990000018", "9990000026", "9990000050", "9990000093", "9990000069"])
def test_a_slip_makes_a_number_invalid(number: str) -> None:
    assert nhs_number.is_valid(number)
    slipped = nhs_numbers.with_wrong_check_digit(number)
    assert nhs_number.has_number_shape(slipped)
    assert not nhs_number.is_valid(slipped)


def test_its_own_check_agrees_with_the_programs() -> None:
    rng = random.Random(4)
    numbers = [f"{rng.randrange(10**10):010d}" for _ in range(20_000)]
    for number in [*numbers, "1111111111", "9999999999", "0000000000", "", "999000001", "99900000180"]:
        assert nhs_numbers.is_valid(number) == nhs_number.is_valid(number)
