"""Prints how fast the program is on this machine: `python -m tests.benchmarks`. Nothing here is asserted."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.baseline import Baseline, this_machine
from tests.benchmarks.exchange import measure_exchange
from tests.benchmarks.idle import measure_idle
from tests.benchmarks.limits import measure_limits
from tests.benchmarks.lists import measure_lists
from tests.benchmarks.reports import measure_reports
from tests.benchmarks.scale import measure_scale
from tests.benchmarks.starting import measure_starting
from tests.benchmarks.stopping import measure_stopping
from tests.benchmarks.throughput import measure_throughput
from tests.benchmarks.told import Sizes
from tests.benchmarks.window import measure_window

MEASURES = {
    "throughput": measure_throughput,
    "limits": measure_limits,
    "scale": measure_scale,
    "window": measure_window,
    "stopping": measure_stopping,
    "starting": measure_starting,
    "lists": measure_lists,
    "exchange": measure_exchange,
    "reports": measure_reports,
    "idle": measure_idle,
}


def main() -> int:
    """Run the benchmarks and print a line for each finding, or all figures as one JSON object at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--patients", type=int, default=10_000, help="the size of the demonstration practice")
    parser.add_argument("--long-list", type=int, default=100_000, help="the size of the list that a run resumes in")
    parser.add_argument("--limited", type=int, default=200, help="the size of the practice worked at five a second")
    parser.add_argument("--growing", type=_sizes, default="1000,10000,100000", help="practices of growing size")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median is printed")
    parser.add_argument("--only", choices=MEASURES, action="append", help="one of the measurements; default: all")
    parser.add_argument("--keep", action="store_true", help="keep these figures as what later ones are compared with")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON; the lines go to stderr")
    options = parser.parse_args()
    # A window that is seen would be measured together with whoever looks at it.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    lines = sys.stderr if options.json else sys.stdout
    sizes = Sizes(options.patients, options.long_list, options.limited, options.growing, options.rounds)
    figures: dict[str, float] = {}
    for name in options.only or MEASURES:
        with tempfile.TemporaryDirectory(prefix="scr-bulk-bench-") as folder:
            for told in MEASURES[name](Path(folder), sizes):
                lines.write(f"{told.line}\n")
                lines.flush()
                figures |= {key: round(value, 3) for key, value in told.figures.items()}
    baseline = Baseline.read()
    for line in baseline.lines(figures, str(sizes)) if baseline else ():
        lines.write(f"{line}\n")
    if options.keep:
        newer = Baseline(this_machine(), str(sizes), datetime.now(UTC).date().isoformat(), figures)
        newer.on_top_of(baseline).write()
    if options.json:
        told_to_machines = json.dumps({"machine": this_machine(), "sizes": str(sizes), **figures})
        sys.stdout.write(f"{told_to_machines}\n")
    return 0


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
