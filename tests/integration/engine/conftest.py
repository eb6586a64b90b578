"""A practice and a Spine for whole executions; whatever a test does, the invariants hold at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.helpers.bench import Bench, Person
from tests.helpers.invariants import check_invariants
from tests.helpers.practice import number
from tests.helpers.rehearsal import PEOPLE, Rehearsal, spine_lines
from tests.helpers.simulator import SimulatorProcess, running_simulator

PRACTICES_A_SPINE = 15
"""A simulated Spine tells all of its history each time it is asked, so it is not to grow old."""

Practice = tuple[SimulatorProcess, dict[str, str]]


class MakeBench(Protocol):
    def __call__(self, *people: Person, **how: Any) -> Bench: ...


class Rehearse(Protocol):
    def __call__(self, **how: Any) -> Rehearsal: ...


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[MakeBench]:
    made: list[Bench] = []

    def make(*people: Person, **how: Any) -> Bench:
        made.append(Bench(tmp_path / f"practice-{len(made)}", people, **how))
        return made[-1]

    yield make
    for bench in made:
        try:
            check_invariants(bench)
        finally:
            bench.database.close()


@pytest.fixture(scope="module")
def practices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Practice]]:
    """Patients whom a running simulated Spine knows, others each time."""
    size = len(PEOPLE)
    numbers = [number(ordinal) for ordinal in range(PRACTICES_A_SPINE * size)]
    groups = [dict(zip(PEOPLE, numbers[at : at + size], strict=True)) for at in range(0, len(numbers), size)]
    path = tmp_path_factory.mktemp("spine") / "spine.csv"
    lines = (line for group in groups for line in spine_lines(group))
    path.write_text("".join(["nhs_number,has_scr,permission\n", *lines]), encoding="utf-8")

    with ExitStack() as stack:

        def endless() -> Iterator[Practice]:
            while True:
                spine = stack.enter_context(running_simulator("--rate", "0", load=path))
                yield from ((spine, group) for group in groups)

        yield endless()


@pytest.fixture
def rehearse(practices: Iterator[Practice], tmp_path: Path) -> Iterator[Rehearse]:
    """Practices of ten patients each, on moved time and with real sessions; `how` is the rehearsal's own."""
    made: list[Rehearsal] = []

    def make_one(**how: Any) -> Rehearsal:
        made.append(Rehearsal(tmp_path / f"rehearsal-{len(made)}", *next(practices), **how))
        return made[-1]

    yield make_one
    for rehearsal in made:
        rehearsal.close()
