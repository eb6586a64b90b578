"""A crowded practice whose run nobody disturbed: what every disturbed run over the same lists is compared with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.helpers import databases
from tests.helpers.crowd import CONSENT_FILE, SPINE_FILE, import_crowd, write_crowd
from tests.helpers.judge import (
    Ending,
    check_ended_as,
    check_everybody_is_protected,
    check_invariants,
    ending_of,
    lines_of,
)
from tests.helpers.program import Program
from tests.helpers.simulator import SimulatorProcess, running_simulator


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The lists, the practice as it was before its run, how that ended, and after how many requests."""

    lists: Path
    untouched: Path
    ending: Ending
    requests: int

    @property
    def spine_file(self) -> Path:
        """What the Spine knows before the run."""
        return self.lists / SPINE_FILE

    def another(self, folder: Path) -> Program:
        """The program with the same practice, as it was before, in this folder."""
        shutil.copytree(self.untouched, folder / "practice")
        if databases.under_test is databases.Kind.POSTGRESQL:
            databases.share(folder / "practice")
        return Program(folder / "practice")

    def check_ended_alike(self, program: Program, spine: SimulatorProcess, *, failed_again: bool = False) -> Ending:
        """Every invariant holds, and a disturbed run of the same practice has ended as the undisturbed one did.

        With `failed_again`, Failed was pressed.
        """
        check_invariants(program, spine)
        ending = ending_of(program, spine)
        check_ended_as(ending, self.ending, failed_again=failed_again)
        check_everybody_is_protected(ending, lines_of(self.lists / CONSENT_FILE))
        return ending


def undisturbed_run(folder: Path, patients: int, *spine_options: str) -> Undisturbed:
    """Make such a practice of so many patients, and run it against a simulated Spine with these options."""
    lists, untouched = folder / "lists", folder / "untouched"
    write_crowd(lists, patients)
    program = Program(folder / "practice")
    import_crowd(program, lists)
    shutil.copytree(program.folder, untouched)
    with running_simulator("--rate", "0", *spine_options, load=lists / SPINE_FILE) as spine:
        program.spine = spine
        assert program.press("run").code == 0
        check_invariants(program, spine)
        ending = ending_of(program, spine)
        check_everybody_is_protected(ending, lines_of(lists / CONSENT_FILE))
        assert sum(line["outcome"] == "sent" for line in ending.outcomes.values()) == patients * 32 // 100
        return Undisturbed(lists, untouched, ending, len(spine.history()))
