"""Confirm dissents: every dissent that was sent or found is read back, nothing is sent, and what is found is kept."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.decision import DISSENT_REFUSAL, NO_SUMMARY, Permission, SpineConsent, Summary
from app.domain.errors import Refused
from app.domain.outcomes import Reason
from app.domain.patient import RegistrationStatus
from app.domain.read_back import ReadBack, read_back_of
from app.domain.session import Role
from app.domain.states import StopReason
from app.engine.confirmation import NOTHING_TO_CONFIRM, Confirmation, Confirmations
from app.engine.control import StopToken
from app.engine.lists import ListQuery, OfWorklist, Worklist
from app.engine.loop import LoopSettings
from app.engine.rights import Rights
from app.engine.sender_pool import SenderPool
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.storage.audit import AuditAction
from app.storage.confirmation_store import SqlConfirmationStore
from app.storage.patient_lists import SqlPatientLists
from app.storage.tables import audit_event, confirmation, patient, spine_check
from tests.helpers.bench import UNLIMITED, Bench, Person, consenter, dissenter
from tests.helpers.giving_up import GivesUp
from tests.helpers.practice import clinician_adds, patient_id, reception_changes
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench
from tests.integration.engine.test_mismatches import CLINICIAN, mismatches
from tests.integration.engine.test_worklist_marks import lines, mark

RECEPTIONIST = Role("555003", "Receptionist", "S8001:G8000:R8008", frozenset({"B0029"}))


class Readers:
    """The scripted Spine, of whom one can only ask."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def connect_reader(self, session_id: str) -> Any:
        connection = self._bench.spine.connect(session_id)
        del session_id
        return _OnlyReads(connection)


class _OnlyReads:
    def __init__(self, connection: Any) -> None:
        self.read_consent = connection.read_consent
        self.abort = connection.abort
        self.close = connection.close


def service(bench: Bench, settings: LoopSettings | None = None) -> Confirmations:
    rights = Rights(bench.card, bench.launch_codes, bench.clock)
    return Confirmations(
        SqlConfirmationStore(bench.database),
        Readers(bench),
        bench.card,
        rights,
        bench.lock,
        bench._claim_spine,
        bench.operator().person,
        bench.clock,
        settings or bench.settings,
        bench.make_senders,
    )


def confirm(bench: Bench, token: StopToken | None = None, **how: Any) -> Confirmation:
    """Confirm, and see that nothing was sent."""
    sent = len(bench.spine.sends())
    try:
        return service(bench, how.pop("settings", None)).confirm(token or StopToken(), **how)
    finally:
        assert len(bench.spine.sends()) == sent
        assert bench.lock.holder() is None


def found(made: Confirmation) -> dict[ReadBack, int]:
    return {kind: count for kind, count in made.counts.items() if count}


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A run is over: A and B were sent, C was on the Spine already, D consents, E is on the Spine and not here."""
    made = make_bench(
        dissenter("A"),
        dissenter("B"),
        dissenter("C", permission=Permission.NO),
        consenter("D"),
        Person("E", has_scr=True, permission=Permission.NO),
        dissenter("F", flags={"pds_linked": False}),
    )
    made.run()
    return made


def lift(bench: Bench, ref: str, permission: Permission | None = Permission.ASK) -> None:
    """Somebody elsewhere takes a patient's dissent off the Spine."""
    bench.changed_elsewhere.add(ref)
    bench.spine.holdings[bench.numbers[ref]] = Holding(True, permission)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (DISSENT_REFUSAL, ReadBack.STILL_NO),
        (SpineConsent(Summary.YES, Permission.NO), ReadBack.STILL_NO),
        (SpineConsent(Summary.YES, Permission.ASK), ReadBack.OTHERWISE),
        (SpineConsent(Summary.YES, Permission.YES), ReadBack.OTHERWISE),
        (NO_SUMMARY, ReadBack.NOT_TOLD),
    ],
)
def test_only_a_plain_answer_says_that_a_dissent_is_gone(told: SpineConsent, wanted: ReadBack):
    assert read_back_of(told) is wanted


def test_every_dissent_that_was_sent_or_found_is_asked_about_once_and_nobody_else(bench: Bench):
    before = Counter(call.nhs_number for call in bench.spine.reads())
    made = confirm(bench)
    after = Counter(call.nhs_number for call in bench.spine.reads())
    assert after - before == {bench.numbers[ref]: 1 for ref in "ABC"}
    assert (made.dissents, made.is_complete, made.read_back) == (3, True, 3)
    assert found(made) == {ReadBack.STILL_NO: 3}
    assert (made.operator, made.is_latest_word) == ("Pat Manager", True)
    assert service(bench).to_confirm() == 3


def test_a_dissent_that_only_a_look_at_one_patient_found_is_read_back_too(make_bench: MakeBench):
    """Nothing was sent, no run came to the patient: the look alone took them off *Dissent not sent*."""
    bench = make_bench(dissenter("A", permission=Permission.NO))
    bench.card.sign_in(CLINICIAN)
    mismatches(bench).check_again(patient_id(bench.database, "A"))
    bench.card.sign_in()
    assert lines(bench, Worklist.DISSENT_NOT_SENT) == []
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 1}
    lift(bench, "A")
    assert found(confirm(bench)) == {ReadBack.OTHERWISE: 1}
    assert [one.patient_ref for one in lines(bench, Worklist.DISSENT_NOT_SENT)] == ["A"]


def test_a_dissent_that_is_gone_is_told_by_name_and_comes_onto_the_worklist(bench: Bench):
    lists, query = SqlPatientLists(bench.database), ListQuery(OfWorklist(Worklist.DISSENT_NOT_SENT))
    assert names(lists, query) == ["Surname-F"]
    lift(bench, "B")
    made = confirm(bench)
    assert found(made) == {ReadBack.STILL_NO: 2, ReadBack.OTHERWISE: 1}
    [gone] = service(bench).named(made, ReadBack.OTHERWISE, 20)
    assert (gone.patient_ref, gone.surname, gone.consent) == (
        "B",
        "Surname-B",
        SpineConsent(Summary.YES, Permission.ASK),
    )
    assert names(lists, query) == ["Surname-B", "Surname-F"]
    bench.rerun()
    assert bench.holds("B") is Permission.NO
    assert names(lists, query) == ["Surname-F"]
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 3}


def names(lists: SqlPatientLists, query: ListQuery) -> list[str]:
    return [line.surname for line in lists.page(query, None, 0, 100)]


def test_what_the_spine_does_not_tell_is_no_alarm_and_leaves_what_was_told_before(bench: Bench):
    lift(bench, "A")
    lift(bench, "C")
    confirm(bench)
    bench.spine.holdings[bench.numbers["A"]] = Holding(False, None)
    lists, query = SqlPatientLists(bench.database), ListQuery(OfWorklist(Worklist.DISSENT_NOT_SENT))
    made = confirm(bench)
    assert found(made) == {ReadBack.STILL_NO: 1, ReadBack.NOT_TOLD: 1, ReadBack.OTHERWISE: 1}
    assert names(lists, query) == ["Surname-A", "Surname-C", "Surname-F"]


def test_who_left_or_wants_otherwise_by_now_is_not_asked_about(bench: Bench):
    reception_changes(bench.database, "A", registration=RegistrationStatus.TRANSFERRED_OUT)
    clinician_adds(bench.database, "B", "9Ndn.", date(2026, 11, 1))
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pds_linked": False}, Reason.PDS_MISMATCH),
        ({"nhs_number": None}, Reason.NHS_NUMBER_INVALID),
        ({"registration": RegistrationStatus.APPLIED}, Reason.NOT_PERMANENT_YET),
    ],
)
def test_whom_the_table_settles_without_the_spine_is_not_read_and_told_why(bench: Bench, change: Any, reason: Reason):
    reception_changes(bench.database, "A", **change)
    before = len(bench.spine.reads())
    made = confirm(bench)
    assert found(made) == {ReadBack.STILL_NO: 2, ReadBack.NOT_READ: 1}
    assert len(bench.spine.reads()) == before + 2
    assert [(one.patient_ref, one.reason) for one in service(bench).named(made, ReadBack.NOT_READ, 9)] == [
        ("A", reason)
    ]


def test_a_record_that_is_open_elsewhere_is_read_all_the_same(bench: Bench):
    reception_changes(bench.database, "A", record_in_use=True)
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 3}


# --- answers that tell nothing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [AnswerKind.UNAVAILABLE, AnswerKind.NOT_UNDERSTOOD, AnswerKind.NO_CONNECTION])
def test_one_bad_answer_is_asked_again(bench: Bench, kind: AnswerKind):
    bench.script("read", "B", kind)
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 3}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (AnswerKind.UNAVAILABLE, Reason.SPINE_UNAVAILABLE),
        (AnswerKind.NOT_UNDERSTOOD, Reason.ANSWER_NOT_UNDERSTOOD),
        (AnswerKind.REJECTED, Reason.SPINE_REJECTED),
        (AnswerKind.ACCESS_REFUSED, Reason.SPINE_REJECTED),
    ],
)
def test_whoever_cannot_be_read_is_told_with_the_reason_and_never_taken_for_a_dissent(
    bench: Bench, kind: AnswerKind, reason: Reason
):
    bench.script("read", "B", *[kind] * 3)
    made = confirm(bench)
    assert found(made) == {ReadBack.STILL_NO: 2, ReadBack.NOT_READ: 1}
    [unread] = service(bench).named(made, ReadBack.NOT_READ, 9)
    assert (unread.patient_ref, unread.reason, unread.consent) == ("B", reason, None)
    assert not bench.rows(select(spine_check).join(patient).where(patient.c.patient_ref == "B"))


def test_an_outage_makes_nobody_unread(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at}") for at in range(12)))
    bench.run()
    until = bench.clock.monotonic() + 400

    def down(holding: Holding, call: Call) -> SpineAnswer | None:
        return SpineAnswer(AnswerKind.UNAVAILABLE) if call.monotonic < until else None

    bench.spine.always = down
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 12}


def test_a_command_does_not_wait_an_outage_out_for_ever(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at}") for at in range(12)))
    bench.run()
    bench.spine.always = lambda holding, call: SpineAnswer(AnswerKind.UNAVAILABLE)
    made = confirm(bench, settings=LoopSettings(per_second=0.0, max_wait=900.0))
    assert made.end_reason is StopReason.SPINE_UNAVAILABLE
    assert not made.is_complete
    assert found(made) == {}


def test_a_pause_that_the_spine_asks_for_is_kept_and_costs_nobody_anything(bench: Bench):
    before = bench.clock.monotonic()
    bench.script("read", "A", SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=30.0))
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 3}
    assert bench.clock.monotonic() - before >= 30


def test_it_keeps_the_pace_of_a_run(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at}") for at in range(10)))
    bench.run()
    first = len(bench.spine.calls)
    confirm(bench, settings=LoopSettings(per_second=5.0))
    times = [call.monotonic for call in bench.spine.calls[first:]]
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


def test_a_token_is_renewed_once_and_a_session_that_is_over_ends_it(bench: Bench):
    bench.script("read", "A", AnswerKind.UNAUTHENTICATED)
    assert found(confirm(bench)) == {ReadBack.STILL_NO: 3}
    bench.script("read", "A", AnswerKind.UNAUTHENTICATED, AnswerKind.UNAUTHENTICATED)
    assert confirm(bench).end_reason is StopReason.CARD_REMOVED
    over = SpineAnswer(AnswerKind.UNAUTHENTICATED, 401, session_ended=StopReason.CARD_EXPIRED)
    bench.script("read", "A", over)
    assert confirm(bench).end_reason is StopReason.CARD_EXPIRED


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (AnswerKind.NOT_AUTHORISED, StopReason.NOT_AUTHORISED),
        (AnswerKind.CONFIGURATION, StopReason.CONFIGURATION),
    ],
)
def test_a_refusal_of_the_user_or_the_set_up_ends_it(bench: Bench, kind: AnswerKind, reason: StopReason):
    bench.script("read", "A", kind)
    assert confirm(bench).end_reason is reason


def test_three_patients_refused_in_a_row_mean_the_user(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at}") for at in range(6)))
    bench.run()
    bench.spine.always = lambda holding, call: SpineAnswer(AnswerKind.ACCESS_REFUSED, 403)
    made = confirm(bench)
    assert made.end_reason is StopReason.NOT_AUTHORISED
    assert made.count(ReadBack.NOT_READ) >= 3


# --- stopping, who may, what is kept ----------------------------------------------------------------------------------


def test_a_stop_keeps_what_was_found_and_says_so(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at:02}") for at in range(40)))
    bench.run()
    made = confirm(bench, bench.stop_on_call(15))
    assert (made.end_reason, made.dissents) == (StopReason.USER, 40)
    assert 10 <= made.count(ReadBack.STILL_NO) < 40


def test_giving_the_progress_up_stops_it_and_it_tells_how_far_it_is(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at:02}") for at in range(40)))
    bench.run()
    whole = GivesUp()
    assert confirm(bench, progress=whole).is_complete
    assert whole.words[-1] == ("Confirming dissents", 40, 40)
    done = [done for _, done, _ in whole.words]
    assert done == sorted(done)
    made = confirm(bench, progress=GivesUp(2))
    assert made.end_reason is StopReason.USER
    assert made.read_back < 40


def test_a_card_taken_out_ends_it(bench: Bench):
    def take_out(holding: Holding, call: Call) -> None:
        bench.card.end(StopReason.CARD_REMOVED)

    bench.spine.always = take_out
    made = confirm(bench, settings=LoopSettings(per_second=5.0, senders=1))
    assert made.end_reason is StopReason.CARD_REMOVED
    assert made.read_back == 1


def test_it_takes_the_right_of_a_bulk_run_a_free_practice_and_something_to_read(bench: Bench, make_bench: MakeBench):
    reads = len(bench.spine.reads())
    bench.card.sign_in(RECEPTIONIST)
    with pytest.raises(Refused, match="System Administrator"):
        confirm(bench)
    assert service(bench).why_not() is not None
    bench.card.end()
    with pytest.raises(Refused, match="Nobody is signed in"):
        confirm(bench)
    bench.card.sign_in()
    new = make_bench(dissenter("A"))
    with pytest.raises(Refused) as told:
        confirm(new)
    assert str(told.value) == NOTHING_TO_CONFIRM
    bench._claim_spine = refuse  # type: ignore[method-assign]
    with pytest.raises(Refused, match="the other Spine"):
        confirm(bench)
    assert len(bench.spine.reads()) == reads
    assert not bench.rows(select(confirmation))


def refuse() -> None:
    raise Refused("This belongs to the other Spine.")


def test_names_are_for_those_who_may_see_them(bench: Bench):
    lift(bench, "B")
    made = confirm(bench)
    bench.card.sign_in(RECEPTIONIST)
    with pytest.raises(Refused, match="B0011"):
        service(bench).named(made, ReadBack.OTHERWISE, 9)


def test_the_audit_trail_has_the_pass_and_every_finding(bench: Bench):
    lift(bench, "B")
    made = confirm(bench)
    number = f"pass {made.confirmation_id}"
    events = bench.rows(select(audit_event).where(audit_event.c.action.like("confirmation%")))
    assert [(event.action, event.after, event.detail) for event in events] == [
        (AuditAction.CONFIRMATION_BEGUN, None, f"{number}, 3 dissents"),
        (AuditAction.CONFIRMATION_ENDED, "completed", number),
    ]
    told = bench.rows(select(audit_event).where(audit_event.c.action == AuditAction.DISSENT_READ_BACK))
    assert {(event.after, event.detail, event.actor) for event in told} == {
        ("No", f"{number}, still_no", "Pat Manager (System Administrator, card 910000000001)"),
        ("Ask", f"{number}, otherwise", "Pat Manager (System Administrator, card 910000000001)"),
    }
    assert len(told) == 3


def test_a_pass_whose_program_died_is_closed_by_the_next(bench: Bench):
    made = confirm(bench)
    with bench.database.writing() as connection:
        this = confirmation.c.id == made.confirmation_id
        connection.execute(update(confirmation).where(this).values(ended_at=None))
    assert not service(bench).latest().is_complete
    bench.clock.advance(timedelta(hours=1).total_seconds())
    confirm(bench)
    first, second = bench.rows(select(confirmation).order_by(confirmation.c.id))
    assert (first.end_reason, second.end_reason) == (StopReason.INTERRUPTED, None)
    assert second.ended_at is not None


def test_a_run_since_then_makes_it_yesterdays_word(bench: Bench):
    confirm(bench)
    bench.rerun()
    latest = service(bench).latest()
    assert (latest.is_complete, latest.is_latest_word) == (True, False)


def test_with_threads_as_in_the_program_it_comes_to_the_same(make_bench: MakeBench):
    bench = make_bench(*(dissenter(f"P{at:02}") for at in range(30)))
    bench.settings = UNLIMITED
    bench.run()
    lift(bench, "P07")
    bench.make_senders = SenderPool
    made = confirm(bench)
    assert found(made) == {ReadBack.STILL_NO: 29, ReadBack.OTHERWISE: 1}


def test_a_dissent_that_is_gone_shows_again_although_it_was_marked_as_dealt_with(bench: Bench):
    lift(bench, "B")
    confirm(bench)
    [line] = [one for one in lines(bench, Worklist.DISSENT_NOT_SENT) if one.patient_ref == "B"]
    mark(bench, Worklist.DISSENT_NOT_SENT, line)
    assert [one.patient_ref for one in lines(bench, Worklist.DISSENT_NOT_SENT)] == ["F"]
    confirm(bench)
    assert [one.patient_ref for one in lines(bench, Worklist.DISSENT_NOT_SENT)] == ["B", "F"]
