"""Which local entry counts, and who is taken first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.patient import ConsentEntry, counting_entry, has_future_dated_dissent, has_local_dissent
from tests.unit.domain.samples import (
    DISSENTS,
    OTHER_CODES,
    SIX_CODES,
    TODAY,
    TOMORROW,
    YESTERDAY,
    at,
    consent_entries,
    entry,
    entry_lists,
    in_file_order,
)

LONG_AGO = date(2009, 4, 1)
EXPRESS_CODES = [code for code in SIX_CODES if code != "9Ndl."]


def counting(*entries: ConsentEntry) -> int | None:
    """The place in the file, counted from 1, of the entry that counts."""
    found = counting_entry(in_file_order(*entries), TODAY)
    return None if found is None else found.entry_id


# Step 1: one of the six codes, dated today or earlier.


def test_a_record_without_entries_has_none() -> None:
    assert counting() is None


@pytest.mark.parametrize("code", SIX_CODES)
@pytest.mark.parametrize("event_date", [TODAY, YESTERDAY, LONG_AGO])
def test_each_of_the_six_codes_counts(code: str, event_date: date) -> None:
    assert counting(entry(code, event_date)) == 1


@pytest.mark.parametrize("code", OTHER_CODES)
def test_other_sharing_codes_never_count(code: str) -> None:
    assert counting(entry(code, TODAY)) is None
    assert counting(entry("9Ndo.", LONG_AGO), entry(code, TODAY, at(12))) == 1


@pytest.mark.parametrize("code", SIX_CODES)
def test_an_entry_dated_in_the_future_does_not_count(code: str) -> None:
    assert counting(entry(code, TOMORROW)) is None
    assert counting(entry("9Ndm.", LONG_AGO), entry(code, TOMORROW)) == 1


def test_the_date_decides_not_when_it_was_typed_in() -> None:
    typed_tomorrow = entry("9Ndo.", YESTERDAY, at(9, day=TOMORROW))

    assert counting(typed_tomorrow) == 1


# Step 2: the latest event date wins, old and new codes alike.


@pytest.mark.parametrize("older", SIX_CODES)
@pytest.mark.parametrize("newer", SIX_CODES)
def test_the_latest_event_date_wins_whatever_the_codes(older: str, newer: str) -> None:
    assert counting(entry(older, YESTERDAY), entry(newer, TODAY)) == 2
    assert counting(entry(newer, TODAY), entry(older, YESTERDAY)) == 1


def test_a_later_date_beats_a_later_entry_time() -> None:
    assert counting(entry("9Ndo.", YESTERDAY, at(23)), entry("9Ndm.", TODAY, at(8))) == 2


def test_a_later_date_wins_even_where_the_entry_time_is_missing() -> None:
    assert counting(entry("9Ndo.", YESTERDAY, at(23)), entry("9Ndm.", TODAY)) == 2


# Step 3: on that date 9Ndl. gives way to any express code.


@pytest.mark.parametrize("express", EXPRESS_CODES)
@pytest.mark.parametrize(("express_at", "implied_at"), [(None, None), (at(9), at(17)), (None, at(17)), (at(9), None)])
def test_implied_consent_gives_way_on_the_same_date(
    express: str, express_at: datetime | None, implied_at: datetime | None
) -> None:
    first = entry(express, TODAY, express_at)
    last = entry("9Ndl.", TODAY, implied_at)

    assert counting(first, last) == 1
    assert counting(last, first) == 2


@pytest.mark.parametrize("express", EXPRESS_CODES)
def test_implied_consent_of_a_later_date_counts(express: str) -> None:
    assert counting(entry(express, YESTERDAY), entry("9Ndl.", TODAY)) == 2


def test_implied_consent_that_gave_way_does_not_blur_the_times_of_the_rest() -> None:
    """The entry without a time is the 9Ndl.; among the rest all have one, so the latest wins over the dissent."""
    assert counting(entry("9Ndl.", TODAY), entry("9Ndo.", TODAY, at(9)), entry("9Ndm.", TODAY, at(10))) == 3


def test_implied_consent_counts_among_its_own() -> None:
    assert counting(entry("9Ndl.", TODAY, at(10)), entry("9Ndl.", TODAY, at(9))) == 1
    assert counting(entry("9Ndl.", TODAY), entry("9Ndl.", TODAY)) == 2


# Step 4: if all of the rest have an entry time, the latest time wins.


@pytest.mark.parametrize("earlier", EXPRESS_CODES)
@pytest.mark.parametrize("later", EXPRESS_CODES)
def test_the_latest_entry_time_wins(earlier: str, later: str) -> None:
    assert counting(entry(earlier, TODAY, at(9)), entry(later, TODAY, at(9, 1))) == 2
    assert counting(entry(later, TODAY, at(9, 1)), entry(earlier, TODAY, at(9))) == 1


def test_consent_given_an_hour_after_a_dissent_ends_it() -> None:
    assert counting(entry("9Ndm.", TODAY, at(11)), entry("9Ndo.", TODAY, at(10))) == 1


# Step 5: a missing time, or equal ones: all stand equal, a dissent wins, else the last in the file.


@pytest.mark.parametrize("dissent", DISSENTS)
def test_a_missing_time_makes_all_of_the_date_equal_and_the_dissent_wins(dissent: str) -> None:
    assert counting(entry(dissent, TODAY, at(9)), entry("9Ndm.", TODAY)) == 1
    assert counting(entry("9Ndm.", TODAY), entry(dissent, TODAY, at(9))) == 2
    assert counting(entry(dissent, TODAY), entry("9Ndm.", TODAY, at(17))) == 1
    assert counting(entry("9Ndm.", TODAY, at(17)), entry(dissent, TODAY)) == 2


def test_one_missing_time_is_enough_for_an_earlier_dissent_to_win() -> None:
    dissent, consent, undated = entry("9Ndo.", TODAY, at(8)), entry("9Ndm.", TODAY, at(17)), entry("9Ndn.", TODAY)

    for entries in permutations([dissent, consent, undated]):
        assert counting(*entries) == entries.index(dissent) + 1


@pytest.mark.parametrize("dissent", DISSENTS)
def test_equal_latest_times_let_the_dissent_win(dissent: str) -> None:
    assert counting(entry(dissent, TODAY, at(9)), entry("9Ndm.", TODAY, at(9))) == 1
    assert counting(entry("9Ndm.", TODAY, at(9)), entry(dissent, TODAY, at(9))) == 2


def test_only_equals_of_the_latest_time_compete() -> None:
    assert counting(entry("9Ndo.", TODAY, at(8)), entry("9Ndm.", TODAY, at(9)), entry("9Ndn.", TODAY, at(9))) == 3


def test_without_a_dissent_the_last_in_the_file_counts() -> None:
    consents = [entry("93C2.", TODAY), entry("9Ndn.", TODAY), entry("9Ndm.", TODAY)]

    for entries in permutations(consents):
        assert counting(*entries) == 3


def test_of_several_dissents_among_equals_the_last_in_the_file_counts() -> None:
    assert counting(entry("93C3.", TODAY), entry("9Ndo.", TODAY), entry("9Ndm.", TODAY)) == 2
    assert counting(entry("9Ndo.", TODAY), entry("9Ndm.", TODAY), entry("93C3.", TODAY)) == 3


# What must hold of every record.


@given(entry_lists)
def test_the_counting_entry_is_one_of_the_latest_consent_entries(entries: tuple[ConsentEntry, ...]) -> None:
    eligible = [one for one in entries if one.code in SIX_CODES and one.event_date <= TODAY]
    found = counting_entry(entries, TODAY)

    if not eligible:
        assert found is None
    else:
        assert found in eligible
        assert found.event_date == max(one.event_date for one in eligible)


@given(entry_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_file_never_decides_between_dissent_and_consent(
    entries: tuple[ConsentEntry, ...], shuffler: Random
) -> None:
    shuffled = list(entries)
    shuffler.shuffle(shuffled)

    assert has_local_dissent(shuffled, TODAY) == has_local_dissent(entries, TODAY)


@given(entry_lists, consent_entries, st.integers(0, 6))
def test_what_does_not_count_changes_nothing(entries: tuple[ConsentEntry, ...], more: ConsentEntry, place: int) -> None:
    """Another sharing code, an entry of the future or one older than all others makes no difference anywhere."""
    oldest = min((one.event_date for one in entries), default=TODAY)
    found = counting_entry(entries, TODAY)
    idle = [
        entry(OTHER_CODES[place % 4], more.event_date, more.recorded_at),
        entry(more.code, TODAY + timedelta(days=1 + place), more.recorded_at),
    ]
    if found is not None:
        idle.append(entry(more.code, oldest - timedelta(days=1 + place), more.recorded_at))

    for one in idle:
        assert counting_entry((*entries[:place], one, *entries[place:]), TODAY) == found


@given(entry_lists, st.sampled_from(DISSENTS))
def test_a_dissent_of_today_without_a_time_always_counts(entries: tuple[ConsentEntry, ...], dissent: str) -> None:
    assert has_local_dissent((*entries, entry(dissent, TODAY)), TODAY)
    assert has_local_dissent((entry(dissent, TODAY), *entries), TODAY)


# Who is taken first, and entries dated in the future.


@pytest.mark.parametrize("code", SIX_CODES)
def test_patients_whose_counting_entry_is_a_dissent_come_first(code: str) -> None:
    assert has_local_dissent([entry(code, TODAY)], TODAY) is (code in DISSENTS)


def test_a_dissent_that_no_longer_counts_gives_no_priority() -> None:
    assert not has_local_dissent([], TODAY)
    assert not has_local_dissent([entry("9Ndo.", YESTERDAY), entry("9Ndm.", TODAY)], TODAY)
    assert not has_local_dissent([entry("9Ndo.", TOMORROW)], TODAY)


@pytest.mark.parametrize("code", [*SIX_CODES, *OTHER_CODES])
def test_only_a_dissent_after_today_is_a_future_dated_one(code: str) -> None:
    assert has_future_dated_dissent([entry(code, TOMORROW)], TODAY) is (code in DISSENTS)
    assert not has_future_dated_dissent([entry(code, TODAY), entry(code, YESTERDAY)], TODAY)


def test_a_mistyped_year_is_found_among_other_entries() -> None:
    entries = [entry("9Ndm.", YESTERDAY), entry("93C3.", date(2062, 11, 1)), entry("93C0.", TODAY)]

    assert has_future_dated_dissent(entries, TODAY)
    assert not has_future_dated_dissent([], TODAY)
