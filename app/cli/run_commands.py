"""Run, Resume, Rerun and Failed without a window, and how the latest run stands."""

from __future__ import annotations

import argparse
import sys
from typing import TextIO, cast

from app.bootstrap import Product, practice_database, run_to_tell
from app.cli.card import require_names, signed_in
from app.cli.output import OK, PAUSED, counts_line, run_report, say, show, show_json
from app.cli.terminal import watch
from app.clock import london_text
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION
from app.domain.errors import Refused
from app.domain.states import RunStatus, StopReason, stop_words
from app.engine.operator import Press
from app.engine.ports import RunView
from app.exchange.outcomes import write_outcomes


def press(options: argparse.Namespace) -> int:
    """Sign in, carry out one of the four actions, and tell how the run stands."""
    with signed_in(options) as product:
        view = press_and_watch(product, Press(options.family, options.action, options.group))
    tell(view)
    if options.json:
        show_json(run_report(view))
    return OK if view.status is RunStatus.COMPLETED else PAUSED


def press_and_watch(product: Product, wanted: Press) -> RunView:
    """Carry out a press with a progress bar, where the terminal can show one."""
    return watch(lambda token, board: product.operator.execute(wanted, token, board))


def tell(view: RunView) -> None:
    """How a run ended, in words."""
    if view.status is RunStatus.COMPLETED:
        say("Process completed.")
    elif view.stop_reason is not None:
        say(f"Paused. {stop_words(view.stop_reason, view.stop_detail)}")
    say(counts_line(view.counts))
    if view.status is RunStatus.COMPLETED and view.counts.failed:
        say(
            f"{view.counts.failed:,} patients failed. Look at them with the command report outcomes, put them right, "
            "then use the command failed."
        )


def status(options: argparse.Namespace) -> int:
    """Tell how the latest run stands."""
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        view = files.queries.latest_run(CONSENT_MIGRATION.key)
        live = files.lock.holder() is not None
    if view is None:
        raise Refused("There has been no run yet. Press Run in the window, or use the command run.")
    interrupted = view.status is RunStatus.RUNNING and not live
    if options.json:
        show_json(run_report(view, interrupted=interrupted))
    else:
        _show_status(view, interrupted)
    return OK


def _show_status(view: RunView, interrupted: bool) -> None:
    words = "paused" if interrupted or view.status is RunStatus.STOPPED else view.status.value
    show(f"Run {view.run_id}, begun {london_text(view.created_at)} by {view.operator}: {words}.")
    reason = StopReason.INTERRUPTED if interrupted else view.stop_reason
    if reason is not None:
        show(stop_words(reason, view.stop_detail))
    show(counts_line(view.counts))


def report(options: argparse.Namespace) -> int:
    """Print one of the lists of a run. The outcomes name nobody; a card, where one is given, must have the right."""
    if options.card:
        require_names(options)
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        run_id = run_to_tell(files.queries, options.run)
        if run_id is None:
            raise Refused("There has been no run yet, so there is nothing to report.")
        # Line ends are the format's own, on every system.
        cast(TextIO, sys.stdout).reconfigure(encoding="utf-8", newline="")  # type: ignore[attr-defined]
        write_outcomes(files.store.export_outcomes(run_id), sys.stdout, options.format)
        sys.stdout.flush()
    return OK
