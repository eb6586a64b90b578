"""Long work of the database given up at every place where it looks up: nothing is half done (issue: long work)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.errors import Refused
from app.engine.long_work import Cancelled
from app.engine.practice import GroupRow, ImportSummary, ToLookAt
from app.storage import audit
from app.storage.database import PracticeDatabase
from app.storage.practice_store import SqlPracticeStore
from app.storage.tables import metadata
from tests.helpers.giving_up import GivesUp
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, new_practice, number

MANY = 1_200
NEWER = 1_300


def a_list(count: int, code: str = "93C3.") -> ListOf:
    refs = [f"P{n}" for n in range(count)]
    return ListOf(
        [a_patient(ref, number(n % 40) if n < 40 else None) for n, ref in enumerate(refs)],
        [an_entry(ref, code) for ref in refs[:700]],
        [GroupRow("Flu clinic", ref, None) for ref in refs[:600]],
    )


def everything(database: PracticeDatabase) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


def words_of(work) -> int:
    """How often a piece of work looks up."""
    watch = GivesUp()
    work(watch)
    return len(watch.words)


def test_an_import_given_up_anywhere_stores_nothing(tmp_path, clock):
    def store_in(folder: Path, progress: GivesUp) -> PracticeDatabase:
        database = new_practice(folder, None, clock)
        SqlPracticeStore(database).import_list(
            a_list(MANY), update=False, actor="tester", demonstration=False, progress=progress
        )
        return database

    whole = GivesUp()
    store_in(tmp_path / "whole", whole).close()
    assert whole.steps == [
        "Storing the patients",
        "Storing the consent entries",
        "Storing the patient groups",
        "Finishing",
    ]
    assert ("Storing the patients", 500, MANY) in whole.words
    for at in range(1, len(whole.words) + 1):
        database = new_practice(tmp_path / str(at), None, clock)
        before = everything(database)
        with pytest.raises(Cancelled):
            SqlPracticeStore(database).import_list(
                a_list(MANY), update=False, actor="tester", demonstration=False, progress=GivesUp(at)
            )
        assert everything(database) == before
        database.close()


def test_an_update_given_up_anywhere_changes_nothing(tmp_path, clock):
    database = new_practice(tmp_path / "data", a_list(MANY), clock)
    store, before = SqlPracticeStore(database), everything(database)

    def update(progress: GivesUp) -> ImportSummary:
        return store.import_list(
            a_list(NEWER, "9Ndo."), update=True, actor="tester", demonstration=False, progress=progress
        )

    places = words_of(store_rehearsal(store))
    for at in (1, 2, 3, places // 2, places - 1):
        with pytest.raises(Cancelled):
            update(GivesUp(at))
        assert everything(database) == before
    watch = GivesUp()
    summary = update(watch)
    assert any("practice database" in step or "Copying the practice" in step for step in watch.steps)
    assert "Comparing with what was recorded before" in watch.steps
    assert (summary.added, summary.updated) == (NEWER - MANY, MANY)
    database.close()


def store_rehearsal(store: SqlPracticeStore):
    return lambda progress: store.rehearse_update(a_list(NEWER, "9Ndo."), progress)


def test_a_rehearsed_update_says_what_the_update_then_does_and_leaves_no_trace(database):
    newer = ListOf(
        [a_patient("A", number(0)), a_patient("NEW", number(9)), a_patient("B", number(1), fp69=True)],
        [an_entry("A", "9Ndm."), an_entry("NEW", "93C3.")],
        [GroupRow("Second group", "NEW", None)],
    )
    store, before = SqlPracticeStore(database), everything(database)
    foretold = store.rehearse_update(newer)
    assert everything(database) == before
    assert not (database.backups.exists() and list(database.backups.iterdir()))
    assert foretold == bring_in(database, newer, update=True)
    assert foretold == ImportSummary(1, 2, 2, 1, ("C", "D", "E", "F", "G"), ToLookAt(no_longer_objecting=("A",)))
    assert audit.first_broken(database) is None


def test_an_update_that_is_not_allowed_is_refused_at_the_rehearsal(migration, database):
    with pytest.raises(Refused, match="not finished"):
        SqlPracticeStore(database).rehearse_update(ListOf([a_patient("A", number(0))]))


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> PracticeDatabase:
    """Some megabytes: SQLite looks up more than once while it copies them."""
    folder = tmp_path_factory.mktemp("large") / "data"
    rows = ListOf([a_patient(f"P{n}", None, surname="S" * 200) for n in range(20_000)])
    database = new_practice(folder, rows)
    yield database
    database.close()


def test_a_backup_given_up_anywhere_leaves_no_file(large, tmp_path):
    whole = GivesUp()
    folder = tmp_path / "backups"
    kept = large.back_up(folder, progress=whole)
    assert whole.steps[-1] == "Checking every page of the database"
    assert len(whole.words) > 4, "it looks up while the database works, not only before"
    # A server's rows are looked up from page by page, so often that a part of the places has to do.
    for at in range(1, len(whole.words), max(1, len(whole.words) // 12)):
        with pytest.raises(Cancelled):
            large.back_up(folder, progress=GivesUp(at))
        assert list(folder.iterdir()) == [kept]


def test_a_snapshot_given_up_is_gone(large):
    beside = set(large.backups.parent.iterdir())
    for at in (1, 2, 3):
        with pytest.raises(Cancelled), large.copied(GivesUp(at)):
            raise AssertionError("there is no copy")
        assert set(large.backups.parent.iterdir()) == beside


@pytest.mark.sqlite_only
def test_a_check_of_the_whole_file_can_be_given_up(large):
    with pytest.raises(Cancelled):
        large.refuse_damaged(GivesUp(2))
    large.refuse_damaged()
