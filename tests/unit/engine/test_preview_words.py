"""What is read about a preview: nothing says that something was done, and nothing is said where there is nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app.domain.outcomes import REASON_LABELS, REASON_WORDS, ItemState, Reason
from app.domain.states import StopReason
from app.engine.preview import Depth
from app.engine.preview_compare import DIFFERENCE_WORDS, Comparison, Difference
from app.engine.preview_lists import PREVIEW_LISTS
from app.engine.preview_numbers import Cause, Foreseen
from app.engine.preview_words import (
    CAUSE_WORDS,
    FORESEEN_LABELS,
    FORESEEN_WORDS,
    comparison_words,
    label_of,
    not_sent_words,
    number_lines,
    sentences,
    stopped_short,
    time_words,
    widening_words,
)
from tests.ui.preview.fakes import COUNTS, a_preview, run_for_everyone

HAS_BEEN_DONE = re.compile(r"\b(was|were) (added|sent|replaced|noted)\b|press Failed|Press Failed")
LABEL_OF_DONE = re.compile(r"(?<!to be) (sent|added|converted)( again)?$")


def empty(preview):
    """The same with nothing found."""
    return replace(preview, foreseen=Foreseen(dict.fromkeys(PREVIEW_LISTS, 0), {}, (), None))


@pytest.mark.parametrize("reason", list(Reason))
def test_no_word_of_a_preview_says_that_something_was_done(reason):
    sentence = FORESEEN_WORDS.get(reason, REASON_WORDS[reason])
    if reason not in {Reason.CONFLICT, Reason.CONFIRMED_BY_READ, Reason.NOT_TOLD}:
        assert not HAS_BEEN_DONE.search(sentence), sentence
    label = FORESEEN_LABELS.get(reason, REASON_LABELS[reason])
    assert not LABEL_OF_DONE.search(label), label


def test_every_cause_and_difference_has_its_words():
    assert set(CAUSE_WORDS) == set(Cause)
    assert set(DIFFERENCE_WORDS) == set(Difference)


def test_where_there_is_nothing_to_warn_of_nothing_is_said():
    preview = empty(a_preview(run_for_everyone()))
    assert (widening_words(preview), not_sent_words(preview), time_words(preview), stopped_short(preview)) == ("",) * 4
    assert sentences(preview) == [
        "What Run would do for 10,387 patients: the Spine was asked.",
        "Nothing was sent to the Spine, and nothing was changed in the practice's records.",
    ]
    shown = [words for _, words, _ in number_lines(preview)]
    assert "Dissents to be sent" in shown
    assert not any("may be refused" in words or "foreseen" in words or "looked at" in words for words in shown)


def test_the_two_warnings_say_how_many_and_why():
    preview = a_preview(run_for_everyone())
    assert widening_words(preview).startswith("The consent of 412 patients widens to core and additional data: 93C2.")
    assert not_sent_words(preview) == (
        "9 dissents would not be sent: 3 because the registration is Applied; 2 because the record is not linked with "
        "PDS; 1 because the record is open on another computer; 1 because the NHS number is missing or not valid; "
        "2 because the dissent is dated in the future."
    )
    assert time_words(preview) == "It would take about 36 min at the pace that is set."


def test_one_dissent_reads_as_one():
    preview = a_preview(run_for_everyone())
    sizes = {**preview.foreseen.sizes, "dissent-not-sent": 1}
    preview = replace(preview, foreseen=replace(preview.foreseen, sizes=sizes, causes={Cause.APPLIED: 1}))
    assert not_sent_words(preview) == "1 dissent would not be sent: 1 because the registration is Applied."


def test_the_reasons_stand_beside_the_numbers():
    lines = {key: words for key, words, _ in number_lines(a_preview(run_for_everyone()))}
    assert lines["likely-to-fail"] == (
        "Likely to fail (PDS mismatch 17, Record in use 9, NHS number missing or invalid 5)"
    )
    assert "Old consent to be converted 412" in lines["not-required"]


def test_from_the_records_alone_a_reason_says_what_is_recorded():
    assert label_of(Reason.NO_PREFERENCE_EXPRESSED, Depth.RECORDS) == "No consent recorded"
    assert label_of(Reason.NO_PREFERENCE_EXPRESSED, Depth.SPINE) == "No Preference Expressed"
    lines = [key for key, _, _ in number_lines(a_preview(run_for_everyone(Depth.RECORDS)))]
    assert lines == ["to-be-sent", "to-be-converted", "not-required", "likely-to-fail"]


def test_one_that_was_stopped_says_why_and_how_many_are_left():
    counts = replace(COUNTS, not_required=0, unprocessed=COUNTS.not_required)
    preview = a_preview(run_for_everyone(), counts, StopReason.CARD_EXPIRED)
    assert stopped_short(preview).startswith("Smartcard session ended. 10,239 patients not looked at")


def test_how_a_run_came_out_is_one_sentence_or_a_list_of_differences():
    assert comparison_words(Comparison(12, {})) == ["It came as foreseen for all 12 patients."]
    differing = comparison_words(Comparison(9, {Difference.REFUSED: 1, Difference.JOINED: 2}))
    assert differing[0] == "As foreseen: 9 patients. Otherwise: 3 patients."
    assert [line.split(":")[0] for line in differing[1:]] == ["1 patient", "2 patients"]


def test_states_of_items_are_all_known_to_the_lists():
    covered = set().union(*(one.states for one in PREVIEW_LISTS.values()))
    assert covered == set(ItemState)
