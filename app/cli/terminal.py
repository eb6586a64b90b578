"""An execution in the terminal: a progress bar, and Ctrl-C or a polite kill as the Stop button.

The engine works in a thread of its own; this one shows and listens, so that a signal never interrupts a commit.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.output import PAUSED, say
from app.cli.session_end import SessionEnd
from app.cli.silence import Silence
from app.clock import Clock
from app.domain.states import STOP_WORDS, StopReason
from app.engine.control import StopToken
from app.engine.long_work import Progress as Steps
from app.engine.long_work import WorkMeter
from app.engine.ports import SignedIn
from app.engine.progress import ProgressBoard, Snapshot

_REFRESH_SECONDS = 0.2
_LOOK_SECONDS = 5.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_Told = TypeVar("_Told")


def watch(execute: Callable[[StopToken, ProgressBoard], _Told], signed_in: SignedIn | None, clock: Clock) -> _Told:
    """Run an execution to its end and return what it tells; its exceptions come out here.

    Without anybody `signed_in` nothing is said of the end of a session.
    """
    token, board = StopToken(), ProgressBoard()
    lookers: list[Silence | SessionEnd] = [Silence(board, clock)]
    if signed_in is not None:
        lookers.append(SessionEnd(signed_in, board, clock))
    with stop_signals(token, "Stopping: the requests under way are finished first."):
        return _done_beside(
            lambda: execute(token, board), lambda worker: _show_until_done(worker, board, lookers), "execution"
        )


def watch_steps(work: Callable[[StopToken, Steps], _Told]) -> _Told:
    """Have work done that tells its steps, and return what it tells; its exceptions come out here."""
    token, meter = StopToken(), WorkMeter()
    with stop_signals(token, "Stopping: what was found until now is kept."):
        return _done_beside(lambda: work(token, meter), lambda worker: _show_steps(worker, meter), "work")


def _done_beside(work: Callable[[], _Told], show: Callable[[threading.Thread], None], name: str) -> _Told:
    """Have work done in a thread of this name while this one shows how it goes; its exceptions come out here."""
    outcome: list[_Told] = []
    faults: list[BaseException] = []

    def do() -> None:
        try:
            outcome.append(work())
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits
            faults.append(fault)

    worker = threading.Thread(target=do, name=name)
    worker.start()
    show(worker)
    if faults:
        raise faults[0]
    return outcome[0]


def _show_steps(worker: threading.Thread, meter: WorkMeter) -> None:
    console = Console(stderr=True)
    if not console.is_terminal:
        worker.join()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=True) as bars:
        bar = bars.add_task("Starting", total=None)
        while worker.is_alive():
            worker.join(_REFRESH_SECONDS)
            state = meter.state
            bars.update(bar, description=state.doing or "Starting", total=state.total or None, completed=state.done)


@contextmanager
def stop_signals(token: StopToken, words: str) -> Iterator[None]:
    """The first signal says these words and stops as the Stop button does; a second one ends the program at once."""
    seen = 0

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            # Every commit is whole, and what is under way is settled at the next start.
            os._exit(PAUSED)
        # In a thread of its own: this one may be interrupted while it holds the very lock that stopping needs.
        threading.Thread(target=token.stop, args=(StopReason.USER,), daemon=True).start()
        say(words)

    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_until_done(worker: threading.Thread, board: ProgressBoard, lookers: Iterable[Silence | SessionEnd]) -> None:
    console = Console(stderr=True)
    if not console.is_terminal:
        while worker.is_alive():
            worker.join(_LOOK_SECONDS)
            for looker in lookers:
                looker.look()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=True) as bars:
        bar = bars.add_task("Starting", total=None, pace="")
        while worker.is_alive():
            worker.join(_REFRESH_SECONDS)
            for looker in lookers:
                looker.look()
            if (snapshot := board.latest()) is not None:
                bars.update(
                    bar,
                    description=_description(snapshot),
                    total=snapshot.counts.total,
                    completed=snapshot.counts.checked,
                    pace=f"{snapshot.per_second:.1f} patients a second" if snapshot.per_second else "",
                )


def _description(snapshot: Snapshot) -> str:
    if snapshot.waiting is not None and snapshot.waiting.was_asked_for:
        return "Waiting: the Spine is busy and asks for a pause"
    if snapshot.waiting is not None:
        return f"Waiting: {STOP_WORDS[snapshot.waiting.reason].split('.')[0]}"
    return snapshot.phase.value.capitalize()


def read_line(prompt: str) -> str | None:
    """A line typed at the terminal, None when nobody sits at one."""
    if not sys.stdin.isatty():
        return None
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
