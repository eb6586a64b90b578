"""A practice and a Spine for whole executions; whatever a test does, the invariants hold at its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.helpers.bench import Bench, Person
from tests.helpers.invariants import check_invariants


class MakeBench(Protocol):
    def __call__(self, *people: Person, **how: Any) -> Bench: ...


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
