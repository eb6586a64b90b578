"""The commands that bring a practice's list in and take it out. They need no card; the audit names the account."""

from __future__ import annotations

import argparse

from app.bootstrap import create_demonstration, export_list, store_list
from app.cli.output import OK, say
from app.clock import SystemClock, london_date
from app.config import load_settings
from app.engine.list_preview import remarks_on
from app.exchange.practice_list import read_practice_list

_SHOWN_WARNINGS = 20


def create_demo(options: argparse.Namespace) -> int:
    """Make a synthetic practice and the file of what the simulated Spine knows of it."""
    settings = load_settings(options.data_dir)
    summary = create_demonstration(settings, options.patients, options.seed)
    say(
        f"Made a demonstration practice of {summary.added:,} patients with {summary.entries:,} consent entries "
        f"in {settings.data_dir}, and spine.csv beside it."
    )
    return OK


def bring_in(options: argparse.Namespace) -> int:
    """Check a practice's files and store the list they make: all of it or nothing."""
    settings = load_settings(options.data_dir)
    clock = SystemClock()
    # The files first: a list with a mistake in it must not even leave an empty practice behind.
    rows = read_practice_list(options.patients, options.consent, options.groups, today=london_date(clock.now()))
    summary = store_list(settings, rows, update=options.update, clock=clock)
    say(
        f"Stored {summary.added:,} new and {summary.updated:,} known patients, {summary.entries:,} consent entries "
        f"and {summary.groups:,} groups."
    )
    for remark in remarks_on(summary):
        say(f"Look at this: {remark.words}")
        say("  " + ", ".join(remark.references))
    if summary.kept:
        say(f"{len(summary.kept):,} patients are not in the new list and were kept as they are:")
        say("  " + ", ".join(summary.kept))
    for warning in rows.warnings[:_SHOWN_WARNINGS]:
        say(f"Warning: {warning}")
    if len(rows.warnings) > _SHOWN_WARNINGS:
        say(f"and {len(rows.warnings) - _SHOWN_WARNINGS:,} more warnings of this kind.")
    return OK


def take_out(options: argparse.Namespace) -> int:
    """Write the practice as it stands, and the outcomes of a run, into a folder."""
    settings = load_settings(options.data_dir)
    say(str(export_list(settings, options.out, run_id=options.run)))
    return OK
