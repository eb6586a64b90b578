"""The commands: everything the program does without a window. Loads no Qt.

Standard output carries what was asked for, standard error everything else. Exit codes: 0 completed, 1 unexpected
error, 2 wrong use or unreadable input, 3 paused and can be resumed, 4 refused with the reason in words.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from app.cli.output import REFUSED, WRONG_USE, explain
from app.cli.parser import build_parser
from app.config import SettingsError
from app.domain.errors import BadInput, KnownError
from app.simulator import SimulatorError


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line as a namespace; wrong use ends the program with exit code 2 and a usage line."""
    return build_parser().parse_args(arguments)


def wants_window(options: argparse.Namespace) -> bool:
    """Whether this command line asks for the window."""
    return options.verb is None or (options.verb == "demo" and not options.terminal)


def main(options: argparse.Namespace) -> int:
    """Carry out a command without a window and return its exit code."""
    as_json = getattr(options, "json", False)
    try:
        code: int = options.carry_out(options)
    except (SettingsError, BadInput) as fault:
        return explain(fault, WRONG_USE, as_json=as_json)
    except (KnownError, SimulatorError) as fault:
        return explain(fault, REFUSED, as_json=as_json)
    return code
