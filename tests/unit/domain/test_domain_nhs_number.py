"""NHS numbers: the check digit, what is refused, and what people type."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.nhs_number import has_number_shape, is_valid, strip_spacing

# The numbers in public use for tests, with the verdict their sources give.
GOOD = [
    "9000000009",
    "9000000017",
    "9000000025",
    "9000000033",
    "9111231130",
    "9995000180",
    "9995333333",
    "9691036053",
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
]
BAD = ["9000000000", "9995000181"]

nine_digits = st.text("0123456789", min_size=9, max_size=9)


def weighted_sum(number: str) -> int:
    """With the check digit weighted 1 the whole sum is a multiple of 11 exactly for the right digit."""
    return sum(int(digit) * (10 - place) for place, digit in enumerate(number))


def some_valid_numbers(count: int) -> list[str]:
    """Valid numbers anywhere in the range, the same in every run; made without the code under test."""
    chooser = random.Random(20261123)
    numbers: list[str] = []
    while len(numbers) < count:
        stem = f"{chooser.randrange(10**9):09}"
        numbers += [stem + check for check in "0123456789" if weighted_sum(stem + check) % 11 == 0]
    return numbers[:count]


@pytest.mark.parametrize("number", GOOD)
def test_numbers_that_are_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize("number", BAD)
def test_numbers_with_a_wrong_check_digit(number: str) -> None:
    assert has_number_shape(number)
    assert not is_valid(number)


@pytest.mark.parametrize("digit", "0123456789")
def test_ten_equal_digits_are_refused_though_the_sum_is_right(digit: str) -> None:
    assert weighted_sum(digit * 10) % 11 == 0
    assert not is_valid(digit * 10)


@given(nine_digits)
def test_nine_digits_have_one_check_digit_or_none(stem: str) -> None:
    right = [check for check in "0123456789" if weighted_sum(stem + check) % 11 == 0 and len(set(stem + check)) > 1]

    assert [check for check in "0123456789" if is_valid(stem + check)] == right


@pytest.mark.parametrize("stem", ["000000006", "999000000", "999000014", "123456789"])
def test_a_check_digit_of_ten_means_no_such_number(stem: str) -> None:
    remainder = sum(int(digit) * weight for digit, weight in zip(stem, range(10, 1, -1), strict=True)) % 11
    assert 11 - remainder == 10

    assert not any(is_valid(f"{stem}{last}") for last in range(10))
    assert not is_valid(f"{stem}10")


@pytest.mark.parametrize("stem", ["999000005", "999000019", "999000022"])
def test_a_check_digit_of_eleven_is_written_nought(stem: str) -> None:
    remainder = sum(int(digit) * weight for digit, weight in zip(stem, range(10, 1, -1), strict=True)) % 11
    assert 11 - remainder == 11

    assert [last for last in range(10) if is_valid(f"{stem}{last}")] == [0]


def test_every_single_wrong_digit_is_found() -> None:
    for number in some_valid_numbers(300):
        for place in range(10):
            for digit in "0123456789":
                if digit != number[place]:
                    assert not is_valid(number[:place] + digit + number[place + 1 :]), (number, place, digit)


def test_every_swap_of_neighbours_is_found() -> None:
    for number in some_valid_numbers(2000):
        for place in range(9):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            assert is_valid(swapped) is (swapped == number), (number, place)


@pytest.mark.parametrize(
    "number",
    [
        None,
        "",
        "999000001",
        "99900000180",
        "9990000018\n",
        "\n9990000018",
        " 9990000018",
        "999 000 0018",
        "999-000-0018",
        "+999000018",
        "-999000018",
        "9990000018.",
        "999000001x",
        "9_9000_018",
        "\u0669\u0669\u0669\u0660\u0660\u0660\u0660\u0660\u0661\u0668",
        "\uff19990000018",
        "999000001\u2078",
        "\u00b2\u00b2\u00b2\u00b3\u00b3\u00b3\u00b9\u00b9\u00b9\u00b9",
        "\u0be7990000018",
    ],
)
def test_anything_but_ten_plain_digits_is_refused(number: str | None) -> None:
    assert not is_valid(number)
    assert number is None or not has_number_shape(number)


@given(
    st.text()
    | st.from_regex(r"[0-9]{9,11}", fullmatch=True)
    | st.text("0123456789\u0669\u00b2\n", min_size=10, max_size=10)
)
def test_no_text_upsets_the_check(text: str) -> None:
    shaped = len(text) == 10 and set(text) <= set("0123456789")
    assert has_number_shape(text) is shaped
    assert is_valid(text) is (shaped and weighted_sum(text) % 11 == 0 and len(set(text)) > 1)


@pytest.mark.parametrize(
    "typed",
    [
        "9990000018",
        "999 000 0018",
        "999-000-0018",
        " 999 000  0018 ",
        "999\u00a0000\u00a00018",
        "999\u2009000\u20090018",
        "999\u2010000\u20110018",
        "999\u2013000\u20140018",
        "999\u2212000\u22120018",
        "9 9 9 0 0 0 0 0 1 8",
        "999\t0000018",
    ],
)
def test_spaces_and_hyphens_as_people_type_them_are_removed(typed: str) -> None:
    assert strip_spacing(typed) == "9990000018"


@pytest.mark.parametrize("typed", ["", "999.000.0018", "999/000/0018", "99900O0018", "\u0669\u0669\u0669", "n/a"])
def test_anything_else_typed_is_left_to_be_refused(typed: str) -> None:
    assert strip_spacing(typed) == typed
    assert not is_valid(typed)
