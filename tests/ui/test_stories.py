"""The stories of the screen, each by mouse and by keyboard alone, with the real engine, SQLite and simulator."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import Action
from app.domain.outcomes import ItemState
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from app.engine.ports import RunView
from tests.helpers.simulator import running_simulator
from tests.ui.conftest import Real, opened_on
from tests.ui.people import Keyboard, Mouse
from tests.ui.test_desktop import window_at_work

Person = Mouse | Keyboard
EVERYBODY = pytest.mark.parametrize("kind", [Mouse, Keyboard], ids=["mouse", "keyboard"])
RECEPTIONIST = "910000000003"


@pytest.fixture
def at(real: Callable[..., Real], qtbot: QtBot) -> Callable[..., tuple[Real, Person]]:
    """Somebody sits down at the window."""

    def sit_down(kind: type[Person], **changes: object) -> tuple[Real, Person]:
        opened = real(**changes)
        return opened, kind(opened.screen, qtbot)

    return sit_down


def latest(real: Real) -> RunView:
    run = real.product.queries.latest_run(real.product.family.key)
    assert run is not None
    return run


def run_to_the_end(person: Person, action: Action = Action.RUN) -> None:
    """From the four actions to the results."""
    person.choose(action)
    person.use(person.middle.options.ok_button)
    complete(person)


def complete(person: Person) -> None:
    """The run completes: the message staff know, then the results."""
    assert person.message().text() == "Process completed."
    assert person.middle.status.text() == "Stopped"
    person.reply(QMessageBox.StandardButton.Ok)
    person.until_page(person.middle.results)


def signed_in(person: Person) -> None:
    person.use(person.window.side.card.sign_in_button)
    person.show_card()
    person.until(lambda: person.screen.card.session is not None and person.screen.sign_in.dialog is None)


def shown_as_stored(person: Person, counters: object, run: RunView) -> None:
    """What the window shows is what the database holds."""
    for state in ItemState:
        assert counters.text_of(state) == f"{getattr(run.counts, state.value):,}"


@EVERYBODY
def test_run(at, kind):
    real, person = at(kind)
    person.choose(Action.RUN)
    person.show_card()
    person.until_page(person.middle.options)
    active = real.product.queries.active_count()
    assert f"{active:,} patients will be checked" in person.middle.options.summary.words
    person.use(person.middle.options.ok_button)
    complete(person)
    run = latest(real)
    assert run.status is RunStatus.COMPLETED
    assert run.counts.total == active
    assert run.counts.unprocessed == run.counts.sending == 0
    assert run.counts.sent > 0
    assert run.counts.failed > 0
    shown_as_stored(person, person.middle.results.counters, run)
    assert "nothing is being sent" in person.middle.results.heading.words
    assert len(real.spine.writes()) == run.writes


@EVERYBODY
def test_stop_and_resume_where_it_was(at, kind):
    real, person = at(kind)
    real.spine.slow_down()
    signed_in(person)
    person.choose(Action.RUN)
    person.use(person.middle.options.ok_button)
    person.until(lambda: person.middle.running.meter.value() > 0)
    person.use(person.middle.running.stop_button)
    person.until(lambda: person.middle.status.text() == "Paused")
    stopped = latest(real)
    assert (stopped.status, stopped.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    assert stopped.counts.unprocessed > 0
    assert STOP_WORDS[StopReason.USER] in person.middle.running.note.words
    shown_as_stored(person, person.middle.running.counters, stopped)
    real.spine.clear_faults()
    person.use(person.middle.running.resume_button)
    person.use(person.middle.options.ok_button)
    complete(person)
    finished = latest(real)
    assert (finished.run_id, finished.status) == (stopped.run_id, RunStatus.COMPLETED)
    written = [entry["nhs_number"] for entry in real.spine.writes()]
    assert len(written) == len(set(written)) > 0, "nobody is sent twice"


@EVERYBODY
def test_failed_takes_only_the_failed_and_puts_right_what_can_be(at, kind):
    real, person = at(kind)
    # The first dissent is refused, until whatever is wrong at the Spine has been put right.
    real.spine.put_faults({"operation": "write", "nth": 1, "action": {"answer": "400_35160"}})
    signed_in(person)
    run_to_the_end(person)
    before = latest(real)
    dissenter = real.spine.writes()[0]["nhs_number"]
    assert real.spine.state()[dissenter][1] != "No"
    real.spine.clear_faults()
    person.use(person.middle.results.buttons[Action.FAILED])
    person.until_page(person.middle.options)
    assert f"{before.counts.failed} patients that failed will be tried again" in person.middle.options.summary.words
    assert not person.middle.options.group.isEnabled()
    person.use(person.middle.options.ok_button)
    complete(person)
    after = latest(real)
    assert after.run_id == before.run_id
    assert after.counts.sent == before.counts.sent + 1
    assert after.counts.failed == before.counts.failed - 1
    assert after.reads - before.reads <= before.counts.failed + 1
    assert real.spine.state()[dissenter][1] == "No"
    shown_as_stored(person, person.middle.results.counters, after)


@EVERYBODY
def test_rerun_begins_again_and_sends_nobody_again_whom_the_spine_has(at, kind):
    real, person = at(kind)
    signed_in(person)
    run_to_the_end(person)
    first = latest(real)
    written = {entry["nhs_number"] for entry in real.spine.writes()}
    person.use(person.middle.results.leave_button)
    person.choose(Action.RERUN)
    person.until_page(person.middle.options)
    assert person.middle.options.prompt.text().startswith("A Consent Migration has already been run.")
    person.use(person.middle.options.ok_button)
    complete(person)
    second = latest(real)
    assert second.run_id != first.run_id
    assert second.counts.total == first.counts.total
    state = real.spine.state()
    told = {number for number in written if state.get(number, (False, ""))[1] == "No"}
    again = {entry["nhs_number"] for entry in real.spine.writes()[first.writes :]}
    assert told
    assert not told & again


@EVERYBODY
def test_a_group_alone_is_checked(at, kind):
    real, person = at(kind)
    group = max(real.product.queries.groups(), key=lambda one: one.active)
    assert 0 < group.active < real.product.queries.active_count()
    signed_in(person)
    person.choose(Action.RUN)
    person.until_page(person.middle.options)
    person.choose_group(group.name)
    assert f"{group.active:,} patients will be checked" in person.middle.options.summary.words
    person.use(person.middle.options.ok_button)
    complete(person)
    run = latest(real)
    assert run.group == group.name
    assert run.counts.total == group.active
    assert group.name in person.middle.results.detail.text()


@EVERYBODY
def test_closing_while_it_runs_asks_and_keeps_its_place(at, kind, qtbot):
    real, person = at(kind)
    real.spine.slow_down()
    signed_in(person)
    person.choose(Action.RUN)
    person.use(person.middle.options.ok_button)
    person.until(lambda: person.middle.running.meter.value() > 0)
    person.leave()
    assert person.message().text() == "Are you sure you want to exit the application?"
    assert "stopped first and keeps its place" in person.message().informativeText()
    person.reply(QMessageBox.StandardButton.No)
    assert person.window.isVisible()
    assert person.screen.runs.is_live
    person.leave()
    with qtbot.waitSignal(person.screen.closed, timeout=60_000):
        person.reply(QMessageBox.StandardButton.Yes)
    assert not person.window.isVisible()
    person.until(lambda: not person.screen.runs.is_live)
    run = latest(real)
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.SHUTDOWN)
    assert run.counts.unprocessed > 0


@EVERYBODY
def test_a_card_without_the_right_is_refused_and_nothing_begins(at, kind):
    real, person = at(kind)
    person.choose(Action.RUN)
    person.show_card(RECEPTIONIST)
    assert "System Administrator" in person.message().text()
    person.reply(QMessageBox.StandardButton.Ok)
    person.until_page(person.middle.choose)
    assert not person.screen.runs.is_live
    assert real.product.queries.latest_run(real.product.family.key) is None
    assert real.spine.writes() == []


@EVERYBODY
def test_a_run_whose_program_died_is_found_at_start_and_resumed(demonstration, qtbot, kind):
    with running_simulator("--rate", "0", "--latency-ms", "40", load=demonstration / "spine.csv") as spine:
        with window_at_work(demonstration, spine.spine, spine.auth) as process:
            process.kill()
            process.wait(60)
        with opened_on(demonstration, spine, qtbot, SETTLE_SECONDS="0") as real:
            person = kind(real.screen, qtbot)
            assert person.middle.status.text() == "Paused"
            assert STOP_WORDS[StopReason.INTERRUPTED] in person.middle.choose.history.words
            signed_in(person)
            assert person.middle.choose.default_button() is person.middle.choose.buttons[Action.RESUME]
            run_to_the_end(person, Action.RESUME)
            run = latest(real)
            assert run.status is RunStatus.COMPLETED
            assert run.counts.unprocessed == run.counts.sending == 0
            # Read back at once, an answer on its way is not seen yet: sent again, but under the same request id.
            written = {(entry["nhs_number"], entry["request_id"]) for entry in spine.writes()}
            assert len(written) == len({number for number, _ in written}) > 0
