"""Every reason has its words, and the words are fit to be read aloud at reception."""

from __future__ import annotations

import re

import pytest

from app.domain.outcomes import REASON_LABELS, REASON_WORDS, Reason
from app.domain.states import STOP_WORDS, StopReason, stop_words

WORDS = [*REASON_WORDS.values(), *STOP_WORDS.values()]

# What staff themselves must do something about before pressing Failed, or just press it.
FAILED_REASONS = [
    Reason.PDS_MISMATCH,
    Reason.RECORD_IN_USE,
    Reason.NHS_NUMBER_INVALID,
    Reason.SPINE_REJECTED,
    Reason.ANSWER_NOT_UNDERSTOOD,
    Reason.SPINE_UNAVAILABLE,
    Reason.OUTCOME_UNKNOWN,
    Reason.CONFLICT,
    Reason.INTERNAL_ERROR,
]


def test_every_reason_has_words() -> None:
    assert set(REASON_WORDS) == set(REASON_LABELS) == set(Reason)
    assert set(STOP_WORDS) == set(StopReason)


@pytest.mark.parametrize("reason", [*Reason, *StopReason])
def test_a_reason_is_a_fixed_snake_case_word(reason: Reason | StopReason) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", reason.value)


@pytest.mark.parametrize("words", WORDS)
def test_the_words_are_short_whole_sentences(words: str) -> None:
    assert words[0].isupper()
    assert words.endswith(".")
    assert len(words) <= 100


@pytest.mark.parametrize("words", WORDS)
def test_the_words_hold_no_number_and_nothing_left_to_fill_in(words: str) -> None:
    """Nothing of a patient can be in them: they are the same for everybody."""
    assert not re.search(r"[0-9{}%_\n<>]", words.replace("FP69", ""))


def test_no_two_reasons_read_the_same() -> None:
    assert len(set(REASON_WORDS.values())) == len(set(REASON_LABELS.values())) == len(Reason)
    assert len(set(STOP_WORDS.values())) == len(StopReason)


@pytest.mark.parametrize("reason", FAILED_REASONS)
def test_a_failed_patients_words_name_the_button_that_tries_again(reason: Reason) -> None:
    assert re.search(r"[Pp]ress(ing)? Failed", REASON_WORDS[reason])


@pytest.mark.parametrize("reason", StopReason)
def test_a_paused_runs_words_name_the_button_that_goes_on(reason: StopReason) -> None:
    assert "ress Resume" in STOP_WORDS[reason]


@pytest.mark.parametrize("label", REASON_LABELS.values())
def test_the_labels_fit_a_column(label: str) -> None:
    assert label[0].isupper()
    assert not label.endswith(".")
    assert len(label) <= 30


def test_a_database_that_failed_says_itself_what_to_do():
    assert stop_words(StopReason.DATABASE, "The disk is full. Free some space.") == "The disk is full. Free some space."
    assert stop_words(StopReason.DATABASE) == STOP_WORDS[StopReason.DATABASE]
    assert stop_words(StopReason.ERROR, "KeyError") == STOP_WORDS[StopReason.ERROR]
