"""The lists of a run on standard output. All but the outcomes name patients, and need a card that may see them."""

from __future__ import annotations

import argparse

from app.bootstrap import practice_database, rows_of_report, run_to_tell
from app.cli.card import entitled
from app.cli.output import OK, plain_output
from app.clock import SystemClock
from app.config import load_settings
from app.domain.errors import Refused
from app.engine.reports import Medium, Report, Taking
from app.engine.run_lists import LISTS, OUTCOMES
from app.exchange.outcomes import write_outcomes
from app.exchange.patient_report import write_patients


def report(options: argparse.Namespace) -> int:
    """Print one of the lists of a run."""
    definition = LISTS[options.name]
    # The outcomes name nobody; a card that is given all the same must have the right.
    actor = entitled(options) if options.card or definition is not OUTCOMES else None
    clock = SystemClock()
    with practice_database(load_settings(options.data_dir), clock) as files:
        run_id = run_to_tell(files.queries, options.run)
        if run_id is None:
            raise Refused("There has been no run yet, so there is nothing to report.")
        out = plain_output()
        if actor is None or definition is OUTCOMES:
            write_outcomes(files.store.export_outcomes(run_id), out, options.format)
        else:
            taking = Taking(actor, Medium.STREAM, "")
            with rows_of_report(files.database, Report(run_id, definition), taking, clock) as rows:
                write_patients(rows.lines, out, options.format)
        out.flush()
    return OK
