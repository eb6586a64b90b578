"""Run, Resume, Rerun and Failed without a window, and how the latest run stands."""

from __future__ import annotations

import argparse

from app.bootstrap import Product, practice_database
from app.cli.card import signed_in
from app.cli.output import OK, code_of, counts_line, run_report, say, show, show_json
from app.cli.schedule_words import schedule_lines
from app.cli.terminal import watch
from app.cli.timed_run import TimedRun
from app.clock import london_text
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION
from app.domain.errors import Refused
from app.domain.planning import make_plan, read_start, read_time
from app.domain.states import RunStatus, StopReason, stop_words
from app.engine.operator import Press
from app.engine.ports import RunView

_NEVER_BEGUN = "Nothing was begun, and nothing is scheduled any more."
_GIVEN_UP = "This run was given up for another one. See how that one stands with the command status."


def press(options: argparse.Namespace) -> int:
    """Sign in, carry out one of the four actions, and tell how the run stands."""
    start = None if options.start is None else read_start(options.start, "--start")
    stop = None if options.stop is None else read_time(options.stop, "--stop")
    resume = None if options.resume_at is None else read_time(options.resume_at, "--resume-at")
    wanted = Press(options.family, options.action, options.group)
    with signed_in(options) as product:
        now = product.clock.now()
        planned = make_plan(now, start, stop, resume)
        if planned.plan.has_times or planned.plan.first().begins_at > now:
            timed = TimedRun(product, options)
            view = timed.press(wanted, planned)
            began_nothing = timed.began_nothing(view)
        else:
            for note in planned.notes:
                say(note)
            view, began_nothing = press_and_watch(product, wanted), False
    tell(view, began_nothing=began_nothing)
    if options.json:
        show_json(run_report(view))
    return code_of(view, began_nothing=began_nothing)


def press_and_watch(product: Product, wanted: Press) -> RunView:
    """Carry out a press with a progress bar, where the terminal can show one."""
    return watch(lambda token, board: product.operator.execute(wanted, token, board), product.reader, product.clock)


def tell(view: RunView, *, began_nothing: bool = False) -> None:
    """How a run ended, in words; `began_nothing` says that it stands as it was, for what was to begin never did."""
    if view.status is RunStatus.COMPLETED and began_nothing:
        say(_NEVER_BEGUN)
    elif view.status is RunStatus.COMPLETED:
        say("Process completed.")
    elif view.stop_reason is not None:
        say(f"Paused. {stop_words(view.stop_reason, view.stop_detail)}")
    elif view.status is RunStatus.ABANDONED:
        say(_NEVER_BEGUN if view.started_at is None else _GIVEN_UP)
    say(counts_line(view.counts))
    if view.status is RunStatus.COMPLETED and view.counts.failed:
        say(
            f"{view.counts.failed:,} patients failed. Look at them with the command report outcomes, put them right, "
            "then use the command failed."
        )


def status(options: argparse.Namespace) -> int:
    """Tell how the latest run stands; where none has ever begun, what became of the one that was to."""
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        view = files.queries.latest_run(CONSENT_MIGRATION.key) or next(iter(files.history.runs(None, 1)), None)
        live = files.lock.holder() is not None
        held, now = files.schedules.active(), files.database.clock.now()
    if view is None:
        raise Refused("There has been no run yet. Press Run in the window, or use the command run.")
    interrupted = view.status is RunStatus.RUNNING and not live
    if options.json:
        show_json(run_report(view, interrupted=interrupted))
    else:
        _show_status(view, interrupted)
        for line in [] if held is None else schedule_lines(held, now):
            show(line)
    return OK


def _show_status(view: RunView, interrupted: bool) -> None:
    words = "paused" if interrupted or view.status is RunStatus.STOPPED else view.status.value
    begun = "set" if view.status is RunStatus.SCHEDULED else "begun"
    show(f"Run {view.run_id}, {begun} {london_text(view.created_at)} by {view.operator}: {words}.")
    reason = StopReason.INTERRUPTED if interrupted else view.stop_reason
    if reason is not None:
        show(stop_words(reason, view.stop_detail))
    show(counts_line(view.counts))
