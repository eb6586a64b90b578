"""The long watch: the suites in their long sizes, and the mutation check. Standard library only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dev_checks
import dev_mutations
from dev_environment import ROOT
from dev_system import Refused, say

SWITCH = "SCR_BULK_SOAK"
SUITES = {
    "Deaths at every point": ("tests/crash/inprocess",),
    "Crashes of the real program": ("tests/crash", "--ignore=tests/crash/inprocess"),
    "Life of a run": ("tests/stateful",),
    "Nights the clocks change": ("tests/unit/domain/test_clock_change_nights.py",),
    "Three sessions": ("tests/e2e/test_three_sessions_by_command.py",),
    "Long night": ("tests/e2e/test_long_night.py",),
    "Lists of patients": ("tests/integration/storage/test_patient_lists.py",),
    "Worklists, reports, history": (
        "tests/integration/storage/test_worklists.py",
        "tests/integration/storage/test_history.py",
        "tests/integration/engine/test_known_on_spine.py",
        "tests/integration/bootstrap/test_report_desk.py",
        "tests/integration/engine/test_certificate.py",
    ),
    "HTTP fuzz": ("tests/integration/spine/test_fuzz.py",),
    "Toxics": ("tests/integration/spine/test_toxics.py",),
}
"""The suites that have a long size, by name, with what pytest is told; they read the switch through helpers/soak.py."""

HOURS = 4 * 3600
"""Seconds after which a single test counts as stuck."""

USAGE = """python3 packaging/dev.py soak [--suites [NAME...]] [--mutations [WORDS...]] [--list]

  --suites     the suites in their long sizes, or those whose name holds one of the words
  --mutations  each safeguard taken out in turn: some suite must notice; or those whose name holds one of the words
  --list       what there is
Without arguments: both."""


@dataclass(frozen=True)
class Plan:
    """What is to be done: the suites' and the safeguards' names wanted; None for none of them, empty for all."""

    suites: tuple[str, ...] | None
    safeguards: tuple[str, ...] | None

    @classmethod
    def read(cls, arguments: Sequence[str]) -> Plan:
        """The plan of a command line. Raises `Refused` for one that is not understood."""
        wanted: dict[str, list[str]] = {}
        words: list[str] | None = None
        for argument in arguments:
            if argument in ("--suites", "--mutations"):
                words = wanted.setdefault(argument, [])
            elif argument.startswith("-") or words is None:
                raise Refused(f"soak does not know {argument!r}.\n\n{USAGE}")
            else:
                words.append(argument)
        if not wanted:
            return cls((), ())
        suites, safeguards = wanted.get("--suites"), wanted.get("--mutations")
        return cls(None if suites is None else tuple(suites), None if safeguards is None else tuple(safeguards))


def listing() -> str:
    """What there is to run."""
    rows = ["Suites:", *(f"  {name}: {' '.join(paths)}" for name, paths in SUITES.items())]
    rows += ["Safeguards:", *(f"  {safeguard.name}" for safeguard in dev_mutations.read_safeguards())]
    return "\n".join(rows)


def steps(python: Path, plan: Plan) -> list[dev_checks.Step]:
    """The plan as steps that are run, timed and told like those of the checks. Raises `Refused` for unknown names."""
    found: list[dev_checks.Step] = []
    if plan.suites is not None:
        names = chosen(list(SUITES), plan.suites)
        found += [dev_checks.Step(name, LongSuite(python, SUITES[name])) for name in names]
    if plan.safeguards is not None:
        names = chosen([safeguard.name for safeguard in dev_mutations.read_safeguards()], plan.safeguards)
        found.append(dev_checks.Step("Mutations", MutationCheck(python, names)))
    return found


def chosen(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """The names that hold one of the words, all of them without words. Raises `Refused` where none does."""
    found = [name for name in names if not words or any(word.lower() in name.lower() for word in words)]
    if not found:
        raise Refused(f"Nothing is called like {', '.join(words)}. There are:\n" + "\n".join(names))
    return found


@dataclass(frozen=True)
class LongSuite:
    """Suites in their long size, on every core."""

    python: Path
    paths: Sequence[str]

    def __call__(self) -> bool:
        """Run them; whether all of them passed."""
        patience = ["-q", "--durations=5", "-o", f"faulthandler_timeout={HOURS}"]
        command = [str(self.python), "-m", "pytest", *patience, *dev_checks.spread_over_cores(), *self.paths]
        return subprocess.call(command, cwd=ROOT, env={**os.environ, SWITCH: "1", "PYTHONUTF8": "1"}) == 0


@dataclass(frozen=True)
class MutationCheck:
    """The safeguards of these names, each taken out in turn."""

    python: Path
    names: Sequence[str]

    def __call__(self) -> bool:
        """Check them; whether none of them can go unnoticed."""
        wanted = [safeguard for safeguard in dev_mutations.read_safeguards() if safeguard.name in self.names]
        verdicts = dev_mutations.check(self.python, wanted)
        survivors = [verdict.name for verdict in verdicts if not verdict.noticed]
        noticed = len(verdicts) - len(survivors)
        say(f"{noticed} of {len(self.names)} safeguards cannot go unnoticed.")
        for name in survivors:
            say(f"Nobody noticed: {name}.")
        return not survivors
