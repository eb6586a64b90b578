"""Prints how fast the program is on this machine: `python -m tests.benchmarks`. Nothing here is asserted."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.throughput import measure_throughput


def main() -> int:
    """Run the benchmarks and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--patients", type=int, default=4_000, help="the size of the demonstration practice")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median is printed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scr-bulk-bench-") as folder:
        for line in measure_throughput(Path(folder), options.patients, options.rounds):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
