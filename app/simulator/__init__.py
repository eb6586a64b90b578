"""The simulated Spine: real HTTP in a process of its own, faithful to the Summary Care Record API and its gateway.

It shares nothing with the product but the clock, so that the two cannot share a mistake. Also here: the
demonstration practice, as rows.
"""

from __future__ import annotations

from collections.abc import Callable

from app.simulator.errors import SimulatorError
from app.simulator.options import DissentShape, SimulatorOptions

__all__ = ["DissentShape", "SimulatorError", "SimulatorOptions", "serve"]


def serve(options: SimulatorOptions, ready: Callable[[str], None]) -> int:
    """Run a simulated Spine in the foreground until SIGTERM or SIGINT; returns the exit code 0.

    `ready` is handed the ready line once requests are answered. Raises SimulatorError, whose text is a sentence for
    the user, when the Spine cannot start or its state can no longer be written. Main thread only.
    """
    # The HTTP library is loaded only where a server runs, not by everyone who wants a demonstration practice.
    from app.simulator.server import run_in_foreground

    return run_in_foreground(options, ready)
