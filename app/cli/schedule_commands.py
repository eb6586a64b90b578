"""The commands that set times, show them and what became of them, cancel them, and stay to carry them out."""

from __future__ import annotations

import argparse

from app.bootstrap import by_account, practice_database, schedules_of
from app.cli.card import signed_in
from app.cli.output import OK, code_of, run_report, say, show, show_json
from app.cli.run_commands import tell
from app.cli.schedule_words import GIVEN_BACK, as_object, forecast_lines, history_line, in_words, schedule_lines
from app.cli.timed_run import TimedRun
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.planning import make_plan, read_start, read_time
from app.domain.states import RunStatus
from app.engine.press import Press


def add(options: argparse.Namespace) -> int:
    """Schedule a run. Needs no card: who is signed in when it begins is asked for the right."""
    settings = load_settings(options.data_dir)
    start = read_start(options.start, "--start")
    stop = None if options.stop is None else read_time(options.stop, "--stop")
    resume = None if options.resume_at is None else read_time(options.resume_at, "--resume-at")
    with practice_database(settings) as files:
        now = files.database.clock.now()
        planned = make_plan(now, start, stop, resume)
        press = Press(options.family, Action.RUN, options.group)
        schedules = schedules_of(files, settings)
        kept = schedules.add(press, planned.plan, by_account())
        patients = files.queries.active_count(options.group)
    show(in_words(kept))
    for line in forecast_lines(planned, now, patients, settings.requests_per_second, None):
        say(line)
    say(
        "It begins in the open window, or in a terminal with the command schedule watch, where somebody is signed in "
        "with a Smartcard at that time."
    )
    return OK


def show_list(options: argparse.Namespace) -> int:
    """Show what is scheduled, and what became of the latest times."""
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        schedules, now = schedules_of(files, settings), files.database.clock.now()
        held, history = schedules.active(), schedules.history()
    if options.json:
        show_json(as_object(held, history, now))
        return OK
    for line in ["Nothing is scheduled."] if held is None else schedule_lines(held, now):
        show(line)
    for told in history:
        show(history_line(told))
    return OK


def cancel(options: argparse.Namespace) -> int:
    """Cancel what is scheduled. A run that has not begun is given up; one that has stays where it is."""
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        schedules = schedules_of(files, settings)
        held = schedules.active()
        cancelled = schedules.cancel(by_account())
        latest = files.queries.latest_run(CONSENT_MIGRATION.key)
    say(f"Cancelled. {in_words(cancelled)}")
    if held is not None and held.status is RunStatus.RUNNING:
        say("The run under way still pauses at its stop time, and does not go on by itself after that.")
    elif held is not None and held.status is RunStatus.STOPPED:
        say("The run stays paused until somebody presses Resume.")
    elif latest is not None and latest.status is RunStatus.STOPPED:
        say(GIVEN_BACK)
    return OK


def stay(options: argparse.Namespace) -> int:
    """Sign in, and stay to carry out what is scheduled."""
    with signed_in(options) as product:
        timed = TimedRun(product, options)
        view = timed.stay()
    began_nothing = timed.began_nothing(view)
    tell(view, began_nothing=began_nothing)
    if options.json:
        show_json(run_report(view))
    return code_of(view, began_nothing=began_nothing)
