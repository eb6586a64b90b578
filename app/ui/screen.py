"""The screen GP Summary Bulk Transmission: puts window, controllers and dialogs together. Holds no rule of its own."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from app.domain.actions import Action
from app.engine.press import Press
from app.engine.simulation import SimulationControls
from app.ui.announcer import Announcer
from app.ui.card_controller import CardController
from app.ui.frame_model import WindowModel, window_title
from app.ui.help.help_desk import HelpDesk
from app.ui.history.controller import HistoryController
from app.ui.history.menu import HistoryMenu
from app.ui.leaving import Leaving
from app.ui.main_window import MainWindow
from app.ui.messages import Messages
from app.ui.patients.controller import PatientsController
from app.ui.patients.menu import PatientsMenu
from app.ui.preview.controller import PreviewController
from app.ui.reports.controller import ReportsController
from app.ui.reports.menu import ReportsMenu
from app.ui.run_controller import RunController
from app.ui.schedule_controller import ScheduleController
from app.ui.services import Services
from app.ui.sign_in import SignIn
from app.ui.simulation_controller import SimulationController
from app.ui.simulation_menu import SimulationMenu
from app.ui.stopping_there import StoppingThere
from app.ui.times_history import TimesHistory
from app.ui.tray import Tray, system_tray
from app.ui.worklists.controller import WorklistsController

_SHOWN_MS = 6000
CANCEL_QUESTION = "Cancel what is scheduled?"
CANCEL_DETAIL = (
    "Nothing begins or goes on by itself any more. A run that has begun keeps its place. One that has not is given up, "
    "and everything is as it was before it was scheduled."
)


class Screen(QObject):
    """Lives in the window's thread. Signals: `closed()` once the window has gone for good."""

    closed = Signal()

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._announcer = Announcer(services.clock)
        self.card = CardController(services, self)
        self.schedule = ScheduleController(services, self)
        self.runs = RunController(services, self.card, self.schedule, self)
        self.window = MainWindow(window_title(services.practice), services.family)
        self.tray = Tray(self.window, system_tray(self), services.news, self)
        self.help = HelpDesk(lambda: self.window.middle.topic, self)
        self.messages = Messages(self.window, services.report_of, self)
        self.sign_in = SignIn(services, self.card, self.help, self.window, self)
        self.leaving = Leaving(self.runs, self.messages, self)
        self.stopping_there = StoppingThere(services, self.card, self.messages, self)
        self.patients = PatientsController(services, self.window.middle, self)
        self.patients_menu = PatientsMenu(self.window)
        self.times_history = TimesHistory(services, self.window.middle, self)
        self.worklists = WorklistsController(services, self.patients, self.help, self.window, self)
        self.reports = ReportsController(services, self.patients, self.help, self.window, self)
        self.reports_menu = ReportsMenu(self.window)
        self.history = HistoryController(services, self.window.middle, self.patients, self.window)
        self.history_menu = HistoryMenu(self.window)
        self.preview = PreviewController(services, self.card, self.patients, self.window.middle, self)
        self.simulation: SimulationController | None = None
        self._connect_runs()
        self._connect_schedule()
        self._connect_card()
        self._connect_patients()
        self._connect_worklists()
        self._connect_reports()
        self._connect_history()
        self._connect_preview()
        if services.simulation is not None:
            self._add_simulation(services.simulation)

    def _connect_runs(self) -> None:
        runs, window, middle = self.runs, self.window, self.window.middle
        window.action_chosen.connect(runs.step.choose)
        window.stop_wanted.connect(runs.stop)
        window.exit_wanted.connect(self.leaving.ask)
        window.help_menu.about_wanted.connect(self.on_about_wanted)
        window.help_menu.topic_wanted.connect(self.help.on_asked)
        middle.choose.results_wanted.connect(runs.show_results)
        middle.choose.stop_there_wanted.connect(self.stopping_there.begin)
        self.stopping_there.asked.connect(runs.refresh)
        self.stopping_there.refused.connect(self.messages.refuse)
        self.stopping_there.failed.connect(self.messages.show_error)
        middle.options.group_chosen.connect(runs.step.choose_group)
        middle.options.times_chosen.connect(runs.step.choose_times)
        middle.options.accepted.connect(runs.step.accept)
        middle.options.cancelled.connect(runs.go_back)
        middle.running.stop_wanted.connect(runs.stop)
        middle.running.stop_and_close_wanted.connect(runs.stop_and_close)
        middle.running.resume_wanted.connect(runs.step.resume)
        middle.running.back_wanted.connect(runs.go_back)
        middle.results.action_chosen.connect(runs.step.choose)
        middle.results.back_wanted.connect(runs.go_back)
        runs.changed.connect(self.on_changed)
        runs.completed.connect(self.on_completed)
        runs.refused.connect(self.messages.refuse)
        runs.failed.connect(self.messages.show_error)
        self.leaving.stays.connect(self.tray.put_away)
        self.leaving.ready.connect(self.on_exit_ready)

    def _connect_schedule(self) -> None:
        schedule, panel, history = self.schedule, self.window.middle.choose.schedule, self.times_history
        for wanted in (self.window.times_action.triggered, panel.history_wanted):
            wanted.connect(history.show)
        history.action_chosen.connect(self.runs.step.make_up)
        history.refused.connect(self.messages.refuse)
        history.failed.connect(self.messages.show_error)
        schedule.changed.connect(history.refresh)
        panel.cancel_wanted.connect(self.on_cancel_wanted)
        panel.action_chosen.connect(self.runs.step.make_up)
        schedule.told.connect(self.window.tell_in_passing)
        schedule.refused.connect(self.messages.refuse)
        schedule.failed.connect(self.messages.show_error)
        self.card.signed_in.connect(schedule.wake)
        self.runs.news.connect(self.tray.tell)
        for told in (schedule.told, self.card.ends_soon):
            told.connect(self.tray.warn)

    def _connect_card(self) -> None:
        window = self.window
        for wanted in (window.side.card.sign_in_wanted, window.sign_in_action.triggered):
            wanted.connect(self.sign_in.ask)
        for wanted in (window.side.card.removal_wanted, window.remove_card_action.triggered):
            wanted.connect(self.card.remove_card)
        self.card.ends_soon.connect(window.tell_in_passing)
        self.sign_in.given_up.connect(self.runs.step.on_sign_in_given_up)
        self.sign_in.given_up.connect(self.stopping_there.on_sign_in_given_up)
        self.sign_in.refused.connect(self.messages.refuse)
        self.card.signed_in.connect(self.runs.step.on_signed_in)
        self.card.failed.connect(self.messages.show_error)

    def _connect_patients(self) -> None:
        patients, menu, joined = self.patients, self.patients_menu, self.window.middle.results.joined
        self.window.add_menu(menu)
        menu.counter_chosen.connect(patients.show_counter)
        menu.find_entry.triggered.connect(patients.show_practice)
        menu.groups_entry.triggered.connect(patients.show_groups)
        joined.view_wanted.connect(patients.show_joined)
        joined.rerun_wanted.connect(self.on_rerun_wanted)
        patients.joined.connect(joined.show_joined)
        patients.sign_in_wanted.connect(self.sign_in.ask)
        patients.group_changes.opened.connect(self.help.serve_groups)
        patients.refused.connect(self.messages.refuse)
        patients.failed.connect(self.messages.show_error)
        patients.told.connect(self.window.tell_in_passing)
        self.runs.results_shown.connect(patients.on_results_shown)
        self.runs.counted.connect(patients.on_counted)
        self.card.signed_in.connect(patients.on_look)
        self.card.removed.connect(patients.on_look)

    def _connect_worklists(self) -> None:
        worklists, menu, middle = self.worklists, self.patients_menu, self.window.middle
        menu.worklists_entry.triggered.connect(worklists.show)
        worklists.counted.connect(menu.show_worklists)
        for notice in (middle.choose.worklists, middle.running.worklists, middle.results.worklists):
            notice.worklists_wanted.connect(worklists.show)
        for told in (middle.choose.worklists.show_counts, middle.running.worklists.show_counts):
            worklists.standing.connect(told)
        worklists.standing.connect(middle.results.show_standing)
        worklists.refused.connect(self.messages.refuse)
        worklists.failed.connect(self.messages.show_error)
        self.runs.changed.connect(worklists.on_changed)

    def _connect_reports(self) -> None:
        reports, menu = self.reports, self.reports_menu
        self.window.add_menu(menu)
        menu.lists_entry.triggered.connect(reports.show)
        menu.certificate_entry.triggered.connect(reports.certificate.show)
        menu.confirm_entry.triggered.connect(reports.confirming.show)
        reports.refused.connect(self.messages.refuse)
        reports.failed.connect(self.messages.show_error)
        reports.told.connect(self.messages.tell)
        self.runs.counted.connect(reports.on_counted)

    def _connect_history(self) -> None:
        history, menu = self.history, self.history_menu
        self.window.add_menu(menu)
        menu.runs_entry.triggered.connect(history.show_runs)
        menu.compare_entry.triggered.connect(history.show_compare)
        menu.trail_entry.triggered.connect(history.show_trail)
        history.refused.connect(self.messages.refuse)
        history.failed.connect(self.messages.show_error)
        history.run.reports_wanted.connect(self.on_reports_of_run_wanted)

    def _connect_preview(self) -> None:
        preview, middle = self.preview, self.window.middle
        for wanted in (middle.choose.preview_wanted, middle.options.preview_wanted):
            wanted.connect(self.on_preview_wanted)
        preview.press_wanted.connect(self.on_press_wanted)
        preview.told.connect(self.window.tell_in_passing)
        preview.refused.connect(self.messages.refuse)
        preview.failed.connect(self.messages.show_error)
        self.runs.changed.connect(preview.on_changed)
        self.runs.results_shown.connect(preview.on_results_shown)

    def _add_simulation(self, controls: SimulationControls) -> None:
        simulation = SimulationController(controls, self.card, self)
        self.simulation_menu = SimulationMenu(simulation, self.card, self._services.clock, self.window)
        self.window.add_menu(self.simulation_menu, last=True)
        simulation.done.connect(self.on_simulated)
        simulation.refused.connect(self.messages.refuse)
        simulation.failed.connect(self.messages.show_error)
        self.simulation = simulation

    def show(self) -> None:
        """Show the window as things stand."""
        self.runs.open()
        self.window.show()

    def shut_down(self, seconds: float) -> bool:
        """At the end of the program: wait for what is under way, each for so long; whether all of it is over."""
        # First, so that nothing is begun any more.
        over = [
            self.schedule.shut_down(seconds),
            self.runs.shut_down(seconds),
            self.times_history.shut_down(seconds),
            self.stopping_there.shut_down(seconds),
            self.card.shut_down(seconds),
            self.patients.shut_down(seconds),
            self.worklists.shut_down(seconds),
            self.reports.shut_down(seconds),
            self.history.shut_down(seconds),
            self.preview.shut_down(seconds),
        ]
        if self.simulation is not None:
            over.append(self.simulation.shut_down(seconds))
        return all(over)

    def dispose(self) -> None:
        """Let go of the windows and of itself. Left to Python's collector they would be taken apart in any order."""
        self.help.dispose()
        self.tray.dispose()
        for one in (self.window, self):
            one.deleteLater()
            QCoreApplication.sendPostedEvents(one, QEvent.Type.DeferredDelete.value)

    @Slot(object)
    def on_changed(self, model: WindowModel) -> None:
        """Something to show may have changed."""
        self.window.show_model(model, card_busy=self.card.is_busy)
        announcement = self._announcer.hear(model)
        if announcement is not None:
            self.window.announce(announcement)

    @Slot()
    def on_rerun_wanted(self) -> None:
        """A Rerun was pressed where it was offered."""
        self.runs.step.choose(Action.RERUN)

    @Slot(int)
    def on_reports_of_run_wanted(self, run_id: int) -> None:
        """The reports of a run that is looked back on."""
        self.reports.show_over(self.history.run, run_id)

    @Slot()
    def on_preview_wanted(self) -> None:
        """A preview was asked for where something can be pressed."""
        self.preview.show(self.runs.step.chosen_press())

    @Slot(object)
    def on_press_wanted(self, press: Press) -> None:
        """What was previewed is to be pressed: to the step before OK, where it is not shown already."""
        if self.runs.step.chosen_press() != press or self.window.middle.options.isHidden():
            self.runs.step.choose_press(press)

    # --- messages -----------------------------------------------------------------------------------------------

    @Slot()
    def on_completed(self) -> None:
        """A run is complete: said in the words staff know, then the results."""
        self.messages.tell("Process completed.").finished.connect(self.runs.show_results)

    @Slot()
    def on_about_wanted(self) -> None:
        """Help, About."""
        services = self._services
        detail = f"{services.family.title} to the Summary Care Record. Spine: {services.spine_label}."
        self.messages.tell_about(services.version, detail)

    @Slot(str)
    def on_simulated(self, words: str) -> None:
        """Something was made to happen at the simulated Spine: said in passing, and shown."""
        self.window.tell_in_passing(words)
        self.window.statusBar().showMessage(words, _SHOWN_MS)
        self.runs.on_tick()

    # --- set times ----------------------------------------------------------------------------------------------

    @Slot()
    def on_cancel_wanted(self) -> None:
        """Ask before what is scheduled is cancelled."""
        self.messages.ask(CANCEL_QUESTION, CANCEL_DETAIL).finished.connect(self.on_cancel_answered)

    @Slot(int)
    def on_cancel_answered(self, answer: int) -> None:
        """Yes cancels."""
        if answer == QMessageBox.StandardButton.Yes.value:
            self.schedule.cancel()

    # --- closing ------------------------------------------------------------------------------------------------

    @Slot()
    def on_exit_ready(self) -> None:
        """Nothing is under way any more."""
        self.window.close_for_good()
        self.closed.emit()
