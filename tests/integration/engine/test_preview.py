"""A preview under everything that can come in its way: stops, cards, faults, edits, earlier messages, other people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.actions import Action
from app.domain.decision import Permission
from app.domain.errors import Refused
from app.domain.patient import RegistrationStatus
from app.domain.session import Role
from app.domain.states import RunStatus, StopReason
from app.engine.control import StopToken
from app.engine.lists import ListQuery, OfRun
from app.engine.practice import SpineKind
from app.engine.preview import Depth
from app.engine.preview_compare import Comparison, Difference, compare, compare_and_mark, compared
from app.engine.preview_lists import CAME_OTHERWISE, EVERYBODY, PREVIEW_LISTS, WIDENING
from app.engine.preview_numbers import Cause
from app.engine.preview_words import not_sent_words, sentences, stopped_short, widening_words
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.engine.viewing import GuardedLists
from app.storage.run_outcomes import SqlRunOutcomes
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.helpers.practice import clinician_adds, reception_changes
from tests.helpers.previewing import Previews, events_of, nothing_is_written
from tests.helpers.scripted_spine import Holding, applied_but_lost


@pytest.fixture
def previews_of() -> Iterator[Callable[..., Previews]]:
    made: list[Previews] = []

    def make(bench: Bench, **how: Any) -> Previews:
        made.append(Previews(bench, **how))
        return made[-1]

    yield make
    for previews in made:
        previews.previewer.forget()


def against(previews: Previews, view: Any) -> Comparison:
    """How a run came out against the latest preview."""
    preview = previews.previewer.current
    assert preview is not None
    return compare(preview, previews.previewer.copy().outcomes, view, SqlRunOutcomes(previews.bench.database))


def differing(previews: Previews, view: Any) -> dict[str, Difference]:
    preview = previews.previewer.current
    assert preview is not None
    outcomes = SqlRunOutcomes(previews.bench.database)
    found = compared(preview, previews.previewer.copy().outcomes, view, outcomes)
    return {one.patient_ref: one.difference for one in found if one is not None}


# --- what it foresees ---


def test_nothing_is_written_but_that_it_was_taken(make_bench, previews_of):
    bench = make_bench(dissenter("D"), Person("L", ("93C2.",)), Person("N", has_scr=True))
    previews = previews_of(bench)
    with nothing_is_written(bench.database):
        preview = previews.take()
    assert bench.spine.sends() == []
    assert (bench.claims, bench.backed_up) == (0, [])
    assert previews.ended() == {
        "D": ("sent", "dissent_sent"),
        "L": ("not_required", "legacy_consent_converted"),
        "N": ("not_required", "implied_consent_added"),
    }
    assert widening_words(preview).startswith("The consent of 1 patient widens to core and additional data")
    [event] = events_of(bench.database, "preview_taken")
    assert event["actor"] == "Pat Manager (System Administrator, card 910000000001)"
    assert event["detail"] == "run, everyone"


def test_dissents_that_would_not_be_sent_are_counted_by_cause(make_bench, previews_of):
    bench = make_bench(
        dissenter("sent"),
        dissenter("applied", flags={"registration": RegistrationStatus.APPLIED}),
        dissenter("unlinked", flags={"pds_linked": False}),
        dissenter("open", flags={"record_in_use": True}),
        dissenter("number", flags={"nhs_number": "9990000019"}),
        dissenter("ahead", on=date(2062, 1, 1), has_scr=False),
        dissenter("ahead, summary", on=date(2062, 1, 1)),
        dissenter("there", permission=Permission.NO),
    )
    preview = previews_of(bench).take()
    assert preview.foreseen.causes == {
        Cause.APPLIED: 1,
        Cause.UNLINKED: 1,
        Cause.IN_USE: 1,
        Cause.NUMBER: 1,
        Cause.FUTURE_DATED: 2,
    }
    assert not_sent_words(preview).startswith("6 dissents would not be sent: ")
    assert "2 because the dissent is dated in the future" in not_sent_words(preview)


def test_an_earlier_refusal_and_a_message_of_unknown_outcome_are_foreseen_as_the_run_takes_them(
    make_bench, previews_of
):
    bench = make_bench(dissenter("refused", has_scr=False), dissenter("lost"), consenter("C"))
    bench.script("send", "refused", SpineAnswer(AnswerKind.REJECTED, 400, "35160", "not known"))
    token = StopToken()

    def lose(holding: Holding, call: Any) -> SpineAnswer:
        token.stop(StopReason.USER)
        return applied_but_lost(holding, call)

    bench.script("send", "lost", lose)
    bench.run(token=token)
    previews = previews_of(bench)
    with nothing_is_written(bench.database):
        preview = previews.take(Action.RERUN)
    assert previews.ended() == {
        "refused": ("failed", "spine_rejected"),
        "lost": ("sent", "confirmed_by_read"),
        "C": ("not_required", "nothing_to_do"),
    }
    assert preview.foreseen.causes == {Cause.REFUSED: 1}
    assert against(previews, bench.rerun()).differ == 0


@pytest.mark.parametrize("action", [Action.RESUME, Action.FAILED])
def test_the_other_actions_are_foreseen_too(make_bench, previews_of, action):
    bench = make_bench(dissenter("A", flags={"record_in_use": True}), *(consenter(f"C{at}") for at in range(9)))
    bench.run(token=bench.stop_on_call(3))
    reception_changes(bench.database, "A", record_in_use=False)
    bench.spine.always = None
    previews = previews_of(bench)
    with nothing_is_written(bench.database):
        preview = previews.take(action)
    assert (previews.ended()["A"][0] == "sent") is (action is Action.FAILED)
    assert (preview.view.counts.unprocessed == 0) is (action is Action.RESUME)
    assert against(previews, bench.press(action)) == Comparison(10, {})


def test_a_group_is_foreseen_alone(make_bench, previews_of):
    bench = make_bench(dissenter("A"), dissenter("B"), groups=[("Flu", "B")])
    previews = previews_of(bench)
    preview = previews.take(group="Flu")
    assert set(previews.ended()) == {"B"}
    assert "1 patient of Flu" in sentences(preview)[0]
    assert against(previews, bench.run(group="Flu")) == Comparison(1, {})


def test_from_the_records_alone_the_card_is_not_needed_and_what_is_left_open_is_said(make_bench, previews_of):
    bench = make_bench(dissenter("D", permission=Permission.NO), Person("N", has_scr=True))
    bench.card.end()
    previews = previews_of(bench)
    with nothing_is_written(bench.database, events=()):
        preview = previews.take(depth=Depth.RECORDS)
    assert bench.spine.calls == []
    assert previews.ended() == {"D": ("sent", "dissent_sent"), "N": ("not_required", "no_preference_expressed")}
    assert any("The Spine was not asked." in line for line in sentences(preview))
    bench.card.sign_in()
    with pytest.raises(Refused, match="records alone"):
        against(previews, bench.run())


def test_every_list_is_as_long_as_it_says(make_bench, previews_of):
    bench = make_bench(
        dissenter("D"),
        Person("L", ("93C2.", "93C2.")),
        Person("N", has_scr=True),
        consenter("M", permission=Permission.NO),
    )
    previews = previews_of(bench)
    preview = previews.take()
    lists = previews.previewer.copy().lists
    for key, definition in PREVIEW_LISTS.items():
        query = ListQuery(OfRun(preview.view.run_id, definition))
        assert len(lists.page(query, None, 0, 100)) == preview.foreseen.sizes[key], key
    taken = list(previews.previewer.lines(WIDENING, "Dr Who"))
    assert [line.patient_ref for line in taken] == ["L"]
    [event] = events_of(bench.database, "report_taken")
    assert (event["actor"], event["detail"]) == ("Dr Who", "preview, widening, 1 patients")


# --- what comes in its way ---


def test_stopped_midway_it_tells_what_it_has_and_goes_on_from_there(make_bench, previews_of):
    bench = make_bench(*(consenter(f"C{at}") for at in range(10)))
    previews = previews_of(bench)
    preview = previews.take(token=bench.stop_on_call(4))
    assert (preview.view.status, preview.view.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    assert 0 < preview.view.counts.unprocessed < 10
    assert "not looked at" in stopped_short(preview)
    asked = len(bench.spine.reads())
    bench.spine.always = None
    preview = previews.previewer.go_on(StopToken(), previews.board)
    assert (preview.view.status, preview.view.counts.not_required) == (RunStatus.COMPLETED, 10)
    assert len(bench.spine.reads()) == 10
    assert asked < 10
    assert stopped_short(preview) == ""


def test_a_card_that_expires_midway_pauses_it_until_somebody_signs_in(make_bench, previews_of):
    bench = make_bench(*(consenter(f"C{at}") for at in range(200)))
    bench.card.sign_in(length=timedelta(seconds=91))
    previews = previews_of(bench)
    preview = previews.take()
    assert preview.view.stop_reason is StopReason.CARD_EXPIRED
    assert preview.view.counts.unprocessed
    with pytest.raises(Refused):
        previews.previewer.go_on(StopToken(), previews.board)
    bench.card.sign_in()
    assert previews.previewer.go_on(StopToken(), previews.board).view.status is RunStatus.COMPLETED


def test_a_patient_of_whom_the_spine_gives_no_usable_answer_could_not_be_foreseen(make_bench, previews_of):
    bench = make_bench(dissenter("D"), consenter("C"), consenter("E"))
    bench.script("read", "D", *[AnswerKind.NOT_UNDERSTOOD] * 2)
    previews = previews_of(bench)
    with nothing_is_written(bench.database):
        preview = previews.take()
    assert previews.ended()["D"] == ("failed", "answer_not_understood")
    assert (preview.foreseen.sizes["not-foreseen"], preview.foreseen.sizes["likely-to-fail"]) == (1, 0)
    assert preview.foreseen.causes == {Cause.NOT_FORESEEN: 1}
    assert differing(previews, bench.run()) == {"D": Difference.NOT_FORESEEN}


def test_an_outage_is_waited_out_and_fails_nobody(make_bench, previews_of):
    bench = make_bench(*(consenter(f"C{at}") for at in range(8)))
    for at in range(8):
        bench.script("read", f"C{at}", AnswerKind.NO_CONNECTION)
    previews = previews_of(bench)
    preview = previews.take()
    assert preview.view.counts.not_required == 8
    assert [phase.value for phase in previews.board.phases] == ["running", "waiting", "running", "ended"]


def test_changes_in_between_are_named(make_bench, previews_of):
    names = ("same", "spine", "record", "linked", "refused", "left")
    bench = make_bench(*(dissenter(name, flags={"pds_linked": name != "linked"}) for name in names))
    previews = previews_of(bench)
    previews.take()
    bench.spine.holdings[bench.numbers["spine"]] = Holding(has_scr=True, permission=Permission.NO)
    clinician_adds(bench.database, "record", "9Ndn.", bench.clock.now().date())
    bench.objected.discard("record")
    reception_changes(bench.database, "linked", pds_linked=True)
    reception_changes(bench.database, "left", registration=RegistrationStatus.DECEASED)
    bench.script("send", "refused", SpineAnswer(AnswerKind.REJECTED, 400, "35160", "not known"))
    bench.add(consenter("joined"))
    assert differing(previews, bench.run()) == {
        "spine": Difference.SPINE_CHANGED,
        "record": Difference.RECORD_CHANGED,
        "linked": Difference.RECORD_CHANGED,
        "refused": Difference.REFUSED,
        "left": Difference.LEFT,
        "joined": Difference.JOINED,
    }


def test_those_who_came_otherwise_are_marked_to_be_listed(make_bench, previews_of):
    bench = make_bench(dissenter("same"), dissenter("spine"))
    previews = previews_of(bench)
    preview = previews.take()
    bench.spine.holdings[bench.numbers["spine"]] = Holding(has_scr=True, permission=Permission.NO)
    bench.add(consenter("joined"))
    view, copy = bench.run(), previews.previewer.copy()
    query = ListQuery(OfRun(preview.view.run_id, CAME_OTHERWISE))
    assert copy.lists.count(query) == 0
    for _ in range(2):
        comparison = compare_and_mark(preview, copy, view, SqlRunOutcomes(bench.database))
        assert comparison == against(previews, view)
        assert [line.patient_ref for line in copy.lists.page(query, None, 0, 10)] == ["spine"]
    assert comparison == Comparison(1, {Difference.SPINE_CHANGED: 1, Difference.JOINED: 1})


def test_a_preview_says_nothing_about_another_run(make_bench, previews_of):
    bench = make_bench(dissenter("A"), groups=[("Flu", "A")])
    previews = previews_of(bench)
    previews.take(group="Flu")
    with pytest.raises(Refused, match="not one of that run"):
        against(previews, bench.run())


# --- who may ---


def test_with_the_spine_it_takes_the_right_of_a_run(make_bench, previews_of):
    bench = make_bench(dissenter("A"))
    bench.card.sign_in(Role("1", "Receptionist", "", frozenset({"B0011"})))
    previews = previews_of(bench)
    with nothing_is_written(bench.database, events=()), pytest.raises(Refused, match="System Administrator"):
        previews.take()
    assert bench.spine.calls == []


def test_a_real_list_is_not_held_against_a_simulated_spine(make_bench, previews_of):
    bench = make_bench(dissenter("A"))
    bench.database.mark_spine(SpineKind.REAL, "tester")
    with pytest.raises(Refused, match="belongs to the real Spine"):
        previews_of(bench).take()
    assert bench.spine.calls == []


def test_what_cannot_be_pressed_is_not_previewed(make_bench, previews_of):
    bench = make_bench(consenter("A"), consenter("B"))
    previews = previews_of(bench)
    with pytest.raises(Refused, match="has not been run yet"):
        previews.take(Action.RERUN)
    with pytest.raises(Refused, match="no patient group"):
        previews.take(group="Nobody")
    bench.run(token=bench.stop_on_call(1))
    for depth in Depth:
        with pytest.raises(Refused, match="not finished"):
            previews.take(depth=depth)
    bench.scr_enabled = False
    with pytest.raises(Refused, match="switched off"):
        previews_of(bench).take(depth=Depth.RECORDS)


def test_not_while_somebody_works_on_the_practice(make_bench, previews_of):
    bench = make_bench(consenter("A"))
    previews = previews_of(bench)
    bench.lock.acquire("somebody")
    with pytest.raises(Refused):
        previews.take()
    bench.lock.release()


def test_the_next_preview_takes_the_place_of_the_one_before(make_bench, previews_of):
    bench = make_bench(consenter("A"))
    previews = previews_of(bench)
    first = previews.take()
    before = previews.previewer.copy()
    second = previews.take()
    assert previews.previewer.current is second is not first
    assert previews.previewer.copy() is not before
    assert len(list(bench.database.backups.parent.glob(".snapshot-*"))) == 2
    previews.previewer.forget()
    assert previews.previewer.current is None
    for ask in (previews.previewer.copy, lambda: previews.previewer.go_on(StopToken(), previews.board)):
        with pytest.raises(Refused, match="no preview"):
            ask()
    assert not list(bench.database.backups.parent.glob(".snapshot-*"))


def test_names_of_a_preview_are_for_those_entitled_and_counts_for_everybody(make_bench, previews_of):
    bench = make_bench(dissenter("A"), consenter("B"))
    previews = previews_of(bench)
    viewer = GuardedLists(lambda: previews.previewer.copy().lists, bench.operator().rights)
    query = ListQuery(OfRun(1, EVERYBODY))
    with pytest.raises(Refused, match="no preview"):
        viewer.count(query)
    previews.take()
    assert len(viewer.page(query, None, 0, 10)) == 2
    assert viewer.count(replace(query, search="Surname")) == 2
    bench.card.sign_in(Role("1", "Receptionist", "", frozenset()))
    assert viewer.count(query) == 2
    assert sum(one.patients for one in viewer.reasons(OfRun(1, EVERYBODY))) == 2
    for look in (lambda: viewer.page(query, None, 0, 10), lambda: viewer.count(replace(query, search="Surname"))):
        with pytest.raises(Refused, match="lists with patients' names"):
            look()
