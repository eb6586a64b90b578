"""How numbers, times and durations read (British form, nothing that pretends to be exact)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.ui import formatting
from app.ui.widgets import mnemonic

SUMMER_EVENING = datetime(2026, 7, 21, 21, 4, tzinfo=UTC)


@pytest.mark.parametrize(("number", "words"), [(0, "0 patients"), (1, "1 patient"), (10387, "10,387 patients")])
def test_patients_are_counted_with_thousands_separated(number, words):
    assert formatting.patients(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (2078, "34 min"),
        (22320, "6 h 12 min"),
        (36000, "10 h 0 min"),
    ],
)
def test_a_duration(seconds, words):
    assert formatting.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "about 10 s"), (44, "about 40 s"), (91, "about 2 min"), (2077, "about 35 min"), (20253, "about 5 h 40 min")],
)
def test_a_forecast_is_rounded(seconds, words):
    assert formatting.about(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(7.9, "0:07"), (842, "14:02"), (4442, "1:14:02")])
def test_elapsed_time_is_to_the_second(seconds, words):
    assert formatting.stopwatch(seconds) == words


def test_a_hundred_per_cent_comes_with_the_last_patient_only():
    assert formatting.percent(10_386, 10_387) == 99
    assert formatting.percent(10_387, 10_387) == 100
    assert formatting.percent(0, 0) == 100


def test_times_are_english_times():
    assert formatting.time_of_day(SUMMER_EVENING) == "22:04"
    assert formatting.moment(SUMMER_EVENING) == "21/07/2026 at 22:04"


def test_another_day_carries_its_date():
    assert formatting.clock_time(SUMMER_EVENING, SUMMER_EVENING) == "22:04"
    after_midnight_in_england = datetime(2026, 7, 21, 23, 30, tzinfo=UTC)
    assert formatting.clock_time(after_midnight_in_england, SUMMER_EVENING) == "00:30 on 22/07/2026"


@pytest.mark.parametrize(("rate", "words"), [(4.96, "5.0"), (0.04, "0.0"), (240.4, "240"), (1234.0, "1,234")])
def test_a_rate(rate, words):
    assert formatting.per_second(rate) == words


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "0.20 s"), (1.25, "1.25 s"), (0.0042, "4.2 ms")])
def test_an_average(seconds, words):
    assert formatting.seconds_each(seconds) == words


@pytest.mark.parametrize(
    ("words", "letter", "marked"),
    [("Resume", "s", "Re&sume"), ("Run", "r", "&Run"), ("Terms & more", "m", "Ter&ms && more"), ("Stop", "x", "Stop")],
)
def test_a_mnemonic_leaves_other_ampersands_alone(words, letter, marked):
    assert mnemonic(words, letter) == marked
