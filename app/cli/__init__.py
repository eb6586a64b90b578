"""The commands: everything the program does without a window. Loads no Qt.

Standard output carries what was asked for, standard error everything else. Exit codes: 0 completed, 1 unexpected
error, 2 wrong use or unreadable input, 3 paused and can be resumed, 4 refused or never begun,
with the reason in words.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from app.cli.output import REFUSED, UNEXPECTED, WRONG_USE, explain
from app.cli.parser import build_parser
from app.config import SettingsError
from app.domain.errors import BadInput, DatabaseDamaged, KnownError
from app.logs import LOG_FILE
from app.simulator import SimulatorError

_log = logging.getLogger(__name__)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line as a namespace; wrong use ends the program with exit code 2 and a usage line."""
    return build_parser().parse_args(arguments)


def wants_window(options: argparse.Namespace) -> bool:
    """Whether this command line asks for the window."""
    # The self-check draws one too, where nobody sees it.
    return options.self_check or options.verb is None or (options.verb == "demo" and not options.terminal)


def main(options: argparse.Namespace) -> int:
    """Carry out a command without a window and return its exit code."""
    as_json = getattr(options, "json", False)
    try:
        code: int = options.carry_out(options)
    except (SettingsError, BadInput) as fault:
        return explain(fault, WRONG_USE, as_json=as_json)
    except DatabaseDamaged as fault:
        # Only here: it loads the database, which a command line that is only read has no need of.
        from app.cli.maintenance_commands import with_newest_backup

        return explain(with_newest_backup(fault, options), REFUSED, as_json=as_json)
    except (KnownError, SimulatorError) as fault:
        return explain(fault, REFUSED, as_json=as_json)
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNEXPECTED
    except Exception:  # noqa: BLE001 - the last stop: exit code 1, and words instead of a traceback
        _log.exception("A command met an error nobody expected.")
        unexpected = RuntimeError(
            "The program met an error it did not expect. Nothing that was committed is lost; "
            f"{LOG_FILE} in the data folder says where it happened."
        )
        return explain(unexpected, UNEXPECTED, as_json=as_json)
    return code
