"""The worklists at the command line: how many patients each has left, and who they are for whoever may see names."""

from __future__ import annotations

import argparse

from app.bootstrap import lines_of_worklist, practice_database
from app.cli.card import entitled
from app.cli.output import OK, plain_output, show, show_json
from app.clock import SystemClock
from app.config import load_settings
from app.domain.phrases import patients
from app.engine.lists import OfWorklist
from app.engine.worklists import NAMED, WorklistCount, overview_of, words_of
from app.exchange.worklist_file import write_worklist


def show_all(options: argparse.Namespace) -> int:
    """Print every worklist with how many patients it has left; names nobody, so needs no card."""
    with practice_database(load_settings(options.data_dir)) as files:
        found = overview_of(files.lists)
    if options.json:
        show_json({"worklists": [_as_object(one) for one in found]})
        return OK
    for one in found:
        marked = f" ({one.dealt_with:,} more marked as dealt with)" if one.dealt_with else ""
        show(f"{_name_of(one.source)}: {patients(one.left)}{marked}")
        if one.left:
            show(f"    {words_of(one.source).to_do}")
    return OK


def show_one(options: argparse.Namespace) -> int:
    """Print the patients that are left on a worklist."""
    actor = entitled(options)
    clock = SystemClock()
    with practice_database(load_settings(options.data_dir), clock) as files:
        out = plain_output()
        with lines_of_worklist(files.database, options.name, actor=actor, clock=clock) as lines:
            write_worklist(lines, out, options.format)
        out.flush()
    return OK


def _as_object(one: WorklistCount) -> dict[str, str | int]:
    words = words_of(one.source)
    return {
        "name": _name_of(one.source),
        "title": words.title,
        "to_do": words.to_do,
        "left": one.left,
        "dealt_with": one.dealt_with,
    }


def _name_of(source: OfWorklist) -> str:
    return next(name for name, one in NAMED.items() if one == source)
