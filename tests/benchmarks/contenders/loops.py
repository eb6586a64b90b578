"""Two loops somebody might write in an afternoon: one that keeps nothing, one that commits after every patient."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import sqlcipher3.dbapi2 as sqlite

from app.storage.sqlite.recipe import set_up_writer
from tests.benchmarks.contenders.plain_spine import PlainSpine, Work

SENDERS = 4


def run_bare(folder: Path, spine: PlainSpine, works: Sequence[Work]) -> None:
    """Nothing but the requests."""
    del folder
    in_threads(works, spine.work_off)


def run_committed(folder: Path, spine: PlainSpine, works: Sequence[Work]) -> None:
    """One commit after every patient, in the journal mode and with the sync of the practice database."""
    connection = sqlite.connect(str(folder / "committed.db"), isolation_level=None, check_same_thread=False)
    set_up_writer(connection, None)
    connection.execute("CREATE TABLE done (number TEXT PRIMARY KEY, statuses TEXT NOT NULL) WITHOUT ROWID")
    one_at_a_time = threading.Lock()

    def work_off(work: Work) -> None:
        statuses = " ".join(map(str, spine.work_off(work)))
        with one_at_a_time:
            connection.execute("INSERT INTO done VALUES (?, ?)", (work.number, statuses))

    try:
        in_threads(works, work_off)
    finally:
        connection.close()


def in_threads(works: Sequence[Work], work_off: Callable[[Work], object]) -> None:
    """Work all off, so many at a time; returns when none is left."""
    waiting: SimpleQueue[Work] = SimpleQueue()
    for work in works:
        waiting.put(work)

    def serve() -> None:
        while True:
            try:
                work = waiting.get_nowait()
            except Empty:
                return
            work_off(work)

    threads = [threading.Thread(target=serve) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
