"""Marks on worklists: who may make them, how long they count, and that no note gets out of the patients' rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.domain.decision import Permission
from app.domain.errors import BadInput, Refused
from app.engine.lists import ListQuery, OfWorklist, Worklist
from app.engine.patient_line import PatientLine
from app.engine.rights import Rights
from app.engine.worklists import NAMED, WorklistCount, Worklists, words_of
from app.storage.patient_lists import SqlPatientLists
from app.storage.tables import audit_event
from app.storage.worklist_marks import SqlMarkStore
from tests.helpers.bench import Bench, Person, dissenter
from tests.helpers.practice import patient_id, reception_changes
from tests.integration.engine.conftest import MakeBench
from tests.integration.engine.test_mismatches import CLINICIAN, RECEPTIONIST, mismatches

NOTE = "Letter to Mrs Smith on Monday"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    made = make_bench(
        Person("M", has_scr=True, permission=Permission.NO),
        dissenter("U", flags={"record_in_use": True}),
        Person("S", ("9Ndm.", "9Ndn."), has_scr=True),
    )
    made.run()
    return made


def worklists(bench: Bench) -> Worklists:
    rights = Rights(bench.card, bench.launch_codes, bench.clock)
    return Worklists(SqlPatientLists(bench.database), SqlMarkStore(bench.database), rights, bench.clock)


def lines(bench: Bench, worklist: Worklist, *, dealt_with: bool = False) -> list[PatientLine]:
    query = ListQuery(OfWorklist(worklist, dealt_with=dealt_with))
    return SqlPatientLists(bench.database).page(query, None, 0, 100)


def mark(bench: Bench, worklist: Worklist, line: PatientLine, note: str = NOTE, *, dealt_with: bool = True) -> None:
    worklists(bench).mark(worklist, line.patient_id, line.seen, note, dealt_with=dealt_with)


def test_whoever_is_dealt_with_leaves_that_worklist_alone(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    mark(bench, Worklist.FAILED, line)
    assert lines(bench, Worklist.FAILED) == []
    [marked] = lines(bench, Worklist.FAILED, dealt_with=True)
    assert (marked.handling.note, marked.handling.by, marked.handling.at) == (NOTE, "Pat Manager", bench.clock.now())
    assert [one.patient_ref for one in lines(bench, Worklist.DISSENT_NOT_SENT)] == ["U"]


def test_a_dissent_whose_date_comes_after_the_mark_shows_the_patient_again(make_bench: MakeBench):
    """Dealt with as a mistyped year it was nobody's to send; once it counts it has to be seen, were no run to come."""
    bench = make_bench(Person("F", ("9Ndo.",), has_scr=True, on=date(2026, 11, 5)))
    bench.run()
    [line] = lines(bench, Worklist.DISSENT_NOT_SENT)
    mark(bench, Worklist.DISSENT_NOT_SENT, line)
    for days, refs in ((0, []), (2, []), (1, ["F"])):
        bench.clock.advance(timedelta(days=days).total_seconds())
        assert [one.patient_ref for one in lines(bench, Worklist.DISSENT_NOT_SENT)] == refs
    [shown] = lines(bench, Worklist.DISSENT_NOT_SENT)
    assert not shown.handling.counts
    bench.card.sign_in()
    mark(bench, Worklist.DISSENT_NOT_SENT, shown)
    assert lines(bench, Worklist.DISSENT_NOT_SENT) == []


def test_whoever_is_still_to_do_stays_with_the_note(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    mark(bench, Worklist.FAILED, line, dealt_with=False)
    [kept] = lines(bench, Worklist.FAILED)
    assert kept.handling.note == NOTE
    assert not kept.handling.dealt_with


def test_a_mark_can_be_taken_away(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    mark(bench, Worklist.FAILED, line)
    for _ in range(2):
        worklists(bench).unmark(Worklist.FAILED, line.patient_id)
    [shown] = lines(bench, Worklist.FAILED)
    assert shown.handling is None
    told = [event for event in bench.events("U") if event[0] == "patient_marked"]
    assert told == [("patient_marked", None, "dealt_with"), ("patient_marked", "dealt_with", None)]


def test_a_newer_outcome_shows_the_patient_again(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    mark(bench, Worklist.FAILED, line)
    bench.failed()
    [again] = lines(bench, Worklist.FAILED)
    assert again.handling.dealt_with
    assert not again.handling.counts


def test_a_newer_look_shows_a_mismatch_again(bench: Bench):
    [line] = lines(bench, Worklist.MISMATCH)
    mark(bench, Worklist.MISMATCH, line)
    assert lines(bench, Worklist.MISMATCH) == []
    bench.card.sign_in(CLINICIAN)
    mismatches(bench).check_again(patient_id(bench.database, "M"))
    assert [one.patient_ref for one in lines(bench, Worklist.MISMATCH)] == ["M"]


def test_what_was_found_after_the_row_was_read_is_not_hidden(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    bench.failed()
    mark(bench, Worklist.FAILED, line)
    assert [one.patient_ref for one in lines(bench, Worklist.FAILED)] == ["U"]


def test_a_run_does_not_show_again_what_lies_in_the_record_alone(bench: Bench):
    [line] = lines(bench, Worklist.SEVERAL_TERMS)
    mark(bench, Worklist.SEVERAL_TERMS, line)
    bench.rerun()
    assert lines(bench, Worklist.SEVERAL_TERMS) == []
    reception_changes(bench.database, "S", surname="Other")
    assert [one.patient_ref for one in lines(bench, Worklist.SEVERAL_TERMS)] == ["S"]


def test_marks_are_for_those_who_may_see_names(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    bench.card.sign_in(RECEPTIONIST)
    with pytest.raises(Refused, match="B0011"):
        mark(bench, Worklist.FAILED, line)
    with pytest.raises(Refused, match="B0011"):
        worklists(bench).unmark(Worklist.FAILED, line.patient_id)
    assert lines(bench, Worklist.FAILED)[0].handling is None


@pytest.mark.parametrize("note", ["x" * 201, "a\x00b", "a\u202eb"])
def test_a_note_that_cannot_be_kept_is_refused_without_repeating_it(bench: Bench, note: str):
    [line] = lines(bench, Worklist.FAILED)
    with pytest.raises(BadInput) as refusal:
        mark(bench, Worklist.FAILED, line, note)
    assert note not in str(refusal.value)


def test_a_note_stays_out_of_the_trail_and_of_what_a_log_would_show(bench: Bench):
    [line] = lines(bench, Worklist.FAILED)
    mark(bench, Worklist.FAILED, line)
    [marked] = lines(bench, Worklist.FAILED, dealt_with=True)
    assert NOTE not in repr(marked)
    assert all("Smith" not in str(tuple(row)) for row in bench.rows(select(audit_event)))


def test_the_overview_counts_for_everybody(bench: Bench):
    [line] = lines(bench, Worklist.SEVERAL_TERMS)
    mark(bench, Worklist.SEVERAL_TERMS, line)
    bench.card.end()
    found = {_name_of(one): (one.left, one.dealt_with) for one in worklists(bench).overview()}
    assert found == {
        "dissent-not-sent": (1, 0),
        "mismatch": (1, 0),
        "failed": (1, 0),
        "failed-record-in-use": (1, 0),
        "several-terms": (0, 1),
        "future-dated": (0, 0),
    }


def _name_of(one: WorklistCount) -> str:
    return next(name for name, source in NAMED.items() if source == one.source)


def test_every_worklist_has_its_words():
    for source in NAMED.values():
        words = words_of(source)
        assert words.title
        assert words.meaning.endswith(".")
        assert words.to_do.endswith(".")
