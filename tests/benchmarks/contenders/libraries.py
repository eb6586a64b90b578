"""The same work given to two libraries that promise not to lose any: DBOS Transact, and Huey with its SQLite storage.

Both as their guides show them, on SQLite, four patients at a time: a durable workflow with one step for the reading
and one for the sending, and a task in a queue that is flushed to the disk. Neither knows anything of consent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue

from tests.benchmarks.contenders.loops import SENDERS, in_threads
from tests.benchmarks.contenders.plain_spine import PlainSpine, Work


def run_dbos(folder: Path, spine: PlainSpine, works: Sequence[Work]) -> None:
    """One durable workflow a patient, called from as many threads: the library's own queue polls and is slower."""
    from dbos import DBOS

    # Its own settings: SQLite, and no line on the console.
    DBOS(config={"name": "contender", "system_database_url": f"sqlite:///{folder / 'dbos.db'}", "log_level": "ERROR"})

    @DBOS.step()
    def read(number: str, times: int) -> list[int]:
        return [spine.read(number) for _ in range(times)]

    @DBOS.step()
    def send(number: str, times: int) -> list[int]:
        return [spine.send(number) for _ in range(times)]

    @DBOS.workflow()
    def migrate(number: str, reads: int, sends: int) -> list[int]:
        return read(number, reads) + (send(number, sends) if sends else [])

    DBOS.launch()
    try:
        in_threads(works, lambda work: migrate(work.number, work.reads, work.sends))
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=30)


def run_huey(folder: Path, spine: PlainSpine, works: Sequence[Work]) -> None:
    """One task a patient, worked off by the library's own consumer."""
    from huey import SqliteHuey

    logging.getLogger("huey").setLevel(logging.ERROR)
    queue = SqliteHuey("contender", filename=str(folder / "huey.db"), fsync=True, journal_mode="wal")
    ended = SimpleQueue[None]()

    @queue.task()
    def migrate(number: str, reads: int, sends: int) -> list[int]:
        statuses = spine.work_off(Work(number, reads, sends))
        ended.put(None)
        return statuses

    for work in works:
        migrate(work.number, work.reads, work.sends)
    consumer = queue.create_consumer(workers=SENDERS, worker_type="thread", initial_delay=0.01, max_delay=0.01)
    consumer.start()
    try:
        for _ in works:
            ended.get()
    finally:
        consumer.stop(graceful=True)
