"""The command line: verbs, flags and their help, in a module for each kind. What a verb does is in the modules beside.

Reading a command line loads nothing that only its verb needs.
"""

from __future__ import annotations

import argparse
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.cli.parser.flags import FOLDER, Verbs
from app.cli.parser.keeping import add_maintenance, add_practice
from app.cli.parser.looking import add_audit, add_certificate, add_runs, add_worklists
from app.cli.parser.working import add_actions, add_confirmation, add_demo, add_preview, add_schedule, add_simulator
from app.config import default_data_dir


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line. `carry_out` of the parsed namespace is the function of the verb."""
    parser = argparse.ArgumentParser(
        prog="scr-bulk",
        description="GP Summary Bulk Transmission: without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=_version())
    parser.add_argument(
        "--self-check", action="store_true", help="try out whether this installation can do all its work, then end"
    )
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help=FOLDER)
    parser.set_defaults(verb=None)
    verbs = Verbs(parser, "verb", "COMMAND", required=False)
    # In the order of the help.
    add_demo(verbs)
    add_practice(verbs)
    add_simulator(verbs)
    add_actions(verbs)
    add_preview(verbs)
    add_schedule(verbs)
    add_runs(verbs)
    add_worklists(verbs)
    add_confirmation(verbs)
    add_certificate(verbs)
    add_maintenance(verbs)
    add_audit(verbs)
    return parser


def _version() -> str:
    try:
        return f"scr-bulk {version('scr-bulk')}"
    except PackageNotFoundError:
        return "scr-bulk (not installed)"
