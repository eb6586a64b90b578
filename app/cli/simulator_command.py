"""The command that serves the simulated Spine in the foreground."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from app.cli.output import OK, show
from app.simulator import DissentShape, SimulatorOptions, serve


def serve_spine(options: argparse.Namespace) -> int:
    """Serve until a signal, or the end of the input of a program that started it, says to stop."""
    load = options.load
    state_is_new = options.state is None or not options.state.exists()
    standard = options.data_dir / "spine.csv"
    if load is None and state_is_new and standard.exists():
        load = standard
    if options.end_with_input:
        threading.Thread(target=_end_with_input, daemon=True).start()
    spine = SimulatorOptions(
        port=options.port,
        state=options.state,
        load=load,
        rate=options.rate,
        latency_ms=options.latency_ms,
        dissent_shape=DissentShape(options.dissent_shape),
        sandbox=options.sandbox,
    )
    return serve(spine, show) or OK


def _end_with_input() -> None:
    """Whoever started this holds the other end of the input: when that is gone, nobody needs this Spine any more."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
