"""A dissent on the Spine that the record lacks: looked at again, recorded here by whoever may, never sent or lifted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from app.domain.decision import Permission, SpineConsent, Summary
from app.domain.errors import Refused
from app.domain.outcomes import ItemState, Reason
from app.domain.patient import RegistrationStatus
from app.domain.session import Role
from app.domain.states import StopReason
from app.engine.lists import ListQuery, OfWorklist, Worklist
from app.engine.mismatches import Mismatches
from app.engine.patient_line import PatientLine
from app.engine.practice import EntryRow
from app.engine.rights import Rights
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage import audit
from app.storage.mismatch_store import SqlMismatchStore
from app.storage.patient_lists import SqlPatientLists
from app.storage.patient_story import SqlPatientStories
from app.storage.tables import audit_event, consent_entry, patient, spine_check
from tests.helpers.bench import Bench, Person, dissenter
from tests.helpers.failing_store import FailingStore, Killed
from tests.helpers.practice import (
    ListOf,
    a_patient,
    an_entry,
    bring_in,
    clinician_adds,
    clinician_deletes,
    number,
    patient_id,
    reception_changes,
)
from tests.helpers.scripted_spine import Call, Holding, consent
from tests.integration.engine.conftest import MakeBench

TODAY = date(2026, 11, 2)
CLINICIAN = Role("555002", "General Practitioner", "S8000:G8000:R8000", frozenset({"B0011", "B0020"}))
VIEWER = Role("555005", "General Practitioner", "S8000:G8000:R8000", frozenset({"B0011"}))
RECEPTIONIST = Role("555003", "Receptionist", "S8001:G8000:R8008", frozenset({"B0029"}))


def mismatched(ref: str = "M", **flags: Any) -> Person:
    """Somebody whose dissent the Spine holds and the record does not."""
    return Person(ref, has_scr=True, permission=Permission.NO, flags=flags)


def mismatches(bench: Bench, store: Any = None) -> Mismatches:
    rights = Rights(bench.card, bench.launch_codes, bench.clock)
    store = store or SqlMismatchStore(bench.database)
    return Mismatches(store, bench.service, bench.card, rights, bench.lock, bench._claim_spine, bench.clock, 0.0)


def on(bench: Bench, worklist: Worklist) -> list[PatientLine]:
    return SqlPatientLists(bench.database).page(ListQuery(OfWorklist(worklist)), None, 0, 100)


def refs_on(bench: Bench, worklist: Worklist) -> list[str]:
    return [line.patient_ref for line in on(bench, worklist)]


def record(bench: Bench, ref: str = "M") -> str:
    return mismatches(bench).record_dissent(patient_id(bench.database, ref)).words


def refused(bench: Bench, ref: str = "M") -> str:
    with pytest.raises(Refused) as refusal:
        record(bench, ref)
    return str(refusal.value)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A run has found the mismatch, and a clinician is signed in."""
    made = make_bench(mismatched(), dissenter("D"))
    made.run()
    made.card.sign_in(CLINICIAN, person=("910000000002", "Dr Clinic"))
    made.objected.add("M")
    return made


def test_a_recorded_dissent_settles_the_mismatch_and_nothing_is_sent(bench: Bench):
    assert refs_on(bench, Worklist.MISMATCH) == ["M"]
    words = record(bench)
    assert "Nothing was sent" in words
    [entry] = bench.rows(select(consent_entry).join(patient).where(patient.c.patient_ref == "M"))
    assert (entry.code, entry.event_date, entry.recorded_by) == ("9Ndo.", TODAY, "Dr Clinic")
    assert entry.recorded_at == bench.clock.now()
    assert refs_on(bench, Worklist.MISMATCH) == []
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []
    bench.card.sign_in()
    bench.rerun()
    assert bench.ended("M") == (ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE)
    assert bench.sends("M") == []
    assert bench.codes("M") == ["9Ndo."]


def test_the_trail_tells_who_recorded_it_and_on_what(bench: Bench):
    record(bench)
    query = select(audit_event).order_by(audit_event.c.number.desc()).limit(2)
    added, looked = bench.rows(query)
    assert (looked.action, looked.after) == ("spine_checked", "No")
    assert (added.action, added.after, added.detail) == ("entry_added", "9Ndo.", "2026-11-02")
    assert {added.actor, looked.actor} == {"Dr Clinic (General Practitioner, card 910000000002)"}
    story = SqlPatientStories(bench.database).story(added.patient_id)
    assert [line.code for line in story.before] == []
    assert [line.code for line in story.now] == ["9Ndo."]


@pytest.mark.parametrize("role", [VIEWER, RECEPTIONIST])
def test_it_is_refused_to_whoever_may_only_look(bench: Bench, role: Role):
    bench.card.sign_in(role)
    reads = len(bench.reads("M"))
    assert "B0020" in refused(bench)
    assert "B0020" in mismatches(bench).why_not_record()
    assert bench.codes("M") == []
    assert len(bench.reads("M")) == reads


def test_the_card_is_asked_anew_what_it_may_do(bench: Bench):
    confirmed = bench.card.confirmed
    record(bench)
    assert bench.card.confirmed == confirmed + 1


@pytest.mark.parametrize("how", ["removed", "expired"])
def test_it_is_refused_without_a_live_session(bench: Bench, how: str):
    if how == "removed":
        bench.card.end(StopReason.CARD_REMOVED)
    else:
        bench.clock.advance(timedelta(hours=10).total_seconds())
    assert "ign in" in refused(bench)
    assert bench.codes("M") == []


def test_a_card_taken_out_while_the_spine_answers_records_nothing(bench: Bench):
    def take_out(_: Holding, __: Call) -> None:
        bench.card.end(StopReason.CARD_REMOVED)

    bench.script("read", "M", take_out)
    assert "Nobody is signed in" in refused(bench)
    assert bench.codes("M") == []


def test_another_persons_card_while_the_spine_answers_records_nothing(bench: Bench):
    def change_cards(_: Holding, __: Call) -> None:
        bench.card.sign_in(CLINICIAN, person=("910000000005", "Dr Other"))

    bench.script("read", "M", change_cards)
    assert "Smartcard" in refused(bench)
    assert bench.codes("M") == []


def test_pressing_again_changes_nothing(bench: Bench):
    record(bench)
    events = len(bench.events("M"))
    assert "already" in record(bench)
    assert bench.codes("M") == ["9Ndo."]
    assert len(bench.events("M")) == events


def test_a_dissent_that_was_lifted_meanwhile_is_not_recorded(bench: Bench):
    """The next run would send it over the patient's newer wish."""
    bench.spine.holdings[bench.numbers["M"]].permission = Permission.ASK
    bench.changed_elsewhere.add("M")
    assert "none was recorded" in refused(bench)
    assert bench.codes("M") == []
    assert refs_on(bench, Worklist.MISMATCH) == []


@pytest.mark.parametrize(
    "kind", [one for one in AnswerKind if one not in {AnswerKind.CONSENT, AnswerKind.ACCEPTED, AnswerKind.NOT_SENT}]
)
def test_no_clear_answer_records_nothing(bench: Bench, kind: AnswerKind):
    bench.script("read", "M", kind, kind)
    refused(bench)
    assert bench.codes("M") == []
    assert refs_on(bench, Worklist.MISMATCH) == ["M"]
    assert bench.events("M")[-1][0] == "spine_not_told"


def test_a_token_that_lapsed_is_worth_a_second_question(bench: Bench):
    bench.script("read", "M", AnswerKind.UNAUTHENTICATED)
    record(bench)
    *_, first, second = bench.reads("M")
    assert first.request_id == second.request_id
    assert first.correlation_id != second.correlation_id


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"record_in_use": True}, "another computer"),
        ({"pds_linked": False}, "PDS"),
        ({"registration": RegistrationStatus.APPLIED}, "Applied"),
        ({"registration": RegistrationStatus.DECEASED}, "active list"),
        ({"nhs_number": None}, "NHS number"),
        ({"nhs_number": "9990000000"}, "NHS number"),
    ],
)
def test_whom_the_table_settles_without_the_spine_nothing_is_recorded_for(bench: Bench, columns: Any, words: str):
    reads = len(bench.spine.calls)
    reception_changes(bench.database, "M", **columns)
    assert words in refused(bench)
    assert bench.codes("M") == []
    assert len(bench.spine.calls) == reads


@pytest.mark.parametrize("flag", ["fp69", "sensitive"])
def test_a_dissent_protects_flagged_patients_too(make_bench: MakeBench, flag: str):
    bench = make_bench(mismatched(**{flag: True}))
    bench.run()
    bench.card.sign_in(CLINICIAN)
    record(bench)
    assert bench.codes("M") == ["9Ndo."]


def test_a_record_that_changed_under_the_press_is_left_alone(bench: Bench):
    def change(_: Holding, __: Call) -> None:
        clinician_adds(bench.database, "M", "9Ndm.", TODAY, bench.clock.now())

    bench.script("read", "M", change)
    assert "changed" in refused(bench)
    assert bench.codes("M") == ["9Ndm."]
    assert "spine_checked" not in [event[0] for event in bench.events("M")]


def test_a_dissent_that_somebody_else_recorded_meanwhile_is_enough(bench: Bench):
    def change(_: Holding, __: Call) -> None:
        clinician_adds(bench.database, "M", "9Ndo.", TODAY, bench.clock.now())

    bench.script("read", "M", change)
    assert "already" in record(bench)
    assert bench.codes("M") == ["9Ndo."]


def test_consent_of_an_earlier_time_gives_way(bench: Bench):
    clinician_adds(bench.database, "M", "9Ndm.", TODAY, bench.clock.now() - timedelta(hours=1))
    record(bench)
    assert refs_on(bench, Worklist.MISMATCH) == []


def test_consent_of_a_later_time_would_outdo_it(bench: Bench):
    clinician_adds(bench.database, "M", "9Ndm.", TODAY, bench.clock.now() + timedelta(hours=1))
    assert "would not count" in refused(bench)
    assert bench.codes("M") == ["9Ndm."]


def test_nobody_looks_or_records_while_a_run_is_live(bench: Bench):
    bench.lock.acquire("Pat Manager")
    try:
        assert "running" in refused(bench)
        with pytest.raises(Refused, match="running"):
            mismatches(bench).check_again(patient_id(bench.database, "M"))
    finally:
        bench.lock.release()


def test_a_patient_who_is_gone_is_told_so(bench: Bench):
    with pytest.raises(Refused, match="no longer"):
        mismatches(bench).check_again(999)


# --- a newer list, which may not know of it yet --------------------------------------------------------------------


def newer_list(bench: Bench, *of_m: EntryRow) -> None:
    people = [a_patient("M", bench.numbers["M"]), a_patient("D", bench.numbers["D"])]
    bring_in(bench.database, ListOf(people, [an_entry("D", "9Ndo."), *of_m]), update=True)


def version_of(bench: Bench, ref: str) -> int:
    [row] = bench.rows(select(patient.c.consent_version).where(patient.c.patient_ref == ref))
    return row.consent_version


def test_a_list_that_does_not_know_of_it_does_not_drop_it(bench: Bench):
    record(bench)
    newer_list(bench)
    assert bench.codes("M") == ["9Ndo."]
    assert refs_on(bench, Worklist.MISMATCH) == []
    version = version_of(bench, "M")
    newer_list(bench)
    assert (bench.codes("M"), version_of(bench, "M")) == (["9Ndo."], version)
    newer_list(bench, an_entry("M", "9Ndm.", on=TODAY - timedelta(days=400)))
    assert sorted(bench.codes("M")) == ["9Ndm.", "9Ndo."]
    assert refs_on(bench, Worklist.MISMATCH) == []


def test_a_list_with_a_dissent_of_its_own_takes_over(bench: Bench):
    record(bench)
    newer_list(bench, an_entry("M", "9Ndo.", on=TODAY))
    assert bench.codes("M") == ["9Ndo."]
    newer_list(bench)
    assert bench.codes("M") == []


def test_a_dissent_of_the_list_that_does_not_count_yet_does_not_take_over(bench: Bench):
    """A mistyped year: the list's dissent counts for nothing today, so the one recorded here must go on counting."""
    record(bench)
    newer_list(bench, an_entry("M", "9Ndo.", on=TODAY + timedelta(days=3653)), an_entry("M", "9Ndm."))
    assert sorted(bench.codes("M")) == ["9Ndm.", "9Ndo.", "9Ndo."]
    assert refs_on(bench, Worklist.MISMATCH) == []
    bench.card.sign_in()
    bench.rerun()
    assert bench.ended("M") == (ItemState.NOT_REQUIRED, Reason.ALREADY_ON_SPINE)


def test_consent_that_the_list_brings_from_later_on_outdoes_it(bench: Bench):
    record(bench)
    bench.clock.advance(timedelta(days=2).total_seconds())
    newer_list(bench, an_entry("M", "9Ndm.", on=TODAY + timedelta(days=1)))
    assert refs_on(bench, Worklist.MISMATCH) == ["M"]


def test_a_dissent_recorded_under_a_number_that_was_put_right_stays_is_sent_and_is_named(bench: Bench):
    """It rests on what the Spine told of somebody else; whether this patient objects as well, only a person knows."""
    record(bench)
    wrong, right = bench.numbers["M"], number(77)
    bench.earlier_numbers.add(wrong)
    bench.numbers["M"] = right
    bench.spine.holdings[right] = Holding(True, Permission.ASK)
    rows = ListOf([a_patient("M", right), a_patient("D", bench.numbers["D"])], [an_entry("D", "9Ndo.")])
    assert bring_in(bench.database, rows, update=True).to_look_at.found_under_another_number == ("M",)
    assert bench.codes("M") == ["9Ndo."]
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == ["M"]
    bench.card.sign_in()
    bench.rerun()
    assert bench.ended("M") == (ItemState.SENT, Reason.DISSENT_SENT)
    look = mismatches(bench).check_again(patient_id(bench.database, "M"))
    assert look.consent == SpineConsent(Summary.NOT_TOLD, Permission.NO)
    assert bring_in(bench.database, rows, update=True).to_look_at.found_under_another_number == ()


# --- the end of the program ---------------------------------------------------------------------------------------


def whole_or_nothing(bench: Bench) -> bool:
    """Whether it was recorded: the entry, the version, the look and both events, or none of them."""
    owner = patient_id(bench.database, "M")
    [version] = bench.rows(select(patient.c.consent_version).where(patient.c.id == owner))
    actions = [one[0] for one in bench.events("M")]
    parts = {
        bench.codes("M") == ["9Ndo."],
        version.consent_version == 2,
        bool(bench.rows(select(spine_check).where(spine_check.c.patient_id == owner))),
        "spine_checked" in actions,
        "entry_added" in actions,
    }
    assert len(parts) == 1
    assert audit.first_broken(bench.database) is None
    return parts.pop()


def die_at_statement(bench: Bench, at: int) -> bool:
    """Record, and die just before this statement of the writer; whether it came to that."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            raise Killed

    engine = bench.database._engines.writer
    event.listen(engine, "before_cursor_execute", count)
    try:
        record(bench)
    except Killed:
        return True
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return False


def test_a_death_at_any_statement_leaves_all_of_it_or_nothing(make_bench: MakeBench):
    at, died = 1, True
    while died:
        bench = make_bench(mismatched())
        bench.run()
        bench.card.sign_in(CLINICIAN)
        died = die_at_statement(bench, at)
        assert whole_or_nothing(bench) is not died
        record(bench)
        assert whole_or_nothing(bench)
        at += 1
    assert at > 8, "every statement was struck"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["find", "record_dissent"])
def test_a_death_around_any_call_is_made_up_for_by_pressing_again(bench: Bench, call: str, after: bool):
    def die(name: str, _: Any) -> None:
        if name == call:
            raise Killed

    hook: dict[str, Callable[[str, Any], None]] = {"after" if after else "before": die}
    store = FailingStore(SqlMismatchStore(bench.database), **hook)  # type: ignore[arg-type]
    with pytest.raises(Killed):
        mismatches(bench, store).record_dissent(patient_id(bench.database, "M"))
    assert whole_or_nothing(bench) is (after and call == "record_dissent")
    record(bench)
    assert whole_or_nothing(bench)
    bench.card.sign_in()
    bench.rerun()
    assert bench.sends("M") == []


# --- looking again, and what is known over all runs ----------------------------------------------------------------


def test_a_look_is_kept_and_told_with_the_row(bench: Bench):
    told = mismatches(bench).check_again(patient_id(bench.database, "M"))
    assert told.consent.permission is Permission.NO
    assert "dissent" in told.words
    [line] = on(bench, Worklist.MISMATCH)
    assert line.look.consent == told.consent
    assert (line.look.at, line.look.by) == (bench.clock.now(), "Dr Clinic")
    assert bench.codes("M") == []


def test_looking_is_for_those_who_may_see_names(bench: Bench):
    bench.card.sign_in(RECEPTIONIST)
    with pytest.raises(Refused, match="B0011"):
        mismatches(bench).check_again(patient_id(bench.database, "M"))


def test_a_dissent_that_was_lifted_on_the_spine_is_sent_again(bench: Bench):
    """Confirmed by the run, gone by the look: not sent, until the next run has sent it."""
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []
    bench.spine.holdings[bench.numbers["D"]].permission = Permission.ASK
    mismatches(bench).check_again(patient_id(bench.database, "D"))
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == ["D"]
    bench.card.sign_in()
    bench.rerun()
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []
    assert len(bench.sends("D")) == 2


def test_an_answer_that_tells_nothing_leaves_what_was_known(bench: Bench):
    bench.script("read", "D", consent(SpineConsent(Summary.NO, Permission.NOT_TOLD)))
    told = mismatches(bench).check_again(patient_id(bench.database, "D"))
    assert "tells nothing" in told.words
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []


def look_told_nothing(bench: Bench, ref: str) -> None:
    bench.script("read", ref, consent(SpineConsent(Summary.NO, Permission.NOT_TOLD)))
    mismatches(bench).check_again(patient_id(bench.database, ref))


def test_a_lifted_dissent_is_not_forgotten_because_the_next_look_told_nothing(bench: Bench):
    """Sent by the run, gone by the first look: a second that tells nothing proves no dissent."""
    bench.changed_elsewhere.add("D")
    bench.spine.holdings[bench.numbers["D"]].permission = Permission.ASK
    mismatches(bench).check_again(patient_id(bench.database, "D"))
    look_told_nothing(bench, "D")
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == ["D"]
    [line] = on(bench, Worklist.DISSENT_NOT_SENT)
    assert line.look.consent.permission is Permission.ASK
    assert bench.events("D")[-1][0] == "spine_checked"


def test_a_dissent_that_only_a_look_found_outlives_a_look_that_told_nothing(make_bench: MakeBench):
    bench = make_bench(mismatched())
    bench.objected.add("M")
    bench.card.sign_in(CLINICIAN)
    mismatches(bench).check_again(patient_id(bench.database, "M"))
    look_told_nothing(bench, "M")
    assert refs_on(bench, Worklist.MISMATCH) == ["M"]


def test_a_look_under_another_number_leaves_nothing_of_one_under_this(bench: Bench):
    mismatches(bench).check_again(patient_id(bench.database, "M"))
    reception_changes(bench.database, "M", nhs_number=number(78))
    bench.numbers["M"] = number(78)
    bench.spine.holdings[number(78)] = Holding(has_scr=False)
    look_told_nothing(bench, "M")
    [row] = bench.rows(select(spine_check))
    assert (row.nhs_number, row.permission) == (number(78), Permission.NOT_TOLD)


@pytest.mark.parametrize("later", [Permission.ASK, Permission.YES])
def test_what_failed_is_told_when_it_is_tried_again_counts_too(make_bench: MakeBench, later: Permission):
    """Sent once; the next run is told nothing and refused, and Failed is told plainly that there is no dissent."""
    refusal = SpineAnswer(AnswerKind.REJECTED, 400, "430", "invalid update")
    bench = make_bench(dissenter("D", has_scr=False))
    bench.run()
    bench.script("read", "D", consent(SpineConsent(Summary.NO, Permission.NOT_TOLD)))
    bench.script("send", "D", refusal, refusal)
    bench.rerun()
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []
    bench.spine.holdings[bench.numbers["D"]] = Holding(has_scr=True, permission=later)
    bench.changed_elsewhere.add("D")
    bench.failed()
    assert bench.ended("D") == (ItemState.FAILED, Reason.SPINE_REJECTED)
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == ["D"]


def test_a_plain_answer_to_the_question_whether_it_arrived_counts_too(make_bench: MakeBench):
    """Sent once; told nothing in the next run, whose message is lost, is read back as Ask, and then refused."""
    bench = make_bench(dissenter("D", has_scr=False))
    bench.run()
    bench.script("read", "D", consent(SpineConsent(Summary.NO, Permission.NOT_TOLD)))
    refusal = SpineAnswer(AnswerKind.REJECTED, 400, "430", "invalid update")
    bench.script("send", "D", AnswerKind.UNKNOWN, refusal)
    bench.spine.holdings[bench.numbers["D"]] = Holding(has_scr=True, permission=Permission.ASK)
    bench.changed_elsewhere.add("D")
    bench.rerun()
    assert bench.ended("D") == (ItemState.FAILED, Reason.SPINE_REJECTED)
    assert len(bench.sends("D")) == 3
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == ["D"]


def test_a_later_run_that_failed_does_not_unsay_an_earlier_confirmation(bench: Bench):
    bench.card.sign_in()
    reception_changes(bench.database, "D", record_in_use=True)
    bench.rerun()
    assert bench.ended("D") == (ItemState.FAILED, Reason.RECORD_IN_USE)
    assert refs_on(bench, Worklist.FAILED) == ["D"]
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []


def test_what_was_told_of_another_number_is_about_somebody_else(bench: Bench):
    """Sent under a mistyped number that is another person's: once it is put right nothing is known of this one."""
    wrong, right = bench.numbers["D"], number(77)
    bench.earlier_numbers.add(wrong)
    rows = ListOf([a_patient("D", right), a_patient("M", number(78))], [an_entry("D", "9Ndo.")])
    assert bring_in(bench.database, rows, update=True).to_look_at.sent_under_another_number == ("D",)
    assert bring_in(bench.database, rows, update=True).to_look_at.sent_under_another_number == ()
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == ["D"]
    assert refs_on(bench, Worklist.MISMATCH) == []
    bench.numbers |= {"D": right, "M": number(78)}
    bench.spine.holdings |= {right: Holding(has_scr=True), number(78): Holding(has_scr=True)}
    bench.changed_elsewhere |= {"M"}
    bench.card.sign_in()
    bench.rerun()
    assert refs_on(bench, Worklist.DISSENT_NOT_SENT) == []
    assert bench.holds("D") is Permission.NO


def test_a_run_under_way_does_not_empty_a_worklist_before_it_comes_to_the_patient(bench: Bench):
    bench.card.sign_in()
    token = bench.stop_on_call(1)
    bench.rerun(token=token)
    assert bench.item("M").state is ItemState.UNPROCESSED
    assert refs_on(bench, Worklist.MISMATCH) == ["M"]


def test_consent_given_elsewhere_after_a_dissent_was_sent_is_a_mismatch(bench: Bench):
    clinician_deletes(bench.database, "D", "9Ndo.")
    assert refs_on(bench, Worklist.MISMATCH) == ["D", "M"]
