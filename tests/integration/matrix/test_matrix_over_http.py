"""Rows 8 to 22, 34, 35 and 42 of the fault matrix through the whole program but its window, over real HTTP.

One patient meets the fault, five others do not. Judged by the Spine's history and the rows.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.spine.client import RequestsSpine
from app.spine.settings import SpineSettings
from tests.helpers.bench import Person
from tests.helpers.raw_server import raw_server
from tests.helpers.spine_answers import summary
from tests.integration.matrix.conftest import CARD, DEADLINE, PASSCODE, SETTLE, Practice

SENT, FAILED, NOT_REQUIRED = ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED
LEGACY = Person("P", ("93C3.",), has_scr=True)
"""Dissents with an old term, so that the local change is seen too."""

NOBODY_ASKED = Person("P", has_scr=True)
"""Nothing is recorded of: the danger is a 9Ndl. that nobody may have consented to."""


def rows(*numbers: int, of: Any, name: str) -> Any:
    """A case that proves these rows."""
    values = of if isinstance(of, tuple) else (of,)
    return pytest.param(*values, marks=pytest.mark.fault_row(*numbers), id=name)


# --- a message that goes wrong once ---

NOT_APPLIED, APPLIED = "READBACK_NOT_APPLIED", None
MISHAPS = [
    rows(10, of=({"reset_before": True}, NOT_APPLIED), name="reset before it was applied"),
    rows(10, of=({"reset_after": True}, APPLIED), name="reset after it was applied"),
    rows(11, of=({"slow_headers": 0.3}, APPLIED), name="a head that trickles"),
    rows(11, of=({"slow_headers": 0.3, "status": 504}, NOT_APPLIED), name="another head that trickles"),
    rows(13, of=({"answer": "500"}, NOT_APPLIED), name="500"),
    rows(13, of=({"answer": "500", "apply": True}, APPLIED), name="500 and applied"),
    rows(13, of=({"answer": "502"}, NOT_APPLIED), name="502"),
    rows(13, of=({"answer": "504", "apply": True}, APPLIED), name="504 and applied"),
    rows(14, of=({"answer": "503_json"}, NOT_APPLIED), name="503 as JSON"),
    rows(14, of=({"answer": "503_html"}, NOT_APPLIED), name="503 as a web page"),
    rows(14, of=({"answer": "503_html", "apply": True}, APPLIED), name="503 as a web page and applied"),
    rows(17, of=({"answer": "400_duplicate", "apply": True}, APPLIED), name="duplicate message id"),
    rows(19, of=({"answer": "403_30418", "apply": True}, APPLIED), name="a dissent is in force"),
]


@pytest.mark.parametrize(("action", "repeat"), MISHAPS)
def test_an_unclear_end_of_a_message_is_settled_by_reading(make_practice, action, repeat):
    """No failure, no blind repeat: read back after the settle time, then confirmed, or sent again under its id."""
    practice: Practice = make_practice(LEGACY)
    practice.strike("write", action)
    view = practice.bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 0)
    assert practice.others_are_done()
    assert practice.bench.codes("P") == ["9Ndo."]
    writes, reads = practice.writes(), practice.reads()
    assert len({call["request_id"] for call in writes}) == 1
    assert len(reads) == 2, "once to decide, once to settle"
    first, *again = practice.bench.attempts("P")
    assert first.answer_class == "unknown"
    assert practice.ended == (SENT, Reason.DISSENT_SENT if repeat else Reason.CONFIRMED_BY_READ)
    assert [attempt.reason for attempt in again] == ([repeat] if repeat else [])
    assert practice.spine.state()[practice.number][1] == "No"
    settling = next(place for place, call in enumerate(practice.history()) if call["n"] == reads[1]["n"])
    assert all(call["n"] < writes[0]["n"] or call["n"] >= settling for call in writes[1:])
    for attempt in again:
        assert (attempt.started_at - first.started_at).total_seconds() >= SETTLE


@pytest.mark.fault_row(10, 13, 17)
@pytest.mark.parametrize("dedup", [{"request_id": True}, {"correlation_id": True}], ids=lambda world: next(iter(world)))
@pytest.mark.parametrize("action", [{"reset_before": True}, {"reset_after": True}, {"answer": "504", "apply": True}])
def test_it_ends_the_same_in_both_worlds_of_repeated_ids(make_practice, action, dedup):
    """Which of the ids the Spine knows a repeat by is not published."""
    practice: Practice = make_practice(LEGACY)
    rule = {"operation": "write", "nhs_number": practice.number, "nth": 1, "action": action}
    practice.spine.put_faults(rule, dedup=dedup)
    view = practice.bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 0)
    assert practice.ended[0] is SENT
    assert practice.spine.state()[practice.number][1] == "No"
    assert len([call for call in practice.writes() if call["applied"]]) == 1


@pytest.mark.fault_row(10)
def test_a_201_cut_off_in_its_body_counts(make_practice):
    practice: Practice = make_practice(LEGACY)
    practice.strike("write", {"truncated": True})
    assert practice.bench.run().status is RunStatus.COMPLETED
    assert practice.ended == (SENT, Reason.DISSENT_SENT)
    assert (len(practice.writes()), len(practice.reads())) == (1, 1)


@pytest.mark.parametrize(
    ("operation", "asked", "waits"),
    [
        rows(15, of=("read", 1, 1.0), name="seconds"),
        rows(15, of=("write", {"date_in_seconds": 2}, 0.9), name="a date"),
        rows(15, of=("write", "soon", 0.0), name="nonsense"),
        rows(15, of=("read", -5, 0.0), name="negative"),
    ],
)
def test_too_many_requests_are_waited_out(make_practice, operation, asked, waits):
    practice: Practice = make_practice(LEGACY)
    practice.strike(operation, {"answer": "429", "retry_after": asked})
    began = time.monotonic()
    view = practice.bench.run()
    assert time.monotonic() - began >= waits
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 0)
    assert practice.ended == (SENT, Reason.DISSENT_SENT)
    calls = practice.writes() if operation == "write" else practice.reads()
    assert [call["status"] for call in calls] == ([429, 201] if operation == "write" else [429, 200])
    assert len({call["request_id"] for call in practice.writes()}) == 1


@pytest.mark.fault_row(15)
def test_a_wait_of_a_day_is_not_believed_and_stop_cuts_it_short(make_practice):
    practice: Practice = make_practice(LEGACY)
    practice.strike("read", {"answer": "429", "retry_after": 86_400})
    token = practice.bench.stop_on_call(10**9)
    views: list[Any] = []
    worker = threading.Thread(target=lambda: views.append(practice.bench.run(token=token)))
    worker.start()
    give_up_at = time.monotonic() + 20
    while not any(call["status"] == 429 for call in practice.reads()):
        assert time.monotonic() < give_up_at
    token.stop(StopReason.USER)
    worker.join(20)
    assert views[0].stop_reason is StopReason.USER
    assert views[0].counts.failed == 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        rows(16, of=("400_35160", "35160"), name="unknown number"),
        rows(16, of=("400_410", "410"), name="logical inconsistency"),
        rows(16, of=("400_430", "430"), name="invalid update"),
        rows(20, of=("403_420", "420"), name="access control"),
    ],
)
def test_a_refused_message_fails_its_patient_with_the_code(make_practice, answer, code):
    practice: Practice = make_practice(LEGACY)
    practice.strike("write", {"answer": answer}, nth=None)
    view = practice.bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 1)
    assert practice.ended == (FAILED, Reason.SPINE_REJECTED)
    assert practice.bench.item("P").spine_code == code
    assert practice.bench.codes("P") == ["9Ndo."], "the dissent stays expressed in the record"
    assert len(practice.writes()) == 1, "never sent again by itself"
    assert practice.others_are_done()
    assert practice.bench.rerun().counts.failed == 1
    assert len(practice.writes()) == 1


# --- questions ---

UNAVAILABLE = ["500", "502", "503_json", "503_html", "504"]


@pytest.mark.parametrize("answer", [rows(12, 14, of=name, name=name) for name in UNAVAILABLE])
def test_a_question_without_an_answer_is_asked_again(make_practice, answer):
    practice: Practice = make_practice(NOBODY_ASKED)
    practice.strike("read", {"answer": answer}, nth=[1, 2])
    view = practice.bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 0)
    assert practice.ended == (NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED)
    assert len(practice.reads()) == 3


@pytest.mark.parametrize("answer", [rows(12, 14, of=name, name=name) for name in UNAVAILABLE])
def test_a_question_that_is_never_answered_fails_at_the_end_and_adds_nothing(make_practice, answer):
    practice: Practice = make_practice(NOBODY_ASKED)
    practice.strike("read", {"answer": answer}, nth=None)
    view = practice.bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 1)
    assert practice.ended == (FAILED, Reason.SPINE_UNAVAILABLE)
    assert practice.bench.codes("P") == []
    assert practice.writes() == []
    assert practice.others_are_done()


@pytest.mark.fault_row(11)
def test_a_question_whose_answer_trickles_is_given_up_at_the_deadline_and_asked_again(make_practice):
    practice: Practice = make_practice(LEGACY)
    practice.strike("read", {"slow_body": 0.3})
    began = time.monotonic()
    assert practice.bench.run().status is RunStatus.COMPLETED
    assert time.monotonic() - began >= DEADLINE
    assert practice.ended == (SENT, Reason.DISSENT_SENT)
    assert len(practice.reads()) == 2


DAMAGED = [
    *("html_200", "empty_200", "malformed_json", "deep_nesting", "nan", "duplicate_keys", "wrong_patient"),
    *("two_labels", "unknown_code", "total_mismatch", "no_entry", "oversized"),
]


@pytest.mark.parametrize("person", [NOBODY_ASKED, LEGACY], ids=["nothing recorded", "a dissent recorded"])
@pytest.mark.parametrize("answer", [rows(22, of=name, name=name) for name in DAMAGED])
def test_an_answer_not_understood_is_asked_for_once_more_then_fails_and_is_never_no_dissent(
    make_practice, answer, person
):
    practice: Practice = make_practice(person)
    practice.strike("read", {"answer": answer}, nth=None)
    view = practice.bench.run()
    assert (view.status, view.counts.failed) == (RunStatus.COMPLETED, 1)
    assert practice.ended == (FAILED, Reason.ANSWER_NOT_UNDERSTOOD)
    assert len(practice.reads()) == 2
    assert practice.writes() == []
    assert practice.bench.codes("P") == list(person.codes), "nothing is decided on it"
    assert practice.others_are_done()


@pytest.mark.fault_row(22)
def test_settling_believes_no_damaged_answer_either(make_practice):
    practice: Practice = make_practice(LEGACY)
    rule = {"nhs_number": practice.number, "action": {"answer": "total_mismatch"}}
    lost = {"operation": "write", "nhs_number": practice.number, "nth": 1, "action": {"reset_after": True}}
    practice.spine.put_faults(lost, {**rule, "operation": "read", "nth": [2, 3]})
    assert practice.bench.run().status is RunStatus.COMPLETED
    assert practice.ended == (SENT, Reason.CONFIRMED_BY_READ)
    assert len(practice.writes()) == 1


@pytest.mark.parametrize(
    ("codes", "ended", "mismatch"),
    [
        rows(19, of=(("93C3.",), (NOT_REQUIRED, Reason.ALREADY_ON_SPINE), False), name="a dissent recorded here too"),
        rows(19, of=((), (NOT_REQUIRED, Reason.DISSENT_ON_SPINE), True), name="nothing recorded here"),
        rows(19, of=(("9Ndn.",), (NOT_REQUIRED, Reason.DISSENT_ON_SPINE), True), name="consent recorded here"),
    ],
)
def test_a_dissent_that_is_on_the_spine_is_left_alone(make_practice, codes, ended, mismatch):
    practice: Practice = make_practice(Person("P", codes, has_scr=True, permission=Permission.NO))
    assert practice.bench.run().status is RunStatus.COMPLETED
    assert [call["status"] for call in practice.reads()] == [403]
    assert practice.ended == ended
    assert bool(practice.bench.item("P").mismatch) is mismatch
    assert practice.writes() == []
    assert "9Ndl." not in practice.bench.codes("P")


# --- what pauses the run ---


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        rows(20, of=("403_neither", StopReason.NOT_AUTHORISED), name="403 with neither code"),
        rows(20, of=("400_role_code", StopReason.NOT_AUTHORISED), name="the role is not known"),
        rows(20, of=("400_role_header", StopReason.NOT_AUTHORISED), name="the role is not the user's"),
        rows(20, of=("400_no_asid", StopReason.CONFIGURATION), name="the application is not set up"),
        rows(21, of=("302", StopReason.CONFIGURATION), name="a redirect"),
        rows(21, of=("404", StopReason.CONFIGURATION), name="a wrong address"),
        rows(21, of=("413", StopReason.CONFIGURATION), name="too large"),
    ],
)
@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_fault_of_rights_or_set_up_pauses_the_run_and_fails_nobody(make_practice, operation, answer, reason):
    practice: Practice = make_practice(LEGACY)
    practice.strike(operation, {"answer": answer}, nth=None)
    view = practice.bench.run()
    assert (view.status, view.stop_reason, view.counts.failed) == (RunStatus.STOPPED, reason, 0)
    assert len(practice.writes()) == (1 if operation == "write" else 0)
    assert not practice.history(path="/elsewhere"), "a redirect is not followed"
    if operation == "write":
        assert [message.state for message in practice.bench.intents("P")] == [IntentState.PREPARED]
    practice.spine.clear_faults()
    assert practice.bench.resume().status is RunStatus.COMPLETED
    assert practice.ended == (SENT, Reason.DISSENT_SENT)
    assert len({call["request_id"] for call in practice.writes()}) == 1


@pytest.mark.fault_row(18)
@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_token_that_has_lapsed_is_renewed_and_the_request_repeated(make_practice, operation):
    practice: Practice = make_practice(LEGACY)
    practice.strike(operation, {"answer": "401_expired"})
    assert practice.bench.run().status is RunStatus.COMPLETED
    assert practice.ended == (SENT, Reason.DISSENT_SENT)
    calls = practice.writes() if operation == "write" else practice.reads()
    assert calls[0]["status"] == 401
    assert len({call["correlation_id"] for call in calls}) == len(calls) == 2
    assert len([call for call in practice.history() if call["path"].endswith("/token")]) == 1


@pytest.mark.fault_row(18)
@pytest.mark.parametrize("operation", ["read", "write"])
def test_refused_again_the_run_pauses_and_goes_on_after_a_new_sign_in(make_practice, operation):
    practice: Practice = make_practice(LEGACY)
    practice.strike(operation, {"answer": "401_invalid"}, nth=None)
    view = practice.bench.run()
    assert (view.status, view.stop_reason, view.counts.failed) == (RunStatus.STOPPED, StopReason.CARD_REMOVED, 0)
    practice.spine.clear_faults()
    practice.reader.sign_in(CARD, PASSCODE)
    assert practice.bench.resume().status is RunStatus.COMPLETED
    assert practice.ended == (SENT, Reason.DISSENT_SENT)
    assert len({call["request_id"] for call in practice.writes()}) <= 1


@pytest.mark.fault_row(34, 35)
def test_a_card_taken_out_in_mid_request_lets_the_answer_decide_and_begins_nothing_more(make_practice):
    practice: Practice = make_practice(LEGACY)
    practice.bench.settings = replace(practice.bench.settings, senders=1)
    practice.strike("write", {"delay_seconds": 0.5})
    views: list[Any] = []
    worker = threading.Thread(target=lambda: views.append(practice.bench.run()))
    worker.start()
    give_up_at = time.monotonic() + 20
    while not practice.writes():
        assert time.monotonic() < give_up_at
    practice.reader.remove_card()
    worker.join(20)
    [view] = views
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.CARD_REMOVED)
    assert view.counts.failed == 0
    [write] = practice.writes()
    assert (write["status"], practice.ended) in [
        (201, (SENT, Reason.DISSENT_SENT)),
        (401, (ItemState.SENDING, None)),
    ]
    later = [call for call in practice.history() if call["n"] > write["n"] and "/FHIR/" in call["path"]]
    assert later == []


@pytest.mark.fault_row(42)
def test_a_third_value_is_a_conflict_and_never_overwritten(make_practice):
    practice: Practice = make_practice(LEGACY)
    lost = {"operation": "write", "nhs_number": practice.number, "nth": 1, "action": {"reset_before": True}}
    found = {"status": 200, "body": summary("Yes", practice.number)}
    third = {"operation": "read", "nhs_number": practice.number, "nth": 2, "action": found}
    practice.spine.put_faults(lost, third)
    assert practice.bench.run().status is RunStatus.COMPLETED
    assert practice.ended == (FAILED, Reason.CONFLICT)
    assert [message.state for message in practice.bench.intents("P")] == [IntentState.CONFLICT]
    assert len(practice.writes()) == 1


# --- nobody is there ---


def elsewhere(practice: Practice, url: str) -> None:
    """Have the Spine's address lead there; the sign-in service stays where it is."""
    settings = SpineSettings(spine_url=url, auth_url=practice.settings.auth_url, connect_timeout=0.3, deadline=DEADLINE)
    practice.bench.service = RequestsSpine(settings, practice.reader, practice.bench.clock)


@pytest.mark.fault_row(8)
def test_where_nobody_is_there_it_waits_fails_nobody_and_goes_on_later(make_practice):
    practice: Practice = make_practice(LEGACY)
    practice.bench.settings = replace(practice.bench.settings, max_wait=0.5)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        elsewhere(practice, f"http://127.0.0.1:{unused.getsockname()[1]}")
        view = practice.bench.run()
    assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.NO_CONNECTION)
    assert (view.counts.failed, view.counts.unprocessed) == (0, 6)
    assert practice.history(method="POST", nhs_number=practice.number) == []
    practice.bench.service = RequestsSpine(practice.settings, practice.reader, practice.bench.clock)
    assert practice.bench.resume().status is RunStatus.COMPLETED
    assert practice.ended == (SENT, Reason.DISSENT_SENT)


@pytest.mark.fault_row(9)
def test_a_certificate_that_is_not_trusted_pauses_the_run_at_once(make_practice, certificates):
    practice: Practice = make_practice(LEGACY)
    with raw_server(lambda peer: peer.hold(), certificates.server("sound", "IP:127.0.0.1")) as server:
        elsewhere(practice, server.url)
        view = practice.bench.run()
        assert (view.status, view.stop_reason) == (RunStatus.STOPPED, StopReason.CONFIGURATION)
        assert (view.counts.failed, view.counts.unprocessed) == (0, 6)
        assert server.connections <= 2, "one for each sender, and no second try"
        assert server.requests == []
