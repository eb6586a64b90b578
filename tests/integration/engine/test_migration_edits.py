"""The record changes while the migration is at work: faults rows 41 and 43."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState, RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.bench import Bench, Person, dissenter
from tests.helpers.practice import clinician_adds, clinician_deletes, number, reception_changes
from tests.helpers.scripted_spine import Call, Holding
from tests.integration.engine.conftest import MakeBench

SENT, FAILED, NOT_REQUIRED = ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED
REJECTED = SpineAnswer(AnswerKind.REJECTED, 400, "430", "invalid update")
LONG = 20.0


def consents(bench: Bench) -> None:
    clinician_adds(bench.database, "P", "9Ndn.", on=date(2026, 10, 1))


def withdraws(bench: Bench) -> None:
    clinician_deletes(bench.database, "P", "9Ndo.")


def objects(bench: Bench) -> None:
    clinician_adds(bench.database, "P", "9Ndo.", on=date(2026, 10, 1))
    bench.objected.add("P")


@pytest.mark.fault_row(41)
@pytest.mark.parametrize(
    ("codes", "change", "ended", "after"),
    [
        (("9Ndo.",), consents, (NOT_REQUIRED, Reason.NOTHING_TO_DO), ["9Ndo.", "9Ndn."]),
        (("9Ndo.",), withdraws, (NOT_REQUIRED, Reason.IMPLIED_CONSENT_ADDED), ["9Ndl."]),
        ((), objects, (SENT, Reason.DISSENT_SENT), ["9Ndo."]),
        (("93C2.",), objects, (SENT, Reason.DISSENT_SENT), ["9Ndn.", "9Ndo."]),
    ],
)
def test_an_edit_between_the_reading_and_the_commit_is_decided_anew(
    codes: tuple[str, ...], change: Callable[[Bench], None], ended: Any, after: list[str], make_bench: MakeBench
):
    """Row 41: a compare-and-set on the version; nothing of the stale decision is written, and nothing sent."""
    bench = make_bench(Person("P", codes, has_scr=True))
    bench.script("read", "P", lambda *_: change(bench))
    view = bench.run()
    assert view.status is RunStatus.COMPLETED
    assert bench.ended("P") == ended
    assert bench.codes("P") == after
    assert len(bench.reads("P")) == 2
    assert len(bench.sends("P")) == (ended[0] is SENT)


@pytest.mark.fault_row(41)
def test_an_edit_while_a_message_waits_for_the_pace_to_be_prepared_is_decided_anew(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    bench.settings = replace(bench.settings, per_second=5.0)
    bench.script("read", "P", lambda *_: consents(bench))
    bench.run()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NOTHING_TO_DO)
    assert bench.intents("P") == []


@pytest.mark.fault_row(41)
def test_an_edit_between_preparing_and_sending_is_decided_anew(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))

    def refuse_and_change(_: Holding, __: Call) -> SpineAnswer:
        consents(bench)
        return SpineAnswer(AnswerKind.THROTTLED, 429)

    bench.script("send", "P", refuse_and_change)
    bench.run()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NOTHING_TO_DO)
    assert [message.state for message in bench.intents("P")] == [IntentState.SUPERSEDED]
    assert len(bench.sends("P")) == 1


@pytest.mark.fault_row(43)
@pytest.mark.parametrize("status", ["transferred_out", "deceased", "temporary"])
def test_somebody_who_left_after_the_cohort_was_frozen_is_skipped(status: str, make_bench: MakeBench):
    """Row 43, at claim: the record is left alone, and nobody is asked."""
    bench = make_bench(Person("P", ("93C3.",), has_scr=True))
    token = StopToken()
    token.stop(StopReason.USER)
    bench.run(token=token)
    reception_changes(bench.database, "P", registration=status)
    assert bench.resume().status is RunStatus.COMPLETED
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)
    assert bench.codes("P") == ["93C3."]
    assert bench.spine.calls == []


@pytest.mark.fault_row(43)
@pytest.mark.parametrize("status", ["transferred_out", "deceased", "temporary"])
def test_somebody_who_left_before_the_prepared_message_went_out_is_skipped(status: str, make_bench: MakeBench):
    """Row 43, before a send."""
    bench = make_bench(dissenter("P"))
    bench.script("send", "P", SpineAnswer(AnswerKind.NOT_AUTHORISED, 403))
    bench.run()
    reception_changes(bench.database, "P", registration=status)
    bench.resume()
    assert bench.ended("P") == (NOT_REQUIRED, Reason.NO_LONGER_ACTIVE)
    assert [message.state for message in bench.intents("P")] == [IntentState.SUPERSEDED]
    assert len(bench.sends("P")) == 1


@pytest.mark.fault_row(43)
def test_a_corrected_number_is_the_one_that_is_asked_about_and_sent(make_bench: MakeBench):
    bench = make_bench(dissenter("P"))
    old, new = bench.numbers["P"], number(77)
    bench.script("read", "P", lambda *_: reception_changes(bench.database, "P", nhs_number=new))
    bench.numbers["P"] = new
    bench.run()
    assert bench.ended("P") == (SENT, Reason.DISSENT_SENT)
    assert bench.spine.sends(old) == []
    assert bench.holds("P") is Permission.NO
