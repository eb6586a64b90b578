"""The audit trail in words: every kind of event that storage writes has its own, and whatever else still reads."""

from __future__ import annotations

import pytest

from app.domain.states import StopReason
from app.engine.audit_trail import Damage, TrailVerdict
from app.engine.history_words import KIND_WORDS, kind_words, stop_cause, verdict_words
from app.storage.audit import AuditAction


def test_every_kind_of_event_has_words_of_its_own():
    assert {kind.value for kind in AuditAction} <= set(KIND_WORDS)
    assert len(set(KIND_WORDS.values())) == len(KIND_WORDS)


def test_a_kind_from_elsewhere_reads_as_it_is_written():
    assert kind_words("four_files_exported") == "Four files exported"


@pytest.mark.parametrize("reason", StopReason)
def test_why_it_paused_is_one_sentence_without_what_to_press(reason):
    cause = stop_cause(reason)
    assert cause[0].isupper()
    assert "press" not in cause.lower().replace("pressed", "")
    assert not cause.endswith(".")


def test_a_fault_of_the_database_says_itself():
    assert stop_cause(StopReason.DATABASE, "The disk is full. Make room.") == "The disk is full"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Damage.CHANGED, "event 7 on: it is not as it was written"),
        (Damage.MISSING, "event 7 on: it is missing"),
        (Damage.CUT_SHORT, "event 7 on: the trail does not end where"),
    ],
)
def test_a_broken_trail_is_told_with_the_number_and_what_is_wrong(damage, words):
    told = verdict_words(TrailVerdict(6, 7, damage))
    assert words in told
    assert "the 6 events before are whole" in told


def test_a_whole_trail_is_told_with_its_length():
    assert verdict_words(TrailVerdict(1_000)) == "The audit trail is whole: 1,000 events, each as it was written."
