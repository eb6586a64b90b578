"""How soon Stop is heard and honoured, and how soon Resume goes on in a long list. Without a window.

Engine, SQLite and requests are the program's own, the simulated Spine is in its own process.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.bootstrap import create_demonstration, open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE
from app.bootstrap.product import Product
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION, Action
from app.domain.states import StopReason
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.progress import Phase, ProgressBoard, Snapshot
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import SimulatorProcess, running_simulator

LATENCY_MS = 300
"""Of an ordinary Spine; whoever is under way when Stop is pressed is waited for."""

SILENT_SECONDS = 3600.0
DEADLINE = 3.0
GOAL_SEEN_MS, GOAL_RESUMED_MS = 200.0, 500.0
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """Milliseconds from the press of Stop until it stood on the board, and until the run was paused."""

    seen: float
    honoured: float


class Watch(ProgressBoard):
    """Takes down when Stopping was first told, and wakes whoever waits for a patient to be done."""

    def __init__(self) -> None:
        super().__init__()
        self.stopping_at = 0.0
        self.working = threading.Event()

    def publish(self, snapshot: Snapshot) -> None:
        """Keep it as every board does."""
        super().publish(snapshot)
        if snapshot.phase is Phase.STOPPING and not self.stopping_at:
            self.stopping_at = time.perf_counter()
        if snapshot.checked_now > 0:
            self.working.set()


class Worker:
    """One press at work in a thread of its own."""

    def __init__(self, product: Product, action: Action) -> None:
        self.board, self.token = Watch(), StopToken()
        press = Press(CONSENT_MIGRATION.key, action)
        self._thread = threading.Thread(target=lambda: product.operator.execute(press, self.token, self.board))
        self._thread.start()

    def stop(self) -> Stopped:
        """Press Stop and wait for its end."""
        pressed = time.perf_counter()
        self.token.stop(StopReason.USER)
        self._thread.join(PATIENCE_SECONDS)
        ended = time.perf_counter()
        return Stopped((self.board.stopping_at - pressed) * 1000, (ended - pressed) * 1000)


def measure_stopping(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Stop under an ordinary Spine and under one that has fallen silent; Resume in a long list."""
    place = folder / "stopping"
    create_demonstration(load_settings(place, {}, {}), sizes.patients, seed=1)
    with signed_in(place, "--latency-ms", str(LATENCY_MS)) as (product, _):
        ordinary = [_stop_in_mid_run(product, number) for number in range(sizes.rounds)]
    with signed_in(place) as (product, spine):
        silent = [_stop_in_silence(product, spine) for _ in range(sizes.rounds)]
    yield from _told("an ordinary Spine", "ordinary", ordinary)
    yield from _told(f"a silent Spine (deadline of a request {DEADLINE:g} s)", "silent", silent)
    yield _measure_resume(folder / "resuming", sizes)


def _told(what: str, key: str, stops: list[Stopped]) -> Iterator[Told]:
    seen, honoured = max(one.seen for one in stops), max(one.honoured for one in stops)
    yield Told(
        f"Stop under {what}: on the board after {seen:.1f} ms (worst of {len(stops)}, goal {GOAL_SEEN_MS:g}), "
        f"the run paused after {honoured:,.0f} ms",
        {f"stop_seen_{key}_ms": seen, f"stop_honoured_{key}_ms": honoured},
    )


def _stop_in_mid_run(product: Product, number: int) -> Stopped:
    worker = Worker(product, Action.RESUME if number else Action.RUN)
    _wait(worker.board.working)
    return worker.stop()


def _stop_in_silence(product: Product, spine: SimulatorProcess) -> Stopped:
    """Every sender waits for an answer that does not come."""
    spine.put_faults({"operation": ["read", "write"], "action": {"delay_seconds": SILENT_SECONDS}})
    before = len(_about_patients(spine))
    worker = Worker(product, Action.RESUME)
    give_up_at = time.perf_counter() + PATIENCE_SECONDS
    while len(_about_patients(spine)) < before + 4 and time.perf_counter() < give_up_at:
        time.sleep(0.01)
    stopped = worker.stop()
    spine.clear_faults()
    return stopped


def _measure_resume(place: Path, sizes: Sizes) -> Told:
    create_demonstration(load_settings(place, {}, {}), sizes.long_list, seed=2)
    with signed_in(place) as (product, spine):
        worker = Worker(product, Action.RUN)
        _wait(worker.board.working)
        worker.stop()
        waits = [_resume(product, spine) for _ in range(sizes.rounds)]
    half, worst = statistics.median(waits), max(waits)
    return Told(
        f"Resume in a list of {sizes.long_list:,}: its first request is at the Spine after {half:.0f} ms "
        f"(median of {sizes.rounds}, worst {worst:.0f}, goal {GOAL_RESUMED_MS:g})",
        {"resume_first_request_ms": half, "resume_first_request_worst_ms": worst},
    )


def _resume(product: Product, spine: SimulatorProcess) -> float:
    """Milliseconds from the press to the Spine's note of the first request."""
    before = len(_about_patients(spine))
    pressed = datetime.now(UTC)
    worker = Worker(product, Action.RESUME)
    _wait(worker.board.working)
    worker.stop()
    first = _about_patients(spine)[before]
    return (datetime.fromisoformat(first["at"]) - pressed).total_seconds() * 1000


def _about_patients(spine: SimulatorProcess) -> list[dict[str, Any]]:
    """The requests that are not about signing in."""
    return [call for call in spine.history() if call["nhs_number"] is not None]


def _wait(event: threading.Event) -> None:
    if not event.wait(PATIENCE_SECONDS):
        raise TimeoutError("The run did not come so far in time.")


@contextmanager
def signed_in(place: Path, *arguments: str) -> Iterator[tuple[Product, SimulatorProcess]]:
    """The practice of a folder against a simulated Spine of its own without a limit, with the first card in it."""
    with running_simulator("--rate", "0", *arguments, load=place / SPINE_FILE) as spine:
        flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": "0"}
        with open_product(load_settings(place, {**flags, "DEADLINE_SECONDS": str(DEADLINE)}, {})) as product:
            product.reader.insert(DEMONSTRATION_CARD)
            product.reader.sign_in(DEMONSTRATION_PASSCODE)
            yield product, spine
