"""What an installation has to be able to do, tried out in a scratch folder: everything but the window.

Each trial returns a sentence about what it found and raises `CheckFailed` where that will not do. Nothing of a practice
is touched, and nothing leaves this computer.
"""

from __future__ import annotations

import queue
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import certifi
import requests
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection

from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE, create_demonstration
from app.bootstrap.practice_files import practice_database
from app.bootstrap.product import Product, open_product
from app.bootstrap.spine_process import simulated_spine
from app.bootstrap.watching import keeping_watch
from app.clock import SystemClock
from app.config import Settings, load_settings
from app.domain.actions import Action
from app.domain.errors import KnownError
from app.domain.occurrences import Outcome
from app.domain.states import RunStatus
from app.domain.windows import Plan
from app.engine.control import StopToken
from app.engine.ports import RunView
from app.engine.press import Press
from app.engine.progress import ProgressBoard
from app.engine.schedule_rows import ScheduleView
from app.engine.watchman import Order
from app.resources import resources_folder
from app.scheduling import IntervalTicker
from app.storage import audit, schema
from app.storage.backend import Surroundings
from app.storage.columns import utc_text
from app.storage.database import PracticeDatabase
from app.storage.postgres.address import ServerAddress
from app.storage.sqlite import identity
from app.storage.sqlite.file import SqliteFile

PATIENTS = 50
_SEED = 13
_PATIENCE_SECONDS = 60.0
_AHEAD = timedelta(seconds=90)
"""Less than what passes for a sleep, after which the watch takes its time."""
_OLDEST_SQLITE = (3, 51, 3)
"""Older ones can damage a file in write-ahead mode."""
_TZDATA = "tzdata.zoneinfo.Europe"
_FEWEST_AUTHORITIES = 50
_NO_SERVER = "postgresql://nobody@127.0.0.1:1/nothing"
_FIRST_META = (
    "INSERT INTO meta (id, practice_name, ods_code, demonstration, spine, epoch, list_number, audit_number, "
    "audit_hash, created_at) VALUES (1, '', '', 0, 'unset', 0, 1, 0, '', ?)"
)


class CheckFailed(Exception):
    """Something that an installation needs is not there or does not work; the message says what."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A demonstration practice with its own simulated Spine, signed in and ready to run."""

    product: Product
    simulation_url: str


def require(met: bool, otherwise: str) -> None:
    """Raise `CheckFailed` with this sentence unless the condition is met."""
    if not met:
        raise CheckFailed(otherwise)


def own_files() -> str:
    """The files that come with the program."""
    folder = resources_folder()
    for kind, pattern in (("icons", "*.svg"), ("help", "*.md"), ("docs", "*.md")):
        require(any((folder / kind).glob(pattern)), f"There are no {kind} in {folder}.")
    pages = len(list((folder / "help").glob("*.md")))
    return f"{pages} pages of help, icons and documents in {folder}"


def time_zones() -> str:
    """England's time from the zones that come with the program, whatever the system has."""
    try:
        with (resources.files(_TZDATA) / "London").open("rb") as file:
            own = ZoneInfo.from_file(file)
    except (ModuleNotFoundError, FileNotFoundError):
        raise CheckFailed("The time zones that come with the program are missing.") from None
    for zone in (own, ZoneInfo("Europe/London")):
        first, second = (datetime(2026, 10, 25, 1, 30, fold=fold, tzinfo=zone).astimezone(UTC) for fold in (0, 1))
        winter = datetime(2026, 1, 15, 12, tzinfo=zone).utcoffset()
        right = second - first == timedelta(hours=1) and winter == timedelta(0)
        require(right, "The night on which the clocks go back is reckoned wrongly.")
    return "the night of 25/10/2026 has its hour twice"


def certificates() -> str:
    """The authorities that the real Spine's certificate is checked against."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=certifi.where())
    except OSError:
        raise CheckFailed("The certificates that come with the program cannot be read.") from None
    count = len(context.get_ca_certs())
    require(count >= _FEWEST_AUTHORITIES, f"Only {count} certificate authorities came with the program.")
    return f"{count} certificate authorities, {ssl.OPENSSL_VERSION}"


def migrations(folder: Path) -> str:
    """A database of the first schema is backed up and brought up to this program's."""
    path = folder / "older" / "practice.db"
    _create_first(path)
    database = PracticeDatabase.open(path, clock=SystemClock())
    try:
        copies = list(database.backups.glob("*.db"))
        whole = audit.first_broken(database) is None
    finally:
        database.close()
    number = identity.schema_number(path)
    require(number == schema.CURRENT.number and whole, "A database of the first version was not brought up to date.")
    require([identity.schema_number(copy) for copy in copies] == [1], "It was not backed up before.")
    version = tuple(int(part) for part in sqlite.sqlite_version.split("."))
    require(version >= _OLDEST_SQLITE, f"SQLite {sqlite.sqlite_version} is too old to be safe.")
    return f"schema 1 brought up to {number} after a backup, SQLite {sqlite.sqlite_version}"


def server_driver(folder: Path) -> str:
    """The driver for a practice database on a server is loaded, and tells in words that nobody answers."""
    nobody = ServerAddress.parse(_NO_SERVER, folder)
    try:
        PracticeDatabase.open(nobody, clock=SystemClock()).close()
    except KnownError:
        from psycopg import pq

        return "PostgreSQL's libpq {}.{}".format(*divmod(pq.version(), 10_000))
    raise CheckFailed("A database server is said to be where there is none.")


def _create_first(path: Path) -> None:
    """Make an empty practice database as the first version of the program had it."""
    file = SqliteFile(path, Surroundings())

    def fill(connection: Connection) -> None:
        schema.Schema(1, schema.CURRENT.scripts).bring_up(connection)
        file.mark(connection, 1)
        connection.exec_driver_sql(_FIRST_META, (utc_text(datetime.now(UTC)),))

    file.make(fill)
    file.close()


@contextmanager
def rehearsal(folder: Path) -> Iterator[Rehearsal]:
    """Make a demonstration practice, start its Spine as a process of its own, and sign in."""
    place = folder / "demonstration"
    settings = load_settings(place, {"REQUESTS_PER_SECOND": "0", "SETTLE_SECONDS": "1"}, {})
    create_demonstration(settings, PATIENTS, _SEED)
    with simulated_spine(place / "simulated-spine.db", place / SPINE_FILE, 0) as spine:
        used = load_settings(place, {**_pace(settings), "SPINE_URL": spine.spine, "AUTH_URL": spine.auth}, {})
        with open_product(used, headless=True) as product:
            product.reader.insert(DEMONSTRATION_CARD)
            product.reader.sign_in(DEMONSTRATION_PASSCODE)
            yield Rehearsal(product, spine.simulation)


def _pace(settings: Settings) -> dict[str, str]:
    return {
        "REQUESTS_PER_SECOND": f"{settings.requests_per_second:g}",
        "SETTLE_SECONDS": f"{settings.settle_seconds:g}",
    }


def migrated(rehearsed: Rehearsal) -> str:
    """A run over every patient; what the Spine received is what the practice says it sent, and nothing but No."""
    product = rehearsed.product
    order = Press(product.family.key, Action.RUN)
    view = product.operator.execute(order, StopToken(), ProgressBoard())
    active = product.queries.active_count()
    _require_whole(view, active)
    sent = [row for row in _history(rehearsed) if row["permission"] is not None and row["applied"]]
    require(all(row["permission"] == "No" for row in sent), "The Spine was asked for something else than No.")
    told = sorted(row["nhs_number"] for row in sent)
    require(len(set(told)) == len(told) == view.counts.sent, "The Spine received other messages than the run counted.")
    with practice_database(product.settings, check=False) as files:
        require(audit.first_broken(files.database) is None, "The audit trail does not verify.")
    return (
        f"{PATIENTS} patients, {active} active: {view.counts.sent} dissents sent, {view.counts.not_required} needed "
        f"nothing, {view.counts.failed} failed; the audit trail verifies"
    )


def moved_by_a_schedule(rehearsed: Rehearsal) -> str:
    """A pass that is planned begins by itself once its time has come."""
    product = rehearsed.product
    _require_ticks()
    simulation = product.simulation
    if simulation is None:
        raise CheckFailed("The simulated Spine does not say that it is one.")
    press = Press(product.family.key, Action.RERUN)
    kept = product.timed.press(press, Plan(product.clock.now() + _AHEAD))
    require(isinstance(kept, ScheduleView), "A pass planned for later began at once.")
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    with keeping_watch(product.watched, orders.put) as watch:
        simulation.let_time_pass(_AHEAD.total_seconds() + 1)
        watch.wake()
        try:
            order = orders.get(timeout=_PATIENCE_SECONDS)
        except queue.Empty:
            raise CheckFailed("A planned pass was not begun when its time came.") from None
        view = order.execute(StopToken(), ProgressBoard())
    _require_whole(view, product.queries.active_count())
    became = [told.outcome for told in product.schedules.history()]
    require(became == [Outcome.FIRED], "What became of the planned time was not written down once.")
    return f"a pass planned for {_AHEAD.seconds} seconds later began by itself, in time"


def _require_ticks() -> None:
    ticker, ticked = IntervalTicker(0.1), threading.Semaphore(0)
    ticker.start(ticked.release)
    try:
        for _ in range(2):
            require(ticked.acquire(timeout=_PATIENCE_SECONDS), "The scheduler does not tick.")
    finally:
        ticker.stop()


def _require_whole(view: RunView, active: int) -> None:
    counts = view.counts
    require(view.status is RunStatus.COMPLETED, f"The run did not complete: it is {view.status.value}.")
    left = counts.unprocessed + counts.sending
    require(left == 0 and counts.sent + counts.failed + counts.not_required == active, "The run passed patients over.")


def _history(rehearsed: Rehearsal) -> list[dict[str, Any]]:
    """Every request that the simulated Spine received."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{rehearsed.simulation_url}/history", timeout=_PATIENCE_SECONDS)
    rows: list[dict[str, Any]] = answer.json()
    return rows
