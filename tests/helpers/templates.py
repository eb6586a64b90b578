"""Practices made once and had again as often as wanted: file or rows are put back, the compiled statements are kept.

For suites of thousands of cases: a run takes a third of the time that it takes on a practice made for it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.storage.database import PracticeDatabase
from app.storage.postgres.address import ServerAddress
from tests.helpers import databases
from tests.helpers.bench import Bench, Person
from tests.helpers.clocks import ManualClock
from tests.helpers.put_back import PutBack

MEMORY = Path("/dev/shm")


class Template:
    """One practice. Its bench before the latest must not be used any more."""

    def __init__(self, folder: Path, people: Iterable[Person]) -> None:
        self._people = tuple(people)
        self._folder = folder
        self._latest = Bench(folder, self._people)
        self._database = self._latest.database
        place = self._database.place
        self._put_back: PutBack | None = None
        if isinstance(place, ServerAddress):
            # The module's tests share it, and each of them has what it made itself removed.
            databases.keep(place)
            self._put_back = PutBack(databases.server().admin(dict(place.parameters)["dbname"]))
            return
        self._database.close()
        self._content = self._database.path.read_bytes()

    def bench(self) -> Bench:
        """The practice as it was made, with nothing done yet."""
        self._latest.lock.release()
        if self._put_back is not None:
            self._put_back()
            self._latest = Bench(self._folder, self._people, database=self._database)
            return self._latest
        self._latest.database.close()
        if self._latest.database is self._database:
            self._database.path.write_bytes(self._content)
        else:
            self._make_file_anew()
        self._latest = Bench(self._folder, self._people, database=self._database)
        return self._latest

    def close(self) -> None:
        """Give the file or the database back."""
        self._latest.lock.release()
        self._latest.database.close()
        if self._put_back is not None:
            self._put_back.close()
            databases.remove(self._database.place)

    def _make_file_anew(self) -> None:
        """A test has put another file in its place."""
        shutil.rmtree(self._folder)
        self._folder.mkdir(mode=0o700)
        self._database.path.write_bytes(self._content)
        self._database = PracticeDatabase.open(self._database.path, clock=ManualClock(), check=False)


class Templates:
    """Every practice a module's tests ask for, by its people."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Template] = {}

    def bench(self, *people: Person) -> Bench:
        """A practice of these people; the one had before of the same people must not be used any more."""
        name = f"{databases.under_test} {people!r}"
        if name not in self._made:
            self._made[name] = Template(self._folder / f"practice-{len(self._made)}", people)
        return self._made[name].bench()

    def close(self) -> None:
        """Give everything back."""
        for template in self._made.values():
            template.close()


@contextmanager
def templates() -> Iterator[Templates]:
    """Practices in memory where the system keeps a folder there, so that no case waits for a disk."""
    with tempfile.TemporaryDirectory(
        prefix="scr-bulk-crash-", dir=MEMORY if MEMORY.is_dir() else None, ignore_cleanup_errors=True
    ) as folder:
        made = Templates(Path(folder))
        try:
            yield made
        finally:
            made.close()
