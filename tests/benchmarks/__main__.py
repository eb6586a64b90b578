"""Prints how fast the program is on this machine: `python -m tests.benchmarks`. Nothing here is asserted."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.throughput import measure_throughput
from tests.benchmarks.window import measure_window

MEASURES = {"throughput": measure_throughput, "window": measure_window}


def main() -> int:
    """Run the benchmarks and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--patients", type=int, default=4_000, help="the size of the demonstration practice")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median is printed")
    parser.add_argument("--only", choices=MEASURES, action="append", help="one of the measurements; default: all")
    options = parser.parse_args()
    # A window that is seen would be measured together with whoever looks at it.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in options.only or MEASURES:
        with tempfile.TemporaryDirectory(prefix="scr-bulk-bench-") as folder:
            for line in MEASURES[name](Path(folder), options.patients, options.rounds):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
