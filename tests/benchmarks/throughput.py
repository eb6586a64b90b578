"""A whole Consent Migration against the simulated Spine without a limit, beside others doing the same requests.

Each contender works in a process of its own, the Spine in another, and has the same practice from the start. The
product goes first: what it asked the Spine is what the others are given to do.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.bootstrap import create_demonstration
from app.bootstrap.demonstration import SPINE_FILE
from app.config import load_settings
from tests.benchmarks.contender import OTHERS, PRODUCT, Measured, measured
from tests.benchmarks.contenders.loops import SENDERS
from tests.benchmarks.contenders.plain_spine import Work
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import SimulatorProcess, running_simulator

WORDS = {
    PRODUCT: "the product",
    "bare_loop": "a bare loop of the same requests, nothing durable",
    "committed_loop": "a loop with one commit a patient",
    "dbos": "DBOS Transact, a durable workflow a patient",
    "huey": "Huey on SQLite, a task a patient",
}
GOALS: Mapping[str, float] = {"committed_loop": 1.0, "dbos": 5.0}
"""How many times as fast as these the product is meant to be."""


def measure_throughput(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Measure all in turn, round after round, so that a machine that gets busy is unfair to none."""
    found: dict[str, list[Measured]] = {name: [] for name in (PRODUCT, *OTHERS)}
    works: list[Work] = []
    for number in range(sizes.rounds):
        place = folder / f"round-{number}"
        create_demonstration(load_settings(place, {}, {}), sizes.patients, seed=number)
        with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
            found[PRODUCT].append(measured(PRODUCT, place, spine))
            works = _asked_of(spine)
        for name in OTHERS:
            with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
                found[name].append(measured(name, place / name, spine, works))
    requests = sum(work.reads + work.sends for work in works)
    for name, all_of_it in found.items():
        yield _told(name, all_of_it, len(works), requests)
    for name in OTHERS:
        yield _compared(name, found[PRODUCT], found[name])


def _asked_of(spine: SimulatorProcess) -> list[Work]:
    """What the Spine was asked of each patient, in the order of the first question."""
    asked = Counter((entry["nhs_number"], entry["method"]) for entry in spine.history() if "/FHIR/" in entry["path"])
    numbers = dict.fromkeys(number for number, _ in asked)
    return [Work(number, asked[number, "GET"], asked[number, "POST"]) for number in numbers]


def _told(name: str, found: Sequence[Measured], patients: int, requests: int) -> Told:
    per_second = statistics.median(patients / one.wall for one in found)
    cpu = statistics.median(one.cpu * 1000 / patients for one in found)
    written = statistics.median(one.written / patients for one in found)
    return Told(
        f"{WORDS[name]}: {per_second:,.0f} patients a second, {cpu:.2f} ms of CPU and {written / 1024:.1f} kB written "
        f"to the disk a patient (median of {len(found)}; about {patients:,} patients asked for, {requests:,} requests, "
        f"{SENDERS} at a time)",
        {
            f"{name}_patients_per_second": per_second,
            f"{name}_cpu_a_patient_ms": cpu,
            f"{name}_written_a_patient_bytes": written,
        },
    )


def _compared(name: str, products: Sequence[Measured], others: Sequence[Measured]) -> Told:
    times = statistics.median(other.wall / product.wall for product, other in zip(products, others, strict=True))
    cpu = statistics.median(product.cpu / other.cpu for product, other in zip(products, others, strict=True))
    goal = f", goal {GOALS[name]:g}" if name in GOALS else ""
    return Told(
        f"the product is {times:.2f} times as fast as {WORDS[name]}{goal}, and takes {cpu:.2f} times its CPU",
        {f"times_as_fast_as_{name}": times, f"times_the_cpu_of_{name}": cpu},
    )
