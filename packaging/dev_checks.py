"""The checks that CI runs: format, lint, types, import contracts, the tests in random order, coverage by file.

Every step runs even when an earlier one failed, is timed, and is named again at the end. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev_environment import ROOT
from dev_system import say

SOURCES = ("app", "tests", "packaging")
# The share of lines that must be run, in per cent: each file below these folders, and the program as a whole.
FILE_FLOORS = {"app/domain/": 100.0, "app/engine/": 95.0}
OVERALL_FLOOR = 85.0
MOST_WORKERS = 4

SUMMARY = re.compile(r"^=*\s*((no tests ran|\d+ [a-z]+)(, \d+ [a-z]+)* in [\d.]+ ?s.*?)\s*=*$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Step:
    """One check: its name for people and what runs it, which returns whether it passed."""

    name: str
    run: Callable[[], bool]


@dataclass(frozen=True)
class Result:
    """How one step ended, and after how many seconds."""

    name: str
    passed: bool
    seconds: float


def lint_steps(python: Path) -> list[Step]:
    """The cheap checks."""
    commands = {
        "Format": ["-m", "ruff", "format", "--check", *SOURCES],
        "Lint": ["-m", "ruff", "check", *SOURCES],
        "Types": ["-m", "mypy"],
        "Import contracts": [
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-logo",
        ],
    }
    return [Step(name, Tool([str(python), *arguments])) for name, arguments in commands.items()]


def test_steps(python: Path, tests: TestRun) -> list[Step]:
    """The tests, and after a whole run of them the coverage gate."""
    steps = [Step("Tests", tests)]
    if tests.is_whole:
        steps.append(Step("Coverage", CoverageGate(python)))
    return steps


def run_steps(steps: Sequence[Step]) -> list[Result]:
    """Run every step, whatever the others did, and tell each one's end."""
    results = []
    for step in steps:
        say(f"\n=== {step.name}")
        began = time.monotonic()
        passed = step.run()
        results.append(Result(step.name, passed, time.monotonic() - began))
        say(result_line(results[-1]))
    return results


def result_line(result: Result) -> str:
    """One line on how a step ended."""
    return f"{result.name:<18}{'passed' if result.passed else 'FAILED'} {result.seconds:8.1f} s"


@dataclass(frozen=True)
class Tool:
    """A checking program, run in the checkout; it passes when it exits with 0."""

    command: Sequence[str]

    def __call__(self) -> bool:
        """Run it with its output as UTF-8, which a bare system's locale would not give."""
        return subprocess.call(self.command, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}) == 0


class TestRun:
    """The tests under pytest, measured by coverage; keeps pytest's own summary line."""

    def __init__(self, python: Path, arguments: Sequence[str]) -> None:
        self.is_whole = not arguments
        self.summary: str | None = None
        self._python = python
        self._arguments = list(arguments)

    def __call__(self) -> bool:
        """Run them, passing the output on as it comes."""
        for old in ROOT.glob(".coverage*"):
            old.unlink()
        with subprocess.Popen(
            self._command(),
            cwd=ROOT,
            env=coverage_environment(os.environ),
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        ) as pytest:
            assert pytest.stdout is not None
            for raw in pytest.stdout:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                say(line)
                self.summary = summary_of(line) or self.summary
        return pytest.returncode == 0

    def _command(self) -> list[str]:
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        if not self.is_whole:
            return [str(self._python), "-m", "pytest", *colour, *self._arguments]
        measured = ["-m", "coverage", "run", "-m", "pytest", "--durations=10"]
        return [str(self._python), *measured, *colour, *spread_over_cores()]


def spread_over_cores() -> list[str]:
    """What pytest is told so that it uses every core, on a machine that has several.

    One worker more than cores: many tests wait for a process of their own.
    """
    cores = os.cpu_count() or 1
    return ["-n", str(min(cores + 1, MOST_WORKERS)), "--dist", "loadgroup"] if cores > 1 else []


def coverage_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that lets child processes in any folder add to the one measurement."""
    return {**environ, "COVERAGE_FILE": str(ROOT / ".coverage")}


def summary_of(line: str) -> str | None:
    """The words of pytest's summary line ("12 passed in 0.50s"); None for any other line."""
    found = SUMMARY.match(COLOURS.sub("", line))
    return found.group(1) if found else None


@dataclass(frozen=True)
class CoverageGate:
    """Compares what the tests ran, file by file, with the floors above."""

    python: Path

    def __call__(self) -> bool:
        """Combine the processes' measurements and tell every file below its floor."""
        # Quietly: a child that was killed while it wrote its measurement leaves a file that cannot be read.
        coverage = [str(self.python), "-W", "ignore", "-m", "coverage"]
        environment = coverage_environment(os.environ)
        if subprocess.call([*coverage, "combine", "--quiet"], cwd=ROOT, env=environment) != 0:
            return False
        report = subprocess.run(
            [*coverage, "json", "--quiet", "-o", "-"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False
        )
        if report.returncode != 0:
            return False
        measured = json.loads(report.stdout)
        say(f"{share(measured['totals']):.1f} % of the program's lines were run by the tests.")
        problems = shortfalls(measured)
        for problem in problems:
            say(problem)
        return not problems


def shortfalls(report: Mapping[str, Any]) -> list[str]:
    """A sentence for every floor a coverage report (coverage.py's JSON) does not reach."""
    problems = []
    for name, measured in sorted(report["files"].items()):
        path = name.replace("\\", "/")
        floor = next((floor for folder, floor in FILE_FLOORS.items() if path.startswith(folder)), 0.0)
        if share(measured["summary"]) < floor:
            problems.append(
                f"{path}: {share(measured['summary']):.1f} % of its lines were run, {floor:.0f} % are wanted; "
                f"never run: {ranges(measured['missing_lines'])}"
            )
    if share(report["totals"]) < OVERALL_FLOOR:
        problems.append(f"{share(report['totals']):.1f} % of all lines were run, {OVERALL_FLOOR:.0f} % are wanted")
    return problems


def share(summary: Mapping[str, int]) -> float:
    """The per cent of lines run, branches left aside; a file without lines is whole."""
    lines = summary["num_statements"]
    return 100.0 * summary["covered_lines"] / lines if lines else 100.0


def ranges(lines: Sequence[int]) -> str:
    """Line numbers in rising order as people write them: 3, 7-9."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1][1:] = [line]
        else:
            runs.append([line])
    return ", ".join("-".join(map(str, run)) for run in runs)
