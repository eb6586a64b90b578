"""What must hold after every execution, whatever happened in it: the faults page's invariants.

Judged by what the Spine received and holds, by the rows, and by what the witness beside the Spine saw; never by what
the engine says of itself.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import bindparam, func, select

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import UNSETTLED_INTENTS, RunStatus
from app.engine.spine_port import AnswerKind
from app.storage import audit
from app.storage.tables import attempt, audit_event, intent, item, patient
from tests.helpers.bench import FAMILY, Bench
from tests.helpers.scripted_spine import Call

_SENT = (
    select(patient.c.patient_ref)
    .join_from(item, patient)
    .where((item.c.state == ItemState.SENT) | (item.c.reason == Reason.ALREADY_ON_SPINE))
)
_ATTEMPTS = select(attempt.c.correlation_id, attempt.c.reason, attempt.c.answer_class)
_UNSETTLED = select(intent.c.patient_id).where(intent.c.state.in_(sorted(UNSETTLED_INTENTS)))
_ADDED = (
    select(patient.c.patient_ref)
    .join_from(audit_event, patient, audit_event.c.patient_id == patient.c.id)
    .where(audit_event.c.action == "entry_added", audit_event.c.after == "9Ndl.")
)
_COHORT = select(func.count().label("size")).where(item.c.run_id == bindparam("run"))


def check_invariants(bench: Bench, *, trail: bool = True) -> None:
    """I1 to I8, as far as what has happened so far allows; I8 only with the `trail`, which takes longer as it grows."""
    assert bench.witness.breaches == []
    with bench.at_one_look():
        _whoever_counts_as_sent_is_protected(bench)
        _repeats_follow_an_unknown(bench)
        _only_objections_held_here_were_sent(bench)
        _implied_consent_was_asked_for(bench)
        _the_counters_add_up(bench)
    assert not trail or audit.first_broken(bench.database) is None, "I8"


def _whoever_counts_as_sent_is_protected(bench: Bench) -> None:
    for row in bench.rows(_SENT):
        assert bench.holds(row.patient_ref) is Permission.NO or row.patient_ref in bench.changed_elsewhere, "I1"


def _repeats_follow_an_unknown(bench: Bench) -> None:
    """I2, and I5: every send was written down, with its reason where it is a repeat."""
    rows = {row.correlation_id: row for row in bench.rows(_ATTEMPTS)}
    sends: dict[str, list[Call]] = defaultdict(list)
    for call in bench.spine.sends():
        assert call.correlation_id in rows or call.correlation_id in bench.forgotten, "I5"
        sends[call.request_id].append(call)
    for calls in sends.values():
        applied = False
        for place, call in enumerate(calls):
            row = rows.get(call.correlation_id)
            assert not place or row is None or row.reason, "every resend carries its reason"
            if applied:
                earlier = {before.correlation_id for before in calls[:place]}
                unknown = {key for key in earlier & rows.keys() if rows[key].answer_class is AnswerKind.UNKNOWN}
                assert unknown or earlier & bench.forgotten, "I2"
            applied = applied or call.applied
        assert len({call.correlation_id for call in calls}) == len(calls), "a new correlation id for each"
        assert len({call.nhs_number for call in calls}) == 1
    unsettled = bench.rows(_UNSETTLED)
    assert len(unsettled) == len(set(unsettled)), "one message of a patient at a time"


def _only_objections_held_here_were_sent(bench: Bench) -> None:
    allowed = {bench.numbers[ref] for ref in bench.objected} | bench.earlier_numbers
    assert {call.nhs_number for call in bench.spine.sends()} <= allowed, "I3"


def _implied_consent_was_asked_for(bench: Bench) -> None:
    for row in bench.rows(_ADDED):
        number = bench.numbers[row.patient_ref]
        assert bench.spine.reads(number), "I4"
        assert bench.spine.holdings[number].has_scr, "I4"


def _the_counters_add_up(bench: Bench) -> None:
    view = bench.queries.latest_run(FAMILY)
    if view is None:
        return
    assert view.counts.total == _cohort_of(bench, view.run_id), "I6"
    if view.status is RunStatus.COMPLETED:
        assert view.counts.unprocessed == view.counts.sending == 0
    # Of its own run: another workstation may have taken over and begun anew, with others on the list.
    told = {(snapshot.run_id, snapshot.counts.total) for snapshot in bench.board.all}
    assert all(total == _cohort_of(bench, run_id) for run_id, total in told), "I6, in every snapshot"


def _cohort_of(bench: Bench, run_id: int) -> int:
    size: int = bench.rows(_COHORT, run=run_id)[0].size
    return size
