"""A practice that a server keeps, opened from a workstation: what cannot be, and why, in words without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bootstrap import (
    Product,
    create_demonstration,
    look_at_list,
    move_practice,
    open_product,
    practice_database,
    practice_of_folder,
    see_to_restored,
)
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE
from app.cli.run_commands import press_and_watch
from app.config import Settings, change_config_file, load_settings
from app.domain.actions import Action
from app.domain.errors import DatabaseAway, DatabaseDamaged, DatabaseUnusable, KnownError, NoPractice, NoSpine, Refused
from app.domain.states import RunStatus
from app.domain.windows import Plan
from app.engine.lists import ListQuery, OfPractice, OfWorklist, Worklist
from app.engine.operator import Press
from app.engine.ports import RunView
from app.storage.postgres.address import SCHEMA
from app.storage.schema import CURRENT
from app.storage.tables import metadata
from tests.helpers import databases
from tests.helpers.list_files import written
from tests.helpers.migration import Migration
from tests.helpers.postgres import Server
from tests.helpers.practice import ListOf, a_patient, an_entry, new_practice, number
from tests.helpers.simulator import SimulatorProcess, running_simulator

SECRET = "cattle-9-battery"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own, that may be stopped."""
    databases.server()
    own = Server()
    yield own
    own.close()


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    """A folder that names an empty database of the server."""
    return settings_for(tmp_path / "practice", server.url(server.new_database()))


def settings_for(folder: Path, url: str) -> Settings:
    folder.mkdir(exist_ok=True)
    change_config_file(folder, {"DATABASE_URL": url})
    return load_settings(folder, environment={})


def why_not_opened(settings: Settings) -> DatabaseUnusable:
    with pytest.raises(DatabaseUnusable) as found, practice_database(settings):
        raise AssertionError("nothing is there to be opened")
    assert SECRET not in str(found.value)
    assert not isinstance(found.value, DatabaseDamaged), "no backup of this computer may take its place"
    return found.value


def test_an_empty_database_is_told_as_one_and_takes_a_list(settings, tmp_path):
    why = why_not_opened(settings)
    assert isinstance(why, NoPractice)
    assert "There is no practice in the database test_1 on this computer yet." in str(why)
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    with practice_database(settings) as opened:
        assert opened.store.patient_count() == 3


def test_a_server_out_of_reach_is_told_as_something_that_passes(server, settings, tmp_path):
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    server.stop()
    why = why_not_opened(settings)
    assert isinstance(why, DatabaseAway)
    assert "cannot be reached" in str(why)
    server.start()
    with practice_database(settings) as opened:
        assert opened.store.patient_count() == 3


@pytest.mark.parametrize(
    ("user", "database", "words"),
    [
        ("warden:wrong-{secret}", "test_1", "did not let this program in"),
        ("warden", "test_1", "did not let this program in"),
        ("nobody_known:{secret}", "test_1", "did not let this program in"),
        ("warden:{secret}", "nothing", "does not have the database"),
    ],
    ids=["wrong password", "no password", "unknown user", "no such database"],
)
def test_a_server_that_lets_nobody_in_is_told_as_that(server, tmp_path, user, database, words):
    server.new_database()
    server.require_password("warden", SECRET)
    why = why_not_opened(
        settings_for(tmp_path / "p", f"postgresql://{user.format(secret=SECRET)}@127.0.0.1:{server.port}/{database}")
    )
    assert words in str(why)
    assert not isinstance(why, DatabaseAway)


def test_a_certificate_that_cannot_be_checked_is_told_as_that(server, tmp_path):
    server.new_database()
    why = why_not_opened(settings_for(tmp_path / "p", f"{server.url('test_1')}?sslmode=require"))
    assert "could not be made safe" in str(why)


def test_a_practice_of_a_newer_version_is_refused_with_both_versions(server, settings, tmp_path):
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    with closing(server.admin("test_1")) as connection:
        connection.execute(f"UPDATE {SCHEMA}.alembic_version SET version_num = '{CURRENT.number + 1:04d}'")
    why = why_not_opened(settings)
    assert f"schema {CURRENT.number + 1}; this program knows schema {CURRENT.number}" in str(why)


def test_a_shared_practice_never_brings_a_spine_of_its_own(settings, tmp_path, monkeypatch):
    """What a demonstration left beside its settings is no demonstration any more once it was moved."""
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    (settings.data_dir / "spine.csv").write_text("nhs_number,has_scr,permission\n", encoding="utf-8")
    with running_simulator() as ended:
        port = ended.port
    for module in ("window_practice", "spine_choice"):
        monkeypatch.setattr(f"app.bootstrap.{module}.DEFAULT_PORT", port)
    with pytest.raises(NoSpine), practice_of_folder(settings.data_dir):
        raise AssertionError("a practice that is shared has no Spine unless one is named")


def test_a_demonstration_is_a_file_also_where_the_environment_names_a_server(server, tmp_path):
    url = server.url(server.new_database())
    demo = load_settings(tmp_path / "demo", environment={"SCR_BULK_DATABASE_URL": url})
    create_demonstration(demo, 20, seed=1)
    assert demo.database_file.exists()
    assert isinstance(why_not_opened(settings_for(tmp_path / "practice", url)), NoPractice)


def test_a_demonstration_is_never_made_in_the_folder_of_a_shared_practice(settings):
    with pytest.raises(Refused, match="folder of its own"):
        create_demonstration(settings, 20, seed=1)
    assert not settings.database_file.exists()
    assert isinstance(why_not_opened(settings), NoPractice)


def put_back(server: Server, kept: str) -> None:
    """What a restore of the server's own backup comes to: the database is as it was when the copy was made."""
    with closing(server.admin()) as connection:
        connection.execute('DROP DATABASE "test_1" WITH (FORCE)')
        connection.execute(f'ALTER DATABASE "{kept}" RENAME TO "test_1"')


def run_here(settings: Settings, spine: SimulatorProcess) -> RunView:
    flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": "0"}
    with open_product(load_settings(settings.data_dir, flags, environment={})) as product:
        product.reader.insert(DEMONSTRATION_CARD)
        product.reader.sign_in(DEMONSTRATION_PASSCODE)
        return press_and_watch(product, Press(product.family.key, Action.RUN))


@pytest.mark.fault_row(47)
def test_an_older_state_of_the_server_is_noticed_and_sends_nothing_until_it_was_seen_to(server, settings, tmp_path):
    """The backup was made before the run whose messages it knows nothing of."""
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    elsewhere = settings_for(tmp_path / "elsewhere", server.url("test_1"))
    kept = server.new_database("test_1")
    with running_simulator("--rate", "0") as spine:
        assert run_here(settings, spine).status is RunStatus.COMPLETED
        with practice_database(elsewhere):
            pass
        put_back(server, kept)
        sent = len(spine.writes())
        for workstation in (settings, elsewhere):
            with pytest.raises(Refused, match="stands as it once stood"):
                run_here(workstation, spine)
        assert len(spine.writes()) == sent
        assert see_to_restored(settings) == 0
        for workstation in (settings, elsewhere):
            with practice_database(workstation) as files:
                assert files.seen is not None
                files.seen.refuse_older()
        assert run_here(elsewhere, spine).status is RunStatus.COMPLETED


@pytest.mark.fault_row(47)
def test_what_was_not_settled_in_the_older_state_is_read_back_under_a_new_epoch(server, settings):
    """One was on its way when the backup was made; the other may have been sent since."""
    databases.use(databases.Kind.SQLITE)
    people = [a_patient(ref, number(ordinal)) for ordinal, ref in enumerate("AB")]
    first = settings.data_dir / "first"
    database = new_practice(first, ListOf(people, [an_entry("A", "9Ndo."), an_entry("B", "9Ndo.")]))
    migration = Migration(database).begin()
    migration.commit(migration.prepare("A", "request-a"), migration.prepare("B", "request-b", send_as="attempt-b"))
    database.close()
    move_practice(load_settings(first, environment={}), server.url("test_1"))

    def asked(question: str) -> int:
        return int(databases.rows_of(settings.data_dir, question)[0][0])

    unsettled = "SELECT count(*) FROM intent WHERE state IN ('prepared', 'in_flight', 'unknown')"
    epoch = asked("SELECT epoch FROM meta")
    assert asked(unsettled) == 2
    assert see_to_restored(settings) == 2
    assert asked("SELECT count(*) FROM intent WHERE state = 'unknown'") == 2
    assert asked("SELECT epoch FROM meta") == epoch + 1


def test_a_practice_in_a_file_is_restored_by_its_own_command(tmp_path):
    settings = load_settings(tmp_path / "file", environment={})
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    with pytest.raises(Refused, match="The command restore"):
        see_to_restored(settings)


Act = Callable[[], object]


def a_mark(product: Product) -> Act:
    worklist = Worklist.DISSENT_NOT_SENT
    [line] = product.patients.page(ListQuery(OfWorklist(worklist)), None, 0, 10)
    return lambda: product.worklists.mark(worklist, line.patient_id, line.seen, "Rang her.", dealt_with=True)


def a_group(product: Product) -> Act:
    draft = product.groups.draft_of_text("9990000018")
    return lambda: product.groups.make("Called in", draft)


def a_look(product: Product) -> Act:
    [line] = product.patients.page(ListQuery(OfPractice(), search="Ashworth"), None, 0, 10)
    return lambda: product.mismatches.check_again(line.patient_id)


def set_times(product: Product) -> Act:
    plan = Plan(product.clock.now() + timedelta(hours=3))
    return lambda: product.timed.press(Press(product.family.key, Action.RERUN), plan)


@pytest.mark.parametrize("prepare", [a_mark, a_group, a_look, set_times])
def test_what_staff_do_while_the_server_is_away_is_refused_in_words_and_can_be_done_again(
    server, settings, tmp_path, prepare
):
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    with running_simulator("--rate", "0") as spine:
        assert run_here(settings, spine).status is RunStatus.COMPLETED
        flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth}
        with open_product(load_settings(settings.data_dir, flags, environment={})) as product:
            product.reader.insert(DEMONSTRATION_CARD)
            product.reader.sign_in(DEMONSTRATION_PASSCODE)
            act = prepare(product)
            before = everything_in(settings)
            server.stop()
            with pytest.raises(KnownError, match="cannot be reached"):
                act()
            server.start()
            assert everything_in(settings) == before, "nothing of it is half done"
            act()
            assert everything_in(settings) != before


def everything_in(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with practice_database(settings) as files, files.database.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }
