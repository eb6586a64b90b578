"""What the pages about patients say, from values alone: terms, lists, stories, groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.decision import Permission, Summary
from app.domain.outcomes import REASON_WORDS, STATE_LABELS, ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.rule_words import rule_words
from app.domain.states import IntentState
from app.domain.terms import NO_PREFERENCE, TERMS
from app.engine.groups import GroupDraft, LineFault
from app.engine.lists import JoinedSince, OfGroup, OfPractice, OfRun, ReasonCount, Sort
from app.engine.ports import GroupView
from app.engine.rows import ResendReason
from app.engine.run_lists import COUNTER_LISTS, LISTS
from app.engine.spine_port import AnswerKind
from app.engine.story import Happening, StoryEvent
from app.ui.counter_words import COUNTER_WORDS
from app.ui.patients import words
from app.ui.patients.columns import SORT_WORDS, columns_of
from app.ui.patients.groups_model import draft_words, fault_lines, group_note, size_words, still_there
from app.ui.patients.list_model import chosen_model, how_many, reason_choices, reason_sentences
from app.ui.patients.story_model import ANSWER_WORDS, MESSAGE_WORDS, RESEND_WORDS, story_model
from app.ui.patients.story_text import story_text
from app.ui.tones import Tone
from tests.ui.patients.fake_lists import BEGUN, a_story, line

# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("93C2.", "Old express consent (93C2.)"),
        ("93C3.", "Old dissent (93C3.)"),
        ("9Ndl.", "Implied consent (9Ndl.)"),
        ("9Ndm.", "Express consent (9Ndm.)"),
        ("9Ndn.", "Express consent (9Ndn.)"),
        ("9Ndo.", "Dissent (9Ndo.)"),
        ("", NO_PREFERENCE),
        ("9Nd1.", "9Nd1."),
        (None, words.NOTHING),
    ],
)
def test_a_code_never_stands_alone_where_its_meaning_is_known(code, shown):
    assert words.term(code) == shown


def test_numbers_and_dates_as_staff_read_them():
    assert words.spaced_number("9991234567") == "999 123 4567"
    assert words.spaced_number(None) == "none"
    assert words.day(date(2020, 2, 29)) == "29/02/2020"
    assert words.time_of(datetime(2026, 7, 1, 21, 5, tzinfo=UTC)) == "01/07/2026 22:05"
    assert words.time_of(None) == words.NOTHING


def test_every_word_of_the_domain_is_shown():
    assert set(STATE_LABELS) == set(COUNTER_WORDS) == set(ItemState)
    assert set(words.REGISTRATION_WORDS) == set(RegistrationStatus)
    assert set(words.SUMMARY_WORDS) == set(Summary)
    assert set(words.PERMISSION_WORDS) == set(Permission)
    assert set(ANSWER_WORDS) == set(AnswerKind)
    assert set(RESEND_WORDS) == set(ResendReason)
    assert set(MESSAGE_WORDS) == set(IntentState)
    assert set(SORT_WORDS) == set(Sort)


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("definition", LISTS.values(), ids=lambda one: one.key)
def test_every_list_says_what_it_is(definition):
    assert definition.title[0].isupper()
    assert definition.meaning.endswith(".")
    headings = [column.heading for column in columns_of(OfRun(1, definition))]
    assert len(headings) == len(set(headings))
    assert ("Outcome" in headings) is (len(definition.states) != 1)


def test_the_counters_lists_are_lists():
    assert set(COUNTER_LISTS) == set(ItemState)
    assert all(LISTS[one.key] is one for one in COUNTER_LISTS.values())


@pytest.mark.parametrize("source", [OfPractice(), OfGroup("x"), JoinedSince(1)])
def test_lists_of_no_run_have_no_columns_of_one(source):
    assert not [column for column in columns_of(source) if column.sort is not None and column.sort.needs_run]
    texts = [column.text(replace(line(0), outcome=None)) for column in columns_of(source)]
    assert texts == ["Abdi", "Ann", "01/01/1950", "999 000 0000", "Permanent", "Dissent (9Ndo.)"]


def test_a_row_in_words():
    told = {column.heading: column.text(line(0)) for column in columns_of(OfRun(1))}
    assert told == {
        "Surname": "Abdi",
        "Forename": "Ann",
        "Born": "01/01/1950",
        "NHS number": "999 000 0000",
        "Outcome": "Failed",
        "Reason": "PDS mismatch",
        "Time": "24/11/2026 16:20",
        "Here before": "Old dissent (93C3.)",
        "Here now": "Dissent (9Ndo.)",
        "Summary": "Yes",
        "Spine before": "No dissent (Ask)",
        "Spine now": "No dissent (Ask)",
        "Attempts": "1",
        "Registration": "Permanent",
        "Operator": "Alison Marsh",
    }
    untouched = line(
        0, state=ItemState.UNPROCESSED, reason=None, code_before=None, summary=None, permission_before=None, operator=""
    )
    shown = [column.text(untouched) for column in columns_of(OfRun(1))]
    assert shown.count(words.NOTHING) == 6


def test_what_was_sent_is_what_the_spine_holds_now():
    [column] = [column for column in columns_of(OfRun(1)) if column.heading == "Spine now"]
    assert column.text(line(0, state=ItemState.SENT)) == "Dissent (No)"


def test_how_many_of_how_many():
    assert how_many(1, 1) == "1 patient"
    assert how_many(2_847, 2_847) == "2,847 patients"
    assert how_many(34, 2_847) == "34 of 2,847 patients"


COUNTED = [
    ReasonCount(ItemState.FAILED, Reason.PDS_MISMATCH, 1_200),
    ReasonCount(ItemState.FAILED, Reason.RECORD_IN_USE, 1),
    ReasonCount(ItemState.UNPROCESSED, None, 3),
]


def test_the_filter_offers_every_reason_with_its_number():
    assert [(choice.reason, choice.text) for choice in reason_choices(COUNTED)] == [
        (None, "All reasons (1,204)"),
        (Reason.PDS_MISMATCH, "PDS mismatch (1,200)"),
        (Reason.RECORD_IN_USE, "Record in use (1)"),
    ]
    assert reason_choices(COUNTED[:1]) == ()
    assert reason_choices([]) == ()


def test_reasons_for_those_who_may_not_see_names():
    assert reason_sentences(COUNTED) == (
        "PDS mismatch: 1,200 patients",
        "Record in use: 1 patient",
        "Unprocessed: 3 patients",
    )


def test_the_chosen_patient_in_words_with_the_spines_own_behind_details():
    model = chosen_model(line(0))
    assert model.who == "Abdi, Ann, born 01/01/1950, NHS number 999 000 0000"
    assert model.what == f"Failed. {REASON_WORDS[Reason.PDS_MISMATCH]}"
    assert model.spine == "The Spine said: 35160 The NHS number is not known."
    assert chosen_model(line(1)).spine == ""
    assert chosen_model(line(0, reason=None, state=ItemState.SENDING)).what == "Sending."
    assert chosen_model(replace(line(0), outcome=None)).what == (
        "Registration: Permanent. Recorded here: Dissent (9Ndo.)."
    )


# --- stories ------------------------------------------------------------------------------------------------------


def told_of(event: StoryEvent) -> str:
    story = a_story()
    run = replace(story.runs[0], events=(event,))
    return story_model(replace(story, runs=(run,))).runs[0].events[0].what


def an_event(what: Happening, after: str | None, before: str | None = None, detail: str = "") -> StoryEvent:
    return StoryEvent(7, BEGUN, "Alison Marsh", what, before, after, detail, None, None)


def test_a_story_in_sentences():
    model = story_model(a_story())
    assert model.name == "Grzegorczyk-Featherstonehaugh, Anna-Maria"
    assert ("Flags", "Sensitive record") in model.facts
    assert ("Groups", "Diabetes review, Over 75s") in model.facts
    [before], [now] = model.before, model.now
    assert (before.term, before.note) == ("Old dissent (93C3.)", "Counts")
    assert (now.term, now.wording) == ("Dissent (9Ndo.)", TERMS["9Ndo."].wording)
    assert before.recorded == now.recorded == "Dated 14/05/2013, by Dr Helen Whitfield"
    [run] = model.runs
    assert run.heading == "Consent Migration, begun on 24/11/2026 at 16:17"
    assert run.tone is Tone.DONE
    assert run.decision == f"Sent. {REASON_WORDS[Reason.CONFIRMED_BY_READ]}"
    assert [event.what for event in run.events] == [
        "Old dissent (93C3.) became Dissent (9Ndo.) in the record.",
        "A message was prepared: the Spine is to hold a dissent (No).",
        "The message was sent.",
        "Sending. This follows rule 1.",
        "No clear answer came, so it is not known whether it arrived.",
        "Reading the Spine back showed that the message is there.",
        f"Sent. {REASON_WORDS[Reason.CONFIRMED_BY_READ]}",
    ]
    assert "HTTP 504, The Spine said: Gateway timeout" in run.events[4].details
    assert "at 16:17:05" in run.events[4].details
    assert model.note == model.runs_note == ""
    assert run.rule == rule_words(1)
    assert run.record == (
        "Record before this pass: Old dissent (93C3.) of 14/05/2013 (counts)",
        "Record after this pass: Dissent (9Ndo.) of 14/05/2013 (counts)",
    )
    assert model.notes == (
        "More than one consent term, dealt with, by Sam Okafor on 25/11/2026 at 16:17: "
        "Spoke to the patient, who still objects.",
    )
    assert [event.what for event in model.since] == ["The Spine was asked about this patient. It holds: Dissent (No)."]


def test_what_happened_between_runs_stands_between_them():
    story = a_story()
    earlier = replace(story.runs[0], begun_at=story.runs[0].begun_at - timedelta(days=7), events=())
    later = replace(story.runs[0], begun_at=story.runs[0].begun_at + timedelta(days=7), rule=None, before=(), after=())
    first, second, third = story_model(replace(story, runs=(earlier, *story.runs, later))).runs
    assert (first.since_before, second.since_before) == ((), ())
    assert len(third.since_before) == 1
    assert (third.rule, third.record[0]) == ("", "Record before this pass: No Preference Expressed")


def test_a_record_that_stands_as_the_pass_before_left_it_is_not_told_again():
    story = a_story()
    [run] = story.runs
    again = replace(run, begun_at=run.begun_at + timedelta(days=7), before=run.after, events=())
    first, second = story_model(replace(story, runs=(run, again))).runs
    assert len(first.record) == 2
    assert second.record == ("This pass left the record as it was.",)
    changed_since = replace(again, before=run.before, after=run.before)
    _, second = story_model(replace(story, runs=(run, changed_since))).runs
    assert second.record == (first.record[0], "This pass left the record as it was.")


@pytest.mark.parametrize(
    ("what", "after", "detail", "shown"),
    [
        (Happening.PATIENT_MARKED, "dealt_with", "mismatch", "was marked as dealt with on the worklist Dissent on"),
        (Happening.PATIENT_MARKED, None, "failed", "The patient lost the mark on the worklist Failed."),
        (Happening.SPINE_CHECKED, "Ask", "summary yes", "asked about this patient. It holds: No dissent (Ask)."),
        (Happening.SPINE_NOT_TOLD, None, "unavailable", "gave no usable answer"),
        (Happening.DISSENT_READ_BACK, "No", "pass 1, as sent", "read back from the Spine, which holds: Dissent (No)"),
        (Happening.DISSENT_READ_BACK, "Ask", "pass 1, otherwise", "read back from the Spine, which holds: No dissent"),
        (Happening.DISSENT_READ_BACK, "not_told", "pass 1, not_told", "which holds: Not told."),
        (Happening.DISSENT_READ_BACK, None, "pass 1, not_read, pds_mismatch", "dissent could not be read back from"),
        (Happening.REPORT_TAKEN, None, "story, copied", "copied out of the program"),
        (Happening.REPORT_TAKEN, None, "story, clipboard", "copied out of the program"),
        (Happening.REPORT_TAKEN, None, "story, PDF file, /home/alison/story.pdf", "saved as a PDF file"),
        (Happening.REPORT_TAKEN, None, "story, print, Front desk", "was printed"),
    ],
)
def test_what_people_do_between_runs_is_a_sentence(what, after, detail, shown):
    event = replace(a_story().outside[0], what=what, after=after, detail=detail)
    assert shown in story_model(replace(a_story(), outside=(event,))).since[0].what


def test_the_whole_story_is_in_the_text_for_the_record():
    """Whatever the page shows, and what stands behind Details, in the same order."""
    model = story_model(a_story())
    text = story_text(model, "Taken on 25/11/2026 at 09:00 by Alison Marsh.")
    run = model.runs[0]
    wanted = [
        *(model.name, "9990000018"[:3], "Taken on 25/11/2026", "Recorded here before", "Old dissent (93C3.)"),
        *("Recorded here now", "Notes of the practice", model.notes[0], run.heading, run.decision, run.rule),
        *run.record,
        *(part for event in run.events for part in (event.what, event.details)),
        *("Outside runs", model.since[0].what),
    ]
    at = 0
    for part in wanted:
        assert part in text[at:], part
        at = text.index(part, at)
    assert "<" not in text
    assert "message 5a1c2f0e" in text
    assert "attempt 0c0b9d2e" in text


def test_where_nothing_counts_no_preference_is_expressed():
    story = a_story()
    nothing = story_model(replace(story, before=(), now=()))
    assert [term.term for term in nothing.before] == [term.term for term in nothing.now] == [NO_PREFERENCE]
    ahead = replace(story.now[0], counts=False, is_ahead=True)
    other = replace(story.now[0], code="9Nd1.", counts=False, is_consent=False)
    shown = story_model(replace(story, now=(ahead, other))).now
    assert [(term.term, term.note) for term in shown] == [
        (NO_PREFERENCE, ""),
        ("Dissent (9Ndo.)", "Dated in the future: does not count yet"),
        ("9Nd1.", "Not about the summary: never touched"),
    ]


def test_what_else_is_said_of_a_story():
    story = a_story()
    assert "newer list" in story_model(replace(story, record_replaced=True)).note
    assert "No run" in story_model(replace(story, runs=())).runs_note
    assert "1,200 earliest events" in story_model(replace(story, left_out=1_200)).runs_note
    timed = replace(story.now[0], recorded_at=BEGUN, recorded_by="")
    assert story_model(replace(story, now=(timed,))).now[0].recorded == (
        "Dated 14/05/2013, by unknown, recorded 24/11/2026 at 16:17"
    )
    plain = replace(story.person, sensitive=False, groups=(), nhs_number=None)
    facts = dict(story_model(replace(story, person=plain)).facts)
    assert (facts["Flags"], facts["Groups"], facts["NHS number"]) == ("none", "none", "none")
    flagged = replace(story.person, fp69=True, pds_linked=False, record_in_use=True)
    facts = dict(story_model(replace(story, person=flagged)).facts)
    assert facts["Flags"] == "FP69, Sensitive record, Not linked with PDS, Record in use"


@pytest.mark.parametrize("state", [one for one in IntentState if one is not IntentState.IN_FLIGHT])
def test_every_move_of_a_message_is_a_sentence(state):
    assert told_of(an_event(Happening.MESSAGE_MOVED, state.value)).endswith(".")


@pytest.mark.parametrize("kind", AnswerKind)
def test_every_answer_is_a_sentence(kind):
    assert told_of(an_event(Happening.ATTEMPT_ENDED, kind.value)) == ANSWER_WORDS[kind]


@pytest.mark.parametrize("why", ResendReason)
def test_every_resend_says_why(why):
    attempt = a_story().runs[0].events[2].attempt
    event = replace(an_event(Happening.ATTEMPT_STARTED, "No"), attempt=replace(attempt, resent_because=why.value))
    assert told_of(event) == f"The message was sent again: {RESEND_WORDS[why]}."


def test_an_added_term_and_every_outcome():
    assert told_of(an_event(Happening.ENTRY_ADDED, "9Ndl.")) == "Implied consent (9Ndl.) was added to the record."
    for state in ItemState:
        assert told_of(an_event(Happening.OUTCOME, state.value)) == f"{STATE_LABELS[state]}."


def test_a_family_nobody_knows_any_more_keeps_its_key():
    story = a_story()
    run = replace(story.runs[0], family="initial-upload", group="Trial run")
    assert story_model(replace(story, runs=(run,))).runs[0].heading == (
        "initial-upload, begun on 24/11/2026 at 16:17, group Trial run"
    )


# --- groups -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "active", "shown"),
    [
        (50, 50, "50 patients, all active"),
        (50, 48, "50 patients, 2 not active"),
        (1, 1, "1 patient, all active"),
        (1, 0, "1 patient, not active"),
    ],
)
def test_a_groups_size(members, active, shown):
    assert size_words(members, active) == shown


def test_what_is_said_before_a_group_is_run():
    assert "Nobody is in this group" in group_note(GroupView("x", 0, 0))
    assert "Everybody" in group_note(GroupView("x", 3, 3))
    assert group_note(GroupView("x", 3, 2)) == "1 patient of this group is not active and would not be scanned."
    assert group_note(GroupView("x", 3, 1)) == "2 patients of this group are not active and would not be scanned."


def test_a_draft_says_whom_it_holds_and_what_led_to_nobody():
    fault = LineFault(3, "No patient of this practice has this NHS number.")
    assert draft_words(GroupDraft((), 0, ())) == "Nobody was found."
    assert draft_words(GroupDraft((1,), 1, (fault,), 1)) == (
        "1 patient, all active. 1 line names a patient a second time. 1 line leads to nobody: see below."
    )
    assert draft_words(GroupDraft((1, 2), 1, (fault, fault), 2)) == (
        "2 patients, 1 not active. 2 lines name a patient a second time. 2 lines lead to nobody: see below."
    )
    assert fault_lines(GroupDraft((), 0, (fault, LineFault(1_000, "No.")))) == f"{fault}\nLine 1,000: No."


def test_the_group_that_was_chosen_stays_so_where_it_is_still_there():
    groups = [GroupView("a", 1, 1), GroupView("b", 1, 1)]
    assert [still_there(groups, name) for name in ("b", "gone", None)] == [1, 0, 0]
