"""One patient's story as whole runs leave it behind: the record before and now, decisions, messages in order."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import StopReason
from app.engine.lists import Worklist
from app.engine.patient_line import Seen
from app.engine.rows import ResendReason
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.story import Happening, PatientStory
from app.engine.worklists import NewMark
from app.storage import patient_story
from app.storage.audit import AuditAction
from app.storage.patient_story import SqlPatientStories
from app.storage.worklist_marks import SqlMarkStore
from tests.helpers.bench import Bench, Person, dissenter
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, clinician_adds, patient_id, reception_changes
from tests.helpers.scripted_spine import applied_but_lost
from tests.integration.engine.conftest import MakeBench


def story_of(bench: Bench, ref: str = "P") -> PatientStory:
    told = SqlPatientStories(bench.database).story(patient_id(bench.database, ref))
    assert told is not None
    return told


def codes(lines) -> list[str]:
    return [line.code for line in lines]


def happened(story: PatientStory) -> list[tuple[Happening, str | None, str | None]]:
    return [(event.what, event.before, event.after) for run in story.runs for event in run.events]


def test_of_a_patient_nobody_looked_at(make_bench: MakeBench):
    bench = make_bench(
        Person("P", ("9Ndm.",), flags={"sensitive": True}), groups=[("Flu clinic", "P"), ("Asthma", "P")]
    )
    story = story_of(bench)
    assert story.runs == ()
    assert story.before == story.now
    assert codes(story.now) == ["9Ndm."]
    assert story.person.groups == ("Asthma", "Flu clinic")
    assert story.person.sensitive
    assert story.person.nhs_number == bench.numbers["P"]
    assert SqlPatientStories(bench.database).story(999) is None


def test_an_old_dissent_is_shown_as_it_was_and_as_it_is(make_bench: MakeBench):
    bench = make_bench(Person("P", ("93C2.", "93C3."), has_scr=True))
    bench.run()
    story = story_of(bench)
    assert codes(story.before) == ["93C2.", "93C3."]
    assert codes(story.now) == ["9Ndn.", "9Ndo."]
    assert [line.counts for line in story.before] == [line.counts for line in story.now] == [False, True]
    for before, now in zip(story.before, story.now, strict=True):
        kept = ("event_date", "recorded_at", "recorded_by")
        assert [getattr(before, name) for name in kept] == [getattr(now, name) for name in kept]
        assert before.term != now.term
    assert not story.record_replaced
    [run] = story.runs
    assert (run.outcome.state, run.outcome.reason) == (ItemState.SENT, Reason.DISSENT_SENT)
    assert run.outcome.code_before == "93C3."
    assert run.outcome.operator == "Pat Manager"


def test_a_dissent_that_was_found_only_when_it_was_tried_again_is_what_the_spine_holds_after(make_bench: MakeBench):
    """The run was told Ask first and failed; by the time of Failed somebody else had set No."""
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", SpineAnswer(AnswerKind.REJECTED, 400, "430", "invalid update"))
    bench.run()
    bench.changed_elsewhere.add("P")
    bench.spine.holdings[bench.numbers["P"]].permission = Permission.NO
    bench.failed()
    [run] = story_of(bench).runs
    assert run.outcome.reason is Reason.ALREADY_ON_SPINE
    assert (run.outcome.permission_before, run.outcome.permission_after) == (Permission.ASK, Permission.NO)


def test_added_consent_is_not_in_the_record_before(make_bench: MakeBench):
    bench = make_bench(Person("P", has_scr=True, permission=Permission.ASK))
    bench.run()
    story = story_of(bench)
    assert codes(story.before) == []
    [added] = story.now
    assert (added.code, added.event_date, added.recorded_by) == ("9Ndl.", date(2026, 11, 2), "Pat Manager")
    assert added.counts
    assert happened(story)[0] == (Happening.ENTRY_ADDED, None, "9Ndl.")
    assert not story.record_replaced


def test_what_a_clinician_adds_later_is_only_in_the_record_now(make_bench: MakeBench):
    bench = make_bench(Person("P", ("93C2.",), has_scr=True))
    bench.run()
    clinician_adds(bench.database, "P", "9Ndo.", date(2026, 11, 2))
    story = story_of(bench)
    assert codes(story.before) == ["93C2.", "9Ndo."]
    assert codes(story.now) == ["9Ndn.", "9Ndo."]


def test_a_newer_list_that_takes_the_records_place_is_noticed(make_bench: MakeBench):
    bench = make_bench(Person("P", ("93C3.",), has_scr=True))
    bench.run()
    bring_in(bench.database, ListOf([a_patient("P", bench.numbers["P"])], [an_entry("P", "93C3.")]), update=True)
    story = story_of(bench)
    assert codes(story.before) == codes(story.now) == ["93C3."]
    assert story.record_replaced
    assert (Happening.ENTRY_CONVERTED, "93C3.", "9Ndo.") in happened(story)


def test_other_sharing_codes_are_told_apart(make_bench: MakeBench):
    bench = make_bench(Person("P", ("9Nd1.", "9Ndm."), has_scr=True))
    assert [(line.code, line.is_consent, line.counts) for line in story_of(bench).now] == [
        ("9Nd1.", False, False),
        ("9Ndm.", True, True),
    ]


@pytest.mark.fault_row(13)
def test_a_lost_answer_is_told_in_order_with_ids_and_times(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", applied_but_lost)
    bench.run()
    story = story_of(bench)
    whats = [event.what for event in story.runs[0].events]
    first_four = [Happening.MESSAGE_PREPARED, Happening.ATTEMPT_STARTED, Happening.OUTCOME, Happening.ATTEMPT_ENDED]
    assert sorted(whats[:4]) == sorted(first_four)
    assert whats[-1] is Happening.OUTCOME
    assert Happening.MESSAGE_MOVED in whats
    [row], [message] = bench.attempts("P"), bench.intents("P")
    ended = next(event for event in story.runs[0].events if event.what is Happening.ATTEMPT_ENDED)
    assert ended.request_id == message.request_id
    assert ended.attempt.correlation_id == row.correlation_id
    assert (ended.attempt.answer, ended.attempt.http_status) == (row.answer_class, row.http_status)
    numbers = [event.number for event in story.runs[0].events]
    assert numbers == sorted(numbers)


def test_every_resend_says_why(make_bench: MakeBench):
    bench = make_bench(dissenter("P", has_scr=False))
    bench.script("send", "P", SpineAnswer(AnswerKind.UNKNOWN, 504))
    bench.run()
    begun = [e for run in story_of(bench).runs for e in run.events if e.what is Happening.ATTEMPT_STARTED]
    assert [event.attempt.resent_because for event in begun] == [row.reason for row in bench.attempts("P")]
    assert begun[0].attempt.resent_because == ""
    assert begun[-1].attempt.resent_because == ResendReason.NO_READBACK
    assert len(begun) > 1


def test_a_refusal_carries_the_spines_own_words(make_bench: MakeBench):
    bench = make_bench(dissenter("P", has_scr=False))
    bench.script("send", "P", SpineAnswer(AnswerKind.REJECTED, 400, "35160", "Not known."))
    bench.run()
    [run] = story_of(bench).runs
    assert (run.outcome.reason, run.outcome.spine_code, run.outcome.spine_text) == (
        Reason.SPINE_REJECTED,
        "35160",
        "Not known.",
    )
    ended = next(event for event in run.events if event.what is Happening.ATTEMPT_ENDED)
    assert (ended.attempt.spine_code, ended.attempt.spine_text) == ("35160", "Not known.")


def test_each_run_has_its_own_decision_and_events(make_bench: MakeBench):
    bench = make_bench(dissenter("P"), Person("Q"), groups=[("Flu clinic", "P")])
    bench.run(group="Flu clinic")
    bench.rerun()
    first, second = story_of(bench).runs
    assert (first.group, second.group) == ("Flu clinic", None)
    assert (first.outcome.reason, second.outcome.reason) == (Reason.DISSENT_SENT, Reason.ALREADY_ON_SPINE)
    assert first.run_id < second.run_id
    assert first.begun_at <= second.begun_at
    assert {event.what for event in second.events} == {Happening.OUTCOME}
    [other] = story_of(bench, "Q").runs
    assert other.run_id == second.run_id


def test_a_run_stopped_before_the_patient_says_so(make_bench: MakeBench):
    bench = make_bench(dissenter("P"), Person("Q"))
    bench.run(token=bench.stop_on_call(1, StopReason.USER))
    [run] = story_of(bench, "Q").runs
    assert run.outcome.state is ItemState.UNPROCESSED
    assert run.outcome.code_before is None
    assert run.events == ()


def test_only_the_latest_events_of_very_many_are_told(make_bench: MakeBench, monkeypatch):
    bench = make_bench(dissenter("P"))
    bench.run()
    whole = happened(story_of(bench))
    monkeypatch.setattr(patient_story, "MOST_EVENTS", 2)
    story = story_of(bench)
    assert happened(story) == whole[-2:]
    assert story.left_out == len(whole) - 2


def test_the_record_is_told_as_each_pass_found_and_left_it(make_bench: MakeBench):
    """Implied consent is added by the first pass; what a clinician writes afterwards is what the second one finds."""
    bench = make_bench(Person("P", has_scr=True, permission=Permission.ASK), Person("Q", ("93C2.",), has_scr=True))
    bench.run()
    bench.clock.advance(3600)
    bench.rerun()
    first, second = story_of(bench).runs
    assert (codes(first.before), codes(first.after)) == ([], ["9Ndl."])
    assert (codes(second.before), codes(second.after)) == (["9Ndl."], ["9Ndl."])
    assert [line.counts for line in second.before] == [True]
    assert (first.rule, second.rule) == (7, 10)
    first, second = story_of(bench, "Q").runs
    assert (codes(first.before), codes(first.after)) == (["93C2."], ["9Ndn."])
    assert (codes(second.before), codes(second.after)) == (["9Ndn."], ["9Ndn."])
    assert (first.rule, second.rule) == (5, 10)


def test_a_pass_that_never_came_to_the_patient_left_the_record_alone(make_bench: MakeBench):
    bench = make_bench(dissenter("first"), Person("P", ("93C2.",), has_scr=True))
    bench.run(token=bench.stop_on_call(1))
    bench.rerun()
    stopped, whole = story_of(bench).runs
    assert stopped.events == ()
    assert codes(stopped.before) == codes(stopped.after) == codes(whole.before) == ["93C2."]
    assert codes(whole.after) == ["9Ndn."]
    assert (stopped.rule, whole.rule) == (None, 5)


def test_a_pass_that_failed_and_its_repeat_each_name_their_rule(make_bench: MakeBench):
    bench = make_bench(Person("P", ("93C3.",), True, Permission.ASK, flags={"pds_linked": False}))
    bench.run()
    reception_changes(bench.database, "P", pds_linked=True)
    bench.failed()
    [run] = story_of(bench).runs
    outcomes = [(event.after, event.reason, event.rule) for event in run.events if event.what is Happening.OUTCOME]
    assert outcomes == [
        ("failed", Reason.PDS_MISMATCH, 14),
        # By then the old term is converted.
        ("sending", None, 3),
        ("sent", Reason.DISSENT_SENT, None),
    ]
    assert run.rule == 3


def test_what_is_done_between_runs_and_noted_is_told(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.run()
    who = patient_id(bench.database, "P")
    note = NewMark(True, "Spoke to the patient.", "Sam Okafor", Seen(1, 1, 1))
    SqlMarkStore(bench.database).mark(Worklist.SEVERAL_TERMS, who, note, "somebody", bench.clock.now())
    story = story_of(bench)
    assert [(event.what, event.after) for event in story.outside] == [(Happening.PATIENT_MARKED, "dealt_with")]
    [mark] = story.marks
    assert (mark.worklist, mark.dealt_with, mark.note) == (Worklist.SEVERAL_TERMS, True, "Spoke to the patient.")
    assert mark.note not in repr(story)


def test_every_event_about_a_patient_is_one_the_story_knows():
    about_a_patient = {
        AuditAction.ENTRY_CONVERTED,
        AuditAction.ENTRY_ADDED,
        AuditAction.MESSAGE_PREPARED,
        AuditAction.MESSAGE_MOVED,
        AuditAction.ATTEMPT_STARTED,
        AuditAction.ATTEMPT_ENDED,
        AuditAction.OUTCOME,
        AuditAction.SPINE_CHECKED,
        AuditAction.SPINE_NOT_TOLD,
        AuditAction.DISSENT_READ_BACK,
        AuditAction.PATIENT_MARKED,
        AuditAction.REPORT_TAKEN,
    }
    assert {one.value for one in Happening} == {one.value for one in about_a_patient}


def test_what_names_the_patient_is_not_in_what_a_log_would_show(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.run()
    shown = repr(story_of(bench))
    assert "Surname-P" not in shown
    assert bench.numbers["P"] not in shown
