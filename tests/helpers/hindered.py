"""The real program under a hindrance that cannot be laid on it from outside, started as a process of its own.

    python -m tests.helpers.hindered '{"full_at_pages": 120}' run --card ...

Each hindrance stands in for a fault of the machine, or lets a test see what cannot be seen from outside. None of them
is in the program: they are laid on before its first line runs.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from app.bootstrap import product
from app.cli import run_commands
from app.clock import SystemClock
from app.domain.outcomes import ItemState
from app.engine import answers, patience, sender_pool, senders
from app.engine.reporter import Reporter
from app.engine.spine_port import SpineAnswer
from app.scheduling import IntervalTicker
from app.storage.sqlite import file, recipe
from tests.helpers.program import Program

NAMES_SOMEBODY = "Zyxmarker0 Zyxmarkerina, NHS number 999 000 0018 (9990000018)"
"""A text as an error of ours or of a library might carry it; the name and the number are those of a patient."""

TOLD = "told: "
"""How a line begins in which the program's word is passed on."""


def hindered(program: Program, hindrances: Mapping[str, Any], *arguments: str | Path) -> list[str]:
    """The command line that starts the program under these hindrances; with a frozen one the test is skipped."""
    command = program.command(*arguments)
    if "app" not in command:
        pytest.skip("Hindrances are laid on the checkout's program, and another one is tried out.")
    module = command.index("app")
    return [*command[:module], __name__, json.dumps(dict(hindrances)), *command[module + 1 :]]


def commits_that_may_be_lost(_: Any) -> None:
    """The write-ahead log is not flushed at a commit: what the program's own settings forbid."""
    on_every_writer("PRAGMA synchronous = NORMAL")


def full_at_pages(pages: int) -> None:
    """The disk is full once the database has so many pages."""
    on_every_writer(f"PRAGMA max_page_count = {pages:d}")


def free_bytes(count: int) -> None:
    """The disk has so much room left."""
    usage = shutil.disk_usage(os.curdir)
    shutil.disk_usage = lambda _: usage._replace(free=count)  # type: ignore[assignment]


def faulty_for_every(nth: int) -> None:
    """The program meets a fault of its own with every so-manyeth patient, and its text names somebody."""
    decided = 0
    decide = answers.decide

    def decide_or_fail(*what: Any) -> Any:
        nonlocal decided
        decided += 1
        if decided % nth == 0:
            raise ZeroDivisionError(NAMES_SOMEBODY, what)
        return decide(*what)

    answers.decide = decide_or_fail  # type: ignore[assignment]


def faulty_at_the_end(_: Any) -> None:
    """The program meets a fault of its own where nobody catches it, and its text names somebody."""

    def fail(*_: Any) -> None:
        raise ZeroDivisionError(NAMES_SOMEBODY)

    run_commands.tell = fail


def opened_read_only(_: Any) -> None:
    """The drive gives the database for reading only, though the system says that it may be written."""
    connect = recipe.sqlite.connect

    def connect_to_read(path: str, **how: Any) -> Any:
        # What has a mode already is left with it.
        address = path if path.startswith("file:") else f"{Path(path).absolute().as_uri()}?mode=ro"
        return connect(address, **{**how, "uri": True})

    recipe.sqlite.connect = connect_to_read


def read_only_after(commits: int) -> None:
    """The database may not be written any more once so many transactions have been committed."""
    begun = 0

    def count(connection: Connection) -> None:
        nonlocal begun
        begun += 1
        if begun > commits:
            connection.connection.execute("PRAGMA query_only = ON")

    make = file.sqlite_engines

    def make_and_hinder(path: Path, *rest: Any) -> recipe.Engines:
        engines = make(path, *rest)
        # Before the recipe's own listener, which begins the transaction.
        event.listen(engines.writer, "begin", count, insert=True)
        return engines

    file.sqlite_engines = make_and_hinder


def held_before_the_first_byte(until: str) -> None:
    """Every message waits between its row and its first byte until this file is there; none leaves late.

    Late is after one second here, so that a test need not wait for the program's own ten.
    """
    answer, settings = sender_pool._Sender._answer, product.LoopSettings

    def wait_and_answer(self: sender_pool._Sender, exchange: senders.Exchange) -> SpineAnswer:
        while exchange.operation is senders.Operation.SEND and not Path(until).exists():
            time.sleep(0.01)
        return answer(self, exchange)

    sender_pool._Sender._answer = wait_and_answer  # type: ignore[method-assign]
    product.LoopSettings = functools.partial(settings, leaves_within=1.0)  # type: ignore[misc, assignment]


def patient_for(seconds: float) -> None:
    """A database that fails is borne so long, so that a test need not wait for the program's own minute."""
    patience.PATIENCE_SECONDS = seconds


def clock_ahead_by(file: str) -> None:
    """The machine's clock is ahead by the seconds that stand in a file, as one is that went on while it slept."""
    now = SystemClock.now

    def now_and_ahead(self: SystemClock) -> datetime:
        return now(self) + timedelta(seconds=float(Path(file).read_text(encoding="utf-8")))

    SystemClock.now = now_and_ahead  # type: ignore[method-assign]


def clock_runs(times: float) -> None:
    """The wall clock runs so many times as fast, so that a night passes within a test; the steady one does not."""
    now, began = SystemClock.now, datetime.now(UTC)

    def now_and_faster(self: SystemClock) -> datetime:
        return began + (now(self) - began) * times

    SystemClock.now = now_and_faster  # type: ignore[method-assign]


def looked_at_every(seconds: float) -> None:
    """The schedule is looked at so often, so that a test need not wait for the program's own fifteen seconds."""
    IntervalTicker.__init__.__defaults__ = (seconds,)


def tell(_: Any) -> None:
    """Pass on every counter that the screen would be told, at the moment it is told."""
    moved = Reporter.moved

    def told(self: Reporter, old: ItemState, new: ItemState) -> None:
        moved(self, old, new)
        counts = self.counts
        line = {"sent": counts.sent, "failed": counts.failed, "not_required": counts.not_required}
        os.write(1, f"{TOLD}{json.dumps(line)}\n".encode())

    Reporter.moved = told  # type: ignore[method-assign]


HINDRANCES: dict[str, Callable[[Any], None]] = {
    lay_on.__name__: lay_on
    for lay_on in (
        clock_ahead_by,
        clock_runs,
        commits_that_may_be_lost,
        faulty_at_the_end,
        faulty_for_every,
        free_bytes,
        full_at_pages,
        held_before_the_first_byte,
        looked_at_every,
        opened_read_only,
        patient_for,
        read_only_after,
        tell,
    )
}


def on_every_writer(statement: str) -> None:
    """Have a statement carried out on every writing connection once the program has set it up."""
    set_up = recipe.set_up_writer

    def set_up_and_hinder(connection: Any, record: object) -> None:
        set_up(connection, record)
        connection.execute(statement)

    recipe.set_up_writer = set_up_and_hinder


def main(arguments: Sequence[str]) -> int:
    """Lay the hindrances on and start the program."""
    for name, value in json.loads(arguments[0]).items():
        HINDRANCES[name](value)
    from app.__main__ import main as start

    return start(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
