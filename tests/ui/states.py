"""Every state the window can be in, staged over fakes: for pictures of it, and for walks through everything in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.occurrences import Outcome, Recorded, Why
from app.domain.outcomes import ItemState, Reason
from app.domain.planning import StartAt
from app.domain.read_back import ReadBack
from app.domain.session import missing_launch_right
from app.domain.states import RunStatus, StopReason
from app.domain.windows import OccurrenceKind, Plan
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import GroupView, RunView
from app.engine.progress import Phase, ProgressBoard, Snapshot, Waiting
from app.engine.rows import Counts
from app.engine.schedule_rows import ActiveSchedule, OccurrenceView, ScheduleView
from app.ui.times_model import Times
from tests.ui.conftest import Staged
from tests.ui.fakes import (
    EVENING,
    PRACTITIONER,
    TWO_ROLES,
    FakeTimes,
    a_confirmation,
    a_named_finding,
    run_view,
    snapshot,
    until_stopped,
)
from tests.ui.hands import Hands
from tests.ui.preview.staging import PREVIEW_STATES

State = Callable[[Staged, QtBot], Hands]
"""Brings the window there."""

ELSEWHERE = (
    "This practice is being worked on by Sam Okafor on BACK-OFFICE, since 24/11/2026 16:17. Wait until that has ended."
)

EARLIER = Counts(unprocessed=6_195, sending=2, sent=97, failed=3, not_required=4_090)
HALFWAY = Counts(unprocessed=6_175, sending=2, sent=97, failed=3, not_required=4_110)
PAUSED = Counts(unprocessed=6_175, sent=99, failed=3, not_required=4_110)
DONE = Counts(sent=117, failed=3, not_required=10_267)


def choose_new(staged: Staged, qtbot: QtBot) -> Hands:
    return opened(staged, qtbot)


def signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    return Hands(staged.open(), qtbot)


def sign_in(staged: Staged, qtbot: QtBot) -> Hands:
    hands = signed_out(staged, qtbot)
    hands.click(hands.window.side.card.sign_in_button)
    return hands


def choose_role(staged: Staged, qtbot: QtBot) -> Hands:
    hands = sign_in(staged, qtbot)
    hands.sign_in(uid=TWO_ROLES)
    hands.until(hands.screen.sign_in.dialog.role.isVisible)
    return hands


def refused(staged: Staged, qtbot: QtBot) -> Hands:
    staged.reader.begin(PRACTITIONER)
    staged.practice.refusal = missing_launch_right(PRACTITIONER, {"B0062"})
    hands = Hands(staged.open(), qtbot)
    hands.press(Action.RUN)
    hands.message()
    return hands


def ten_minutes_left(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    staged.reader.begin(ago=timedelta(hours=9, minutes=50))
    hands.screen.card.on_tick()
    hands.screen.runs.on_tick()
    return hands


def session_ended(staged: Staged, qtbot: QtBot) -> Hands:
    """The card's time was over in the middle of a run."""
    hands = working(staged, qtbot, Phase.RUNNING, ends_by=StopReason.CARD_EXPIRED)
    staged.reader.begin(ago=timedelta(hours=9, minutes=50))
    hands.screen.runs.on_tick()
    staged.clock.advance(timedelta(minutes=11).total_seconds())
    staged.reader.because = StopReason.CARD_EXPIRED
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    hands.screen.runs.on_tick()
    return hands


def choose_elsewhere(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = replace(
        run_view(RunStatus.RUNNING, HALFWAY), operator="Sam Okafor", workstation="BACK-OFFICE"
    )
    staged.practice.live_elsewhere = ELSEWHERE
    return opened(staged, qtbot)


def choose_interrupted(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.STOPPED, PAUSED, StopReason.INTERRUPTED)
    return opened(staged, qtbot)


def choose_paused(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.STOPPED, PAUSED, StopReason.CARD_EXPIRED)
    return opened(staged, qtbot)


def choose_completed(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    return opened(staged, qtbot)


def options(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.group_views = [GroupView("Trial run", 50, 48)]
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    return hands


def options_warning(staged: Staged, qtbot: QtBot) -> Hands:
    hands = options(staged, qtbot)
    staged.reader.begin(ago=timedelta(hours=9, minutes=40))
    hands.screen.runs.on_tick()
    return hands


def with_times(staged: Staged, qtbot: QtBot, times: Times, now: datetime = EVENING) -> Hands:
    """The step before OK on an evening, with these times chosen."""
    staged.clock.jump((now - staged.clock.now()).total_seconds())
    hands = options(staged, qtbot)
    hands.middle.options.times.show_step(-1, times, now)
    hands.middle.options.times.on_changed()
    return hands


def night_tonight(staged: Staged, qtbot: QtBot) -> Hands:
    return with_times(staged, qtbot, Times(StartAt(date(2026, 11, 24), time(18, 30))))


def night_pauses(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 400_000
    return with_times(staged, qtbot, Times(None, time(8), time(18, 30)))


def night_card(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 101_267
    hands = with_times(staged, qtbot, Times(StartAt(date(2026, 11, 24), time(20)), time(6)))
    staged.reader.begin(ago=timedelta(hours=4))
    hands.screen.runs.on_tick()
    return hands


def night_hour_twice(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 185_000
    evening = datetime(2026, 10, 24, 17, 0, tzinfo=UTC)
    return with_times(staged, qtbot, Times(StartAt(date(2026, 10, 24), time(20)), time(6), time(20)), evening)


def night_hour_missing(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.everyone = 101_267
    evening = datetime(2027, 3, 27, 18, 0, tzinfo=UTC)
    return with_times(staged, qtbot, Times(StartAt(date(2027, 3, 28), time(1, 30)), time(5), time(20)), evening)


def scheduled(staged: Staged, qtbot: QtBot) -> Hands:
    times = FakeTimes()
    plan = Plan(EVENING + timedelta(hours=2), time(8), time(18, 30))
    view = ScheduleView(1, 1, CONSENT_MIGRATION.key, Action.RUN, None, plan, EVENING, "Alison Marsh", None, None)
    times.held = ActiveSchedule(view, {}, RunStatus.SCHEDULED, None, None, 0)
    staged.practice.run_view = run_view(RunStatus.SCHEDULED, Counts(unprocessed=10_387))
    return opened(staged, qtbot, times=times)


def start_missed(staged: Staged, qtbot: QtBot) -> Hands:
    times, planned = FakeTimes(), EVENING - timedelta(hours=7)
    resumed = OccurrenceView(1, OccurrenceKind.RESUME, planned, Outcome.MISSED, Why.SESSION_ENDED, "", planned)
    began = OccurrenceView(
        1, OccurrenceKind.START, planned - timedelta(hours=14), Outcome.LATE, Why.ASLEEP, "", planned
    )
    times.told = [resumed, began]
    paused_by_time = run_view(RunStatus.STOPPED, HALFWAY, StopReason.WINDOW_CLOSED)
    staged.practice.run_view = replace(paused_by_time, started_at=planned - timedelta(hours=14))
    return opened(staged, qtbot, times=times)


def times_history(staged: Staged, qtbot: QtBot) -> Hands:
    """A fortnight of nights, the latest of them missed."""
    times = FakeTimes()
    first = EVENING - timedelta(days=9)

    def told(kind: OccurrenceKind, days: int, outcome: Outcome, why: Why | None = None) -> OccurrenceView:
        at = first + timedelta(days=days, hours=2)
        return OccurrenceView(1, kind, at, outcome, why, "", at, Action.RUN, "Alison Marsh")

    times.told = [
        told(OccurrenceKind.RESUME, 8, Outcome.MISSED, Why.SESSION_ENDED),
        told(OccurrenceKind.RESUME, 7, Outcome.SKIPPED, Why.STOPPED_BY_PERSON),
        told(OccurrenceKind.RESUME, 6, Outcome.LATE, Why.ASLEEP),
        told(OccurrenceKind.RESUME, 5, Outcome.FIRED),
        told(OccurrenceKind.START, 4, Outcome.FIRED),
        told(OccurrenceKind.START, 1, Outcome.MISSED, Why.PROGRAM_CLOSED),
    ]
    paused_by_time = run_view(RunStatus.STOPPED, HALFWAY, StopReason.WINDOW_CLOSED)
    staged.practice.run_view = replace(paused_by_time, started_at=first + timedelta(days=4, hours=2))
    hands = opened(staged, qtbot, times=times)
    hands.window.times_action.trigger()
    hands.until_page(hands.screen.times_history.page)
    return hands


def times_history_none(staged: Staged, qtbot: QtBot) -> Hands:
    hands = opened(staged, qtbot)
    hands.window.times_action.trigger()
    hands.until_page(hands.screen.times_history.page)
    return hands


def options_rerun(staged: Staged, qtbot: QtBot) -> Hands:
    hands = choose_paused(staged, qtbot)
    hands.press(Action.RERUN)
    return hands


def options_resume(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.STOPPED, PAUSED, StopReason.USER, group="Trial run")
    hands = opened(staged, qtbot)
    hands.press(Action.RESUME)
    return hands


def running(staged: Staged, qtbot: QtBot) -> Hands:
    return working(staged, qtbot, Phase.RUNNING)


def under_way(plan: Plan, status: RunStatus = RunStatus.RUNNING, reason: StopReason | None = None) -> FakeTimes:
    """Times that were set with the press that began the run."""
    times = FakeTimes()
    view = ScheduleView(1, 1, CONSENT_MIGRATION.key, Action.RUN, None, plan, EVENING, "Alison Marsh", None, None)
    begun = {plan.first().key: Recorded(Outcome.FIRED, None, EVENING)}
    times.held = ActiveSchedule(view, begun, status, reason, EVENING, 0)
    return times


def running_night(staged: Staged, qtbot: QtBot) -> Hands:
    """A long list that takes more than one night."""
    long = replace(HALFWAY, unprocessed=294_000)
    return working(staged, qtbot, Phase.RUNNING, last=long, times=under_way(Plan(EVENING, time(8), time(16))))


def paused_night(staged: Staged, qtbot: QtBot) -> Hands:
    """The stop time has come; it goes on by itself this evening."""
    plan = Plan(EVENING, time(18), time(22))
    times = under_way(plan)
    hands = working(staged, qtbot, Phase.RUNNING, ends_by=StopReason.WINDOW_CLOSED, times=times)
    staged.clock.jump((plan.first().ends_at - staged.clock.now()).total_seconds())
    times.held = replace(times.held, status=RunStatus.STOPPED, stop_reason=StopReason.WINDOW_CLOSED, live_since=None)
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    return hands


def waiting(staged: Staged, qtbot: QtBot) -> Hands:
    outage = Waiting(StopReason.NO_CONNECTION, EVENING + timedelta(minutes=3))
    return working(staged, qtbot, Phase.WAITING, waiting=outage, seconds_left=None)


def put_off(staged: Staged, qtbot: QtBot) -> Hands:
    nearly = Counts(sending=2, sent=115, failed=3, not_required=10_267)
    until = EVENING + timedelta(minutes=2)
    return working(
        staged, qtbot, Phase.RUNNING, last=nearly, put_off_until=until, seconds_left=None, checked_now=10_385
    )


def stopping(staged: Staged, qtbot: QtBot) -> Hands:
    hands = working(staged, qtbot, Phase.RUNNING, answers=False)
    hands.click(hands.middle.running.stop_button)
    return hands


def not_responding(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    staged.clock.advance(125)
    hands.screen.runs.on_poll()
    return hands


def paused(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    hands.click(hands.middle.running.stop_button)
    hands.until(hands.middle.running.resume_button.isVisible)
    return hands


def exit_question(staged: Staged, qtbot: QtBot) -> Hands:
    hands = running(staged, qtbot)
    hands.window.close()
    hands.message()
    return hands


def completed(staged: Staged, qtbot: QtBot) -> Hands:
    done = threading.Event()
    staged.practice.run_view = None
    boards: list[ProgressBoard] = []

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        boards.append(board)
        assert done.wait(30)
        return run_view(RunStatus.COMPLETED, DONE)

    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot)
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: bool(boards))
    for moment in course(DONE):
        see(staged, hands, boards[0], moment)
    done.set()
    hands.message()
    return hands


def results_unfinished(staged: Staged, qtbot: QtBot) -> Hands:
    hands = choose_paused(staged, qtbot)
    hands.screen.runs.show_results()
    return hands


def results(staged: Staged, qtbot: QtBot) -> Hands:
    hands = completed(staged, qtbot)
    hands.answer(QMessageBox.StandardButton.Ok)
    hands.until_page(hands.middle.results)
    return hands


def results_joined(staged: Staged, qtbot: QtBot) -> Hands:
    staged.viewer.joined = 12
    hands = results(staged, qtbot)
    hands.until(hands.middle.results.joined.isVisible)
    return hands


def patients_failed(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, replace(DONE, failed=staged.viewer.total))
    hands = opened(staged, qtbot)
    hands.screen.runs.show_results()
    hands.until_page(hands.middle.results)
    hands.click(hands.middle.results.counters.button_of(ItemState.FAILED))
    hands.until(hands.screen.patients.list.open_button.isEnabled)
    hands.until_focus(hands.screen.patients.list.browser.view)
    return hands


def patients_overtaken(staged: Staged, qtbot: QtBot) -> Hands:
    staged.viewer.total = EARLIER.not_required
    hands = running(staged, qtbot)
    staged.practice.run_view = run_view(RunStatus.RUNNING, HALFWAY)
    hands.click(hands.middle.running.counters.button_of(ItemState.NOT_REQUIRED))
    browser = hands.screen.patients.list.browser
    hands.until(lambda: bool(browser.moved.text()) and browser.chosen_line is not None)
    hands.until_focus(browser.view)
    return hands


def patients_signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = Hands(staged.open(), qtbot)
    hands.screen.patients.show_counter(ItemState.FAILED)
    hands.until(hands.screen.patients.list.browser.sign_in_button.isVisible)
    return hands


def patient_story(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patients_failed(staged, qtbot)
    hands.click(hands.screen.patients.list.open_button)
    hands.until(lambda: bool(hands.screen.patients.story.texts()))
    return hands


def patient_story_details(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patient_story(staged, qtbot)
    hands.click(hands.screen.patients.story.details_button)
    return hands


def reports(staged: Staged, qtbot: QtBot) -> Hands:
    """The failed patients of a run, among the reports."""
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = opened(staged, qtbot)
    page = hands.screen.reports.page
    page.report.setCurrentIndex(page.report.findText("Failed"))
    hands.screen.reports_menu.lists_entry.trigger()
    hands.until(page.csv_button.isEnabled)
    hands.until(page.open_button.isEnabled)
    return hands


def report_question(staged: Staged, qtbot: QtBot) -> Hands:
    hands = reports(staged, qtbot)
    hands.click(hands.screen.reports.page.pdf_button)
    hands.screen.reports.taking.chooser.reject()
    hands.screen.reports.taking.on_file_chosen("C:/Users/alison.marsh/Documents/failed-run-1.pdf")
    hands.until(hands.screen.reports.taking.question.isVisible)
    return hands


def worklists(staged: Staged, qtbot: QtBot) -> Hands:
    """The patients whose dissent the Spine holds and the record does not."""
    staged.worklists.leave()
    staged.viewer.total = 7
    hands = opened(staged, qtbot)
    hands.screen.patients_menu.worklists_entry.trigger()
    page = hands.screen.worklists.page
    hands.until(lambda: page.list.count() > 0)
    page.list.setCurrentRow(1)
    hands.until(page.record_button.isEnabled)
    hands.until(page.open_button.isEnabled)
    return hands


def worklists_signed_out(staged: Staged, qtbot: QtBot) -> Hands:
    staged.worklists.leave()
    hands = Hands(staged.open(), qtbot)
    hands.screen.patients_menu.worklists_entry.trigger()
    hands.until(hands.screen.worklists.page.browser.sign_in_button.isVisible)
    return hands


def worklist_told(staged: Staged, qtbot: QtBot) -> Hands:
    hands = worklists(staged, qtbot)
    hands.click(hands.screen.worklists.page.check_button)
    hands.until(lambda: "holds a dissent" in hands.screen.worklists.page.news.words)
    hands.until(hands.screen.worklists.page.check_button.isEnabled)
    return hands


def worklist_mark(staged: Staged, qtbot: QtBot) -> Hands:
    hands = worklists(staged, qtbot)
    hands.screen.worklists.page.browser.view.choose(1)
    hands.click(hands.screen.worklists.page.mark_button)
    return hands


def worklist_group(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.group_views = [GroupView("Care home residents", 31, 29), GroupView("Trial run", 50, 50)]
    hands = worklists(staged, qtbot)
    hands.click(hands.screen.worklists.page.add_button)
    hands.until(lambda: hands.screen.worklists.grouping.sheet is not None)
    hands.screen.worklists.grouping.sheet.group.setCurrentIndex(2)
    return hands


def worklist_record(staged: Staged, qtbot: QtBot) -> Hands:
    hands = worklists(staged, qtbot)
    hands.click(hands.screen.worklists.page.record_button)
    return hands


def results_worklists(staged: Staged, qtbot: QtBot) -> Hands:
    staged.worklists.leave()
    hands = results(staged, qtbot)
    hands.until(hands.middle.results.worklists.isVisible)
    return hands


def confirm_never(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = opened(staged, qtbot)
    hands.screen.reports_menu.confirm_entry.trigger()
    hands.until(hands.screen.reports.confirming.sheet.confirm_button.isEnabled)
    return hands


def confirm_done(staged: Staged, qtbot: QtBot) -> Hands:
    staged.confirmer.held = a_confirmation({ReadBack.STILL_NO: 117})
    return confirm_never(staged, qtbot)


def confirm_gone(staged: Staged, qtbot: QtBot) -> Hands:
    """Two dissents are not on the Spine any more, and one could not be read."""
    found = {ReadBack.STILL_NO: 114, ReadBack.OTHERWISE: 2, ReadBack.NOT_READ: 1}
    staged.confirmer.held = a_confirmation(found)
    staged.confirmer.names = {
        ReadBack.OTHERWISE: [a_named_finding(at, ReadBack.OTHERWISE) for at in (2, 6)],
        ReadBack.NOT_READ: [a_named_finding(4, ReadBack.NOT_READ, Reason.PDS_MISMATCH)],
    }
    return confirm_never(staged, qtbot)


def confirm_working(staged: Staged, qtbot: QtBot) -> Hands:
    staged.confirmer.may_go_on.clear()
    hands = confirm_never(staged, qtbot)
    hands.click(hands.screen.reports.confirming.sheet.confirm_button)
    hands.until(lambda: "34 %" in hands.screen.reports.confirming.work.bar.numbers.text())
    return hands


def certificate(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.run_view = run_view(RunStatus.COMPLETED, DONE)
    hands = opened(staged, qtbot)
    hands.screen.reports_menu.certificate_entry.trigger()
    hands.until(lambda: hands.screen.reports.certificate.sheet is not None)
    hands.until(hands.screen.reports.certificate.sheet.pdf_button.isVisible)
    return hands


def groups_none(staged: Staged, qtbot: QtBot) -> Hands:
    hands = opened(staged, qtbot)
    hands.screen.patients_menu.groups_entry.trigger()
    hands.until_page(hands.screen.patients.groups)
    return hands


def groups(staged: Staged, qtbot: QtBot) -> Hands:
    staged.practice.group_views = [GroupView("Care home residents", 31, 29), GroupView("Trial run", 50, 50)]
    hands = groups_none(staged, qtbot)
    hands.until(hands.screen.patients.groups.open_button.isEnabled)
    return hands


def group_new(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.new_button)
    return hands


def group_new_faults(staged: Staged, qtbot: QtBot) -> Hands:
    hands = group_new(staged, qtbot)
    sheet = hands.screen.patients.group_changes.sheet
    sheet.name.setText("Second trial")
    sheet.whom.numbers.setPlainText("\n".join(f"999 000 {at:04}" for at in range(52)))
    hands.until(sheet.whom.faults.isVisible)
    return hands


def group_members(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.members_button)
    sheet = hands.screen.patients.group_changes.sheet
    sheet.whom.numbers.setPlainText("\n".join(f"999 000 {at:04}" for at in range(3)))
    hands.until(sheet.ok_button.isEnabled)
    return hands


def group_removal(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.removal_button)
    return hands


def group_keep(staged: Staged, qtbot: QtBot) -> Hands:
    hands = patients_failed(staged, qtbot)
    hands.click(hands.screen.patients.list.group_button)
    hands.until(lambda: "48 patients" in hands.screen.patients.group_changes.sheet.sizes.text())
    return hands


def group_rename(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.rename_button)
    return hands


def group_delete(staged: Staged, qtbot: QtBot) -> Hands:
    hands = groups(staged, qtbot)
    hands.click(hands.screen.patients.groups.delete_button)
    return hands


def opened(staged: Staged, qtbot: QtBot, **changes: object) -> Hands:
    staged.reader.begin(ago=timedelta(hours=3, minutes=48))
    return Hands(staged.open(**changes), qtbot)


def working(
    staged: Staged,
    qtbot: QtBot,
    phase: Phase,
    *,
    ends_by: StopReason = StopReason.USER,
    last: Counts = HALFWAY,
    answers: bool = True,
    times: FakeTimes | None = None,
    **changes: object,
) -> Hands:
    """A run caught in the middle, with every moment before it seen, so that its course is known.

    Unless it `answers`, a stop is heard only when the window is taken apart.
    """
    boards: list[ProgressBoard] = []

    def carry_out(press: Press, token: StopToken, board: ProgressBoard) -> RunView:
        boards.append(board)
        until_stopped(token)
        if not answers:
            assert staged.let_go.wait(30)
        return run_view(RunStatus.STOPPED, PAUSED, ends_by)

    staged.practice.carry_out = carry_out
    hands = opened(staged, qtbot, times=times or FakeTimes())
    hands.press(Action.RUN)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: bool(boards))
    elapsed = 0.0
    for moment in course(last):
        elapsed = moment.elapsed
        see(staged, hands, boards[0], moment)
    later = [elapsed + 6.0, elapsed + 70.0, elapsed + 130.0] if phase is Phase.WAITING else [elapsed + 6.0]
    for moment_at in later:
        see(staged, hands, boards[0], snapshot(last, phase, **{"elapsed": moment_at, **changes}))
    return hands


def course(until: Counts) -> Iterator[Snapshot]:
    """An evening's run up to here: dissenters first, slow for a while in the middle, then back to full pace."""
    elapsed, steps = 0.0, 120
    for step in range(steps):
        share = step / steps
        sent = min(until.sent, round(until.checked * share))
        failed = round(until.failed * share)
        counts = Counts(
            unprocessed=until.total - round(until.checked * share),
            sending=until.sending,
            sent=sent,
            failed=failed,
            not_required=max(0, round(until.checked * share) - sent - failed - until.sending),
        )
        counts = replace(counts, unprocessed=until.total - (counts.total - counts.unprocessed))
        elapsed += until.checked / steps / (2.5 if 0.4 < share < 0.55 else 5.0)
        yield snapshot(counts, elapsed=elapsed)


def see(staged: Staged, hands: Hands, board: ProgressBoard, moment: Snapshot) -> None:
    """Have the window look at a moment of the run."""
    board.publish(moment)
    staged.clock.advance(0.5)
    hands.screen.runs.on_poll()


STATES: tuple[State, ...] = (
    choose_new,
    signed_out,
    sign_in,
    choose_role,
    refused,
    choose_elsewhere,
    choose_interrupted,
    choose_paused,
    choose_completed,
    options,
    options_warning,
    options_rerun,
    options_resume,
    night_tonight,
    night_pauses,
    night_card,
    night_hour_twice,
    night_hour_missing,
    scheduled,
    start_missed,
    times_history,
    times_history_none,
    running,
    running_night,
    ten_minutes_left,
    waiting,
    put_off,
    stopping,
    not_responding,
    paused,
    paused_night,
    session_ended,
    exit_question,
    completed,
    results,
    results_unfinished,
    results_joined,
    patients_failed,
    patients_overtaken,
    patients_signed_out,
    patient_story,
    patient_story_details,
    reports,
    report_question,
    *PREVIEW_STATES,
    results_worklists,
    worklists,
    worklists_signed_out,
    worklist_told,
    worklist_mark,
    worklist_group,
    worklist_record,
    confirm_never,
    confirm_done,
    confirm_gone,
    confirm_working,
    certificate,
    groups_none,
    groups,
    group_new,
    group_new_faults,
    group_members,
    group_removal,
    group_keep,
    group_rename,
    group_delete,
)
